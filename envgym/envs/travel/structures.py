"""Which combinations of constraint types occur in which split."""

from collections.abc import Iterable
from itertools import combinations

from envgym.envs.travel.request import LOCAL

HELD_OUT_PAIRS: tuple[frozenset[str], ...] = (
    frozenset({"room_rule", "must_see"}),
    frozenset({"cuisines", "max_travel"}),
    frozenset({"room_type", "min_stars"}),
)
"""Pairs that never meet in one task outside the split "structure", where each task has one."""

STRUCTURE = "structure"
LEVELS = ("easy", "medium", "hard")
LOCAL_COUNT = {"easy": 0, "medium": 1, "hard": 3}
"""Hard constraints beside the budget, by level (TravelPlanner's)."""


def held_out(types: Iterable[str]) -> bool:
    """Return whether a combination of constraint types is kept for the split "structure".

    >>> held_out({"room_rule", "must_see", "cuisines"})
    True
    """
    given = frozenset(types)
    return any(pair <= given for pair in HELD_OUT_PAIRS)


def combinations_for(split: str, level: str) -> tuple[frozenset[str], ...]:
    """Return the sets of local constraint types that tasks of a split and level may have."""
    count = LOCAL_COUNT["hard" if split == STRUCTURE else level]
    wanted = split == STRUCTURE
    return tuple(
        frozenset(types) for types in combinations(LOCAL, count) if held_out(types) == wanted
    )
