"""Budgets, order of calls, closing: an episode ends as it should and only then."""

from collections.abc import Callable
from typing import Any

from gymnasium.error import ResetNeeded

from envgym.testing.subject import Subject
from envgym.testing.trace import begin, play


def budgets_truncate(subject: Subject) -> None:
    """Each budget truncates at its event, closes the books, and names itself."""
    for budget, script in (({"max_turns": 2}, ()), ({"max_tokens": 3}, ("thirteen char", ""))):
        env = subject.make(**budget)
        try:
            trace = play(env, 3, script)
            info = trace.infos[-1]
            where = f"{budget}"
            subject.require(trace.over, f"{where}: no end after {len(trace.messages)} turns")
            if info["end"] == "task":
                continue
            expected = 2 if "max_turns" in budget else 1
            subject.require(
                len(trace.messages) == expected, f"{where}: ended after {len(trace.messages)} turns"
            )
            subject.require(
                trace.lines[-1]["truncated"] and info["end"] == "budget" and info["valid"],
                f"{where}: ended as {info['end']}, valid={info['valid']}",
            )
            subject.require(info["success"] != "yes", f"{where}: a budget ends as a success")
        finally:
            env.close()


def order_of_calls(subject: Subject) -> None:
    """``step`` before ``reset`` and after ``close`` raises ResetNeeded; ``close`` twice is fine."""
    env = subject.make()
    inner = env.unwrapped
    _needs_reset(subject, lambda: inner.step(""), "step() before reset()")
    begin(env, 0)
    env.step("")
    begin(env, 0)
    env.close()
    env.close()
    _needs_reset(subject, lambda: inner.step(""), "step() after close()")


def _needs_reset(subject: Subject, act: Callable[[], Any], what: str) -> None:
    try:
        act()
    except ResetNeeded:
        return
    subject.require(False, f"{what} does not raise ResetNeeded")
