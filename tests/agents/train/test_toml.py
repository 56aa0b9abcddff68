"""Configurations: round trip, bad input, documentation."""

import ast
import dataclasses
from pathlib import Path

import pytest

from envgym.agents.train import config, toml
from envgym.agents.train.config import TrainConfig
from envgym.types import ConfigError


def test_round_trip_of_defaults_and_of_changes() -> None:
    import tomllib

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


def test_every_field_has_its_help_below_it() -> None:
    tree = ast.parse(Path(config.__file__).read_text("utf-8"))
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        body = node.body[1:]
        for place, line in enumerate(body):
            if isinstance(line, ast.AnnAssign):
                after = body[place + 1] if place + 1 < len(body) else None
                assert isinstance(after, ast.Expr), f"{node.name}.{ast.unparse(line.target)}"


def test_the_page_lists_every_field() -> None:
    page = Path(__file__).parents[3] / "docs" / "training.md"
    text = page.read_text("utf-8")
    for table in dataclasses.fields(TrainConfig):
        assert f"[{table.name}]" in text
        for item in dataclasses.fields(table.default):  # type: ignore[arg-type]
            assert f"`{item.name}`" in text, f"[{table.name}] {item.name} is not in {page.name}"
