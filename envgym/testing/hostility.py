"""Whatever an agent writes: no exception, no invalid episode, no success by accident."""

import json
import pickle
from collections.abc import Iterator, Mapping
from typing import Any

from envgym.runtime.tools import ToolSpec, collect
from envgym.testing.hostile import BULKY, HOSTILE
from envgym.testing.subject import Subject
from envgym.testing.trace import begin, play

_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, -(10**30), 1e308, 0.1, "", " ", "\x00", "x" * 3000, "\u202e🙂",
    "../../etc/passwd", "'; --", "%s{0}", "NaN", "inf", "-0", "1e400", "[bold]", "\ud800",
    "9" * 5000, 10**290, json.loads("[" * 100 + "]" * 100),
    [], [[]], [None] * 200, {}, {"": {"": None}}, [["a", 1, None]], {"name": "x", "arguments": {}},
)  # fmt: skip
"""Put in place of every argument of every tool."""


def hostile_messages(subject: Subject) -> None:
    """The corpus, at the start of an episode and in the middle of one, harms nothing."""
    _feed(subject, _sampled(subject, HOSTILE), may_win=False)


def hostile_arguments(subject: Subject) -> None:
    """Valid calls with senseless arguments are mistakes of the agent, never ours."""
    calls = tuple(_calls(collect(subject.cls)))
    _feed(subject, _sampled(subject, calls), may_win=True)


def bulky_messages(subject: Subject) -> None:
    """Messages of megabytes pass, cut where the action space ends."""
    names = ("one long word", "deep object", "surrogates", "text argument", "brackets")
    _feed(subject, [BULKY[name]() for name in names], may_win=False)


def _sampled(subject: Subject, messages: tuple[str, ...]) -> list[str]:
    """Return all messages, or as many as the effort allows, evenly spaced."""
    step = max(1.0, len(messages) / subject.effort.hostile)
    return [messages[int(i * step)] for i in range(int(len(messages) / step))]


def _calls(tools: Mapping[str, ToolSpec]) -> Iterator[str]:
    for name, spec in tools.items():
        arguments = json.loads(spec.example)["arguments"]
        for param in spec.params:
            for value in _VALUES:
                call = {"name": name, "arguments": {**arguments, param.name: value}}
                yield f"<tool_call>{json.dumps(call)}</tool_call>"
        extra = {"name": name, "arguments": {**arguments, "self": 1, "cls": 2}}
        yield f"<tool_call>{json.dumps(extra)}</tool_call>"


def _feed(subject: Subject, messages: list[str], *, may_win: bool) -> None:
    env = subject.make()
    try:
        seed = 0
        trace = None
        for number, message in enumerate(messages):
            if trace is None or trace.over:
                seed += 1
                # Some messages meet a fresh episode, some one in progress.
                trace = play(env, seed, "random", turns=number % 3)
                if trace.over:
                    trace = begin(env, seed)
            _one(subject, env, trace, message, may_win=may_win)
    finally:
        env.close()


def _one(subject: Subject, env: Any, trace: Any, message: str, *, may_win: bool) -> None:
    shown = repr(message) if len(message) < 120 else f"{message[:80]!r}... ({len(message)})"
    try:
        observation, reward, terminated, truncated, info = env.step(message)
        pickle.dumps(info)
    except Exception as error:
        subject.require(False, f"the message {shown} raises {error!r}")
        raise
    trace.over = terminated or truncated
    subject.require(
        env.observation_space.contains(observation),
        f"the answer to {shown} is outside {env.observation_space}: {observation!r:.80}",
    )
    subject.require(type(reward) is float and reward - reward == 0.0, f"{shown} is paid {reward!r}")
    subject.require(info["valid"], f"{shown} makes the episode invalid")
    subject.require(
        may_win or not trace.over or info["success"] != "yes", f"{shown} ends as a success"
    )
