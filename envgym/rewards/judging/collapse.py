"""Discrimination collapse: a judge whose scores of a group no longer tell rollouts apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How far a judge tells the members of one group apart."""

    width: float
    """Highest minus lowest score, as a share of the grid, 0 to 1."""
    spread: float
    """Population standard deviation of the scores, in their own unit."""
    noise_share: float | None
    """Share of the scores' variance that is the judge's own noise, 0 to 1; None: not known."""
    collapsed: bool
    """Whether standardising this group would amplify noise."""


def score_band(
    scores: Sequence[float | None],
    lo: float,
    hi: float,
    *,
    spreads: Sequence[float | None] = (),
    narrow: float = 0.1,
    noisy: float = 0.5,
) -> Band | None:
    """Return the band of one group's scores; None for fewer than two of them.

    Formula: width = (max - min) / (hi - lo); noise_share = min(1, mean_P(u^2) / var_P(scores));
             collapsed = width < narrow or noise_share > noisy
    Source:  cookbook A9's failure mode ([32], [13]); the measure and both limits are ours
    Shapes:  scores [G], spreads [G] -> scalars
    Range:   width and noise_share in [0, 1], spread in [0, (hi - lo) / 2]
    Laws:    order does not matter; None is left out; width and noise_share do not change when
             scores, spreads and grid are scaled together; equal scores are collapsed

    Args:
        scores: one per rollout; None: no answer.
        lo: lowest possible score.
        hi: highest possible score.
        spreads: the judge's standard deviation u of each score, where known.
        narrow: least width of a band that still tells members apart.
        noisy: most noise share.

    Raises:
        ConfigError: a score outside the grid, or lengths that differ.

    >>> score_band([7.0, 7.5, 7.0, 7.5], 0, 10)
    Band(width=0.05, spread=0.25, noise_share=None, collapsed=True)
    """
    if not (isfinite(lo) and isfinite(hi) and lo < hi):
        raise ConfigError(f"the grid needs finite lo < hi, got {lo} and {hi}")
    if spreads and len(spreads) != len(scores):
        raise ConfigError(f"spreads must have one per score, {len(scores)}, got {len(spreads)}")
    found = [score for score in scores if score is not None]
    for score in found:
        if not lo <= score <= hi:
            raise ConfigError(f"score {score} is outside the grid from {lo} to {hi}")
    known = [
        u for score, u in zip(scores, spreads, strict=False) if score is not None and u is not None
    ]
    if not all(isfinite(u) and u >= 0.0 for u in known):
        raise ConfigError(f"spreads must be finite and 0 or more, got {list(spreads)}")
    if len(found) < 2:
        return None
    mean = fsum(found) / len(found)
    variance = fsum((score - mean) ** 2 for score in found) / len(found)
    width = (max(found) - min(found)) / (hi - lo)
    share = None
    if known:
        noise = fsum(u * u for u in known) / len(known)
        # No variance at all: whatever is amplified is noise, unless there is none of it either.
        share = min(1.0, noise / variance) if variance > 0.0 else float(noise > 0.0)
    return Band(
        width=width,
        spread=sqrt(variance),
        noise_share=share,
        collapsed=width < narrow or width == 0.0 or (share is not None and share > noisy),
    )
