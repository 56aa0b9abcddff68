"""H8: how far a proxy can be pushed before the gold falls."""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.probe.arrays import Floats, same_length, vector
from envgym.rewards.probe.report import Points, Report
from envgym.types.errors import ConfigError

Form = Literal["square", "log"]
"""square: d (a - b d), for best of n; log: d (a - b ln d), for reinforcement learning."""


_FAR = 2.0
"""Peaks beyond so many times the largest distance are no finding but extrapolation."""


def best_of_n_kl(n: int) -> float:
    """Return KL(best of n || base) in nats: ln n - (n - 1) / n, exact where no scores tie.

    Source: cookbook H8 (recalled)

    >>> round(best_of_n_kl(16), 4)
    1.8351
    """
    if n < 1:
        raise ConfigError(f"best_of_n_kl.n must be 1 or more, got {n}.")
    return log(n) - (n - 1) / n


@dataclass(frozen=True, slots=True)
class Curve:
    """A fitted curve of gold over distance from the base policy.

    Formula: square: d (a - b d); log: d (a - b ln d), 0 at d = 0
    Source:  cookbook H8, scaling laws of over-optimisation (recalled)

    >>> peak, gold = Curve("log", 1.0, 0.2).peak
    >>> round(peak, 1), round(gold, 2)
    (54.6, 10.92)
    """

    form: Form
    a: float
    """Gain per distance at the start (of log: at d = 1)."""
    b: float
    """How fast the gain is lost; 0 or less: no peak."""

    def __call__(self, d: float) -> float:
        """Return gold above the base's at distance ``d``, 0 or more."""
        if d <= 0.0:
            return 0.0
        return d * (self.a - self.b * (d if self.form == "square" else log(d)))

    @property
    def peak(self) -> tuple[float, float]:
        """Distance and height of the top; (inf, inf) if the curve rises for ever."""
        if self.b <= 0.0:
            rises = self.b < 0.0 or self.a > 0.0
            return (np.inf, np.inf) if rises else (0.0, 0.0)
        if self.form == "square":
            at = max(0.0, self.a / (2.0 * self.b))
        else:
            at = exp(min(self.a / self.b - 1.0, 300.0))
        return at, self(at)


def fit(distances: ArrayLike, gold: ArrayLike, form: Form = "square") -> Curve:
    """Return the least-squares curve through points of gold above the base's.

    Args:
        distances: d = sqrt(KL) of each point, 0 or more; at least two different ones above 0.
        gold: gold score minus the base policy's.
        form: which curve.

    >>> fit([1.0, 2.0, 3.0], [0.8, 1.2, 1.2]) == Curve("square", 1.0, 0.2)
    True
    """
    d, y = vector("distances", distances, least=2), vector("gold", gold, least=2)
    same_length(distances=d, gold=y)
    if (d < 0.0).any():
        raise ConfigError(f"distances must be 0 or more, got {d.min():g}.")
    if form not in ("square", "log"):
        raise ConfigError(f"form must be square or log, got {form!r}.")
    at = d > 0.0
    if len(np.unique(d[at])) < 2:
        raise ConfigError("a Goodhart curve needs two different distances above 0.")
    d, y = d[at], y[at]
    columns = np.stack([d, -d * (d if form == "square" else np.log(d))], axis=1)
    found, *_ = np.linalg.lstsq(columns, y, rcond=None)
    a, b = (round(float(value), 12) + 0.0 for value in found)
    return Curve(form, a, b)


def best_of_n(proxy: ArrayLike, gold: ArrayLike, n: int) -> tuple[float, float]:
    """Return expected proxy and gold of the best of ``n`` by proxy, drawn without replacement.

    Formula: sum over samples sorted by proxy of C(rank, n - 1) / C(N, n) * score, rank from 0;
             samples of equal proxy share their weights
    Source:  the unbiased estimator over subsets (recalled)

    >>> best_of_n([0.0, 1.0], [3.0, 5.0], 2)
    (1.0, 5.0)
    """
    p, g = vector("proxy", proxy), vector("gold", gold)
    same_length(proxy=p, gold=g)
    if not 1 <= n <= len(p):
        raise ConfigError(f"best_of_n.n must be 1 to the number of samples, got {n}.")
    order = np.argsort(p, kind="stable")
    p, g = p[order], g[order]
    # C(r - 1, n - 1) = C(r, n - 1) (r - n + 1) / r, downwards from the best sample's n / N.
    ranks = np.arange(len(p) - 1, 0, -1)
    falls = np.maximum(ranks - n + 1, 0) / ranks
    weights = n / len(p) * np.concatenate([[1.0], np.cumprod(falls)])[::-1]
    _, inverse = np.unique(p, return_inverse=True)
    tied = np.bincount(inverse, weights) / np.bincount(inverse)
    weights = tied[inverse]
    return float(weights @ p), float(weights @ g)


def collapse_step(proxy: ArrayLike, gold: ArrayLike, m: int = 3) -> int | None:
    """Return the first step after which gold falls for ``m`` evaluations while the proxy rises.

    Source: cookbook H8 (inferred; m is ours)
    Shapes: one score per evaluation, in order

    >>> collapse_step([1, 2, 3, 4, 5], [1, 3, 2, 1, 0], m=3)
    1
    """
    p, g = vector("proxy", proxy), vector("gold", gold)
    same_length(proxy=p, gold=g)
    if m < 1:
        raise ConfigError(f"collapse_step.m must be 1 or more, got {m}.")
    bad = (np.diff(g) < 0.0) & (np.diff(p) > 0.0)
    for step in range(len(bad) - m + 1):
        if bad[step : step + m].all():
            return step
    return None


@dataclass(frozen=True)
class GoodhartCurve:
    """Gold score as selection by the proxy gets harder: where is the peak?

    Formula: best of n by proxy for n = 1, 2, 4, ...; d = sqrt(KL(n)); fit both forms to gold
             above n = 1; the metric is what is lost from the best n to the hardest selection
    Source:  cookbook H8 (recalled); doubling n and the limit are ours
    Range:   0 or more, in gold's own unit
    Laws:    silent (L10); proxy equal to gold: 0

    >>> gold = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    >>> GoodhartCurve().run(gold, gold).metric
    0.0
    """

    limit: float = 0.0
    """Largest loss of gold that passes, 0 or more."""
    m: int = 2
    """Rounds of falling gold and rising proxy that count as collapse."""

    def run(self, proxy: ArrayLike, gold: ArrayLike) -> Report:
        """Return the loss of gold; scores of samples of one policy, one pair per sample."""
        p, g = vector("proxy", proxy, least=4), vector("gold", gold, least=4)
        same_length(proxy=p, gold=g)
        sizes = [2**k for k in range(int(np.log2(len(p))) + 1)]
        pairs = [best_of_n(p, g, n) for n in sizes]
        d = np.array([sqrt(best_of_n_kl(n)) for n in sizes])
        rising = np.array([pair[0] for pair in pairs])
        held = np.array([pair[1] for pair in pairs])
        lost = max(0.0, float(held.max() - held[-1]))
        lost = lost if lost > 1e-12 * max(1.0, float(np.abs(held).max())) else 0.0
        detail = {"gold_first": float(held[0]), "gold_best": float(held.max())}
        detail |= {"best_n": float(sizes[int(held.argmax())]), "gold_last": float(held[-1])}
        lines: dict[str, Points] = {"proxy": _line(d, rising), "gold": _line(d, held)}
        forms: tuple[Form, ...] = ("square", "log")
        for form in forms:
            curve = fit(d, held - held[0], form)
            detail |= {f"{form}.a": curve.a, f"{form}.b": curve.b}
            if curve.peak[0] <= _FAR * d[-1]:
                detail[f"{form}.peak_d"], above = curve.peak
                detail[f"{form}.peak_gold"] = float(held[0]) + above
            lines[f"gold, {form} fit"] = _line(d, held[0] + np.array([curve(x) for x in d]))
        step = collapse_step(rising, held, self.m)
        notes = () if step is None else (f"gold falls from n={sizes[step]} on as the proxy rises",)
        return Report(
            probe="goodhart",
            measures="gold lost from the best n to the hardest selection",
            metric=lost,
            threshold=self.limit,
            passed=lost <= self.limit,
            detail=detail,
            columns=("n", "d", "proxy", "gold"),
            rows=tuple(zip(sizes, d.tolist(), rising.tolist(), held.tolist(), strict=True)),
            axes=("d = sqrt(KL)", "score"),
            series=lines,
            notes=notes,
        )


def _line(x: Floats, y: Floats) -> Points:
    return tuple(zip(x.tolist(), y.tolist(), strict=True))
