"""Seats: what a format may know of the players before anybody has played."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from envgym.types.stream import Stream, derive


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The players of a tournament and the source of its draws.

    Every draw depends on the seed and on ids, never on the order in which rollouts came.
    """

    ids: Sequence[str]
    """Sorted and distinct; players are positions in it."""
    seed: int
    anchor: int = 0
    """Whom the others are compared with, in the formats that have an anchor."""
    byes: list[tuple[int, int]] = field(default_factory=list)
    """(round, player) of everyone who had no opponent in a round; the formats write it."""

    def __len__(self) -> int:
        return len(self.ids)

    def stream(self, *path: int | str) -> Stream:
        """Return the draws of one purpose."""
        return Stream(self.seed, "tournament", *path)

    def lots(self, *path: int | str) -> list[int]:
        """Return one number per player, drawn for one purpose: the smaller goes first."""
        return [derive(self.seed, "tournament", "lot", *path, "id", id) for id in self.ids]

    def drawn(self, *path: int | str) -> list[int]:
        """Return the players in the random order of their lots."""
        lots = self.lots(*path)
        return sorted(range(len(self)), key=lots.__getitem__)
