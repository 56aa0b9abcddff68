"""What negotiators share, divide and want: items, splits, private profiles and their worth."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from envgym.envs.games.base import check_whole
from envgym.types import ConfigError

ACCEPT, REJECT, LEAVE = 0, 1, 2
"""The answers to an offer; ``LEAVE`` is open to the proposer too and ends all talks."""
PROPOSE = 3
"""Action ``PROPOSE + i`` proposes split number i."""

ITEMS = (
    ("book", "books"),
    ("hat", "hats"),
    ("ball", "balls"),
    ("pen", "pens"),
    ("ring", "rings"),
    ("cup", "cups"),
)
"""Kinds of items in order, for one piece and for several."""

WORDS = (
    "amber",
    "basalt",
    "cobalt",
    "dahlia",
    "ember",
    "fennel",
    "granite",
    "hazel",
    "indigo",
    "jasper",
    "kelp",
    "lilac",
    "maple",
    "nutmeg",
    "onyx",
    "poppy",
    "quartz",
    "russet",
    "saffron",
    "thistle",
    "umber",
    "velvet",
    "willow",
    "zephyr",
)
"""Secret words; with K a seat, player p draws from ``WORDS[p * K : (p + 1) * K]``."""

MOST_SECRETS = len(WORDS) // 3
MOST_SPLITS = 5_000
MOST_VALUATIONS = 20_000

Share = tuple[int, ...]
"""Pieces of each kind that one player gets."""
Split = tuple[Share, ...]
"""One share per player, the proposer's first, then the others in seat order; all pieces are given."""


class Profile(NamedTuple):
    """What a player alone knows."""

    values: tuple[int, ...]
    """Worth of one piece of each kind."""
    goal: int
    """Kind of item that pays a bonus if the player gets every piece of it; -1: none."""
    secret: str
    """A word to keep to oneself; "": none."""


def shares(counts: Sequence[int]) -> list[Share]:
    """Return every part of the pile that one player can get, ascending by kind.

    >>> len(shares((1, 2)))
    6
    """
    return list(product(*(range(count + 1) for count in counts)))


@cache
def splits(counts: tuple[int, ...], players: int) -> tuple[Split, ...]:
    """Return every way to give the whole pile away, ordered by the first share, then the second.

    >>> splits((1, 1), 2)[1]
    ((0, 1), (1, 0))
    >>> len(splits((1, 2, 1), 3))
    54
    """
    if players == 1:
        return ((counts,),)
    return tuple(
        (first, *rest)
        for first in shares(counts)
        for rest in splits(tuple(c - f for c, f in zip(counts, first, strict=True)), players - 1)
    )


def worth(profile: Profile, share: Share, counts: Sequence[int], bonus: int) -> int:
    """Return what a share is worth to a player, before any discount.

    Formula: sum_k values_k share_k + [share_goal = counts_goal] bonus

    >>> worth(Profile((1, 3), 1, ""), (0, 2), (1, 2), 4)
    10
    """
    value = sum(v * n for v, n in zip(profile.values, share, strict=True))
    if profile.goal >= 0 and share[profile.goal] == counts[profile.goal]:
        value += bonus
    return value


def profiles(
    valuations: Sequence[tuple[int, ...]], goals: int, secrets: Sequence[str]
) -> tuple[Profile, ...]:
    """Return one player's possible profiles: every valuation with every goal and secret.

    Args:
        valuations: the vectors it may draw.
        goals: number of kinds that may be its goal; 0: no goals in this game.
        secrets: words it may draw; none: no secrets in this game.
    """
    wanted = range(goals) if goals else (-1,)
    return tuple(
        Profile(values, goal, secret)
        for values, goal, secret in product(valuations, wanted, secrets or ("",))
    )


@cache
def spread_valuations(
    counts: tuple[int, ...], total: int, number: int
) -> tuple[tuple[int, ...], ...]:
    """Return ``number`` valuations far from each other under which the whole pile is worth ``total``.

    Every piece is worth at least 1. The first in ascending order begins; each further one has the
    largest distance to the nearest already taken (the sum over kinds of the differences of what
    all its pieces are worth), the lowest of equal ones.

    Raises:
        ConfigError: there are fewer than ``number`` of them, or too many to look through.

    >>> spread_valuations((1, 2, 1), 10, 3)
    ((1, 1, 7), (1, 4, 1), (7, 1, 1))
    """
    if (ways := _number_of_valuations(counts, total)) > MOST_VALUATIONS:
        raise ConfigError(
            f"negotiation: the items {counts} have {ways} valuations worth total={total}, too many "
            f"to choose from (at most {MOST_VALUATIONS}): lower total, or name valuations."
        )
    found = list(_valuations(counts, total))
    if len(found) < number:
        raise ConfigError(
            f"negotiation: types is {number}, but only {len(found)} valuations of the items "
            f"{counts} are worth total={total} with every piece worth at least 1."
        )
    taken = found[:1]
    nearest = [_distance(counts, taken[0], other) for other in found]
    while len(taken) < number:
        chosen = max(range(len(found)), key=lambda i: (nearest[i], -i))
        taken.append(found[chosen])
        nearest = [
            min(old, _distance(counts, found[chosen], other))
            for old, other in zip(nearest, found, strict=True)
        ]
    return tuple(taken)


def _number_of_valuations(counts: Sequence[int], total: int) -> int:
    """Return how many valuations of at least 1 a piece make the pile worth ``total``."""
    free = total - sum(counts)  # what is left once every piece has its 1
    ways = [1] + [0] * max(free, 0)
    for count in counts:
        for amount in range(count, len(ways)):
            ways[amount] += ways[amount - count]
    return ways[free] if free >= 0 else 0


def _valuations(counts: tuple[int, ...], total: int) -> Iterator[tuple[int, ...]]:
    count, rest = counts[0], counts[1:]
    if not rest:
        if total >= count and total % count == 0:
            yield (total // count,)
        return
    for value in range(1, (total - sum(rest)) // count + 1):
        for others in _valuations(rest, total - count * value):
            yield (value, *others)


def _distance(counts: Sequence[int], one: Sequence[int], other: Sequence[int]) -> int:
    return sum(n * abs(a - b) for n, a, b in zip(counts, one, other, strict=True))


def share_text(share: Share) -> str:
    """Return a share in words.

    >>> share_text((1, 2, 0))
    '1 book, 2 hats, 0 balls'
    """
    return ", ".join(f"{n} {ITEMS[k][n != 1]}" for k, n in enumerate(share))


def read_share(text: str, kinds: int) -> Share | None:
    """Return the share that ``text`` names, kinds left out being 0; None where it names none.

    >>> read_share("2 hats, 1 book", 3)
    (1, 2, 0)
    """
    found = [0] * kinds
    names = {name: k for k, pair in enumerate(ITEMS[:kinds]) for name in pair}
    for part in text.lower().replace(" and ", ", ").split(","):
        number, _, name = part.strip().partition(" ")
        if not (number.isascii() and number.isdigit() and len(number) < 4 and name in names):
            return None
        found[names[name]] += int(number)
    return tuple(found)


def split_text(split: Split) -> str:
    """Return the move that proposes a split: the proposer's share, with three the next one's too.

    >>> split_text(((1, 0), (0, 2)))
    'propose 1 book, 0 hats'
    """
    return "propose " + " / ".join(share_text(share) for share in split[:-1])


def split_alias(split: Split) -> str:
    """Return the short form of a proposal, numbers only, such as "propose 1 0"."""
    return "propose " + " / ".join(" ".join(map(str, share)) for share in split[:-1])


def check_counts(value: Any) -> tuple[int, ...]:
    """Return the pieces of each kind as a tuple.

    Raises:
        ConfigError: no list of 1 to 6 whole numbers from 1 to 9.
    """
    if not isinstance(value, list | tuple):
        raise ConfigError(f"negotiation: counts must be a list of whole numbers, got {value!r}.")
    if not 1 <= len(value) <= len(ITEMS):
        raise ConfigError(
            f"negotiation: counts must name 1 to {len(ITEMS)} kinds of items, got {len(value)}."
        )
    for k, count in enumerate(value):
        check_whole("negotiation", f"counts[{k}]", count, 1, 9)
    return tuple(value)


def check_valuations(
    value: Any, players: int, counts: Sequence[int], total: int
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return the valuations that each player may draw, as nested tuples.

    Raises:
        ConfigError: not one list per player, or a valuation of the wrong length or worth, or twice.
    """
    if not isinstance(value, list | tuple) or len(value) != players:
        raise ConfigError(
            f"negotiation: valuations must be a list with one list per player ({players}), "
            f"got {value!r}."
        )
    result = []
    for p, own in enumerate(value):
        if not isinstance(own, list | tuple) or not own:
            raise ConfigError(
                f"negotiation: valuations[{p}] must be a list of at least one valuation, got {own!r}."
            )
        made = []
        for i, values in enumerate(own):
            name = f"valuations[{p}][{i}]"
            if not isinstance(values, list | tuple) or len(values) != len(counts):
                raise ConfigError(
                    f"negotiation: {name} must hold {len(counts)} numbers, one per kind of item, "
                    f"got {values!r}."
                )
            for k, v in enumerate(values):
                check_whole("negotiation", f"{name}[{k}]", v, 0, 1_000)
            vector = tuple(values)
            pile = sum(v * n for v, n in zip(vector, counts, strict=True))
            if pile != total:
                raise ConfigError(
                    f"negotiation: {name} makes the whole pile worth {pile}; it must be total={total}."
                )
            if vector in made:
                raise ConfigError(f"negotiation: {name} repeats {vector}; name each one once.")
            made.append(vector)
        result.append(tuple(made))
    return tuple(result)
