"""What a law of games is asked about: a name, its arguments, and how much testing is spent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from envgym.runtime.games.registry import (
    game_class,
    is_game,
    make_aec,
    make_game,
    make_parallel,
    make_text,
    text_options,
)
from envgym.testing.subject import LawError
from envgym.types import ConfigError
from envgym.types.errors import unknown
from envgym.types.game import Game


@dataclass(frozen=True, slots=True, kw_only=True)
class GameEffort:
    """How much is sampled."""

    seeds: int
    """Episodes per law, in this process."""
    copies: int
    """Environments stepped in shuffled order."""
    cycles: int
    """Steps that PettingZoo's own tests take."""
    pairs: int
    """Pairs of positions that a player cannot tell apart, per law of secrets."""
    matches: int
    """Episodes per mean in a proof."""
    hostile: int
    """Hostile messages; the corpora are sampled evenly below their size."""
    turns: int
    """Most messages of one episode where its end does not matter."""


EFFORTS: Mapping[str, GameEffort] = {
    "full": GameEffort(
        seeds=4, copies=64, cycles=200, pairs=120, matches=400, hostile=1000, turns=40
    ),
    "usual": GameEffort(
        seeds=3, copies=16, cycles=60, pairs=40, matches=200, hostile=120, turns=24
    ),
    "light": GameEffort(seeds=2, copies=4, cycles=30, pairs=12, matches=60, hostile=40, turns=12),
}
"""By name."""


@dataclass(frozen=True)
class GameSubject:
    """One game or team environment under test."""

    name: str
    """As for ``envgym.make_game``, or a team environment's."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the game, and of its text view, for every instance that a law makes."""
    spent: str = "full"
    """A key of ``EFFORTS``."""

    @property
    def effort(self) -> GameEffort:
        """How much to sample."""
        if self.spent not in EFFORTS:
            raise ConfigError(unknown("effort", self.spent, EFFORTS))
        return EFFORTS[self.spent]

    @property
    def is_game(self) -> bool:
        """Whether there is a game behind it; False for a team environment."""
        return is_game(self.name)

    @cached_property
    def game(self) -> Game:
        """The game itself."""
        return make_game(self.name, **self.rules)

    @cached_property
    def rules(self) -> dict[str, Any]:
        """The arguments that are the game's own."""
        own = text_options()
        return {key: value for key, value in self.params.items() if key not in own}

    @property
    def entry_point(self) -> str | None:
        """Where the game's class can be imported from, None for what is no game's class."""
        if not self.is_game or ":" in self.name:
            return None
        cls = game_class(self.name)
        return f"{cls.__module__}:{cls.__qualname__}"

    def make(self, **more: Any) -> Any:
        """Return a new text environment; ``more`` overrides the subject's arguments."""
        return make_text(self.name, **{**self.params, **more})

    def make_aec(self) -> Any:
        """Return a new numeric environment of PettingZoo's turn-by-turn form."""
        return make_aec(self.name, **self.rules)

    def make_parallel(self) -> Any:
        """Return a new numeric environment of PettingZoo's all-at-once form."""
        return make_parallel(self.name, **self.rules)

    def require(self, holds: bool, message: str) -> None:
        """Raise LawError with this name and ``message`` unless ``holds``."""
        if not holds:
            given = ", ".join(f"{key}={value}" for key, value in self.params.items())
            raise LawError(f"{self.name}{f' ({given})' if given else ''}: {message}")
