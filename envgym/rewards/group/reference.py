"""Reference: who beats a random rollout of the group in both orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import Node
from envgym.rewards.signal import Bounds
from envgym.types.compare import Match
from envgym.types.errors import ConfigError
from envgym.types.stream import Stream


@dataclass(frozen=True)
class Reference(GroupMap):
    """Compare everyone with one rollout, drawn anew from each group: the share is an advantage.

    Formula: r_i = 1 if i beats the reference under all voting conditions (both orders), 0 if
             they tie, else -1; r_ref = 0; N - 1 pairs; not normalised
    Source:  cookbook D5, BRPO, arXiv 2506.00103 (seen: two notes; the 0 for ties, the bound of
             one-sided groups and zeros instead of leaving the group out are ours)
    Shapes:  [N] to [N]; each rollout's share is earned by its last step
    Range:   {-1, 0, 1}
    Laws:    another draw changes signs only through comparisons; equal rollouts: 0; one rollout
             alone: 0; equivariant under permutation, the draw depends on the seed and on ids

    >>> from envgym.rewards import Program, Source, score
    >>> program = Program("brpo", Reference(Source("outcome", "episode")))
    >>> episodes = [[{}, {"outcome": x, "end": "task"}] for x in (0.9, 0.5, 0.5, 0.1)]
    >>> [each.total for each in score(episodes, program, seed=1)]
    [1.0, 0.0, 0.0, -1.0]
    """

    kind: ClassVar[str] = "group.reference"

    of: Node
    """Value of an episode: what is compared without a comparator."""
    margin: float = 0.0
    """Scores at most this far apart are a tie."""
    comparator: str = ""
    """Name of a comparator; "": the values of ``of``."""
    one_sided: float = 1.0
    """Above this |sum r| / (N - 1) the reference says nothing: everyone gets 0. 1: never."""

    def validate(self) -> None:
        """Refuse numbers out of range."""
        if self.margin < 0:
            raise ConfigError(f"Reference.margin must be 0 or more, got {self.margin}.")
        if not 0 < self.one_sided <= 1:
            raise ConfigError(
                f"Reference.one_sided must be more than 0 and at most 1, got {self.one_sided}."
            )

    def compare(self, group: Group) -> Sequence[Share]:
        """Return 1, 0 or -1 per member; None where the comparator could not answer."""
        from envgym.rewards.tournament.asking import comparison

        ids = [member.id for member in group.members]
        if len(ids) < 2:
            return [0.0] * len(ids)
        reference = Stream(group.seed, "reference", *ids).choice(ids)
        others = [id for id in ids if id != reference]
        ask = comparison(group, self.comparator, self.label)
        matches = ask([(id, reference) for id in others])
        shares: dict[str, Share] = {
            id: self._sign(match) for id, match in zip(others, matches, strict=True)
        }
        signs = [float(s) for s in shares.values() if isinstance(s, float)]
        shares[reference] = 0.0 if signs else None
        total = sum(signs)
        dropped = bool(signs) and abs(total) > self.one_sided * len(signs)
        if dropped:
            shares = {id: None if share is None else 0.0 for id, share in shares.items()}
        group.report[self.key] = {
            "node": self.kind,
            "label": self.label,
            "reference": reference,
            "shares": shares,
            "sum": total,
            "dropped": dropped,
            "calls": sum(match.calls for match in matches),
            "matches": [
                {"first": id, "second": reference, "p": match.p, "agreed": match.agreed}
                for id, match in zip(others, matches, strict=True)
            ],
        }
        return [shares[id] for id in ids]

    def _sign(self, match: Match) -> float | None:
        """Return the reward of the first of a match."""
        from envgym.rewards.tournament.outcome import verdict_of

        verdict = verdict_of(match, self.margin)
        if verdict is None or verdict == "tie":
            return None if verdict is None else 0.0
        return 1.0 if verdict == "first" and match.agreed is not False else -1.0

    @property
    def formula(self) -> str:
        """For instance ``reference(outcome)``."""
        options = [
            f", margin={self.margin:g}" if self.margin else "",
            f", comparator={self.comparator}" if self.comparator else "",
            f", one_sided={self.one_sided:g}" if self.one_sided < 1 else "",
        ]
        return f"reference({self.of.formula}{''.join(options)})"

    @cached_property
    def bounds(self) -> Bounds:
        """[-1, 1]."""
        return Bounds(-1.0, 1.0)
