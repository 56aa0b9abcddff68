"""WeightedTests: a turn's test results, every test with a weight that was frozen before."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import ClassVar

from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class WeightedTests(Reading):
    """Sum the weights of the tests that pass.

    Formula: R_t = sum_j w_j p_{t,j}
    Source:  cookbook B8, VeRPO with frozen weights, arXiv 2601.03525 (seen: paper note)
    Shapes:  evidence: a tuple of J bools per turn; () where no tests ran, which pays 0
    Range:   [0, sum w]
    Laws:    passing more tests never lowers it (L3), which weights measured in the same group do
             not promise; a result of None is invalid, never a failure

    Running the same tests again pays again: put it under ``ProgressDelta``, or a cap.

    >>> node = WeightedTests("tests", (0.2, 0.8))
    >>> node.settle([{"tests": ()}, {"tests": (True, False)}, {"tests": (True, True)}])[1]
    (0.2, 1.0)
    """

    kind: ClassVar[str] = "read.weighted_tests"

    key: str
    """Evidence with the results: a tuple of bools."""
    weights: tuple[float, ...]
    """One per test, at least 0; from ``density_weights``."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse no weights and negative ones."""
        if not self.weights or min(self.weights) < 0:
            raise ConfigError(
                f"WeightedTests.weights must hold numbers of at least 0, got {self.weights!r}."
            )

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a tuple."""
        return {self.key: ITEMS}

    def read(self, record: Evidenced) -> float | None:
        """Return the sum of the weights of passed tests; None if one has no result."""
        results = outcomes(record, self.key)
        if results is None:
            return None
        if results and len(results) != len(self.weights):
            raise EvidenceError(
                f"evidence '{self.key}' has {len(results)} test results, but WeightedTests has "
                f"{len(self.weights)} weights."
            )
        return fsum(w for w, passed in zip(self.weights, results, strict=False) if passed)

    @cached_property
    def bounds(self) -> Bounds:
        """From 0 to the sum of the weights."""
        return Bounds(0.0, fsum(self.weights))

    @property
    def formula(self) -> str:
        """For instance ``weighted_tests(tests, 0.2, 0.8)``."""
        shown = [f"{w:g}" for w in self.weights[:4]] + (["..."] if len(self.weights) > 4 else [])
        return f"weighted_tests({', '.join([self.key, *shown])})"


def outcomes(record: Evidenced, key: str) -> tuple[bool, ...] | None:
    """Return a record's test results as bools; None if one or all are unknown.

    Raises:
        EvidenceError: if the key is missing or a result is neither true nor false.
    """
    results = items(record, key)
    if results is None or any(each is None for each in results):
        return None
    for each in results:
        if each not in (0, 1):
            raise EvidenceError(f"evidence '{key}' must hold true or false per test, got {each!r}.")
    return tuple(bool(each) for each in results)
