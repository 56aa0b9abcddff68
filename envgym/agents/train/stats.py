"""Intervals for shares."""

from math import sqrt


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval for a share, 95% by default; (0, 1) without trials.

    Source: Wilson 1927 (recalled). Unlike p +- z*se it stays inside [0, 1] and does not
    collapse at 0 or 1.

    >>> tuple(round(x, 3) for x in wilson(0, 10))
    (0.0, 0.278)
    """
    if trials == 0:
        return (0.0, 1.0)
    share = successes / trials
    scale = 1.0 + z * z / trials
    centre = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    # Rounding may leave -1e-17 at the ends.
    return (max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))
