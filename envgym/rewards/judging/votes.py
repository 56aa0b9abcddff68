"""The vote of several samples of one judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a vote comes to."""

    mean: float | None
    """None: no sample voted."""
    spread: float | None
    """Population standard deviation of the votes, 0 for one vote; None: nobody voted."""
    kept: tuple[int, ...]
    """Places of the samples that voted."""


def vote(samples: Sequence[float | None], meta: Sequence[float | None] | None = None) -> Vote:
    """Return mean and spread of the samples; with ``meta`` of the better half of them.

    Formula: mean_P and std_P over the votes; with meta scores over the max(1, floor(m / 2)) of m
             valid samples with the highest meta score, earlier samples first among equals
    Source:  cookbook A9 [193] (inferred; the rounding of an odd m and the tie rule are ours)
    Shapes:  samples [m], meta [m] -> scalars
    Range:   mean within [min, max] of the samples; spread at most half their distance
    Laws:    None never votes; a constant added to all moves the mean alone; without meta the
             order of samples does not matter

    Args:
        samples: one value per sample; None: it gave no answer.
        meta: how far each sample can be relied on; None ranks below every number.

    Raises:
        ConfigError: lengths differ, or a number is not finite.

    >>> vote([7, 8, 6, 9]).mean
    7.5
    >>> vote([7, 8, 2, 9], meta=[5, 9, 1, 7])
    Vote(mean=8.5, spread=0.5, kept=(1, 3))
    """
    if meta is not None and len(meta) != len(samples):
        raise ConfigError(f"meta must have one score per sample, {len(samples)}, got {len(meta)}")
    for name, numbers in (("samples", samples), ("meta", meta or ())):
        for number in numbers:
            if number is not None and not isfinite(number):
                raise ConfigError(f"{name} must hold finite numbers or None, got {number}")
    kept = [place for place, value in enumerate(samples) if value is not None]
    if meta is not None and kept:

        def rank(place: int) -> tuple[bool, float, int]:
            grade = meta[place]
            return (grade is None, -(grade or 0.0), place)

        kept = sorted(sorted(kept, key=rank)[: max(1, len(kept) // 2)])
    votes = [value for place in kept if (value := samples[place]) is not None]
    if not votes:
        return Vote(mean=None, spread=None, kept=())
    mean = min(max(fsum(votes) / len(votes), min(votes)), max(votes))
    spread = sqrt(fsum((value - mean) ** 2 for value in votes) / len(votes))
    return Vote(mean=mean, spread=spread, kept=tuple(kept))
