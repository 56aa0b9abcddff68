"""A small model learns a small quest: the intervals before and after do not overlap."""

from pathlib import Path

import pytest

from envgym.agents.train import run
from envgym.agents.train.metrics import read

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def test_reinforcement_teaches_what_imitation_did_not(small, tmp_path: Path) -> None:
    config = small(
        env={
            "kwargs": {
                "width": 3, "height": 3, "objects": 0, "min_steps": 3, "max_steps": 6,
                "max_turns": 8,
            }
        },
        model={"hidden": 128, "layers": 2},
        sft={"steps": 250, "episodes": 1200, "batch": 6, "noise": 0.5, "lr": 3e-3},
        rl={"steps": 12, "groups": 6, "members": 8, "gamma": 0.95, "lr": 8e-4, "probe_groups": 6},
        eval={"worlds": 80},
        run={"record_exams": False},
    )  # fmt: skip
    after = run(config)
    (before,) = [e for e in read(tmp_path / "run" / "metrics.jsonl") if e.get("exam") == "before"]
    assert after.trials == before["trials"] == 80
    assert after.interval[0] > before["high"]
