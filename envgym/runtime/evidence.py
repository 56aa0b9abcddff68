"""The evidence that every text environment reports, and the check of what families add."""

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any

from envgym.runtime.transcript import KEYS as TRANSCRIPT_KEYS
from envgym.runtime.transcript import TRANSCRIPT
from envgym.types import ConfigError, Evidence

KERNEL: tuple[Evidence, ...] = (
    Evidence(key="turn", type="int", unit="turns", lo=0, help="steps so far"),
    Evidence(
        key="errors",
        type="int",
        unit="mistakes",
        lo=0,
        help="messages and calls so far that failed",
    ),
    Evidence(
        key="extra_calls",
        type="int",
        unit="calls",
        lo=0,
        help="calls ignored so far (calls='last')",
    ),
    Evidence(
        key="tokens", type="int", unit="tokens", lo=0, help="length of the agent's messages so far"
    ),
    Evidence(key="cost", type="float", unit="cost", lo=0, help="spent by tools so far"),
    Evidence(key="end", type="str", help="null, or in the last record: task or budget"),
)


@cache
def declared(family: Hashable) -> Mapping[str, Evidence]:
    """Return every key of a TaskEnv class; raise ConfigError for a key declared twice."""
    cls: Any = family
    found: dict[str, Evidence] = {}
    for item in (*KERNEL, *cls.declares):
        if item.key in found:
            raise ConfigError(f"{cls.__name__} declares the evidence '{item.key}' twice.")
        if item.key in TRANSCRIPT_KEYS:
            raise ConfigError(
                f"{cls.__name__} declares the evidence '{item.key}', which names the transcript."
            )
        found[item.key] = item
    return found


@cache
def readable(family: Hashable) -> Mapping[str, Evidence]:
    """Return what a reward program may read: every declared key, and the transcript."""
    return {**declared(family), **{item.key: item for item in TRANSCRIPT}}


def audit(
    where: str,
    keys: Mapping[str, Evidence],
    evidence: Mapping[str, Any],
    costly: Sequence[str],
) -> None:
    """Raise ConfigError unless reset's evidence holds exactly the declared step-scope keys."""
    due = {
        item.key
        for item in keys.values()
        if item.scope == "step" and (item.cost == "cheap" or item.key in costly)
    }
    if evidence.keys() != due:
        missing, extra = sorted(due - evidence.keys()), sorted(evidence.keys() - due)
        raise ConfigError(
            f"{where} reports other evidence than it declares: missing {missing or 'nothing'},"
            f" undeclared {extra or 'nothing'}."
        )
