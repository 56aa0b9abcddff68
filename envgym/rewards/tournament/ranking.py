"""Ranking: what a tournament found, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from envgym.rewards.tournament.shares import shared_by_value, standardised, values_of

Result = Literal["first", "second", "tie", "unanswered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One match of a tournament."""

    round: int
    """Counted from 0; the matches of a round were compared in one batch."""
    first: str
    second: str
    result: Result
    """Who won; "unanswered": the comparator could not say, or the budget was spent."""
    p: float | None = None
    """Probability that the first is better, as the comparator said."""
    scores: tuple[float, float] | None = None
    """Of the first and the second, where the comparator gave any."""
    calls: int = 0
    """Judge calls paid for it."""
    agreed: bool | None = None
    """Whether both orders named the same winner; None where there is no order."""
    asked: bool = True
    """Whether the comparator was shown the pair for this match; if not, the pair had met before
    and its answer counted again for nothing, or the budget was spent."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON-ready dict."""
        return {
            "round": self.round,
            "first": self.first,
            "second": self.second,
            "result": self.result,
            "p": self.p,
            "scores": None if self.scores is None else list(self.scores),
            "calls": self.calls,
            "agreed": self.agreed,
            "asked": self.asked,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The order of a group's rollouts, by id."""

    format: str
    anchor: str | None
    """Whom the format compared the others with, if it did."""
    ranks: Mapping[str, float | None]
    """0 for the best; equals share their mean rank; None: no answered match, so no rank."""
    q: Mapping[str, float | None]
    """1 - rank / (N - 1) over the ranked ones; 0.5 for one alone."""
    advantages: Mapping[str, float | None]
    """q, centred and divided by its sample std + 1e-6."""
    matches: tuple[Played, ...]
    byes: tuple[tuple[int, str], ...]
    """(round, id) of who had no opponent in a round."""
    calls: int
    """Judge calls paid for."""
    disagreement: float | None
    """Share of the answered pairs whose two orders named different winners: the position bias
    that was seen. None: no pair was asked in both orders."""
    confidence: float
    """How much the matches support the order; see ``envgym.rewards.tournament.confidence``."""
    triads: int
    """Cycles among three that were seen: a beat b, b beat c, c beat a."""
    exhausted: bool
    """Whether the budget was spent before every match was asked."""

    @property
    def comparisons(self) -> int:
        """Matches of the format, met again and unanswered ones included."""
        return len(self.matches)

    @property
    def asked(self) -> int:
        """Pairs that the comparator was shown."""
        return sum(match.asked for match in self.matches)

    @property
    def unanswered(self) -> int:
        """Matches without an answer."""
        return sum(match.result == "unanswered" for match in self.matches)

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of the ranked ones, best first; equals by id."""
        ranked = [(rank, id) for id, rank in self.ranks.items() if rank is not None]
        return tuple(id for _, id in sorted(ranked))

    def shared_by_value(self, values: Mapping[str, float]) -> "Ranking":
        """Return the ranking with equal values sharing the mean of their ranks.

        For a comparison that only computes: rollouts of one value differ by the draw alone.
        """
        ranks = shared_by_value(self.ranks, values)
        ids = [id for id, rank in ranks.items() if rank is not None]
        q = values_of([rank for rank in ranks.values() if rank is not None])
        nobody: dict[str, float | None] = dict.fromkeys(ranks)
        return replace(
            self,
            ranks=ranks,
            q=nobody | dict(zip(ids, q, strict=True)),
            advantages=nobody | dict(zip(ids, standardised(q), strict=True)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything as a JSON-ready dict, for a report."""
        return {
            "format": self.format,
            "anchor": self.anchor,
            "order": list(self.order),
            "ranks": dict(self.ranks),
            "q": dict(self.q),
            "advantages": dict(self.advantages),
            "matches": [match.to_json() for match in self.matches],
            "byes": [list(bye) for bye in self.byes],
            "comparisons": self.comparisons,
            "asked": self.asked,
            "calls": self.calls,
            "unanswered": self.unanswered,
            "disagreement": self.disagreement,
            "confidence": self.confidence,
            "triads": self.triads,
            "exhausted": self.exhausted,
        }
