"""What a task of ``envgym/SelfPlay-v0`` holds, and the tasks that are built in."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from envgym.runtime.games.registry import make_game
from envgym.types import Task

SPLITS = {"train": 1_000_000, "test": 10_000}
"""Their deals are numbered through, so that no number occurs in both."""


class Params(BaseModel):
    """``Task.params``; what is left out is the environment's own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    deal: int = Field(default=0, ge=0)
    """With the episode's seed decides nature's moves, and the seat where it is drawn."""
    game: str | None = None
    """A game's name."""
    params: dict[str, Any] | None = None
    """Arguments of ``game``."""
    seat: int | Literal["random", "rotate"] | None = None
    """Which player the agent is."""

    @model_validator(mode="after")
    def _together(self) -> "Params":
        """Refuse games, arguments and seats that there are not."""
        if self.game is None:
            if self.params is not None:
                raise ValueError("params belong to a game: name it in 'game'")
            return self
        players = make_game(self.game, **(self.params or {})).players
        if isinstance(self.seat, int) and not 0 <= self.seat < players:
            raise ValueError(f"seat must be from 0 to {players - 1} in {self.game}")
        return self


def deal(split: str, index: int) -> Task:
    """Return a built-in task: nothing but the number of its deal."""
    number = index if split == "train" else SPLITS["train"] + index
    return Task(id=f"{split}/{index}", split=split, params={"deal": number})
