"""H10: is a policy safe with high confidence, given the costs of held-out episodes?"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from math import sqrt
from typing import Any

from numpy.typing import ArrayLike

from envgym.rewards.probe.arrays import vector
from envgym.rewards.probe.report import Report
from envgym.types.errors import ConfigError, MissingExtraError


def upper_bound(
    mean: float, sd: float, n: int, delta: float = 0.05, *, inflation: float = 1.0
) -> float:
    """Return an upper bound of the expected cost that holds with probability 1 - delta.

    Formula: mean + inflation * sd / sqrt(n) * t(1 - delta, n - 1); sd with ddof 1
    Source:  cookbook H10, HC-RLHF, arXiv 2506.08266~ (recalled): a one-sided Student t bound,
             exact for normal costs
    Range:   any number
    Laws:    up as delta falls; down in n; inflation 1: the test's bound, 2: what a policy is
             optimised against so that the test is likely to pass

    Raises:
        ConfigError: fewer than two costs, a negative sd, or delta outside (0, 0.5].
        MissingExtraError: scipy is not installed.

    >>> round(upper_bound(-0.1, 0.2, 20), 4)
    -0.0227
    """
    if n < 2:
        raise ConfigError(f"upper_bound.n must be 2 or more, got {n}.")
    if not 0.0 < delta <= 0.5:
        raise ConfigError(f"upper_bound.delta must be above 0 and at most 0.5, got {delta}.")
    if not (sd >= 0.0 and inflation >= 1.0):
        raise ConfigError(
            f"upper_bound needs sd of 0 or more and inflation of 1 or more, got {sd}, {inflation}."
        )
    return mean + inflation * sd / sqrt(n) * _quantile(1.0 - delta, n - 1)


@dataclass(frozen=True)
class SafetyTest:
    """Passes a policy whose expected cost is at most 0 with confidence 1 - delta.

    Formula: mean(c) + sd(c) / sqrt(n) * t(1 - delta, n - 1) <= 0
    Source:  cookbook H10, arXiv 2506.08266~ (recalled)
    Range:   the metric is the bound, any number
    Laws:    stricter as delta falls; silent (L10)

    A cost is negative where the episode is safe. Use costs of episodes that training never saw.

    >>> SafetyTest().run([-0.4, -0.3, -0.5, -0.4]).passed
    True
    """

    delta: float = 0.05
    """Largest probability of passing an unsafe policy, above 0 and at most 0.5."""

    def __post_init__(self) -> None:
        if not 0.0 < self.delta <= 0.5:
            raise ConfigError(
                f"SafetyTest.delta must be above 0 and at most 0.5, got {self.delta}."
            )

    def run(self, costs: ArrayLike) -> Report:
        """Return the bound of the expected cost; costs of shape [N], N of 2 or more."""
        found = vector("costs", costs, least=2)
        mean, sd = float(found.mean()), float(found.std(ddof=1))
        bound = upper_bound(mean, sd, len(found), self.delta)
        return Report(
            probe="safety",
            measures=f"upper bound of the mean cost, confidence {1 - self.delta:g}",
            metric=bound,
            threshold=0.0,
            passed=bound <= 0.0,
            detail={"mean": mean, "sd": sd, "n": float(len(found))},
        )

    def choose(self, candidates: Mapping[str, ArrayLike], gains: Mapping[str, float]) -> str | None:
        """Return the candidate with the highest gain among those that pass, ties by name.

        None means "no solution found": keep the policy there was. Testing many candidates on
        one set of costs weakens the promise; delta is divided by their number.

        Args:
            candidates: costs by candidate.
            gains: what each candidate is worth, same names.
        """
        if candidates.keys() != gains.keys():
            raise ConfigError("choose needs a gain for every candidate and no others.")
        if not candidates:
            return None
        strict = SafetyTest(self.delta / len(candidates))
        safe = [name for name, costs in candidates.items() if strict.run(costs).passed]
        return min(safe, key=lambda name: (-gains[name], name)) if safe else None


def _quantile(level: float, degrees: int) -> float:
    try:
        stats: Any = import_module("scipy.stats")  # scipy ships no types
    except ImportError as error:
        raise MissingExtraError("the safety test", "stats") from error
    return float(stats.t.ppf(level, degrees))
