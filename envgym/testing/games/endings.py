"""Budgets, order of calls, closing, snapshots: an episode ends and goes on as it should."""

from collections.abc import Callable
from typing import Any

from gymnasium.error import ResetNeeded

from envgym.testing.games.books import balanced
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import TeamTrace, advance, begin, play
from envgym.types import ConfigError


def budgets_truncate(subject: GameSubject) -> None:
    """``max_turns`` truncates for all agents at its message, closes the books, and says so."""
    for turns in (1, 2, 3, 5):
        env = subject.make(max_turns=turns)
        try:
            trace = play(env, turns, "random")
            where = f"max_turns={turns}"
            subject.require(trace.over, f"{where}: no end after {len(trace.messages)} messages")
            ends = {report["end"] for report in trace.reports.values()}
            if ends == {"task"}:
                continue
            subject.require(
                len(trace.messages) == turns, f"{where}: ended after {len(trace.messages)} messages"
            )
            subject.require(ends == {"budget"}, f"{where}: ended by {sorted(ends)}")
            flags = trace.lines[-1]["ends"]
            subject.require(
                all(ended == [False, True] for ended in flags.values()),
                f"{where}: terminated and truncated are {flags}",
            )
            for agent, report in trace.reports.items():
                subject.require(report["valid"], f"{where}: {agent}'s episode is invalid")
                subject.require(report["success"] != "yes", f"{where}: {agent} succeeds by it")
                balanced(subject, f"{where}, {agent}", env, trace, agent)
        finally:
            env.close()


def order_of_calls(subject: GameSubject) -> None:
    """``step`` without a running episode raises ResetNeeded; ``close`` twice is fine."""
    env = subject.make()
    _needs_reset(subject, lambda: env.step(""), "step() before reset()")
    begin(env, 0)
    env.step("")
    begin(env, 0)
    trace = play(env, 0, "random")
    subject.require(trace.over, "a random episode does not end")
    while env.agents:
        env.step(None)
    _needs_reset(subject, lambda: env.step(""), "step() after the end")
    begin(env, 1)
    env.close()
    env.close()
    _needs_reset(subject, lambda: env.step(""), "step() after close()")


def snapshot_restore(subject: GameSubject) -> None:
    """Restored in the same, a used and a new environment, episodes go on byte for byte."""
    env, other = subject.make(), subject.make()
    try:
        for seed, style in enumerate(("mixed", "random", "oracle")):
            whole = play(env, seed, style, turns=subject.effort.turns)
            count = len(whole.messages)
            for cut in sorted({0, 1, count // 2, count - 1}):
                if not 0 <= cut < count:
                    continue
                play(env, seed, whole.messages[:cut], turns=cut)
                snapshot = env.snapshot()
                where = f"{style}, seed {seed}, after {cut} messages"
                subject.require(isinstance(snapshot, bytes), f"{where}: a snapshot is bytes")
                _continues(subject, f"{where}: the original", env, whole, cut)
                play(env, seed + 50, "random", turns=2)
                env.restore(snapshot)
                _continues(subject, f"{where}: in a used environment", env, whole, cut)
                begin(other, 99)
                other.restore(snapshot)
                _continues(subject, f"{where}: in another environment", other, whole, cut)
                new = subject.make()
                try:
                    new.restore(snapshot)
                    _continues(subject, f"{where}: in a new environment", new, whole, cut)
                finally:
                    new.close()
        _foreign(subject, env)
    finally:
        env.close()
        other.close()


def _foreign(subject: GameSubject, env: Any) -> None:
    for what in (b"", b"no snapshot", b"\x80\x05N."):
        try:
            env.restore(what)
        except ConfigError:
            continue
        subject.require(False, f"restore({what!r}) raises no ConfigError")


def _continues(subject: GameSubject, where: str, env: Any, whole: TeamTrace, cut: int) -> None:
    shown = {agent: env.observe(agent) for agent in env.agents}
    expected = whole.lines[cut]
    subject.require(
        shown == {a: expected["obs"][a] for a in shown} and env.agent_selection == expected["next"],
        f"{where}: it shows something else",
    )
    rest = TeamTrace()
    for number, message in enumerate(whole.messages[cut:], cut):
        advance(env, rest, message)
        found, due = rest.lines[-1], whole.lines[number + 1]
        differing = sorted(k for k in due if found.get(k) != due[k])
        subject.require(found == due, f"{where}: event {number} differs in {', '.join(differing)}")
    if whole.over:
        subject.require(rest.over and rest.reports == whole.reports, f"{where}: its books differ")


def _needs_reset(subject: GameSubject, act: Callable[[], Any], what: str) -> None:
    try:
        act()
    except ResetNeeded:
        return
    subject.require(False, f"{what} does not raise ResetNeeded")
