"""Tournament: a rollout's place among the others of its task."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from math import inf
from typing import Any, ClassVar, Literal

from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import Node
from envgym.rewards.signal import Bounds


@dataclass(frozen=True)
class Tournament(GroupMap):
    """Rank the rollouts of one task by matches between pairs.

    Formula: q = 1 - rank / (N - 1); advantage: A = (q - mean) / (std_S + 1e-6)
    Source:  cookbook D3, ArenaRL, arXiv 2601.06487 (seen: Alibaba-NLP/qqr; byes, ties, draws and
             sparse_bt are ours)
    Shapes:  [N] to [N]; each rollout's share is earned by its last step
    Range:   q in [0, 1]; sum A = 0
    Laws:    equivariant under permutation, draws depend on the seed and on ids (L4); equal
             rollouts: q = 0.5, A = 0; a rollout that beats everyone gets 1 (all formats but
             anchor and sparse_bt); a judge that cannot answer is never a loss, and who has no
             answer at all is invalid

    Matches of a round are one batch for the comparator. 2N - 2 matches by default. Without a
    comparator the values are known, and equal ones share the mean of their ranks even if the
    bracket never let them meet.

    >>> from envgym.rewards import Program, Source, score
    >>> program = Program("ranks", Tournament(Source("outcome", "episode"), advantage=True))
    >>> episodes = [[{}, {"outcome": x, "end": "task"}] for x in (0.2, 0.9, 0.4, 0.1)]
    >>> [round(each.total, 3) for each in score(episodes, program)]
    [-0.387, 1.162, 0.387, -1.162]
    """

    kind: ClassVar[str] = "group.tournament"

    of: Node
    """Value of an episode: what is compared without a comparator. Where it is invalid, the
    rollout takes no part."""
    format: Literal["anchor", "round_robin", "swiss", "single", "seeded", "double", "sparse_bt"] = (
        "seeded"
    )
    """Who meets whom."""
    margin: float = 0.0
    """Scores at most this far apart are a tie, in the unit of what is compared."""
    comparator: str = ""
    """Name of a comparator; "": the values of ``of``, for nothing."""
    advantage: bool = False
    """Whether the share is the standardised advantage instead of q."""
    anchor: str = ""
    """Id of the rollout to compare with, for anchor and seeded; "": the lowest id."""
    degree: int = 4
    """Matches per rollout, for sparse_bt."""
    budget: int = 0
    """Judge calls at most, two per match; 0: no limit."""

    def validate(self) -> None:
        """Refuse what the engine refuses."""
        self._rules()

    def compare(self, group: Group) -> Sequence[Share]:
        """Return q or the advantage of every member; None without an answered match."""
        from envgym.rewards.tournament.asking import comparison
        from envgym.rewards.tournament.engine import run_tournament

        if not len(group):
            return ()
        ask = comparison(group, self.comparator, self.label)
        ids = [member.id for member in group.members]
        ranking = run_tournament(ids, ask, self._rules(), seed=group.seed)
        if not self.comparator:
            ranking = ranking.shared_by_value(dict(zip(ids, group.values(), strict=True)))
        group.report[self.key] = {"node": self.kind, "label": self.label, **ranking.to_json()}
        shares = ranking.advantages if self.advantage else ranking.q
        return [shares[id] for id in ids]

    def _rules(self) -> Any:
        from envgym.rewards.tournament.engine import Rules

        return Rules(
            format=self.format,
            margin=self.margin,
            anchor=self.anchor,
            degree=self.degree,
            budget=self.budget,
            price=2 if self.comparator else 0,
        )

    @property
    def formula(self) -> str:
        """For instance ``tournament(outcome, margin=0.1)``."""
        options = [
            f", {spec.name}={getattr(self, spec.name)}"
            for spec in fields(self)
            if spec.name not in ("of", "name") and getattr(self, spec.name) != spec.default
        ]
        return f"tournament({self.of.formula}{''.join(options)})"

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]; an advantage has no bound that holds for every group size."""
        return Bounds(-inf, inf) if self.advantage else Bounds(0.0, 1.0)
