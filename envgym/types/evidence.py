"""Declarations of the facts that an environment reports."""

from dataclasses import dataclass
from typing import Literal

Value = bool | int | float | str | None | tuple["Value", ...]
"""What evidence may hold. None means that the source could not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One declared fact. Reward programs read nothing else."""

    key: str
    """Name in ``info["evidence"]``: dotted lower-case words."""
    type: Literal["bool", "int", "float", "str", "tuple"]
    """Type of a valid value."""
    help: str
    """One line: what it counts or states, for the environment's page."""
    unit: str = ""
    """"turns", "cents", "share"; empty for bools and names."""
    scope: Literal["step", "episode"] = "step"
    """"step": in every record, reset's included. "episode": in the last record only."""
    cost: Literal["cheap", "costly"] = "cheap"
    """Cheap keys are always recorded; costly ones when a program or ``record_evidence`` asks."""
    volatile: bool = False
    """True if a re-run may differ (wall clock); ``verify`` masks it."""
    lo: float = float("-inf")
    """Lowest value of a number, inclusive."""
    hi: float = float("inf")
    """Highest value of a number, inclusive."""
