"""What a quest task holds: its world's seed and the knobs it was drawn from."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from envgym.envs.quest.knobs import LIMITS, Goal, Knobs

_SMALL = Knobs()


class Params(BaseModel):
    """``Task.params`` of a quest; knobs left out have their "small" value."""

    model_config = ConfigDict(extra="forbid", strict=True)

    world: int = Field(ge=0, lt=1 << 63)
    """Seed of the world."""
    held_out: bool = False
    """Draw from the part of all layouts that training tasks never use."""
    width: int = _SMALL.width
    height: int = _SMALL.height
    goal: Goal = _SMALL.goal
    doors: int = _SMALL.doors
    containers: int = _SMALL.containers
    objects: int = _SMALL.objects
    openness: int = _SMALL.openness
    min_steps: int = _SMALL.min_steps
    max_steps: int = _SMALL.max_steps

    @model_validator(mode="after")
    def _together(self) -> "Params":
        """Let Knobs judge ranges and combinations, so that both ways in say the same."""
        Knobs(goal=self.goal, **{name: getattr(self, name) for name in LIMITS})
        return self
