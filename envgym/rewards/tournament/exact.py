"""ExactComparator: the better rollout is the one with the higher value of a reward node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from json import dumps

from envgym.rewards.node import Node
from envgym.rewards.spec import to_spec
from envgym.types.compare import Match, Pair
from envgym.types.errors import ConfigError


def value_match(first: float | None, second: float | None, margin: float = 0.0) -> Match:
    """Return the match of two values: a tie where they are at most ``margin`` apart.

    >>> value_match(0.75, 0.5).p, value_match(0.75, 0.5, margin=0.25).p, value_match(None, 1).p
    (1.0, 0.5, None)
    """
    if first is None or second is None:
        return Match(p=None)
    gap = first - second
    p = 0.5 if abs(gap) <= margin else float(gap > 0)
    return Match(p=p, scores=(float(first), float(second)))


def by_value(
    values: Mapping[str, float], margin: float = 0.0
) -> Callable[[Sequence[tuple[str, str]]], list[Match]]:
    """Return a comparison of ids by known values, for ``run_tournament``."""

    def compare(pairs: Sequence[tuple[str, str]]) -> list[Match]:
        return [value_match(values[a], values[b], margin) for a, b in pairs]

    return compare


@dataclass(frozen=True)
class ExactComparator:
    """Compares the values of an episode node; costs no judge calls.

    Source: cookbook D3 (ours). A rollout whose node is invalid gives unanswered matches.

    >>> from envgym.rewards import Source
    >>> from envgym.types.compare import Candidate
    >>> better = Candidate(id="a", records=({}, {"outcome": 1.0}))
    >>> worse = Candidate(id="b", records=({}, {"outcome": 0.0}))
    >>> ExactComparator(Source("outcome", "episode")).compare([(worse, better)])[0].p
    0.0
    """

    node: Node
    """Of the phases online or terminal; a step node counts with its sum."""
    margin: float = 0.0
    """Values at most this far apart are a tie."""
    name: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.node, Node) or self.node.phase in ("group", "trainer"):
            raise ConfigError(
                "ExactComparator.node must be a reward node of one episode, got "
                f"{str(self.node)!r}."
            )
        if not 0 <= self.margin < float("inf"):
            raise ConfigError(
                f"ExactComparator.margin must be 0 or more and finite, got {self.margin!r}."
            )
        spec = dumps([to_spec(self.node), self.margin], sort_keys=True)
        digest = blake2b(spec.encode(), digest_size=6).hexdigest()
        object.__setattr__(self, "name", f"exact:{self.node.formula}:{digest}")

    def compare(self, pairs: Sequence[Pair]) -> list[Match]:
        """Return one match per pair; every candidate is valued once."""
        values: dict[int, float | None] = {}
        for candidate in {id(c): c for pair in pairs for c in pair}.values():
            values[id(candidate)] = self.node.settle(candidate.records)[0]
        return [value_match(values[id(a)], values[id(b)], self.margin) for a, b in pairs]
