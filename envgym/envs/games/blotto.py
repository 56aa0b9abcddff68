"""Colonel Blotto: coins spread over fields, all at once.

Players: 2 (default) to 4. Actions: the ways to spread ``coins`` over ``fields``, in lexicographic
order, 66 for the default of 10 coins on 3 fields. No chance. Default: 4,423 nodes, 2 information
sets. Utility: -1 to 1, zero sum; value 0 for two players by symmetry. Same rules and actions as
OpenSpiel's ``blotto`` in its turn-based form.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import ClassVar

from envgym.envs.games.base import check_whole, pettingzoo_forms
from envgym.envs.games.normal_form import Simultaneous
from envgym.types import ConfigError

_MOST = 5_000
"""Most actions of a player."""


@dataclass(frozen=True)
class Blotto(Simultaneous):
    """Colonel Blotto."""

    name: ClassVar[str] = "blotto"
    utility: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    zero_sum: ClassVar[bool] = True

    coins: int = 10
    """Coins of each player, 2 to 100."""
    fields: int = 3
    """Fields, 3 to 10 (on two, neither of two players can be ahead)."""
    players: int = 2
    """Players, 2 to 4."""

    def __post_init__(self) -> None:
        check_whole("blotto", "coins", self.coins, 2, 100)
        check_whole("blotto", "fields", self.fields, 3, 10)
        check_whole("blotto", "players", self.players, 2, 4)
        ways = comb(self.coins + self.fields - 1, self.fields - 1)
        if ways > _MOST:
            raise ConfigError(
                f"blotto: coins and fields must give at most {_MOST:,} ways to spread them, "
                f"got {ways:,} ({self.coins} coins on {self.fields} fields)."
            )

    @property
    def unit(self) -> float:
        """A win shared by all but one."""
        return 1.0 / (self.players - 1)

    @cached_property
    def spreads(self) -> tuple[tuple[int, ...], ...]:
        """Coins per field of every action."""
        return tuple(_spreads(self.coins, self.fields))

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The actions as text, such as "4-3-3", for every player."""
        return (tuple("-".join(map(str, spread)) for spread in self.spreads),) * self.players

    def pay(self, joint: tuple[int, ...]) -> tuple[float, ...]:
        """Return 1 shared among those with most fields and -1 among the others; 0 if all tie."""
        won = [0] * self.players
        for coins in zip(*(self.spreads[a] for a in joint), strict=True):
            most = max(coins)
            if coins.count(most) == 1:
                won[coins.index(most)] += 1
        return shared(won)

    def prompt(self, player: int) -> str:
        """Return what is to be chosen."""
        return (
            f"spread your {self.coins} coins over {self.fields} fields, such as {self.words[0][0]}"
        )

    def rules(self, player: int) -> str:
        """Return the rules as told to ``player``."""
        n = self.players
        return (
            f"Colonel Blotto. You are player {player} of {n} (players 0 to {n - 1}).\n"
            f"All players spread exactly {self.coins} coins over {self.fields} fields at the same "
            "time, without seeing the others' choices. An action lists the coins of the fields in "
            f"order, all of them used, such as {self.words[0][0]} or {self.words[0][-1]}.\n"
            "A field goes to the player with strictly the most coins on it, to nobody on a tie. "
            "Most fields win: +1 shared equally among the players with the most fields, -1 shared "
            "equally among the others; 0 for all if everybody has the same number."
        )

    def aliases(self) -> dict[str, int]:
        """Return the actions with commas, such as "4,3,3" and "[4,3,3]"."""
        found = {}
        for action, word in enumerate(self.words[0]):
            for form in (word.replace("-", ","), word.replace("-", ", "), word.replace("-", " ")):
                found[form] = action
                found[f"[{form}]"] = action
        return found


def _spreads(coins: int, fields: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to spread ``coins`` over ``fields``, in lexicographic order."""
    if fields == 1:
        yield (coins,)
        return
    for first in range(coins + 1):
        for rest in _spreads(coins - first, fields - 1):
            yield (first, *rest)


def shared(score: list[int]) -> tuple[float, ...]:
    """Return +1 shared among the highest scores and -1 among the rest; zeros if all are equal.

    >>> shared([3, 1, 3])
    (0.5, -1.0, 0.5)
    """
    best = max(score)
    winners = score.count(best)
    if winners == len(score):
        return (0.0,) * len(score)
    return tuple(1.0 / winners if x == best else -1.0 / (len(score) - winners) for x in score)


env, raw_env, parallel_env = pettingzoo_forms("blotto")
