"""H7: rewards with errors put in on purpose, to see whether learning survives them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, inf, log, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.probe.arrays import Floats, limits, vector
from envgym.rewards.probe.report import Report
from envgym.rewards.program import Program
from envgym.rewards.scoring import GroupScore, Score
from envgym.rewards.signal import Bounds, Evidenced
from envgym.types.entry import Entry
from envgym.types.errors import ConfigError
from envgym.types.stream import Stream


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Errors of a reward: a flip with probability ``flip``, then a Gaussian of width ``sd``.

    Formula: R' = lo + hi - R with probability p, else R; then R' + sd * z
    Source:  cookbook H7 (recalled); levels 0, .1, .2, .4 are the cookbook's
    Range:   [lo, hi], widened to all numbers if sd > 0
    Laws:    E[R'] = (1 - 2p) R + p (lo + hi), for binary rewards (1 - 2p) R + p; p = 0 and
             sd = 0: identity (L8); p = .5: mean advantage zero; a draw depends on the seed and
             the rollout's id alone (L4)

    >>> Noise(flip=1.0).apply("a", 1.0)
    0.0
    """

    flip: float = 0.0
    """Probability of a flip, 0 to 1."""
    sd: float = 0.0
    """Standard deviation of the Gaussian, 0 or more, in the reward's unit."""
    lo: float = 0.0
    """Lowest reward: what a flip exchanges with ``hi``."""
    hi: float = 1.0
    """Highest reward."""
    seed: int = 0
    """Draws with equal seeds are equal."""

    def __post_init__(self) -> None:
        limits("Noise", (0.0, 1.0), flip=self.flip)
        if not 0.0 <= self.sd < inf:
            raise ConfigError(f"Noise.sd must be 0 or more and finite, got {self.sd}.")
        if not -inf < self.lo <= self.hi < inf:
            raise ConfigError(
                f"Noise.lo must not exceed hi and both be finite, got {self.lo}, {self.hi}."
            )

    def expected(self, value: float) -> float:
        """Return the mean of ``apply`` over draws.

        >>> round(Noise(flip=0.1).expected(1.0), 12)
        0.9
        """
        return (1.0 - 2.0 * self.flip) * value + self.flip * (self.lo + self.hi)

    def apply(self, id: str, value: float) -> float:
        """Return the noisy reward of the rollout ``id``."""
        stream = Stream(self.seed, "noise", id)
        found = self.lo + self.hi - value if stream.uniform() < self.flip else value
        return found + self.sd * gaussian(stream) if self.sd else found

    def group(self, scores: GroupScore) -> GroupScore:
        """Return the scores with noisy totals; the error is an entry "noise" of the ledger.

        The last event earns the error and no float pays it, so settled rewards still sum to the
        total. Rollouts without a total keep none.
        """
        return replace(scores, scores=tuple(self._score(each) for each in scores))

    def _score(self, score: Score) -> Score:
        if score.total is None or not score.settled:
            return score
        error = self.apply(score.id, score.total) - score.total
        if error == 0.0:
            return score
        last = len(score.settled) - 1
        return replace(
            score,
            total=score.total + error,
            settled=(*score.settled[:-1], score.settled[-1] + error),
            ledger=(*score.ledger, Entry("agent", "noise", last, None, error)),
        )


def gaussian(stream: Stream) -> float:
    """Return one standard normal draw (Box-Muller); takes two words."""
    return sqrt(-2.0 * log(1.0 - stream.uniform())) * cos(2.0 * pi * stream.uniform())


def flipped(rewards: ArrayLike, p: float, stream: Stream) -> Floats:
    """Return 0/1 rewards, each flipped with probability ``p``; shape as given, [N].

    >>> flipped([0.0, 1.0], 1.0, Stream(0, "docs")).tolist()
    [1.0, 0.0]
    """
    found = vector("rewards", rewards, least=0)
    limits("flipped", (0.0, 1.0), p=p)
    if not np.isin(found, (0.0, 1.0)).all():
        raise ConfigError("flipped.rewards must be 0 or 1; Noise flips rewards of other bounds.")
    turned = np.array([stream.uniform() < p for _ in found], dtype=bool)
    return np.where(turned, 1.0 - found, found)


@dataclass(frozen=True)
class NoiseRobustness:
    """How much of a program's signal is left when its totals are noisy.

    Formula: correlation of noisy with clean totals, per level of p, over all draws; the metric
             is that of the highest level. Flips exchange the lowest and highest clean total
    Source:  cookbook H7 (recalled); the levels are the cookbook's, the limit is ours
    Range:   [-1, 1]; 0 if the totals do not vary
    Laws:    silent (L10); p = 0: 1; p = .5: 0 on average

    >>> from envgym.rewards import Source
    >>> program = Program("p", Source("a", "episode"))
    >>> episodes = [[{}, {"a": a % 2, "end": "task"}] for a in range(8)]
    >>> NoiseRobustness(levels=(0.0,)).run(program, episodes).metric
    1.0
    """

    levels: tuple[float, ...] = (0.0, 0.1, 0.2, 0.4)
    """Probabilities of a flip, 0 to 1."""
    least: float = 0.1
    """Lowest correlation at the highest level that passes."""
    draws: int = 200
    """Times that the noise is drawn per level."""
    seed: int = 0

    def __post_init__(self) -> None:
        limits(
            "NoiseRobustness", (0.0, 1.0), **{f"levels[{i}]": p for i, p in enumerate(self.levels)}
        )
        if not self.levels or self.draws < 1:
            raise ConfigError("NoiseRobustness needs at least one level and one draw.")

    def run(self, program: Program, episodes: Sequence[Sequence[Evidenced]]) -> Report:
        """Return the correlation; episodes without a return do not count."""
        totals = [books.total for books in map(program.replay, episodes)]
        return self.of_totals([total for total in totals if total is not None])

    def of_totals(self, totals: ArrayLike) -> Report:
        """Return the same for returns that are known already; shape [N], N of 2 or more."""
        clean = vector("totals", totals, least=2)
        bounds = Bounds(clean.min(), clean.max())
        rows = [self._row(clean, bounds, p) for p in self.levels]
        worst = max(range(len(rows)), key=lambda i: self.levels[i])
        return Report(
            probe="noise",
            measures=f"correlation of noisy with clean returns at p={self.levels[worst]:g}",
            metric=rows[worst][1],
            threshold=self.least,
            passed=rows[worst][1] >= self.least,
            detail={f"p={row[0]:g}": row[1] for row in rows},
            columns=("p", "correlation", "mean", "expected mean"),
            rows=tuple(rows),
            axes=("probability of a flip", "correlation with the clean return"),
            series={"correlation": tuple((row[0], row[1]) for row in rows)},
            notes=() if np.ptp(clean) else ("the returns do not vary: there is no signal",),
        )

    def _row(self, clean: Floats, bounds: Bounds, p: float) -> tuple[float, float, float, float]:
        rule = Noise(flip=p, lo=bounds.lo, hi=bounds.hi)
        stream = Stream(self.seed, "noise robustness", repr(p))
        turned = np.array([[stream.uniform() < p for _ in clean] for _ in range(self.draws)])
        noisy = np.where(turned, bounds.lo + bounds.hi - clean, clean)
        wanted = float(np.mean([rule.expected(float(x)) for x in clean]))
        return (
            p,
            _correlation(np.broadcast_to(clean, noisy.shape), noisy),
            float(noisy.mean()),
            wanted,
        )


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = sqrt(float((a * a).mean()) * float((b * b).mean()))
    return float((a * b).mean()) / scale if scale > 0.0 else 0.0
