"""Overlap: how much of a reference an answer, a plan or a citation list shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from envgym.rewards.read import overlaps
from envgym.rewards.read.words import sequence
from envgym.rewards.reading import ITEMS, TEXT, Reading
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError

_MEASURES: dict[str, Callable[[overlaps.Items, overlaps.Items], float]] = {
    "bag_f1": overlaps.bag_f1,
    "chain": overlaps.chain_coverage,
    "covered": overlaps.covered,
    "jaccard": overlaps.set_jaccard,
    "lcs": overlaps.lcs_ratio,
    "ndcg": overlaps.ndcg,
    "recall": overlaps.recall,
}


@dataclass(frozen=True)
class Overlap(Reading):
    """The overlap of two pieces of evidence: tuples, or texts read as normalised words.

    Formula: lcs: LCS / max(|p|, |g|); bag_f1: 2 |p & g| / (|p| + |g|), multisets;
             jaccard: |p & g| / |p | g|, sets; ngram: jaccard of n-grams; chain: share of the
             gold chain found in order; covered: 1 all, 0.5 at least half, 0; recall: share of
             the gold set found; ndcg: discounted gain of a ranking, relevance 0 or 1
    Source:  cookbook A7 (inferred; lcs over the longer one is ours), arXiv ids not given there
    Shapes:  two sequences to a scalar, per event or of the last record
    Range:   [0, 1]
    Laws:    equal sequences without repeats: 1 (L8); jaccard, recall and covered ignore order
             and repeats; nothing where nothing is wanted: 1

    Copying the question inflates an overlap: gate it, or take it from an answer that was asked
    for by name.

    >>> plan = Overlap("plan", "gold", "lcs", scope="episode")
    >>> plan.settle([{}, {"plan": ("a", "c", "b", "d"), "gold": ("a", "b", "c", "d")}])
    (0.75, (0.75,))
    """

    kind: ClassVar[str] = "read.overlap"

    pred: str
    """Key of what the agent gave: text or tuple."""
    gold: str
    """Key of the reference: text or tuple."""
    measure: Literal["bag_f1", "chain", "covered", "jaccard", "lcs", "ndcg", "ngram", "recall"] = (
        "lcs"
    )
    """Which overlap."""
    n: int = 2
    """Length of the n-grams; used by "ngram" only."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse n-grams of nothing."""
        if self.n < 1:
            raise ConfigError(f"Overlap.n must be 1 or more, got {self.n}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Both keys, text or tuple."""
        return {self.pred: TEXT | ITEMS, self.gold: TEXT | ITEMS}

    @property
    def formula(self) -> str:
        """For instance ``lcs(plan, gold)``."""
        return f"{self.measure}({self.pred}, {self.gold})"

    @property
    def default_label(self) -> str:
        """The measure."""
        return self.measure

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return the overlap; None if one side is unknown."""
        pred, gold = sequence(record, self.pred), sequence(record, self.gold)
        if pred is None or gold is None:
            return None
        if self.measure == "ngram":
            return overlaps.ngram_jaccard(pred, gold, self.n)
        return _MEASURES[self.measure](pred, gold)
