"""What a numeric vector records can be read, run again, and scored."""

import math
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.episodes import arrays, read_episodes, rescore, verify
from envgym.runtime.episodes.rerun_blocks import batch_reports
from envgym.runtime.episodes.stage import Stage
from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.testing.arrays import draw_action, wild_action
from envgym.testing.subject import Subject
from envgym.types import Stream

_ROWS = 3
_STEPS = 60


def blocks_verify(subject: Subject) -> None:
    """A vector's recording reads back whole and runs again to the same bits, in all its forms.

    A changed action is found, in the row and event where it stands, or harmless. Rows with streams
    of their own are rescored to what they returned.
    """
    for streams, kept in product(("rows", "batch"), ("needed", "all")):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "episodes"
            paid = _record(subject, path, streams=streams, record_evidence=kept)
            where = f"streams={streams}, record_evidence={kept}"
            _whole(subject, where, path, paid, kept == "all")
            if streams == "rows":
                _rescored(subject, where, path)
            if kept == "needed":
                _tampered(subject, where, path, streams == "rows")


def _record(subject: Subject, path: Path, **more: Any) -> list[NDArray[Any]]:
    """Play a vector with some invalid actions; return the rewards of every step."""
    kwargs = {**subject.kwargs, **more}
    vector = NumericVectorEnv(subject.cls, _ROWS, record=path, autoreset_mode="SameStep", **kwargs)
    stream = Stream(0, "conformance", "blocks")
    try:
        vector.reset(seed=3)
        paid = []
        for _ in range(_STEPS):
            actions = [
                wild_action(vector) if stream.chance(1, 8) else draw_action(vector, row, stream)
                for row in range(_ROWS)
            ]
            paid.append(vector.step(np.asarray(actions))[1])
    finally:
        vector.close()
    return paid


def _whole(
    subject: Subject, where: str, path: Path, paid: list[NDArray[Any]], stored: bool
) -> None:
    episodes = read_episodes(path)
    read = list(episodes)
    subject.require(not episodes.problems, f"{where}: reading: {episodes.problems[:1]}")
    events = sum(each.events for each in read)
    subject.require(events == _ROWS * _STEPS, f"{where}: {events} events of {_ROWS * _STEPS}")
    for row in range(_ROWS):
        mine = [each for each in read if each.row == row]
        subject.require(
            all((each.packed is None) == stored or not each.events for each in mine),
            f"{where}: turns are kept, or are not, against record_evidence",
        )
        if stored:
            floats = [turn.pay for each in mine for turn in each.turns]
            subject.require(
                floats == [float(rewards[row]) for rewards in paid],
                f"{where}: row {row}: the recorded rewards differ",
            )
    report = verify(path)
    subject.require(report.ok, f"{where}: verify: {report}")
    subject.require(report.events == events, f"{where}: verify ran {report.events} of {events}")


def _rescored(subject: Subject, where: str, path: Path) -> None:
    scores = rescore(path, subject.cls(**subject.kwargs).program)
    for score, episode in zip(scores, read_episodes(path), strict=True):
        total = episode.total
        same = score.total == total or (
            total is not None
            and score.total is not None
            and math.isclose(score.total, total, rel_tol=1e-9, abs_tol=1e-9)
        )
        subject.require(
            same, f"{where}: {score.episode}: rescored to {score.total}, recorded {total}"
        )


def _tampered(subject: Subject, where: str, path: Path, alone: bool) -> None:
    """Change one action after the fact: the run, or at least the file's name, gives it away."""
    victim = next(each for each in read_episodes(path) if each.row == 1)
    part = victim.blocks[0]
    held = dict(arrays.get_several(path, part.ref))
    changed = held["actions"]
    changed = changed.astype(np.int64 if changed.dtype.kind in "iu" else changed.dtype)
    taken = changed[part.t0 : part.t0 + part.n, 1].reshape(part.n, -1)
    event = int(np.nonzero((taken != -1).any(axis=1))[0][0])
    changed[part.t0 + event, 1] = -1
    np.savez(path / arrays.FOLDER / f"{part.ref}.npz", **dict[str, Any](held, actions=changed))
    with Stage() as stage:
        reports = batch_reports(stage, read_episodes(path).batch(victim))
    found = [each.difference for each in reports.values() if each.difference is not None]
    subject.require(len(found) == 1, f"{where}: a changed action is not found")
    # Rows that share their random streams may all change in the same step.
    named = found[0].event == event and (found[0].episode == victim.name or not alone)
    subject.require(
        named or found[0].field == "/ref",
        f"{where}: event {event} of {victim.name} was changed, verify names {found[0]}",
    )
