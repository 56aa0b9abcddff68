"""Who applies: acceptance and good rates of both groups at every threshold."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.types import ConfigError

BINS = 200
"""Score bins of the shipped histograms: bin i holds scores from i / 200 up to, but not, (i+1) / 200."""
SLOPE = 10.0
"""P(good | score s, group g) = sigmoid(SLOPE * (s - centre_g)) in the synthetic regimes."""


@dataclass(frozen=True, slots=True)
class Regime:
    """What a regime fixes; arguments of the environment replace what is None there."""

    epsilon: float
    """Largest allowed difference of acceptance rates."""
    floor: float
    """Smallest allowed share of applicants who are accepted."""
    cost: float
    """Loss of an accepted bad applicant."""
    centres: tuple[float, float] | None = None
    """Score at which half of a group is good; None: from data."""
    groups: tuple[str, str] = ("group A", "group B")
    """What groups 0 and 1 are, for people; text views always say group A and group B."""


REGIMES: dict[str, Regime] = {
    "synthetic-aligned": Regime(0.08, 0.35, 1.0, (0.5, 0.3)),
    "synthetic-tension": Regime(0.08, 0.35, 1.5, (0.5, 0.5)),
    "german-sex": Regime(0.05, 0.5, 1.0, groups=("male", "female")),
    "german-age": Regime(0.05, 0.5, 1.0, groups=("older than 25", "25 or younger")),
    "compas": Regime(0.05, 0.3, 1.0, groups=("Caucasian", "African-American")),
}
"""By name. The constants of the synthetic ones are this project's (inferred; see the family page)."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Rates of group 0 and group 1 at K thresholds, each a share of the group's applicants."""

    accepted: NDArray[Any]
    """float64 [2, K]: P(score >= threshold); falls from 1 in column 0."""
    good: NDArray[Any]
    """float64 [2, K]: P(score >= threshold and good); at most ``accepted``."""


def grid(count: int) -> NDArray[Any]:
    """Return ``count`` thresholds from 0 to 1, evenly spaced, float64 [count]."""
    return np.arange(count) / (count - 1)


def density(score: Any) -> NDArray[Any]:
    """Return the densities of Beta(5, 3) (group 0) and Beta(4, 4) (group 1): float64 [2, ...]."""
    s = np.asarray(score, dtype=np.float64)
    return np.stack([105.0 * s**4 * (1 - s) ** 2, 140.0 * s**3 * (1 - s) ** 3])


def sigmoid(x: Any) -> NDArray[Any]:
    """Return 1 / (1 + exp(-x)) without overflow."""
    out: NDArray[Any] = 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, dtype=np.float64)))
    return out


@lru_cache(maxsize=64)
def synthetic(centres: tuple[float, float], count: int) -> Population:
    """Return the population of a synthetic regime, integrated by Gauss-Legendre quadrature.

    At least 8 panels in all of [0, 1], none across a threshold, carry 24 nodes each; the integrands
    are analytic, so that the error is below 1e-12.

    Args:
        centres: score at which half of each group is good.
        count: thresholds K, 2 or more.
    """
    panels = -(-8 // (count - 1))  # at least 8 panels in all of [0, 1]
    nodes, weights = np.polynomial.legendre.leggauss(24)
    width = 1.0 / ((count - 1) * panels)
    left = np.arange((count - 1) * panels) * width
    scores = left[:, None] + (nodes + 1.0) * (0.5 * width)
    mass = density(scores)
    chance = np.stack([sigmoid(SLOPE * (scores - centre)) for centre in centres])
    return _from_cells(
        (mass @ weights * (0.5 * width)).reshape(2, count - 1, panels).sum(2),
        ((mass * chance) @ weights * (0.5 * width)).reshape(2, count - 1, panels).sum(2),
    )


def _from_cells(mass: NDArray[Any], good: NDArray[Any]) -> Population:
    """Return the rates from the shares [2, K - 1] of a group between neighbouring thresholds."""
    zeros = np.zeros((2, 1))
    above = np.concatenate([np.cumsum(mass[:, ::-1], 1)[:, ::-1], zeros], 1)
    wins = np.concatenate([np.cumsum(good[:, ::-1], 1)[:, ::-1], zeros], 1)
    accepted = np.clip(above, 0.0, 1.0)
    accepted[:, 0] = 1.0  # threshold 0 accepts everybody; the sum misses that by rounding
    return Population(accepted, np.clip(wins, 0.0, accepted))


def from_histogram(counts: NDArray[Any], count: int, where: str) -> Population:
    """Return the population of a histogram.

    Args:
        counts: int64 [2, BINS, 2]: people per group, score bin and outcome (1: good).
        count: thresholds K; K - 1 must divide BINS, so that every threshold is a bin's edge.
        where: begins messages.

    Raises:
        ConfigError: the thresholds do not fall on edges of bins.
    """
    if BINS % (count - 1):
        fitting = ", ".join(str(k + 1) for k in range(1, BINS + 1) if BINS % k == 0)
        raise ConfigError(
            f"{where}: thresholds must be one of {fitting} in a regime from data"
            f" (edges of its {BINS} score bins), got {count}."
        )
    cells = counts.reshape(2, count - 1, BINS // (count - 1), 2).sum(2)
    sizes = cells.sum((1, 2))[:, None]
    above = np.concatenate([np.cumsum(cells[:, ::-1], 1)[:, ::-1], np.zeros((2, 1, 2), int)], 1)
    return Population(above.sum(2) / sizes, above[:, :, 1] / sizes)


@lru_cache(maxsize=16)
def shipped(name: str) -> NDArray[Any]:
    """Return a shipped histogram, int64 [2, BINS, 2]; do not change it."""
    text = (files(__package__) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> NDArray[Any]:
    """Return the histogram of a text written by ``render``: int64 [2, BINS, 2]."""
    counts = np.zeros((2, BINS, 2), dtype=np.int64)
    for row in csv.DictReader(StringIO(text)):
        counts[int(row["group"]), int(row["bin"]), int(row["good"])] = int(row["count"])
    return counts


def render(counts: NDArray[Any]) -> str:
    """Return a histogram as CSV: group, bin, good, count; empty cells are left out."""
    lines: Iterable[str] = (
        f"{group},{place},{good},{counts[group, place, good]}"
        for group, place, good in np.argwhere(counts).tolist()
    )
    return "\n".join(["group,bin,good,count", *lines]) + "\n"


@lru_cache(maxsize=64)
def _shipped_population(name: str, count: int, where: str) -> Population:
    return from_histogram(shipped(name), count, where)


def population(name: str, count: int, data: str | None, where: str) -> Population:
    """Return the population of a regime at ``count`` thresholds.

    Args:
        name: a key of ``REGIMES``.
        count: thresholds K.
        data: folder with the user's own tables; None: what is shipped.
        where: begins messages.

    Raises:
        ConfigError: thresholds off the bins' edges; a missing or altered data file.
    """
    centres = REGIMES[name].centres
    if centres is not None:
        return synthetic(centres, count)
    if data is None:
        return _shipped_population(name, count, where)
    from envgym.envs.bandits.fair.derive import histogram

    return from_histogram(histogram(name, Path(data)), count, where)
