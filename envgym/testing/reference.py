"""The proof where nothing can always win: a named policy beats random play, inaction does not.

For ``metadata["proof"] == "reference"``. Over seeded episodes the oracle's mean outcome lies three
standard errors above that of random valid messages on the same seeds; that of empty messages and
of garbage does not; no script of known exploits does either, nor any ends as a success. A single
task can only show that the oracle plays it to its end without a mistake, and that nothing succeeds
by inaction.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from envgym.testing.hostile import HOSTILE
from envgym.testing.subject import Subject
from envgym.types import Stream, Task

ERRORS = 3.0
"""Standard errors."""
EPISODES: Mapping[str, int] = {"cheap": 1000, "moderate": 500, "costly": 40}
"""Per mean, by ``metadata["cost"]``, where ``metadata["episodes"]`` says nothing else."""
_MOST = 1000
"""Messages of one episode."""

Script = Callable[[Any, Stream], Iterator[str]]
"""An environment after its reset, and a stream, to messages."""


def oracle_beats_random(subject: Subject) -> None:
    """The oracle's mean outcome lies three standard errors above that of random play."""
    found = _gain(subject, _oracle)
    subject.require(
        found.mean > ERRORS * found.error,
        f"the oracle's mean outcome lies {found.mean:g} above random play's over {found.count}"
        f" episodes, three standard errors are {ERRORS * found.error:g}",
    )


def inaction_does_not(subject: Subject) -> None:
    """Empty messages and garbage gain nothing over random play and never succeed."""
    for name, script in (("empty messages", _silence), ("garbage", _garbage)):
        _gains_nothing(subject, name, script)


def near_misses_stay_below(subject: Subject) -> None:
    """The family's near misses, where it names any, return less than the oracle on average."""
    for name in _names(subject, "near_misses"):
        miss, best = _gain(subject, _own("near_misses", name)), _gain(subject, _oracle)
        subject.require(
            miss.mean < best.mean, f"near miss '{name}': returns as much as the oracle on average"
        )


def exploits_do_not(subject: Subject) -> None:
    """Known exploits, and the oracle's moves in thoughts only, gain nothing over random play."""
    for name in _names(subject, "exploits"):
        _gains_nothing(subject, f"exploit '{name}'", _own("exploits", name))
    _gains_nothing(subject, "the oracle's moves, but only in thoughts", _thoughts)


def task_problems(
    env: Any, task: Task, parts: Iterable[str]
) -> tuple[int, float | None, list[str]]:
    """Return the oracle's messages, its outcome, and what is wrong with one task.

    Args:
        env: an instance made with ``reward="outcome"``.
        task: the task to prove.
        parts: which of ``proof.PARTS`` to check.
    """
    problems: list[str] = []
    expert = _episode(env, {"task": task}, 0, _oracle)
    if "oracle" in parts:
        if not expert.over or expert.end != "task":
            problems.append(f"the oracle ends by {expert.end} after {expert.turns} turns.")
        if expert.error is not None:
            problems.append(f"the oracle makes a mistake: {expert.error}")
    scripts: dict[str, Script] = {}
    if "inaction" in parts:
        scripts |= {"empty messages": _silence, "garbage": _garbage}
    if "exploits" in parts:
        env.reset(seed=0, options={"task": task})
        scripts |= {f"exploit '{n}'": _own("exploits", n) for n in env.unwrapped.exploits()}
    for name, script in scripts.items():
        found = _episode(env, {"task": task}, 0, script)
        if not found.over:
            problems.append(f"{name}: no end after {found.turns} turns.")
        elif found.outcome is None:
            problems.append(f"{name}: the episode is invalid.")
        elif found.success:
            problems.append(f"{name}: success.")
    return expert.turns, expert.outcome, problems


@dataclass(slots=True)
class _Episode:
    """One episode's result."""

    turns: int = 0
    over: bool = False
    outcome: float | None = None
    """The settled return; None without a valid end."""
    success: bool = False
    end: str = "external"
    error: str | None = None
    """The agent's first mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gain:
    """What a script returns more than random play on the same seeds."""

    mean: float
    error: float
    """Standard error of the mean."""
    count: int
    """Episodes."""
    successes: int
    """Episodes of the script that ended as a success."""


def _gain(subject: Subject, script: Script) -> _Gain:
    env = subject.make(reward="outcome")
    gaps: list[float] = []
    successes = 0
    try:
        cost = str(subject.metadata["cost"])
        for seed in range(int(subject.metadata.get("episodes", EPISODES[cost]))):
            outcomes: list[float] = []
            for each in (script, _random):
                found = _episode(env, None, seed, each)
                subject.require(
                    found.outcome is not None,
                    f"seed {seed}: an episode of {found.turns} turns ends by {found.end}",
                )
                outcomes.append(found.outcome or 0.0)
                successes += each is script and found.success
            gaps.append(outcomes[0] - outcomes[1])
    finally:
        env.close()
    error = stdev(gaps) / math.sqrt(len(gaps))
    return _Gain(mean=fmean(gaps), error=error, count=len(gaps), successes=successes)


def _gains_nothing(subject: Subject, name: str, script: Script) -> None:
    found = _gain(subject, script)
    subject.require(found.successes == 0, f"{name}: success in {found.successes} episodes")
    subject.require(
        found.mean <= ERRORS * found.error,
        f"{name}: returns {found.mean:g} more than random play over {found.count} episodes",
    )


def _names(subject: Subject, kind: str) -> list[str]:
    env = subject.make()
    try:
        env.reset(seed=0)
        return list(getattr(env.unwrapped, kind)())
    finally:
        env.close()


def _episode(env: Any, options: Mapping[str, Any] | None, seed: int, script: Script) -> _Episode:
    env.reset(seed=seed, options=None if options is None else dict(options))
    found = _Episode()
    messages = script(env, Stream(seed, "conformance", "reference"))
    while not found.over and found.turns < _MOST:
        message = next(messages, "")
        _, _, terminated, truncated, info = env.step(message)
        found.turns += 1
        found.error = found.error or info["error"]
        found.over = terminated or truncated
        if found.over:
            found.end = info["end"]
            found.success = info["success"] == "yes"
            found.outcome = math.fsum(info["step_rewards"]) if info["valid"] else None
    return found


def _oracle(env: Any, stream: Stream) -> Iterator[str]:
    while (message := env.unwrapped.oracle()) is not None:
        yield message


def _thoughts(env: Any, stream: Stream) -> Iterator[str]:
    for message in _oracle(env, stream):
        yield f"<think>{message}</think>"


def _random(env: Any, stream: Stream) -> Iterator[str]:
    while True:
        yield env.unwrapped.random_action(stream)


def _silence(env: Any, stream: Stream) -> Iterator[str]:
    while True:
        yield ""


def _garbage(env: Any, stream: Stream) -> Iterator[str]:
    while True:
        yield stream.choice(HOSTILE)


def _own(kind: str, name: str) -> Script:
    def script(env: Any, stream: Stream) -> Iterator[str]:
        yield from getattr(env.unwrapped, kind)()[name]

    return script
