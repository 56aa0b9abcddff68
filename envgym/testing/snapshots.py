"""A snapshot continues as the original does, wherever it is restored."""

from typing import Any

from gymnasium.error import ResetNeeded

from envgym.testing.subject import Subject
from envgym.testing.trace import Trace, advance, as_json, play
from envgym.types import ConfigError


def snapshot_restore(subject: Subject) -> None:
    """Restored in the same, a used and a new environment, episodes go on byte for byte."""
    env, other = subject.make(), subject.make()
    try:
        if not subject.metadata.get("snapshot"):
            _refuses(subject, env)
            return
        for seed, style in enumerate(("oracle", "mixed", "random")):
            whole = play(env, seed, style, turns=subject.effort.turns)
            for cut in sorted({0, 1, len(whole.messages) // 2, len(whole.messages) - 1}):
                if not 0 <= cut < len(whole.messages):
                    continue
                play(env, seed, whole.messages[:cut], turns=cut)
                snapshot = env.unwrapped.snapshot()
                where = f"{style}, seed {seed}, after {cut} turns"
                subject.require(isinstance(snapshot, bytes), f"{where}: a snapshot is bytes")
                _continues(subject, f"{where}: the original", env, whole, cut)
                play(env, seed + 50, "random", turns=3)
                _restored(subject, f"{where}: in a used environment", env, snapshot, whole, cut)
                other.reset(seed=99)
                _restored(subject, f"{where}: in another environment", other, snapshot, whole, cut)
                new = subject.make()
                try:
                    new.reset(seed=1)
                    _restored(subject, f"{where}: in a new environment", new, snapshot, whole, cut)
                finally:
                    new.close()
    finally:
        env.close()
        other.close()


def _refuses(subject: Subject, env: Any) -> None:
    env.reset(seed=0)
    try:
        env.unwrapped.snapshot()
    except (ConfigError, ResetNeeded):
        return
    subject.require(False, "metadata['snapshot'] is False, and snapshot() does not refuse")


def _restored(
    subject: Subject, where: str, env: Any, snapshot: bytes, whole: Trace, cut: int
) -> None:
    shown = env.unwrapped.restore(snapshot)
    expected = whole.lines[cut]["obs"]
    subject.require(as_json(shown, ()) == expected, f"{where}: restore() shows {shown!r:.80}")
    _continues(subject, where, env, whole, cut)


def _continues(subject: Subject, where: str, env: Any, whole: Trace, cut: int) -> None:
    rest = Trace()
    for number, message in enumerate(whole.messages[cut:], cut):
        advance(env, rest, message)
        found, expected = rest.lines[-1], whole.lines[number + 1]
        differing = sorted(
            key for key in expected if key != "info" and found[key] != expected[key]
        ) or sorted(
            f"info['{key}']"
            for key in expected["info"]
            if found["info"].get(key) != expected["info"][key]
        )
        subject.require(
            found == expected, f"{where}: event {number} differs in {', '.join(differing)}"
        )
