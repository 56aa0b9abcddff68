"""The logit read-out: the mean of a distribution over scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Expected:
    """Mean and standard deviation of a score."""

    mean: float
    spread: float


def expected_score(probabilities: Sequence[float], grid: Sequence[float]) -> Expected:
    """Return mean and standard deviation of a score under the probabilities of its grid.

    Formula: E = sum_s s p(s) / sum_s p(s); spread = sqrt(sum_s p(s) (s - E)^2 / sum_s p(s))
    Source:  cookbook A9 [150][164] (inferred; dividing by the mass on the grid is ours: what a
             model puts on other tokens says nothing about the score)
    Shapes:  probabilities [S], grid [S] -> scalars
    Range:   mean in [min grid, max grid]; spread at most half of their distance
    Laws:    all mass on s gives (s, 0); scaling the probabilities changes nothing; two scores 0
             and 1 give P(yes)

    Args:
        probabilities: of each score, 0 or more, not all 0; need not sum to 1.
        grid: the scores.

    Raises:
        ConfigError: lengths differ, or the probabilities are negative, not finite or all 0.

    >>> expected_score([0.25, 0.75], [6, 8]).mean
    7.5
    """
    if len(probabilities) != len(grid) or not grid:
        raise ConfigError(
            f"probabilities and grid must have the same length, 1 or more, got "
            f"{len(probabilities)} and {len(grid)}"
        )
    if not all(isfinite(p) and p >= 0.0 for p in probabilities):
        raise ConfigError(f"probabilities must be finite and 0 or more, got {list(probabilities)}")
    if not all(map(isfinite, grid)):
        raise ConfigError(f"grid must be finite, got {list(grid)}")
    most = max(probabilities)
    if most == 0.0:
        raise ConfigError("probabilities must not all be 0")
    # Divided by the largest first, so that a mass of subnormal numbers does not vanish.
    weights = [p / most for p in probabilities]
    mass = fsum(weights)
    mean = fsum(p * s for p, s in zip(weights, grid, strict=True)) / mass
    mean = min(max(mean, min(grid)), max(grid))
    variance = fsum(p * (s - mean) ** 2 for p, s in zip(weights, grid, strict=True)) / mass
    return Expected(mean, sqrt(variance))
