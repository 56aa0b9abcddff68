"""The evidence that every environment of several agents reports, for each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envgym.runtime.evidence import KERNEL
from envgym.runtime.transcript import KEYS as TRANSCRIPT_KEYS
from envgym.types import ConfigError, Evidence

TEAM: tuple[Evidence, ...] = (
    *KERNEL,
    Evidence(key="acted", type="bool", help="whether the event was this agent's own message"),
    Evidence(
        key="format_errors",
        type="int",
        unit="messages",
        lo=0,
        help="messages without a move so far",
    ),
    Evidence(
        key="invalid", type="int", unit="messages", lo=0, help="moves so far that were not allowed"
    ),
    Evidence(
        key="retries", type="int", unit="messages", lo=0, help="times so far it was asked again"
    ),
    Evidence(
        key="forfeited", type="bool", scope="episode", help="whether it lost by having no move"
    ),
    Evidence(
        key="by_forfeit",
        type="bool",
        scope="episode",
        help="whether another agent's forfeit ended the episode",
    ),
)


@dataclass(slots=True)
class Tally:
    """What is counted of one agent in one episode."""

    turn: int = 0
    format_errors: int = 0
    invalid: int = 0
    retries: int = 0
    extra_calls: int = 0
    tokens: int = 0
    cost: float = 0.0

    def facts(self) -> dict[str, Any]:
        """Return the counters as evidence."""
        return {
            "turn": self.turn,
            "errors": self.format_errors + self.invalid,
            "extra_calls": self.extra_calls,
            "tokens": self.tokens,
            "cost": self.cost,
            "format_errors": self.format_errors,
            "invalid": self.invalid,
            "retries": self.retries,
        }


def declared_by(where: str, items: tuple[Evidence, ...]) -> Mapping[str, Evidence]:
    """Return every key of an environment whose family adds ``items``.

    Raises:
        ConfigError: a key is declared twice, or names the transcript.
    """
    found: dict[str, Evidence] = {}
    for item in (*TEAM, *items):
        if item.key in found or item.key in TRANSCRIPT_KEYS:
            why = "twice" if item.key in found else "which names the transcript"
            raise ConfigError(f"{where} declares the evidence '{item.key}', {why}.")
        found[item.key] = item
    return found
