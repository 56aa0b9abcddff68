"""Cheapness of a price between bounds, the window that measures them, and Router-R1."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np

from envgym.rewards.fold.gate import Gate
from envgym.rewards.map.above import Above
from envgym.rewards.map.affine import Affine
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.curve import Curve
from envgym.rewards.node import Node
from envgym.rewards.source import Constant
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


def cheapness(price: Node, lo: float, hi: float, *, name: str = "cheapness") -> Node:
    """Return 1 for a price of ``lo`` or less, 0 for ``hi`` or more, falling with its root.

    Formula: y = 1 - clip((sqrt(x) - sqrt(lo)) / (sqrt(hi) - sqrt(lo)), 0, 1); 0.5 if lo = hi
    Source:  cookbook A13, Router-R1 (seen: ulab-uiuc/Router-R1)
    Shapes:  as the price
    Range:   [0, 1]
    Laws:    down in the price (L3)

    Fixed bounds are the default on purpose: with a rolling window the reward of one episode
    depends on which others came before it, and a replay gives other numbers.

    Args:
        price: what was spent, for instance tokens times their price.
        lo: price that is as cheap as it gets, 0 or more, in the unit of ``price``.
        hi: price that earns nothing.
        name: component in the ledger.

    Raises:
        ConfigError: unless 0 <= lo <= hi.

    >>> from envgym.rewards.source import Source
    >>> cheapness(Source("cost", "episode", lo=0), 1.0, 9.0).settle([{}, {"cost": 4.0}])
    (0.5, (0.5,))
    """
    if not (0 <= lo <= hi and isfinite(hi)):
        raise ConfigError(f"cheapness needs 0 <= lo <= hi, got {lo!r} and {hi!r}.")
    width = sqrt(hi) - sqrt(lo)
    if width == 0:
        return Affine(price, 0.0, 0.5, name=name)
    root = Curve(Clip(price, lo, hi), "sqrt")
    # The outer clip takes off what rounding leaves beyond the ends.
    return Clip(Affine(root, -1.0 / width, 1.0 + sqrt(lo) / width), 0.0, 1.0, name=name)


@dataclass(frozen=True)
class PriceWindow:
    """The last prices, as a value: every update is a new window.

    Formula: bounds = squares of the 5th and 95th percentile of sqrt(price)
    Source:  cookbook A13, Router-R1 (seen: ulab-uiuc/Router-R1, the last 1,000 prices)
    Shapes:  prices to two bounds
    Range:   0 <= lo <= hi
    Laws:    never changes in place; equal prices: one bound, so cheapness 0.5

    Build a group's program from one window, and update it between groups: inside a group
    every member must be priced alike.

    >>> PriceWindow().updated([1.0, 4.0, 9.0]).bounds(0, 100)
    (1.0, 9.0)
    """

    prices: tuple[float, ...] = ()
    """Oldest first."""
    size: int = 1000
    """How many are kept."""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError(f"PriceWindow.size must be 1 or more, got {self.size}.")
        bad = [price for price in self.prices if not (isfinite(price) and price >= 0)]
        if bad:
            raise ConfigError(f"PriceWindow.prices must be finite and 0 or more, got {bad[0]!r}.")
        if len(self.prices) > self.size:
            raise ConfigError(
                f"PriceWindow.prices must be {self.size} at most, got {len(self.prices)}."
            )

    def updated(self, prices: Sequence[float]) -> "PriceWindow":
        """Return the window after more prices; the oldest beyond ``size`` are gone."""
        kept = (*self.prices, *map(float, prices))[-self.size :]
        return PriceWindow(kept, self.size)

    def bounds(self, low: float = 5.0, high: float = 95.0) -> tuple[float, float]:
        """Return the bounds for ``cheapness`` at two percentiles; (0, 0) while empty.

        Raises:
            ConfigError: percentiles out of order or outside 0 to 100.
        """
        if not 0 <= low <= high <= 100:
            raise ConfigError(
                f"PriceWindow.bounds needs 0 <= low <= high <= 100, got {low!r} and {high!r}."
            )
        if not self.prices:
            return 0.0, 0.0
        ends = np.percentile(np.sqrt(np.asarray(self.prices, dtype=np.float64)), [low, high])
        return float(ends[0]) ** 2, float(ends[1]) ** 2

    def cheapness(self, price: Node) -> Node:
        """Return ``cheapness`` between the window's bounds; 0.5 while it is empty or flat."""
        return cheapness(price, *self.bounds())


def router_r1(
    form: Node, correct: Node, cheap: Node, alpha: float = 0.0, *, score: Node | None = None
) -> Node:
    """Return Router-R1's reward: format first, then the answer, then the cost.

    Formula: R = -1 on bad format; 0 on a wrong answer; else (1 - alpha) score + alpha cheap
    Source:  cookbook A13, Router-R1 (seen: ulab-uiuc/Router-R1; alpha 0 is its script's)
    Shapes:  episode scalars to one
    Range:   [-1, 1] for a score and a cheapness in [0, 1]
    Laws:    cost never pays on a wrong answer; alpha = 0: the cost changes nothing (L8); up in
             each value

    Args:
        form: above 0.5 where the format is valid.
        correct: above 0 where the answer is right.
        cheap: in [0, 1], usually ``cheapness``.
        alpha: weight of the cost, in [0, 1].
        score: what a right answer pays, in [0, 1], such as an F1; None: ``correct`` itself.

    Raises:
        ConfigError: alpha or a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> form, right = (Source(key, "episode", 0, 1) for key in ("form", "right"))
    >>> program = router_r1(form, right, cheapness(Source("cost", "episode", lo=0), 1, 9), 0.5)
    >>> last = {"form": 1, "cost": 4.0}
    >>> [program.settle([{}, last | {"right": a}])[0] for a in (1, 0)]
    [0.75, 0.0]
    """
    if not 0 <= alpha <= 1:
        raise ConfigError(f"router_r1.alpha must be in [0, 1], got {alpha!r}.")
    for where, node in (("correct", correct), ("cheap", cheap), ("score", score or correct)):
        within(f"router_r1.{where}", node, 0.0, 1.0)
    right = (1.0 - alpha) * (score or correct) + alpha * cheap
    answered = Gate(Above(correct, 0.0), right, name="correct")
    return Gate(Above(form, 0.5), answered, Constant(-1.0), name="format")
