"""The proof that tasks can be solved and not cheated.

For ``metadata["proof"] == "win"``: on tasks of every split the oracle succeeds with the highest
outcome; nothing, garbage and an early exit return at most a tenth of the outcome scale and never
succeed; near misses lie below success; exploits gain nothing under any preset. For ``reference``,
where nothing can always win, see ``envgym.testing.reference``.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from envgym.rewards import Program
from envgym.runtime.tools import collect
from envgym.testing import reference
from envgym.testing.hostile import HOSTILE
from envgym.testing.subject import Subject
from envgym.testing.trace import Trace, advance, as_json, begin, play
from envgym.types import Stream, Task

LOW = 0.1
"""Highest outcome of doing nothing, as a share of the outcome scale."""
_NEAR = 1e-9
_MOST = 1000
"""Messages after which an oracle is given up."""
PROOFS = ("win", "reference")
"""Kinds of proof of environments of one agent; games of several also know ``equilibrium``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found about one task."""

    task_id: str
    split: str
    turns: int
    """Steps that the oracle took."""
    total: float | None
    """The oracle's return under ``outcome``; None: it has none."""
    problems: tuple[str, ...]
    """One sentence per broken rule; empty: the task is proved."""


def oracle_wins(subject: Subject) -> None:
    """The oracle reaches success and the top outcome on tasks of every split.

    By reference: its mean outcome beats that of random play.
    """
    if _by_reference(subject):
        reference.oracle_beats_random(subject)
    _prove_all(subject, ("oracle",))


def inaction_fails(subject: Subject) -> None:
    """Nothing, garbage and an early exit stay low and never succeed.

    By reference: they gain nothing over random play.
    """
    if _by_reference(subject):
        reference.inaction_does_not(subject)
    _prove_all(subject, ("inaction",))


def near_misses_fail(subject: Subject) -> None:
    """Every near miss ends below success; by reference: below the oracle on average."""
    if _by_reference(subject):
        reference.near_misses_stay_below(subject)
    else:
        _prove_all(subject, ("near misses",))


def exploits_gain_nothing(subject: Subject) -> None:
    """Every known exploit scores low, and below the oracle under all presets.

    By reference: it gains nothing over random play.
    """
    if _by_reference(subject):
        reference.exploits_do_not(subject)
    _prove_all(subject, ("exploits",))


def oracle_only_looks(subject: Subject) -> None:
    """Asking the oracle changes nothing: the same answer twice, the same episode after."""
    env, twin = subject.make(), subject.make()
    try:
        for seed in range(min(3, subject.effort.seeds)):
            plain = play(twin, seed, "random", turns=6)
            env.reset(seed=seed)
            texts = []
            for message in plain.messages:
                inner = env.unwrapped
                answers = inner.oracle(), inner.oracle()
                told = [as_json(answer, ()) for answer in answers]
                subject.require(told[0] == told[1], f"seed {seed}: the oracle wavers")
                texts.append(as_json(env.step(message)[0], ()))
            expected = [line["obs"] for line in plain.lines[1:]]
            subject.require(
                texts == expected, f"seed {seed}: asking the oracle changes the episode"
            )
    finally:
        env.close()
        twin.close()


PARTS = ("oracle", "inaction", "near misses", "exploits")
"""Parts of a proof, in the order in which ``prove`` checks them."""


def prove(subject: Subject, env: Any, task: Task, parts: Iterable[str] = PARTS) -> Proof:
    """Return the proof of one task; nothing raises for a task that fails it.

    Args:
        subject: the environment under test.
        env: an instance made with ``reward="outcome"``.
        task: the task to prove.
        parts: which of ``PARTS`` to check.
    """
    if _by_reference(subject):
        turns, total, found = reference.task_problems(env, task, tuple(parts))
        return Proof(
            task_id=task.id, split=task.split, turns=turns, total=total, problems=tuple(found)
        )
    problems: list[str] = []
    expert = _solve(env, task)
    top = _scale(env)[1]
    total = _outcome(expert)
    for part in parts:
        if part == "oracle":
            problems += _oracle_problems(expert, top)
        elif part == "inaction":
            problems += _inaction_problems(env, task)
        elif part == "near misses":
            problems += _near_miss_problems(env, task, expert, subject.cls.presets())
        else:
            problems += _exploit_problems(env, task, expert, subject.cls.presets())
    return Proof(
        task_id=task.id,
        split=task.split,
        turns=len(expert.messages),
        total=total,
        problems=tuple(problems),
    )


def _by_reference(subject: Subject) -> bool:
    proof = subject.metadata.get("proof")
    subject.require(proof in PROOFS, f"metadata['proof'] is {proof!r}; the kit knows {PROOFS}")
    return proof == "reference"


def _prove_all(subject: Subject, parts: Iterable[str]) -> None:
    _by_reference(subject)
    env = subject.make(reward="outcome")
    try:
        for task in subject.sampled_tasks(env.unwrapped.tasks):
            found = prove(subject, env, task, parts)
            subject.require(
                not found.problems, f"task {task.id}: {found.problems[0] if found.problems else ''}"
            )
    finally:
        env.close()


def _play(env: Any, task: Task, script: str | Iterable[str]) -> Trace:
    return play(env, 0, script, options={"task": task})


def _solve(env: Any, task: Task) -> Trace:
    """Play the oracle's messages, and stop where it has none: no random move may help it."""
    trace = begin(env, 0, {"task": task})
    while not trace.over and len(trace.messages) < _MOST:
        message = env.unwrapped.oracle()
        if message is None:
            break
        advance(env, trace, message)
    return trace


def _outcome(trace: Trace) -> float | None:
    """Return the settled return of a finished, valid episode, else None."""
    info = trace.infos[-1]
    if not trace.over or not info["valid"]:
        return None
    return math.fsum(info["step_rewards"])


def _success(trace: Trace) -> bool:
    return trace.over and trace.infos[-1]["success"] == "yes"


def _scale(env: Any) -> tuple[float, float]:
    item = env.unwrapped.declared.get("outcome")
    return (item.lo, item.hi) if item is not None else (0.0, 1.0)


def _oracle_problems(expert: Trace, top: float) -> list[str]:
    if not expert.messages:
        return ["there is neither an oracle nor a solution."]
    if not expert.over:
        return [f"the oracle's episode does not end ({len(expert.messages)} turns)."]
    info, total = expert.infos[-1], _outcome(expert)
    problems = []
    if not _success(expert) or info["end"] != "task":
        problems.append(
            f"the oracle ends by {info['end']} with success {info['success']!r}"
            f" after {len(expert.messages)} turns."
        )
    elif total is None or abs(total - top) > _NEAR:
        problems.append(f"the oracle returns {total}, the top outcome is {top}.")
    errors = [info["error"] for info in expert.infos[1:] if info["error"] is not None]
    if errors:
        problems.append(f"the oracle makes a mistake: {errors[0]}")
    return problems


def _inaction_problems(env: Any, task: Task) -> list[str]:
    """Scripts that do nothing of use: they need no knowledge of the task."""
    stream = Stream(0, "conformance", "garbage", task.id)
    scripts: dict[str, Iterable[str]] = {
        "empty messages": (),
        "garbage": [stream.choice(HOSTILE) for _ in range(200)],
        "claims": ["I have solved the task.", "done", "success", "infeasible"] * 50,
    }
    for name, spec in collect(type(env.unwrapped)).items():
        if not any(param.required for param in spec.params):
            call = f"<tool_call>{spec.example}</tool_call>"
            scripts[f"an early exit by {name}"] = [call] * 200
    return [
        problem
        for name, script in scripts.items()
        if (problem := _too_high(env, name, _play(env, task, script))) is not None
    ]


def _too_high(env: Any, name: str, trace: Trace) -> str | None:
    limit = LOW * max(abs(bound) for bound in _scale(env))
    if not trace.over:
        return f"{name}: no end after {len(trace.messages)} turns."
    if _success(trace):
        return f"{name}: success."
    total = _outcome(trace)
    if total is None:
        return f"{name}: the episode is invalid."
    if total > limit + _NEAR:
        return f"{name}: returns {total}, more than {limit}."
    return None


def _near_miss_problems(
    env: Any, task: Task, expert: Trace, presets: Mapping[str, Program]
) -> list[str]:
    scripts = _scripts(env, task, "near_misses")
    if _success(expert):
        scripts["the solution without its last message"] = expert.messages[:-1]
    problems = []
    for name, script in scripts.items():
        trace = _play(env, task, script)
        if _success(trace):
            problems.append(f"near miss '{name}': success.")
        else:
            problems += _not_below(f"near miss '{name}'", trace, expert, presets)
    return problems


def _exploit_problems(
    env: Any, task: Task, expert: Trace, presets: Mapping[str, Program]
) -> list[str]:
    scripts = _scripts(env, task, "exploits")
    scripts["the solution, but only in thoughts"] = [
        f"<think>{message}</think>" for message in expert.messages
    ]
    problems = []
    for name, script in scripts.items():
        trace = _play(env, task, script)
        low = _too_high(env, f"exploit '{name}'", trace)
        if low is not None:
            problems.append(low)
        else:
            problems += _not_below(f"exploit '{name}'", trace, expert, presets)
    return problems


def _not_below(name: str, trace: Trace, expert: Trace, presets: Mapping[str, Program]) -> list[str]:
    """Return a sentence per preset that pays a failure as much as the honest solution."""
    problems = []
    for preset, program in presets.items():
        gain, fair = _replayed(program, trace), _replayed(program, expert)
        if gain is not None and fair is not None and gain >= fair - _NEAR:
            problems.append(f"{name}: {preset} pays {gain}, an honest solution {fair}.")
    return problems


def _scripts(env: Any, task: Task, kind: str) -> dict[str, list[str]]:
    """Return the family's own scripts for a task, which each law adds one to."""
    env.reset(seed=0, options={"task": task})
    return dict(getattr(env.unwrapped, kind)())


def _replayed(program: Program, trace: Trace) -> float | None:
    """Return what another program makes of the same evidence; None where it lacks some."""
    records = [info["evidence"] for info in trace.infos]
    if not trace.over or not program.needs <= set(records[-1]):
        return None
    return program.replay(records, ended=records[-1]["end"] is not None).total
