"""Configurations: round trip, bad input, documentation."""

import ast
import dataclasses
import itertools
import tomllib
from pathlib import Path

import pytest

from envgym.agents.train import config, toml
from envgym.agents.train.config import TrainConfig
from envgym.types import ConfigError


def test_round_trip_of_defaults_and_of_changes() -> None:
    changed = dataclasses.replace(
        TrainConfig(),
        env=config.EnvConfig(id="envgym/X-v0", kwargs={"a": [1, 2.5], "b": {"c": True, "d": "é"}}),
        rl=config.RlConfig(lr=1e-7, estimator="grpo"),
    )
    for one in (TrainConfig(), changed):
        assert toml.parse(tomllib.loads(toml.dump(one))) == one


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"rk": {}}, ("unknown table 'rk'", "Did you mean 'rl'?")),
        ({"rl": {"estimater": "rloo"}}, ("[rl]: unknown key 'estimater'", "'estimator'")),
        ({"rl": {"estimator": "rlo"}}, ("estimator", "'rloo'")),
        ({"rl": {"lr": 2.0}}, ("[rl]: lr must be 0 to 1, got 2.0",)),
        ({"rl": {"groups": 1.5}}, ("[rl]: groups must be int, got 1.5",)),
        ({"rl": {"groups": True}}, ("groups must be int, got True",)),
        ({"rl": 3}, ("[rl] must be a table",)),
        ({"rl": {"minibatches": 9}}, ("minibatches must be at most groups (8)",)),
        ({"model": {"hidden": 100}}, ("hidden must be a multiple of 32",)),
        ({"env": {"test_split": "train"}}, ("test_split must differ",)),
        ({"env": {"kwargs": {"record": "x"}}}, ("kwargs: record: exams are recorded under",)),
    ],
)
def test_bad_values_name_table_field_and_what_is_allowed(data, words) -> None:
    with pytest.raises(ConfigError) as caught:
        toml.parse(data)
    for word in words:
        assert word in str(caught.value)


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        toml.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[rl\n")
    with pytest.raises(ConfigError, match=r"bad\.toml: not a TOML file"):
        toml.load(tmp_path / "bad.toml")


def helps() -> dict[tuple[str, str], str]:
    """Return the string under each field, by class and field; empty where there is none."""
    found = {}
    for node in ast.parse(Path(config.__file__).read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            for line, after in itertools.pairwise([*node.body, ast.Pass()]):
                if isinstance(line, ast.AnnAssign):
                    text = after.value.value if isinstance(after, ast.Expr) else ""
                    found[node.name, line.target.id] = " ".join(text.split()).replace("``", "`")
    return found


def test_every_field_has_its_help_below_it() -> None:
    assert [name for name, text in helps().items() if not text] == []


def test_the_page_says_what_the_code_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "training.md").read_text("utf-8")
    rows = helps()
    for table in dataclasses.fields(TrainConfig):
        assert f"### [{table.name}]" in page
        for item in dataclasses.fields(table.default):
            value = tomllib.loads(toml.dump(TrainConfig()))[table.name][item.name]
            shown = toml.dump(toml.parse({table.name: {item.name: value}}))
            default = next(
                line.partition(" = ")[2]
                for line in shown.partition(f"[{table.name}]")[2].splitlines()
                if line.startswith(f"{item.name} = ")
            )
            line = (
                f"| `{item.name}` | `{default}` | {rows[type(table.default).__name__, item.name]}"
            )
            assert line in page, f"docs/training.md lacks: {line}"


def test_adapters_over_a_model_that_is_saved_nowhere_are_refused() -> None:
    with pytest.raises(ConfigError, match="lora_rank must be 0 where path is 'tiny'"):
        toml.parse({"model": {"lora_rank": 4}})
