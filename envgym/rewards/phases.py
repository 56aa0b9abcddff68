"""When a node may run: online < terminal < group < trainer."""

from collections.abc import Iterable
from typing import Literal

Phase = Literal["online", "terminal", "group", "trainer"]

PHASES: tuple[Phase, ...] = ("online", "terminal", "group", "trainer")
"""Earliest first. Online runs inside ``step``, terminal at the end of the episode, group when
all rollouts of a task are there, trainer where log-probabilities are."""


def latest(phases: Iterable[Phase]) -> Phase:
    """Return the latest of ``phases``, online if there are none.

    >>> latest(["online", "group", "terminal"])
    'group'
    """
    return max(phases, key=PHASES.index, default="online")
