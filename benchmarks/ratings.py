"""How often the intervals of ratings hold the true strengths, over simulated leagues.

    python benchmarks/ratings.py [--leagues 1000] [--players 6] [--pairs 20] [--bootstrap 0]

Strengths are normal with a standard deviation of 0.7 logits. Everyone meets everyone on ``pairs``
seeds, in both seat orders; results follow Davidson's model with a first-move advantage of 0.3
logits and nu = 0.5 (equal players draw in a fifth of the games). Luck is the correlation of the two games of
a pair (of the normal variables behind them): above 0 a seed favours a player, whichever seat it
has; below 0 it favours a seat, so that the two orders cancel. Each game alone follows the model
exactly. Printed are the share of all strengths that lie in their 95 %
interval (goal: 93 to 97 %), the first-move parameter's, and, for
comparison, the share if every game is taken for independent of every other.
"""

import argparse
import time
from dataclasses import replace
from math import exp, sqrt
from statistics import NormalDist

import numpy as np

from envgym.agents.ratings.davidson import davidson
from envgym.agents.ratings.results import GameResult
from envgym.types.stream import derive

_NORMAL = NormalDist()


def league(
    strength: np.ndarray, pairs: int, luck: float, rng: np.random.Generator
) -> list[GameResult]:
    """Return the games of one league: everyone meets everyone, ``pairs`` seeds, both orders."""
    found = []
    for i in range(len(strength)):
        for j in range(i + 1, len(strength)):
            for number in range(pairs):
                seed, one, other = rng.standard_normal(3)
                shared, own = sqrt(abs(luck)) * seed, sqrt(1.0 - abs(luck))
                again = shared if luck < 0 else -shared
                for a, b, z in ((i, j, shared + own * one), (j, i, again + own * other)):
                    half = (strength[a] - strength[b] + 0.3) / 2.0
                    won, lost = exp(half), exp(-half)
                    u = _NORMAL.cdf(z) * (won + lost + 0.5)
                    score = 1.0 if u < won else 0.5 if u < won + 0.5 else 0.0
                    found.append(
                        GameResult(
                            players=(f"p{a:02d}", f"p{b:02d}"),
                            returns=(score, 1.0 - score),
                            cluster=f"{i}-{j}-{number}",
                        )
                    )
    return found


def coverage(
    leagues: int, players: int, pairs: int, luck: float = 0.0, bootstrap: int = 0, seed: int = 0
) -> dict[str, float]:
    """Return shares of intervals that hold the truth: clustered, independent, first_move."""
    held = alone = first = 0
    for number in range(leagues):
        rng = np.random.Generator(np.random.PCG64(derive(seed, "coverage", number)))
        strength = 0.7 * rng.standard_normal(players)
        strength -= strength.mean()
        games = league(strength, pairs, luck, rng)
        fit = davidson(games, bootstrap=bootstrap, seed=number)
        held += int(np.sum((fit.low <= strength) & (strength <= fit.high)))
        first += abs(fit.first_move - 0.3) <= 1.96 * fit.first_move_se
        free = davidson([replace(game, cluster="") for game in games])
        alone += int(np.sum((free.low <= strength) & (strength <= free.high)))
    total = leagues * players
    return {"clustered": held / total, "independent": alone / total, "first_move": first / leagues}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leagues", type=int, default=1000)
    parser.add_argument("--players", type=int, default=6)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--bootstrap", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for luck in (0.0, 0.8, -0.8):
        begun = time.perf_counter()
        found = coverage(args.leagues, args.players, args.pairs, luck, args.bootstrap, args.seed)
        print(
            f"luck {luck:g}: clustered {found['clustered']:.1%}, every game independent "
            f"{found['independent']:.1%}, first move {found['first_move']:.1%} "
            f"({time.perf_counter() - begun:.0f} s)"
        )


if __name__ == "__main__":
    main()
