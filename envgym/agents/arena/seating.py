"""Seating: which games a pairing is made of."""

from collections.abc import Sequence
from typing import NamedTuple

from envgym.types.stream import Stream, derive


class Table(NamedTuple):
    """One game to be played."""

    cluster: str
    """Names the pairing and the seed; the rotations of one seating share it."""
    seats: tuple[str, ...]
    """Ids by seat."""
    seed: int

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What the game is known by in a ledger."""
        return self.cluster, self.seats


def tables(
    pair: tuple[str, str], field: Sequence[str], *, seats: int, games: int, seed: int
) -> list[Table]:
    """Return the games of a pairing: every seed in every rotation of the seats.

    With two seats these are both orders. With more, the first of the pair has the second 1, 2, ...
    seats behind it in turn from seed to seed, and the seats left go to others of the field by
    lot; where too few are left, to the pair again, in turn.

    Args:
        pair: two ids, sorted.
        field: all ids.
        seats: players of one game.
        games: number of seeds.
        seed: of the arena.
    """
    a, b = pair
    others = sorted(set(field) - {a, b})
    found: list[Table] = []
    for number in range(games):
        path = ("arena", "pair", a, b, number)
        base: list[str] = [a, *[""] * (seats - 1)]
        base[1 + number % (seats - 1)] = b
        guests = Stream(seed, *path, "guests").sample(others, min(len(others), seats - 2))
        rest = [*guests, *[pair[(number + k) % 2] for k in range(seats)]]
        filled = [id or rest.pop(0) for id in base]
        chance = derive(seed, *path) >> 65  # 63 bits, which every generator takes
        cluster = f"{a} v {b} #{number}"
        turns = [tuple(filled[-turn:] + filled[:-turn]) for turn in range(seats)]
        # A seating that repeats the pair may look the same after some turns.
        found += [Table(cluster, turned, chance) for turned in dict.fromkeys(turns)]
    return found
