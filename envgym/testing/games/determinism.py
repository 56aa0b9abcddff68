"""The same seed gives the same bytes: again, in any interleaving, in other processes."""

import json
import os
import random  # noqa: TID251  # the law watches the global generator
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import TeamTrace, advance, begin, chosen, digests, play
from envgym.types import Stream

_HASH_SEED = "4242"


def same_seed_same_bytes(subject: GameSubject) -> None:
    """A seed gives one episode, whatever was played before, in this or a new environment."""
    turns = subject.effort.turns
    first, again = subject.make(), subject.make()
    try:
        for seed in range(subject.effort.seeds):
            trace = play(first, seed, "mixed", turns=turns)
            play(first, seed + 1000, "random", turns=2)
            for env, name in ((first, "again"), (again, "in a new environment")):
                twin = play(env, seed, trace.messages, turns=len(trace.messages))
                _same(subject, f"seed {seed}, played {name}", trace, twin)
    finally:
        first.close()
        again.close()


def any_interleaving(subject: GameSubject) -> None:
    """Many environments stepped in shuffled order give the same bytes as one by one."""
    count, turns = subject.effort.copies, min(subject.effort.turns, 12)
    order = Stream(0, "conformance", "interleaving")
    alone = subject.make()
    envs = [subject.make() for _ in range(count)]
    try:
        expected = [play(alone, seed, "mixed", turns=turns) for seed in range(count)]
        traces = [begin(env, seed) for seed, env in enumerate(envs)]
        scripts = [chosen(env, seed, "mixed") for seed, env in enumerate(envs)]
        running = list(range(count))
        while running:
            seed = order.choice(running)
            trace = traces[seed]
            if trace.over or len(trace.messages) >= turns:
                running.remove(seed)
            else:
                advance(envs[seed], trace, next(scripts[seed]))
        for seed in range(count):
            _same(subject, f"seed {seed} among {count}", expected[seed], traces[seed])
    finally:
        for env in (alone, *envs):
            env.close()


def other_processes(subject: GameSubject) -> None:
    """A fresh interpreter with another string hash seed gives the same bytes as this one."""
    in_another_process([subject])


def in_another_process(subjects: Sequence[GameSubject]) -> None:
    """Check ``other_processes`` for several subjects in one fresh interpreter."""
    jobs = [_job(subject) for subject in subjects]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": _HASH_SEED,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    run = subprocess.run(
        [sys.executable, "-m", "envgym.testing.games.trace"],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
        check=False,
    )
    failed = f"a fresh process failed: {run.stderr.strip()[-1500:]}"
    subjects[0].require(run.returncode == 0, failed)
    for subject, job, theirs in zip(subjects, jobs, json.loads(run.stdout), strict=True):
        here = digests(subject, job["seeds"], job["style"], job["turns"])
        for seed, mine, found in zip(job["seeds"], here, theirs, strict=True):
            subject.require(
                mine == found,
                f"seed {seed} plays otherwise in a process with PYTHONHASHSEED={_HASH_SEED}",
            )


def _job(subject: GameSubject) -> dict[str, Any]:
    place = subject.entry_point
    return {
        "name": subject.name,
        "entry_point": place,
        "folder": "" if place is None else _folder(place.partition(":")[0]),
        "params": dict(subject.params),
        "seeds": [0, 1, 2**62 + 11],
        "style": "mixed",
        "turns": min(subject.effort.turns, 12),
    }


def no_global_randomness(subject: GameSubject) -> None:
    """Playing neither reads nor moves the global generators of Python and NumPy."""
    env = subject.make()
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        marks = random.getstate(), json.dumps(np.random.get_state()[1].tolist())  # type: ignore[index]  # noqa: NPY002
        trace = play(env, 5, "mixed", turns=10)
        after = random.getstate(), json.dumps(np.random.get_state()[1].tolist())  # type: ignore[index]  # noqa: NPY002
        subject.require(marks == after, "an episode draws from a global random generator")
        random.seed(2)
        np.random.seed(2)  # noqa: NPY002
        _same(subject, "after reseeding globals", trace, play(env, 5, "mixed", turns=10))
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        env.close()


def _folder(module: str) -> str:
    """Return the folder that a module is imported from."""
    path = sys.modules[module].__file__
    return str(Path(path).parents[module.count(".")]) if path else ""


def _same(subject: GameSubject, where: str, expected: TeamTrace, found: TeamTrace) -> None:
    """Raise LawError naming the first line in which two traces differ."""
    if expected.text == found.text:
        return
    lines = expected.text.split("\n"), found.text.split("\n")
    for number, (a, b) in enumerate(zip(*lines, strict=False)):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
            window = slice(max(0, at - 40), at + 80)
            place = "reset" if number == 0 else f"event {number - 1}"
            subject.require(False, f"{where}: {place} differs: {a[window]!r} / {b[window]!r}")
    subject.require(False, f"{where}: {len(lines[0])} lines, then {len(lines[1])}")
