"""Programs that every family offers by name beside its presets, made from its own outcome."""

from collections.abc import Callable, Mapping

from envgym.rewards.node import Node
from envgym.rewards.program import Program
from envgym.types.errors import ConfigError, unknown


def _tournament(outcome: Node) -> Node:
    from envgym.rewards.group.tournament import Tournament

    return Tournament(outcome)


def _win_rate(outcome: Node) -> Node:
    from envgym.rewards.group.win_rate import WinRate

    return WinRate(outcome)


def _normalised(outcome: Node, estimator: str) -> Node:
    from envgym.rewards.group.normalised import GroupNormalised

    return GroupNormalised(outcome, estimator)  # type: ignore[arg-type]


_MAKERS: dict[str, Callable[[Node], Node]] = {
    "grpo": lambda outcome: _normalised(outcome, "grpo"),
    "rloo": lambda outcome: _normalised(outcome, "rloo"),
    "tournament": _tournament,
    "win_rate": _win_rate,
}

NAMED = frozenset(_MAKERS)
"""Names that ``resolve`` knows for every family that has a preset "outcome"."""


def named_program(name: str, presets: Mapping[str, Program]) -> Program:
    """Return a preset, or one of the group programs over the family's outcome.

    grpo, rloo  the outcome against the group's others, normalised (cookbook D1)
    tournament  rank in a seeded single elimination on the outcome (D3)
    win_rate    share of the group's others with a worse outcome (D4)

    Raises:
        ConfigError: no such name; names the nearest.
    """
    if name in presets:
        return presets[name]
    if name in NAMED and "outcome" in presets:
        return Program(name, _MAKERS[name](presets["outcome"].root))
    known = [*presets, *(NAMED if "outcome" in presets else ())]
    raise ConfigError(unknown("reward preset", name, known) + " A file's name ends in .json.")
