"""Small runs: a model of a few thousand weights on a three-by-three quest."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from envgym.agents.train import toml
from envgym.agents.train.config import TrainConfig
from envgym.agents.train.trainer import Trainer

QUEST = {"width": 3, "height": 3, "objects": 0, "min_steps": 3, "max_steps": 6, "max_turns": 6}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Sums of several threads may be cut differently from run to run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., TrainConfig]:
    """Return a maker of small configurations; tables given replace single keys."""

    def make(**tables: dict[str, Any]) -> TrainConfig:
        base: dict[str, dict[str, Any]] = {
            # dense pays for progress, so even a model that never wins has something to learn.
            "env": {"id": "envgym/Quest-v0", "kwargs": {**QUEST, "reward": "dense"}},
            "model": {"hidden": 64, "layers": 1, "device": "cpu"},
            "sft": {"steps": 60, "episodes": 24, "batch": 6, "noise": 0.3, "lr": 1e-2},
            "rl": {"steps": 3, "groups": 3, "members": 4, "probe_groups": 2, "lr": 1e-3},
            "eval": {"worlds": 5},
            "run": {"out": str(tmp_path / "run"), "max_new_tokens": 6, "live": False},
        }
        for name, table in tables.items():
            base[name] = {**base.get(name, {}), **table}
        return toml.parse(base)

    return make


@pytest.fixture
def trainer() -> Iterator[Callable[..., Trainer]]:
    """Return ``Trainer``; what it makes is closed after the test."""
    made: list[Trainer] = []

    def make(config: TrainConfig, **options: Any) -> Trainer:
        made.append(Trainer(config, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
