"""SHOR: smoothed hybrid of optimistic regret matching, one loop for training, one for judging.

Source: the appendix listings of arXiv 2602.16928 (seen, v1). Its comparison with plain regret
matching does not favour it in the games measured here (see ``docs``): one option among others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from envgym.agents.solvers.meta.payoffs import Floats, Weights, against, checked, uniform_weights


@dataclass(frozen=True)
class Shor:
    """The constants of one run of the inner loop."""

    rounds: int
    mix: float
    """lambda: share of the softmax, 0 to 1."""
    temperature: float
    """tau of the softmax, in units of payoff, more than 0."""
    optimism: float
    """mu: how much of the last change is expected to happen again."""
    diversity: float
    """Bonus for strategies of little weight, in units of payoff."""
    average: bool
    """Return the average play (training) or the last one (judging)."""

    def solve(self, payoffs: Sequence[ArrayLike]) -> Weights:
        """Return one distribution per player.

        Formula: c = p - mean(p);  g = (1 + mu) c - mu c_prev + div (1 - sigma), divided by max|g|
                 where that exceeds 1e-8;  Q = max(0, Q + g);  sigma = (1 - lambda) Q / sum Q
                 + lambda softmax(p / tau), Q / sum Q uniform where the sum is below 1e-12.
                 Player by player, later ones see earlier updates. c_prev starts at 0 (inferred).
        Laws:    a distribution; payoffs + constant change nothing; payoffs * c change tau's and
                 div's meaning. p is centred on its *plain* mean, so a strategy that is always
                 better than the mean keeps weight even if another is always better than it:
                 this is not a no-regret method.
        """
        tensors = checked(payoffs)
        sigma = uniform_weights(tensors)
        chosen = [np.zeros(len(weights)) for weights in sigma]
        before = [np.zeros(len(weights)) for weights in sigma]
        total = [np.zeros(len(weights)) for weights in sigma]
        for _ in range(self.rounds):
            for player, tensor in enumerate(tensors):
                payoff = against(tensor, player, sigma)
                centred = payoff - payoff.sum() / len(payoff)
                gain = (1.0 + self.optimism) * centred - self.optimism * before[player]
                if self.diversity:
                    gain += self.diversity * (1.0 - sigma[player])
                before[player] = centred
                largest = float(np.abs(gain).max())
                if largest > 1e-8:
                    gain /= largest
                chosen[player] = np.maximum(0.0, chosen[player] + gain)
                mass = float(chosen[player].sum())
                if mass < 1e-12:
                    play = np.full(len(payoff), 1.0 / len(payoff))
                else:
                    play = chosen[player] / mass
                if self.mix:
                    play = (1.0 - self.mix) * play + self.mix * _softmax(payoff, self.temperature)
                sigma[player] = play
                total[player] += play
        if self.average:
            return tuple(each / each.sum() for each in total)
        return tuple(each / each.sum() for each in sigma)


def train_settings(sizes: Sequence[int], step: int) -> Shor:
    """Return the constants for choosing what to respond to, at PSRO step ``step`` from 1.

    Formula: progress = min(1, step / 75): lambda .3 -> .05, tau .5 -> .01, div .05 -> .001, all
             linear; mu .5; rounds clip(1000 + 20 (n - 1), 1000, 5000), n the largest population
             (linear and largest: inferred)

    >>> train_settings([2, 2], 75).rounds
    1020
    """
    progress = min(1.0, step / 75.0)
    return Shor(
        rounds=min(5_000, max(1_000, 1_000 + 20 * (max(sizes) - 1))),
        mix=0.3 + (0.05 - 0.3) * progress,
        temperature=0.5 + (0.01 - 0.5) * progress,
        optimism=0.5,
        diversity=0.05 + (0.001 - 0.05) * progress,
        average=True,
    )


def judge_settings(sizes: Sequence[int]) -> Shor:
    """Return the constants for the profile that is reported.

    Formula: lambda .01, tau .001, mu .2, div 0; rounds clip(8000 + 50 (n - 1), 8000, 15000), n
             the largest population; the last play

    >>> judge_settings([101, 101]).rounds
    13000
    """
    rounds = min(15_000, max(8_000, 8_000 + 50 * (max(sizes) - 1)))
    return Shor(rounds, mix=0.01, temperature=0.001, optimism=0.2, diversity=0.0, average=False)


def shor(payoffs: Sequence[ArrayLike], step: int = 1) -> Weights:
    """Return SHOR's training weights at PSRO step ``step`` (from 1); see ``Shor.solve``."""
    tensors = checked(payoffs)
    return train_settings(tensors[0].shape, step).solve(tensors)


def shor_eval(payoffs: Sequence[ArrayLike], step: int = 1) -> Weights:
    """Return SHOR's weights for judging; see ``Shor.solve``. ``step`` is not used."""
    tensors = checked(payoffs)
    return judge_settings(tensors[0].shape).solve(tensors)


def mean_matching(payoffs: Sequence[ArrayLike], step: int = 1) -> Weights:
    """Return the average of SHOR's loop without softmax, optimism and diversity; 1,000 rounds.

    Like regret matching+ but for the centre, the plain mean of the payoffs, which makes it no
    no-regret method (``Shor.solve``); it keeps more of the population in play than an equilibrium
    does, which in PSRO helped in the games measured here.
    """
    return Shor(1_000, mix=0.0, temperature=1.0, optimism=0.0, diversity=0.0, average=True).solve(
        payoffs
    )


def _softmax(values: Floats, temperature: float) -> Floats:
    powers = np.exp((values - values.max()) / temperature)
    return np.asarray(powers / powers.sum(), dtype=np.float64)
