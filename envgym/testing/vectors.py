"""Four unlike copies in every vector environment see what each sees alone."""

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from envgym.runtime import registry
from envgym.runtime.vector import TextVectorEnv
from envgym.testing.subject import Subject, register_from
from envgym.testing.trace import Trace, begin, play
from envgym.types import Record

_STYLES = ("oracle", "null", "random", "garbage")
"""One per copy: they end at different times and fill different infos."""


def make_registered(env_id: str, entry_point: str, kwargs: dict[str, Any]) -> Any:
    """Return an environment, registering its id first where this process does not know it."""
    register_from(env_id, entry_point)
    return registry.make(env_id, disable_env_checker=True, **kwargs)


def sync_vector(subject: Subject) -> None:
    """Gymnasium's ``SyncVectorEnv``."""
    _compare(subject, SyncVectorEnv(_makers(subject)), "SyncVectorEnv")


def async_vector(subject: Subject) -> None:
    """Gymnasium's ``AsyncVectorEnv`` with ``shared_memory=False``."""
    with warnings.catch_warnings():
        # It forks; from Python 3.12 on that warns wherever another library left a thread.
        warnings.filterwarnings("ignore", message=".*multi-threaded", category=DeprecationWarning)
        envs = AsyncVectorEnv(_makers(subject), shared_memory=False)
    _compare(subject, envs, "AsyncVectorEnv")


def text_vector(subject: Subject) -> None:
    """Our ``TextVectorEnv``, one by one and in threads."""
    for threads in (0, 3):
        envs = TextVectorEnv(_makers(subject), threads=threads)
        _compare(subject, envs, f"TextVectorEnv(threads={threads})")


def same_step_autoreset(subject: Subject) -> None:
    """With SAME_STEP, ``final_obs`` and ``final_info`` keep the end; DISABLED waits."""
    maker = _makers(subject)[0]
    alone = maker()
    envs = TextVectorEnv([maker], autoreset_mode=AutoresetMode.SAME_STEP)
    still = TextVectorEnv([maker], autoreset_mode=AutoresetMode.DISABLED)
    try:
        trace = play(alone, 7, "oracle")
        subject.require(trace.over, "the oracle's episode does not end")
        start = alone.reset()
        envs.reset(seed=7)
        still.reset(seed=7)
        infos: dict[str, Any] = {}
        observations: tuple[str, ...] = ()
        for message in trace.messages:
            observations, _, _, _, infos = envs.step((message,))
            kept = still.step((message,))
        subject.require(
            infos["final_obs"][0] == trace.lines[-1]["obs"], "SAME_STEP loses final_obs"
        )
        final = infos["final_info"]["per_env"][0]
        subject.require(final == trace.infos[-1], "SAME_STEP loses final_info")
        subject.require(observations[0] == start[0], "SAME_STEP shows another new episode")
        subject.require(kept[0][0] == trace.lines[-1]["obs"], "DISABLED hides the last text")
    finally:
        for env in (alone, envs, still):
            env.close()


def _makers(subject: Subject) -> list[Callable[[], Any]]:
    kwargs = dict(subject.kwargs)
    return [partial(make_registered, subject.env_id, subject.entry_point, kwargs)] * len(_STYLES)


def _compare(subject: Subject, envs: Any, kind: str) -> None:
    try:
        solos, traces = _solo(subject)
        length = min(max(len(t.messages) for t in traces) + 1, subject.effort.turns)
        observations, infos = envs.reset(seed=list(range(len(traces))))
        for i, trace in enumerate(traces):
            _one(subject, f"{kind}: copy {i} at reset", i, observations, infos, trace, 0)
        restarted = [False] * len(traces)
        for step in range(length):
            actions = tuple(t.messages[step] if step < len(t.messages) else "" for t in traces)
            observations, rewards, terminated, truncated, infos = envs.step(actions)
            for i, trace in enumerate(traces):
                where = f"{kind}: copy {i}, step {step}"
                if step < len(trace.messages):
                    _one(subject, where, i, observations, infos, trace, step + 1)
                    line = trace.lines[step + 1]
                    same = (
                        math.isclose(rewards[i], line["reward"], abs_tol=1e-12)
                        and bool(terminated[i]) == line["terminated"]
                        and bool(truncated[i]) == line["truncated"]
                    )
                    subject.require(same, f"{where}: reward or end differ")
                elif trace.over and not restarted[i]:
                    restarted[i] = True
                    fresh = begin(solos[i], None)
                    _one(subject, f"{where} (autoreset)", i, observations, infos, fresh, 0)
    finally:
        envs.close()


def _solo(subject: Subject) -> tuple[list[Any], list[Trace]]:
    """Play every copy alone; the environments stay as they are after that, for the restart."""
    solos = [make() for make in _makers(subject)]
    traces = []
    for seed, (env, style) in enumerate(zip(solos, _STYLES, strict=True)):
        traces.append(play(env, seed, style, turns=subject.effort.turns))
    return solos, traces


def _one(
    subject: Subject, where: str, i: int, observations: Any, infos: Any, trace: Trace, number: int
) -> None:
    """Compare copy i's share of a batch with what it saw alone."""
    expected = trace.infos[number]
    text = trace.lines[number]["obs"]
    subject.require(
        observations[i] == text, f"{where}: observes {observations[i][:80]!r}, not {text[:80]!r}"
    )
    for key, value in expected.items():
        subject.require(key in infos, f"{where}: info['{key}'] is missing")
        present = infos.get(f"_{key}")
        subject.require(
            present is not None and bool(present[i]), f"{where}: info['{key}'] is masked out"
        )
        found = infos[key][i]
        if isinstance(found, np.generic):
            found = found.item()
        kind = type(value) in (Record, tuple, str, bool) and type(found) is not type(value)
        subject.require(
            found == value and not kind,
            f"{where}: info['{key}'] is {found!r:.90}, not {value!r:.90}",
        )
