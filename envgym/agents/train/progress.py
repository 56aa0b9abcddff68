"""Where a run stands."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Progress:
    """The position of a run; a checkpoint holds all of it."""

    phase: str = "sft"
    """"sft" or "rl"."""
    step: int = 0
    """Finished optimizer steps (sft) or updates (rl)."""
    probed: bool = False
    """Whether the gate before reinforcement has been passed."""
    best: float = -1.0
    """Moving success rate of the best checkpoint."""
    rolled_back: bool = False
    """Whether an alarm has led back to the best checkpoint already."""
    before: dict[str, Any] | None = None
    """Result of the exam before reinforcement."""
