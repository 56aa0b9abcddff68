from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envgym.runtime.episodes import EpisodeWriter
from envgym.types import Call, Entry, Record, Task


def open_episode(writer: EpisodeWriter, **head: Any) -> str:
    """Open an episode with a reset line; ``head`` overrides the fields of its head."""
    defaults: dict[str, Any] = {
        "env": "envgym/GuessNumber-v0",
        "version": "0",
        "config": {"reward": "outcome"},
        "seed": 5,
        "task": Task(id="train/17"),
    }
    ep = writer.head(**{**defaults, **head})
    writer.reset(ep, "Guess a number.", Record({"turn": 0, "outcome": 0.0, "end": None}))
    return ep


def play(writer: EpisodeWriter, turns: int = 3, **head: Any) -> str:
    """Write a whole episode of ``turns`` events, the last one a success."""
    ep = open_episode(writer, **head)
    for e in range(turns):
        last = e == turns - 1
        writer.event(
            ep,
            e,
            f"guess {e}",
            (Call("guess", {"n": e}),),
            None,
            "Right." if last else "Too low.",
            Record({"turn": e + 1, "outcome": float(last), "end": "task" if last else None}),
            float(last),
            "terminated" if last else None,
        )
    entry = Entry("agent", "outcome", turns - 1, turns - 1, 1.0)
    writer.end(ep, "task", success=True, returns=1.0, ledger=[entry])
    return ep


@pytest.fixture
def whole_episode() -> Callable[..., str]:
    return play


@pytest.fixture
def begin_episode() -> Callable[..., str]:
    return open_episode


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder with two whole episodes."""
    with EpisodeWriter(tmp_path / "run") as writer:
        play(writer)
        play(writer, seed=6)
    return tmp_path / "run"
