"""Payoff tables of normal-form games: presets, checks, texts; one-shot and repeated share them."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from envgym.envs.games.base import signed
from envgym.types import ConfigError

_LIMIT = 100_000
"""Most joint actions of a table."""
_HUGE = 1e300
"""No payoff is as large, so that sums of them are finite too."""


@dataclass(frozen=True)
class Table:
    """What every joint action pays."""

    actions: tuple[tuple[str, ...], ...]
    """Words for the actions, per player."""
    cells: tuple[tuple[float, ...], ...]
    """Payoff per player, joint action by joint action, the last player's action counting fastest."""
    title: str
    """What the rules call the game."""

    @property
    def players(self) -> int:
        """Number of players."""
        return len(self.actions)

    def pay(self, joint: Sequence[int]) -> tuple[float, ...]:
        """Return every player's payoff of a joint action."""
        place = 0
        for words, action in zip(self.actions, joint, strict=True):
            place = place * len(words) + action
        return self.cells[place]

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest payoff."""
        return min(map(min, self.cells)), max(map(max, self.cells))

    @property
    def zero_sum(self) -> bool:
        """Whether the payoffs of every joint action sum to 0."""
        return all(abs(sum(cell)) < 1e-9 for cell in self.cells)

    def lines(self, player: int) -> Iterator[str]:
        """Return the table as told to ``player``, a joint action a line, the own action first."""
        others = [p for p in range(self.players) if p != player]
        for joint in product(*(range(len(words)) for words in self.actions)):
            rest = ", ".join(f"player {p} {self.actions[p][joint[p]]}" for p in others)
            pays = self.pay(joint)
            theirs = ", ".join(f"player {p} gets {signed(pays[p])}" for p in others)
            yield (
                f"  you {self.actions[player][joint[player]]}"
                + (f", {rest}" if rest else "")
                + f": you get {signed(pays[player])}"
                + (f", {theirs}" if theirs else "")
            )


_RPS = ((0, -1, 1), (1, 0, -1), (-1, 1, 0))
PRESETS: dict[str, tuple[str, tuple[str, ...], tuple[tuple[float, ...], ...], bool]] = {
    "battle_of_the_sexes": ("Battle of the sexes", ("bach", "stravinsky"), ((3, 0), (0, 2)), False),
    "chicken": ("Chicken", ("dare", "chicken"), ((0, 4), (1, 3)), False),
    "coordination": ("Pure coordination", ("left", "right"), ((1, 0), (0, 1)), False),
    "matching_pennies": ("Matching pennies", ("heads", "tails"), ((1, -1), (-1, 1)), True),
    "prisoners_dilemma": (
        "The prisoner's dilemma",
        ("cooperate", "defect"),
        ((5, 0), (10, 1)),
        False,
    ),
    "rps": ("Rock, paper, scissors", ("rock", "paper", "scissors"), _RPS, True),
    "stag_hunt": ("The stag hunt", ("stag", "hare"), ((2, 0), (1, 1)), False),
}
"""Title, words, the row player's payoffs, whether the column player gets the negative.

Otherwise the game is symmetric, except that in "battle_of_the_sexes" each prefers another meeting.
Numbers are those of OpenSpiel's ``matrix_*`` games (seen).
"""


def tupled(game: str, field: str, value: Any) -> Any:
    """Return nested lists and arrays as nested tuples, which hash; anything else unchanged.

    Raises:
        ConfigError: something in it is no list and cannot be hashed, such as a mapping.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(tupled(game, field, part) for part in value)
    if not isinstance(value, Hashable):
        raise ConfigError(f"{game}: {field} must be nested lists, got {value!r:.80}.")
    return value


@lru_cache(maxsize=64)
def table(
    game: str,
    preset: str,
    payoffs: Any,
    actions: Any,
) -> Table:
    """Return the table of a preset, or of ``payoffs`` where they are given.

    Args:
        game: name for error messages.
        preset: a key of ``PRESETS``, as checked by the caller; ignored where ``payoffs`` are given.
        payoffs: None, or one array per player, ``payoffs[p][a0][a1]...``, as nested tuples.
        actions: None, or the words of each player's actions.

    Raises:
        ConfigError: arrays of unequal shape, numbers that are not finite, words
            that are missing, repeated or not lower case.
    """
    if payoffs is None:
        title, words, row, negative = PRESETS[preset]
        count = range(len(words))
        column: tuple[tuple[float, ...], ...]
        if preset == "battle_of_the_sexes":
            column = ((2.0, 0.0), (0.0, 3.0))
        elif negative:
            column = tuple(tuple(-x for x in line) for line in row)
        else:
            column = tuple(tuple(row[b][a] for b in count) for a in count)
        cells = tuple((float(row[a][b]), float(column[a][b]) + 0.0) for a in count for b in count)
        sizes: tuple[int, ...] = (len(words), len(words))
        both = _words(game, actions, sizes) if actions else (words, words)
        return Table(both, cells, title)
    if not isinstance(payoffs, tuple) or not payoffs:
        raise ConfigError(f"{game}: payoffs must be one array per player, got {payoffs!r}.")
    shapes = [_shape(game, array) for array in payoffs]
    players = len(payoffs)
    if any(shape != shapes[0] for shape in shapes) or len(shapes[0]) != players:
        raise ConfigError(
            f"{game}: payoffs must be one array per player, each with one axis per player; got "
            f"{players} arrays of shapes {', '.join(map(str, shapes))}."
        )
    sizes = shapes[0]
    if prod(sizes) > _LIMIT:
        raise ConfigError(
            f"{game}: payoffs must have at most {_LIMIT:,} joint actions, got {prod(sizes):,}."
        )
    flat = [list(_numbers(game, array)) for array in payoffs]
    named = _words(game, actions, sizes) if actions else tuple(map(_default, sizes))
    return Table(named, tuple(zip(*flat, strict=True)), "A game of simultaneous choices")


def _default(size: int) -> tuple[str, ...]:
    return tuple(f"action {a}" for a in range(size))


def _shape(game: str, array: Any) -> tuple[int, ...]:
    """Return the shape of nested tuples."""
    if not isinstance(array, tuple):
        return ()
    inner = {_shape(game, part) for part in array}
    if len(inner) != 1:
        raise ConfigError(f"{game}: payoffs must be full arrays, got rows of unequal length.")
    return (len(array), *inner.pop())


def _numbers(game: str, array: Any) -> Iterator[float]:
    if isinstance(array, tuple):
        for part in array:
            yield from _numbers(game, part)
    elif isinstance(array, bool) or not isinstance(array, int | float) or not abs(array) < _HUGE:
        raise ConfigError(f"{game}: payoffs must be finite numbers, got {array!r:.80}.")
    else:
        yield float(array)


def _words(game: str, actions: Any, sizes: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the words given for the actions, checked."""
    rows = actions if isinstance(actions, tuple) else ()
    if tuple(len(row) if isinstance(row, tuple) else -1 for row in rows) != sizes:
        raise ConfigError(
            f"{game}: actions must be one list of words per player, {', '.join(map(str, sizes))} "
            f"words; got {actions!r:.80}."
        )
    for row in actions:
        for word in row:
            if not isinstance(word, str) or not word or word != word.lower().strip():
                raise ConfigError(f"{game}: an action must be a lower-case word, got {word!r}.")
        if len(set(row)) < len(row):
            raise ConfigError(f"{game}: the actions of a player must differ, got {row!r}.")
    found: tuple[tuple[str, ...], ...] = actions
    return found
