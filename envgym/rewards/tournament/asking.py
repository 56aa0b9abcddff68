"""How a group node compares its members: by a child's value, or by a comparator's name."""

from collections.abc import Sequence

from envgym.rewards.group.groupmap import Group
from envgym.rewards.tournament.engine import Compare
from envgym.rewards.tournament.exact import by_value
from envgym.types.compare import Match
from envgym.types.errors import ConfigError, unknown


def comparison(group: Group, comparator: str, node: str) -> Compare:
    """Return the comparison of the members' ids.

    Args:
        group: the members, and the comparators that were given.
        comparator: name of one of them; "": the values of the node's first child.
        node: the node's label, for the message.

    Raises:
        ConfigError: there is no comparator of that name.
    """
    if not comparator:
        return by_value({member.id: member.values[0] for member in group.members})
    if comparator not in group.comparators:
        raise ConfigError(
            f"'{node}' needs a comparator: {unknown('comparator', comparator, group.comparators)} "
            "Give them as comparators={name: comparator}."
        )
    judge = group.comparators[comparator]
    candidates = {member.id: member.candidate for member in group.members}

    def ask(pairs: Sequence[tuple[str, str]]) -> Sequence[Match]:
        matches = judge.compare([(candidates[a], candidates[b]) for a, b in pairs])
        if len(matches) != len(pairs):
            raise ConfigError(
                f"the comparator '{comparator}' must answer every pair: it was asked "
                f"{len(pairs)} and gave {len(matches)} matches."
            )
        return matches

    return ask
