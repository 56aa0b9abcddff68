"""The same seed gives the same bytes: again, in any interleaving, in other processes."""

import json
import os
import random  # noqa: TID251  # the law watches the global generator
import subprocess
import sys
from pathlib import Path

import numpy as np

from envgym.testing.subject import Subject
from envgym.testing.trace import Trace, advance, begin, chosen, digests, play
from envgym.types import Stream


def same_seed_same_bytes(subject: Subject) -> None:
    """A seed gives one episode, whatever was played before, in this or a new environment.

    Different seeds must not all give the same episode, unless there is a single task.
    """
    seeds = list(range(subject.effort.seeds))
    turns = subject.effort.turns
    first, again = subject.make(), subject.make()
    try:
        tasks = getattr(first.unwrapped, "tasks", None)  # numeric environments have none
        single = tasks is not None and sum(tasks.splits.values()) == 1
        texts = []
        for seed in seeds:
            trace = play(first, seed, "mixed", turns=turns)
            texts.append(trace.text)
            play(first, seed + 1000, "random", turns=3)
            for env, name in ((first, "again"), (again, "in a new environment")):
                twin = play(env, seed, trace.messages, turns=len(trace.messages))
                _same(subject, f"seed {seed}, played {name}", trace, twin)
        starts = {json.dumps(json.loads(text.partition("\n")[0])["obs"]) for text in texts}
        subject.require(
            single or len(set(texts)) > 1 or len(starts) > 1, f"seeds {seeds} give one episode"
        )
    finally:
        first.close()
        again.close()


def any_interleaving(subject: Subject) -> None:
    """Many environments stepped in shuffled order give the same bytes as one by one."""
    count, turns = subject.effort.copies, min(subject.effort.turns, 15)
    order = Stream(0, "conformance", "interleaving")
    alone = subject.make()
    envs = [subject.make() for _ in range(count)]
    try:
        expected = [play(alone, seed, "mixed", turns=turns) for seed in range(count)]
        seeds = list(range(count))
        order.shuffle(seeds)
        traces = {seed: begin(envs[seed], seed) for seed in seeds}
        scripts = {seed: chosen(envs[seed], seed, "mixed") for seed in seeds}
        running = set(seeds)
        while running:
            seed = order.choice(sorted(running))
            trace = traces[seed]
            if trace.over or len(trace.messages) >= turns:
                running.discard(seed)
            else:
                advance(envs[seed], trace, next(scripts[seed]))
        for seed in range(count):
            _same(subject, f"seed {seed} among {count}", expected[seed], traces[seed])
    finally:
        for env in (alone, *envs):
            env.close()


def other_processes(subject: Subject) -> None:
    """Fresh interpreters with other string hash seeds give the same bytes as this one."""
    seeds, turns = [0, 1, 2**62 + 11], min(subject.effort.turns, 20)
    here = digests(subject, seeds, "mixed", turns)
    job = json.dumps(
        {
            "env_id": subject.env_id,
            "entry_point": subject.entry_point,
            "folder": _folder(subject.cls),
            "kwargs": dict(subject.kwargs),
            "seeds": seeds,
            "style": "mixed",
            "turns": turns,
        }
    )
    for hash_seed in ("1", "4242"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        run = subprocess.run(
            [sys.executable, "-m", "envgym.testing.trace"],
            input=job,
            capture_output=True,
            text=True,
            env=environment,
            timeout=600,
            check=False,
        )
        subject.require(
            run.returncode == 0, f"a fresh process failed: {run.stderr.strip()[-1500:]}"
        )
        for seed, mine, theirs in zip(seeds, here, json.loads(run.stdout), strict=True):
            subject.require(
                mine == theirs,
                f"seed {seed} plays otherwise in a process with PYTHONHASHSEED={hash_seed}",
            )


def _folder(cls: type) -> str:
    """Return the folder that the class's module is imported from."""
    module = sys.modules[cls.__module__]
    depth = cls.__module__.count(".")
    return str(Path(module.__file__).parents[depth]) if module.__file__ else ""


def no_global_randomness(subject: Subject) -> None:
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


def _same(subject: Subject, where: str, expected: Trace, found: Trace) -> None:
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
