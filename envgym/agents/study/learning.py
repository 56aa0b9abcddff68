"""Learning curves of recorded episodes: language models and learners on equal seeds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.episodes import Episode, read_episodes
from envgym.types import ConfigError, EpisodeFileError

Key = tuple[int, str]
"""Seed and task of an episode: equal keys are equal worlds with equal noise."""
_NEEDED = ("rounds", "expected", "violation")
_SHOWN = (
    "append",
    "lenient",
    "memory",
    "names",
    "record",
    "record_evidence",
    "render_mode",
    "reward",
    "split",
    "tasks",
    "wording",
)
"""Arguments of a text view that leave the world as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurves:
    """Recorded episodes of G agents on the E seeds that all of them played."""

    agents: tuple[str, ...]
    """Names: of the folders."""
    keys: tuple[Key, ...]
    """The E episodes."""
    expected: NDArray[Any]
    """float64 [G, E, T]: expected reward per turn; 0 in lost turns and after an early end."""
    violation: NDArray[Any]
    """float64 [G, E, T]: expected violation per turn."""
    lost: tuple[int, ...]
    """Turns in which no round was played, per agent: unreadable or invalid replies."""


def learning_curves(env_id: str, folders: Sequence[Path]) -> LearningCurves:
    """Return what recorded agents earned turn by turn, on the seeds they have in common.

    Args:
        env_id: whose episodes count, usually a text view.
        folders: one per agent, as ``envgym run --out`` wrote them.

    Raises:
        ConfigError: two folders of one name, no seed in common, or different parameters.
        EpisodeFileError: a folder holds no finished episode of ``env_id`` with its evidence.
    """
    names = [Path(folder).resolve().name for folder in folders]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"--curves: two folders are named '{name}'; names tell agents apart.")
    tables: list[dict[Key, Episode]] = []
    for folder in folders:
        tables.append(_read(env_id, folder))
    settings = {_world(episode) for table in tables for episode in table.values()}
    if len(settings) > 1:
        raise ConfigError(
            f"--curves: episodes of {len(settings)} different settings of {env_id} cannot be"
            f" compared: {'; '.join(sorted(settings))[:300]}."
        )
    keys = sorted(set.intersection(*(set(table) for table in tables)))
    if not keys:
        raise ConfigError(
            "--curves: no seed and task was played by every agent; run them with equal --seed and"
            " --episodes."
        )
    turns = max(len(table[key].turns) for table in tables for key in keys)
    expected = np.zeros((len(tables), len(keys), turns))
    violation = np.zeros_like(expected)
    lost = []
    for i, table in enumerate(tables):
        missed = 0
        for j, key in enumerate(keys):
            records = table[key].records
            for t, (before, after) in enumerate(pairwise(records)):
                if after["rounds"] > before["rounds"]:
                    expected[i, j, t], violation[i, j, t] = after["expected"], after["violation"]
                else:
                    missed += 1
        lost.append(missed)
    return LearningCurves(
        agents=tuple(names),
        keys=tuple(keys),
        expected=expected,
        violation=violation,
        lost=tuple(lost),
    )


def _read(env_id: str, folder: Path) -> dict[Key, Episode]:
    """Return the finished episodes of a folder; of equal ones the first."""
    found: dict[Key, Episode] = {}
    for episode in read_episodes(folder):
        if episode.head.env != env_id or not episode.finished:
            continue
        if not all(key in record for record in episode.records for key in _NEEDED):
            raise EpisodeFileError(
                f"{folder}: {episode.name} lacks the evidence rounds, expected and violation."
            )
        found.setdefault((episode.head.seed, str(episode.head.task.get("id"))), episode)
    if not found:
        raise EpisodeFileError(f"{folder} holds no finished episode of {env_id}.")
    return found


def _world(episode: Episode) -> str:
    """Return version and arguments of the environment but for what only words and pays."""
    head = episode.head
    kept = {key: value for key, value in head.config.items() if key not in _SHOWN}
    return f"version {head.version} {json.dumps(kept, sort_keys=True)}"
