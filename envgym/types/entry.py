"""One unit of reward in the ledger."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """When a reward was earned, when it was paid, to whom and by what.

    Events are counted from 0: event e is the e-th step.
    """

    agent: str
    """Who is paid; "agent" in a single-agent environment."""
    component: str
    """The summand of the reward program that produced it."""
    earned: int
    """The event that caused it."""
    paid: int | None
    """The event whose float carried it; None if no float ever did."""
    value: float
    """Signed amount, finite."""
    gate: str | None = None
    """The gate node that decided over it; None when ungated."""
    note: Mapping[str, Any] | None = None
    """JSON details for a reader; never read by a program."""
