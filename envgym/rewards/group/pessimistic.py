"""Pessimistic selection: prefer answers that many samples gave."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import inf, log

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, row, rows_of_one_length
from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The answer that pessimism picks."""

    answer: Hashable | None
    """None if there was nothing to choose from."""
    value: float | None
    """Its lower estimate."""
    values: dict[Hashable, float]
    """Lower estimate of every answer, in the order of first appearance."""


def pessimistic(
    scores: ArrayLike, votes: ArrayLike, verifications: int, alpha: float = 0.1
) -> Floats:
    """Return the lower estimate of each distinct answer.

    Formula: s_i - alpha ln(N M) / (N_i M + 1), N = sum N_i
    Source:  cookbook D10 (recalled)
    Shapes:  s, N_i, result: [K], one per distinct answer
    Range:   [min s - alpha ln(N M), max s]
    Laws:    up in s and in votes at equal N (L3); alpha 0: s (L8)

    Args:
        scores: mean verifier score of each answer.
        votes: samples that gave it, at least 1 each.
        verifications: M, verifier runs per sample, at least 1.
        alpha: at least 0.

    >>> pessimistic([0.8, 0.75, 0.1], [1, 10, 5], 4)[:2].round(3).tolist()
    [0.717, 0.74]
    """
    values, counts = row(scores, "scores"), row(votes, "votes")
    rows_of_one_length("pessimistic: scores and votes", values, counts)
    if np.any((counts < 1) | (counts != np.floor(counts))):
        raise ConfigError("pessimistic.votes must be whole numbers of at least 1.")
    if isinstance(verifications, bool) or verifications < 1:
        raise ConfigError(f"pessimistic.verifications must be at least 1, got {verifications!r}.")
    if not 0 <= alpha < inf:
        raise ConfigError(f"pessimistic.alpha must be at least 0, got {alpha!r}.")
    if not values.size:
        return values.copy()
    width = alpha * log(float(counts.sum()) * verifications)
    return np.asarray(values - width / (counts * verifications + 1), dtype=np.float64)


def choose(answers: Sequence[Hashable], scores: Sequence[ArrayLike], alpha: float = 0.1) -> Choice:
    """Return the answer with the highest lower estimate among samples.

    Formula: argmax over distinct answers of ``pessimistic``; ties: the answer that came first
    Source:  cookbook D10 (recalled)

    Args:
        answers: the answer [N] of each sample, or None where there was none.
        scores: verifier scores [N][M] of each sample, equally many.
        alpha: as in ``pessimistic``.

    >>> choose(["a", "b", "b"], [[0.8], [0.75], [0.75]], alpha=0.5).answer
    'b'
    """
    if len(answers) != len(scores):
        raise ConfigError(
            f"choose needs one list of scores per answer, got {len(scores)} and {len(answers)}."
        )
    judged = [row(each, "scores of one sample") for each in scores]
    counted = [(a, s) for a, s in zip(answers, judged, strict=True) if a is not None]
    if not counted:
        return Choice(answer=None, value=None, values={})
    runs = {len(s) for _, s in counted}
    if len(runs) > 1 or 0 in runs:
        raise ConfigError(f"choose needs equally many scores per sample, got {sorted(runs)}.")
    names = list(dict.fromkeys(a for a, _ in counted))
    grouped = [[s for a, s in counted if a == name] for name in names]
    means = [float(np.mean(each)) for each in grouped]
    lower = pessimistic(means, [len(each) for each in grouped], runs.pop(), alpha)
    best = int(np.argmax(lower))
    return Choice(
        answer=names[best],
        value=float(lower[best]),
        values=dict(zip(names, lower.tolist(), strict=True)),
    )
