"""H11: does the reward jump where the text hardly changes?"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.probe.arrays import Floats, same_length, vector
from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.report import Report
from envgym.types.compare import Pair
from envgym.types.errors import ConfigError


def bag_distance(first: str, second: str) -> float:
    """Return how many words differ, as a share: 0 the same words, 1 none in common.

    Formula: 1 - sum min(count) / sum max(count) over words, case ignored
    Source:  Ruzicka distance (recalled)
    Laws:    a metric on bags of words: symmetric, triangle inequality; blind to word order

    >>> bag_distance("the red door", "the blue door")
    0.5
    """
    a, b = Counter(first.casefold().split()), Counter(second.casefold().split())
    whole = sum((a | b).values())
    return 1.0 - sum((a & b).values()) / whole if whole else 0.0


def lipschitz_ratios(rewards: ArrayLike, others: ArrayLike, distances: ArrayLike) -> Floats:
    """Return |R(x) - R(x')| / d(x, x') per pair, shape [N].

    Source: cookbook H11 (inferred)
    Range:  0 or more; equal texts (distance 0) give 0 if the rewards agree, else infinity

    >>> lipschitz_ratios([1.0, 0.5], [0.5, 0.5], [0.25, 0.5]).tolist()
    [2.0, 0.0]
    """
    r, q = vector("rewards", rewards), vector("others", others)
    d = vector("distances", distances)
    same_length(rewards=r, others=q, distances=d)
    if (d < 0.0).any():
        raise ConfigError(f"distances must be 0 or more, got {d.min():g}.")
    gap = np.abs(r - q)
    found = np.where(gap == 0.0, 0.0, np.inf)
    with np.errstate(over="ignore"):  # a distance near 0 makes an infinite ratio
        np.divide(gap, d, out=found, where=d > 0.0)
    return found


@dataclass(frozen=True)
class Smoothness:
    """Largest jump of a judge's score between paraphrases, per unit of distance.

    Formula: max |R(x) - R(x')| / d(x, x')
    Source:  cookbook H11 (inferred); the distance and the limit are ours
    Range:   0 or more; infinite if one text got two scores
    Laws:    silent (L10); a constant judge: 0; scaling the score scales it

    Pairs that a judge gave no answer for do not count.
    """

    pairs: tuple[Pair, ...]
    """A text and its paraphrase, which should be worth the same."""
    limit: float = 2.0
    """Largest ratio that passes, in score units per distance."""
    distance: Callable[[str, str], float] = bag_distance
    """How far two texts are apart, 0 or more."""

    name = "smoothness"

    def run(self, judge: Examinee) -> Report:
        """Return the largest ratio and, in ``rows``, every pair's."""
        if not self.pairs:
            raise ConfigError("Smoothness.pairs needs at least one pair.")
        flat = [candidate for pair in self.pairs for candidate in pair]
        answers = judge.scores(flat)
        first, second = answers[::2], answers[1::2]
        rows = []
        for pair, a, b in zip(self.pairs, first, second, strict=True):
            if a is None or b is None:
                continue
            far = self.distance(pair[0].text, pair[1].text)
            ratio = float(lipschitz_ratios([a], [b], [far])[0])
            rows.append((pair[0].id, float(a), float(b), far, ratio))
        worst = max((row[4] for row in rows), default=0.0)
        return Report(
            probe="smoothness",
            measures="largest change of score per unit of distance",
            metric=worst,
            threshold=self.limit,
            passed=bool(rows) and worst <= self.limit,
            detail={"mean": float(np.mean([row[4] for row in rows])) if rows else 0.0},
            columns=("id", "score", "paraphrase", "distance", "ratio"),
            rows=tuple(rows),
            notes=_silent(len(self.pairs) - len(rows)),
        )


def _silent(count: int) -> tuple[str, ...]:
    return (f"left out, as the judge gave no answer: {count} of the pairs",) if count else ()
