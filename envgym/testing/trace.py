"""Playing episodes by rule, and writing down everything that came back.

``python -m envgym.testing.trace`` reads one job as JSON from standard input and prints a digest
per seed; the determinism laws run it in processes with other hash seeds.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from envgym.testing.hostile import HOSTILE
from envgym.testing.subject import Subject, register_from
from envgym.types import Entry, Record, Stream

STYLES = ("oracle", "random", "mixed", "null", "garbage")
"""How messages are chosen: the expert's; random valid ones; a mixture; empty; hostile."""


@dataclass(slots=True)
class Trace:
    """One episode as it was seen."""

    messages: list[Any] = field(default_factory=list)
    """What was sent: messages, or actions of a numeric environment."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    """Reset and steps as JSON values, volatile evidence left out."""
    observations: list[Any] = field(default_factory=list)
    """The observations as they came; ``lines`` holds them as JSON."""
    infos: list[dict[str, Any]] = field(default_factory=list)
    """The infos as they came."""
    floats: list[float] = field(default_factory=list)
    """The rewards as they came."""
    over: bool = False
    """True if the episode ended by itself."""

    @property
    def text(self) -> str:
        """The trace as JSON Lines; equal bytes mean equal episodes."""
        return "\n".join(
            json.dumps(line, sort_keys=True, ensure_ascii=False, allow_nan=False)
            for line in self.lines
        )

    @property
    def digest(self) -> str:
        """A short name of ``text``."""
        return blake2b(self.text.encode(), digest_size=16).hexdigest()


def play(
    env: Any,
    seed: int | None,
    script: str | Iterable[Any] = "mixed",
    *,
    options: Mapping[str, Any] | None = None,
    turns: int = 1000,
) -> Trace:
    """Play one episode and return its trace.

    Args:
        env: an environment; privileged methods are called on ``env.unwrapped``.
        seed: goes to ``reset``.
        script: one of ``STYLES``, or the messages themselves (what is missing is "").
        options: go to ``reset``.
        turns: stop after so many steps.
    """
    trace = begin(env, seed, options)
    for message in chosen(env, seed, script):
        if trace.over or len(trace.messages) >= turns:
            break
        advance(env, trace, message)
    return trace


def begin(env: Any, seed: int | None, options: Mapping[str, Any] | None = None) -> Trace:
    """Reset and return a trace of the reset alone."""
    observation, info = env.reset(seed=seed, options=dict(options) if options else None)
    trace = Trace()
    trace.infos.append(info)
    trace.observations.append(observation)
    trace.lines.append({"obs": as_json(observation, ()), "info": as_json(info, hidden(env))})
    return trace


def advance(env: Any, trace: Trace, message: Any) -> None:
    """Step and write down what came back."""
    observation, reward, terminated, truncated, info = env.step(message)
    trace.messages.append(message)
    trace.floats.append(reward)
    trace.infos.append(info)
    trace.observations.append(observation)
    trace.lines.append(
        {
            "act": as_json(message, ()),
            "obs": as_json(observation, ()),
            "reward": reward,
            "terminated": terminated,
            "truncated": truncated,
            "info": as_json(info, hidden(env)),
        }
    )
    trace.over = terminated or truncated


def chosen(env: Any, seed: int | None, script: str | Iterable[Any]) -> Iterator[Any]:
    """Yield messages for ever, each chosen when it is asked for."""
    if not isinstance(script, str):
        yield from script
        while True:
            yield ""
    inner = env.unwrapped
    stream = Stream(seed or 0, "conformance", script)
    while True:
        style = script
        if script == "mixed":
            style = stream.weighted(("oracle", "random", "garbage", "null"), (5, 9, 3, 1))
        if style == "oracle":
            expert = inner.oracle()
            yield expert if expert is not None else inner.random_action(stream)
        elif style == "random":
            yield inner.random_action(stream)
        elif style == "garbage":
            yield stream.choice(HOSTILE)
        else:
            yield ""


def hidden(env: Any) -> tuple[str, ...]:
    """Return the evidence that may differ between runs, as declared."""
    declared = env.unwrapped.declared.values()
    return tuple(item.key for item in declared if item.volatile)


def as_json(value: Any, volatile: Sequence[str]) -> Any:
    """Return an info value as JSON, without the volatile keys of Records."""
    if isinstance(value, Record):
        return {k: as_json(v, volatile) for k, v in value.items() if k not in volatile}
    if isinstance(value, Mapping):
        return {k: as_json(v, volatile) for k, v in value.items()}
    if isinstance(value, Entry | list | tuple):
        return [as_json(item, volatile) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, str):
        # Hostile messages hold lone surrogates, which no UTF-8 file can.
        return value.encode("utf-8", "backslashreplace").decode()
    return value


def digests(subject: Subject, seeds: Sequence[int], style: str, turns: int) -> list[str]:
    """Return one digest per seed, played one after the other in one environment."""
    env = subject.make()
    try:
        return [play(env, seed, style, turns=turns).digest for seed in seeds]
    finally:
        env.close()


def _main() -> None:
    job = json.load(sys.stdin)
    sys.path.append(job["folder"])
    register_from(job["env_id"], job["entry_point"])
    subject = Subject(job["env_id"], job["kwargs"])
    json.dump(digests(subject, job["seeds"], job["style"], job["turns"]), sys.stdout)


if __name__ == "__main__":
    _main()
