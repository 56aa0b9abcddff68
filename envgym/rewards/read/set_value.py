"""SetValue: what a set of findings is worth, where more of the same adds less."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum, inf, isfinite, sqrt
from typing import Any, ClassVar, Literal

import numpy as np

from envgym.rewards.map.progress_delta import ProgressDelta
from envgym.rewards.node import Node
from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError

Form = Literal["coverage", "sqrt", "log_det"]


@dataclass(frozen=True)
class SetValue(Reading):
    """A monotone submodular function of the items found so far.

    Formula: coverage: sum of w_i over the distinct items; sqrt: sum_i w_i * sqrt(count_i);
             log_det: log det(I + gain * sum_i x_i x_i^T) over feature vectors x_i
    Source:  cookbook C14, arXiv 2307.13372~ (recalled; coverage, square roots of counts and
             log-determinants are the classic examples)
    Shapes:  evidence: a tuple of all items so far, repeats included; one number per event
    Range:   [0, sum w] for coverage with weights, else [0, inf]
    Laws:    does not depend on the order; never falls as items are added; an item adds at most
             what it would have added earlier; no items: 0

    ``set_gain`` pays the increase of each step, which telescopes to the final value.

    >>> pages = SetValue("pages", "sqrt")
    >>> [round(pages.read({"pages": ("a",) * n}), 3) for n in (1, 2, 3)]
    [1.0, 1.414, 1.732]
    """

    kind: ClassVar[str] = "read.set_value"

    key: str
    """Evidence: a tuple of texts or numbers; for log_det of feature tuples of one length."""
    form: Form = "coverage"
    """Which function."""
    weights: tuple[tuple[str, float], ...] = ()
    """What each item is worth, 0 or more; items without a weight are worth 0. Empty: all 1."""
    gain: float = 1.0
    """Scale of the features' outer products in log_det; more than 0."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse negative and repeated weights, and arguments that the form does not read."""
        if len(self._worth) != len(self.weights):
            raise ConfigError("SetValue.weights must name every item once.")
        if any(w < 0 for _, w in self.weights):
            raise ConfigError(f"SetValue.weights must be 0 or more, got {dict(self.weights)}.")
        if self.weights and self.form == "log_det":
            raise ConfigError("SetValue.weights has no meaning for 'log_det'; scale the features.")
        if not self.gain > 0:
            raise ConfigError(f"SetValue.gain must be more than 0, got {self.gain}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """The key, a tuple."""
        return {self.key: ITEMS}

    @property
    def default_label(self) -> str:
        """The key."""
        return self.key

    @property
    def formula(self) -> str:
        """For instance ``coverage(pages)``."""
        return f"{self.form}({self.key})"

    @cached_property
    def bounds(self) -> Bounds:
        """From 0 up; to the sum of the weights where each item counts once."""
        whole = fsum(w for _, w in self.weights)
        return Bounds(0.0, whole if self.weights and self.form == "coverage" else inf)

    @cached_property
    def _worth(self) -> dict[str, float]:
        return dict(self.weights)

    def read(self, record: Evidenced) -> float | None:
        """Return the value of the items in ``record``; None if the tuple is None or, for log_det,
        the features are too large for a determinant.

        Raises:
            EvidenceError: if the key is missing or no tuple, or features are not numbers of one
                length.
        """
        found = items(record, self.key)
        if found is None:
            return None
        if self.form == "log_det":
            return self._log_det(found)
        # Weights go by text: 1 and "1" are one item, or together they would pay its weight twice.
        counts = Counter(str(item) if self._worth else _plain(item) for item in found)
        if self.form == "coverage":
            return fsum(self._weight(item) for item in counts)
        # Sorted, so that the order of the items cannot change the last bit.
        return fsum(sorted(self._weight(item) * sqrt(n) for item, n in counts.items()))

    def _weight(self, item: Any) -> float:
        return self._worth.get(item, 0.0) if self._worth else 1.0

    def _log_det(self, found: tuple[Any, ...]) -> float | None:
        if not found:
            return 0.0
        try:
            rows = np.array(sorted(_plain(item) for item in found), dtype=np.float64)
        except (TypeError, ValueError):
            rows = np.empty(0)
        if rows.ndim != 2 or not np.all(np.isfinite(rows)):
            raise EvidenceError(
                f"evidence '{self.key}' must hold tuples of finite numbers of one length for "
                "'log_det'."
            )
        with np.errstate(over="ignore", invalid="ignore"):
            inside = np.eye(rows.shape[1]) + self.gain * (rows.T @ rows)
            value = float(np.linalg.slogdet(inside)[1])
        return max(value, 0.0) if isfinite(value) else None


def set_gain(
    key: str, form: Form = "coverage", weights: Mapping[str, float] | None = None, *, name: str = ""
) -> Node:
    """Return what each step added to the value of the set found so far.

    Formula: r_t = F(S_t) - F(S_{t-1}), F a ``SetValue``
    Source:  cookbook C14, arXiv 2307.13372~ (recalled)
    Shapes:  [T]; the sum is F(S_T) - F(S_0)
    Range:   [-F_hi, F_hi]; never below 0 while the set only grows
    Laws:    telescopes, so the total does not depend on the order; repeats gain ever less

    >>> pages = [{"pages": ("a",) * n} for n in range(4)]
    >>> [round(x, 3) for x in set_gain("pages", "sqrt").settle(pages)[1]]
    [1.0, 0.414, 0.318]
    """
    pairs = tuple((weights or {}).items())
    return ProgressDelta(SetValue(key, form, pairs), name=name)


def _plain(item: Any) -> Any:
    """Return nested lists, as a JSON file gives them, as tuples."""
    return tuple(_plain(x) for x in item) if isinstance(item, list | tuple) else item
