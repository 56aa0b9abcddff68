"""Training on rewards that compare rollouts: a tournament, a judge that is let in or not."""

from pathlib import Path

import pytest

from envgym.agents.train import run
from envgym.agents.train.metrics import read
from envgym.rewards import Program, Source, Tournament
from envgym.types import ConfigError

QUEST = {"width": 3, "height": 3, "objects": 0, "min_steps": 3, "max_steps": 6, "max_turns": 6}
DENSE = Source("progress", "episode", 0, 1)


def returns(folder: Path) -> list[dict[str, float]]:
    return [
        line["return_parts"] for line in read(folder / "metrics.jsonl") if "return_parts" in line
    ]


def test_a_tournament_pays_a_run(small, tmp_path: Path) -> None:
    program = Program("cup", Tournament(DENSE, margin=0.05))
    config = small(
        env={"kwargs": {**QUEST, "reward": program.spec()}},
        rl={"steps": 1, "max_degenerate": 1.0},
    )
    run(config)
    parts = returns(tmp_path / "run")
    assert parts
    # q is 1, 2/3, 1/3, 0 or shared means of these: 0.5 on average in every group.
    assert all(each == pytest.approx({"tournament": 0.5}) for each in parts)


def test_a_judge_decides_if_it_passes_its_probes(small, tmp_path: Path) -> None:
    program = Program("cup", Tournament(DENSE, comparator="judge", format="round_robin"))
    env = {"kwargs": {**QUEST, "reward": program.spec()}}
    short = {"steps": 1, "max_degenerate": 1.0, "groups": 2, "members": 4}
    refused = small(
        env=env,
        rl=short,
        judge={"spec": "fake:noise=0.3,seed=1"},
        run={"out": str(tmp_path / "no")},
    )
    with pytest.raises(ConfigError, match="is refused for training"):
        run(refused)
    trusted = small(env=env, rl=short, judge={"spec": "fake:noise=0.3,seed=1", "gate": False})
    run(trusted)
    assert returns(tmp_path / "run")
    assert returns(tmp_path / "run")[-1]["tournament"] == pytest.approx(0.5)


def test_without_a_judge_the_program_says_what_it_lacks(small) -> None:
    program = Program("cup", Tournament(DENSE, comparator="judge"))
    config = small(env={"kwargs": {**QUEST, "reward": program.spec()}})
    with pytest.raises(ConfigError, match="needs a comparator"):
        run(config)
