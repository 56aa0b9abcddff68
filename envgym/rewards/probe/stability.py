"""H6: does a new version of a judge, or another judge, rank the same answers alike?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.probe.arrays import limits, same_length, vector
from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.report import Report
from envgym.types.compare import Candidate
from envgym.types.errors import ConfigError


def kendall_tau(first: ArrayLike, second: ArrayLike) -> float:
    """Return how alike two score lists rank the same things: 1 alike, -1 reversed.

    Formula: tau-b = (C - D) / sqrt((n0 - n1)(n0 - n2)); n1, n2 pairs tied in each list
    Source:  cookbook H6, CREAM's rank consistency; Kendall's tau-b (recalled)
    Range:   [-1, 1]; 0 if one list is all ties, unless both are, which gives 1
    Laws:    unchanged by increasing maps of either list; symmetric; negating one list negates it

    >>> kendall_tau([1, 2, 3, 4], [1, 2, 4, 3])
    0.6666666666666666
    """
    a, b = vector("first", first, least=2), vector("second", second, least=2)
    same_length(first=a, second=b)
    i, j = np.triu_indices(len(a), 1)
    x, y = np.sign(a[i] - a[j]), np.sign(b[i] - b[j])
    moving = float(np.abs(x).sum()), float(np.abs(y).sum())
    if not any(moving):
        return 1.0
    if not all(moving):
        return 0.0
    return float((x * y).sum()) / sqrt(moving[0] * moving[1])


@dataclass(frozen=True)
class RankStability:
    """Lowest Kendall tau between any two judges, or versions of one, on the same answers.

    Formula: min over pairs of judges of tau-b of their scores; detail: per judge the mean score
             and the share of answers at or above ``threshold``; "range": the largest minus the
             smallest of those shares
    Source:  cookbook H6 (recalled: rank consistency; inferred: the rest); the limit is ours
    Range:   [-1, 1]
    Laws:    silent (L10); equal judges: 1 and range 0; order of judges does not matter

    Report the range beside any share that a judge measured: which judge was chosen alone can
    move it by more than 10 points.
    """

    candidates: tuple[Candidate, ...]
    """Answers, of which two or more are scored by every judge."""
    least: float = 0.6
    """Lowest tau that passes, -1 to 1."""
    threshold: float = 0.5
    """Score from which an answer counts as accepted."""

    name = "rank_stability"

    def __post_init__(self) -> None:
        limits("RankStability", (-1.0, 1.0), least=self.least)
        if len(self.candidates) < 2:
            raise ConfigError("RankStability.candidates needs two answers or more.")

    def run(self, judges: Sequence[Examinee]) -> Report:
        """Return the lowest tau; answers that some judge did not score are left out."""
        if len(judges) < 2:
            raise ConfigError(f"RankStability needs two judges or more, got {len(judges)}.")
        labels = [_label(judge, judges) for judge in judges]
        table = [judge.scores(self.candidates) for judge in judges]
        kept = [i for i in range(len(self.candidates)) if all(row[i] is not None for row in table)]
        scores = np.array([[row[i] for i in kept] for row in table], dtype=np.float64)
        lost = len(self.candidates) - len(kept)
        whole = len(self.candidates)
        notes = (
            [f"left out, as some judge gave no score: {lost} of {whole} answers"] if lost else []
        )
        if len(kept) < 2:
            return Report(
                probe=self.name,
                measures="lowest Kendall tau between judges",
                metric=0.0,
                threshold=self.least,
                passed=False,
                detail={},
                notes=(*notes, "fewer than two answers were scored by every judge"),
            )
        rows = [
            (labels[a], labels[b], kendall_tau(scores[a], scores[b]))
            for a, b in combinations(range(len(judges)), 2)
        ]
        accepted = (scores >= self.threshold).mean(axis=1)
        detail = {f"accepted.{name}": float(x) for name, x in zip(labels, accepted, strict=True)}
        detail["range"] = float(accepted.max() - accepted.min())
        worst = min(row[2] for row in rows)
        return Report(
            probe=self.name,
            measures="lowest Kendall tau between judges",
            metric=worst,
            threshold=self.least,
            passed=worst >= self.least,
            detail=detail,
            columns=("judge", "other judge", "tau"),
            rows=tuple(rows),
            notes=tuple(notes),
        )


def _label(judge: Examinee, judges: Sequence[Examinee]) -> str:
    alike = [other for other in judges if other.name == judge.name]
    return judge.name if len(alike) == 1 else f"{judge.name}@{judge.version or judge.digest}"
