"""Signs that a run is breaking: entropy collapse and a crash of success."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Alarms:
    """Watches two numbers per update; says a sentence when one has been bad for long enough."""

    entropy_floor: float
    """Nats per model token; 0 switches this alarm off."""
    crash_drop: float
    """Fall of the moving success rate below its best; 0 switches this alarm off."""
    patience: int
    """Updates in a row."""
    decay: float = 0.8
    """Of the moving success rate: the half-life is about three updates."""
    low: int = 0
    fallen: int = 0
    moving: float | None = None
    best: float = field(default=float("-inf"))

    def watch(self, *, entropy: float, success: float) -> str | None:
        """Take one update's numbers; return what is wrong, or None."""
        self.low = self.low + 1 if entropy < self.entropy_floor else 0
        before = success if self.moving is None else self.moving
        self.moving = self.decay * before + (1 - self.decay) * success
        self.best = max(self.best, self.moving)
        crashed = self.crash_drop > 0 and self.moving < self.best - self.crash_drop
        self.fallen = self.fallen + 1 if crashed else 0
        if self.low >= self.patience:
            return (
                f"entropy is {entropy:.4f} nats per token, below the floor of "
                f"{self.entropy_floor:g} for {self.low} updates: the policy has stopped exploring"
            )
        if self.fallen >= self.patience:
            return (
                f"the moving success rate fell from {self.best:.2f} to {self.moving:.2f} and "
                f"stayed there for {self.fallen} updates"
            )
        return None

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"low": self.low, "fallen": self.fallen, "moving": self.moving, "best": self.best}

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        self.low, self.fallen = state["low"], state["fallen"]
        self.moving, self.best = state["moving"], state["best"]
