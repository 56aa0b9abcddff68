"""How well each tournament format ranks under a noisy, position-biased judge, and what it costs.

    python benchmarks/tournaments.py [--repeats 1000] [--sizes 8 16] [--scores]

Qualities are standard normal; the judge is logistic with slope 2 and a position bias of 0.5
logits, asked in both orders. Each order gives its winner one point (``--scores``: the judge gives
its margin as a score, so that ties vanish). All formats of a repeat see the same qualities and
the same answers, so differences between formats are paired. Kendall's tau (tau-a: equal ranks
count 0) is against the true qualities; intervals are 95 %. "noted" are the figures of the note
that the formats were chosen by; its simulator is not known in detail, the order of formats is
what this reproduces. "confidence" is the ranking's own, without knowing the qualities; "right
pairs" is what it estimates. Last, the time of a seeded elimination over 64 rollouts with a
comparator that costs nothing (goal: under 20 ms, exactly 2N - 2 comparisons).
"""

import argparse
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple, get_args

import numpy as np

from envgym.rewards import FakeComparator, Rules, by_value, run_tournament
from envgym.rewards.tournament.engine import Format
from envgym.rewards.tournament.ranking import Ranking
from envgym.types import Candidate, Match

ROUNDS = "single, rounds only"
"""The single elimination's matches, ranked by the round reached alone: its losers of a round are
not told apart by their scores, as in the note."""
MORE = "swiss, a round more"
"""ceil(log2 N) + 1 rounds, whose number of comparisons the note gives."""
NOTED = {
    8: {"round_robin": 0.80, MORE: 0.69, "sparse_bt": 0.72, "seeded": 0.58, ROUNDS: 0.42,
        "anchor": 0.48},
    16: {"round_robin": 0.85, MORE: 0.69, "sparse_bt": 0.67, "seeded": 0.54, ROUNDS: 0.39,
         "anchor": 0.44},
}  # fmt: skip
ORDER = (
    ("round_robin", MORE),
    ("round_robin", "sparse_bt"),
    (MORE, "seeded"),
    ("sparse_bt", "seeded"),
    ("seeded", "anchor"),
    ("anchor", ROUNDS),
)
"""Better before worse, as the note has it; swiss and sparse_bt change places between its sizes."""


class Run(NamedTuple):
    """One tournament of the simulation."""

    ranking: Ranking
    tau: float
    right: float
    """Share of the differently ranked pairs whose better is the better ranked."""


def rules(size: int) -> dict[str, Rules]:
    """Return what is played, by its name in the table."""
    rounds = (size - 1).bit_length() + 1
    return {
        "round_robin": Rules(format="round_robin"),
        MORE: Rules(format="swiss", rounds=rounds),
        "swiss": Rules(format="swiss"),
        "sparse_bt": Rules(format="sparse_bt"),
        "double": Rules(format="double"),
        "seeded": Rules(format="seeded"),
        "anchor": Rules(format="anchor"),
        "single": Rules(format="single"),
    }


def kendall(ranks: Mapping[str, float | None], quality: Mapping[str, float]) -> float:
    """Return tau-a between a ranking and the qualities; equal ranks count 0."""
    ids = sorted(quality)
    rank = np.array([float(ranks[id] or 0.0) for id in ids])
    true = np.array([quality[id] for id in ids])
    agree = np.sign(rank[None, :] - rank[:, None]) * np.sign(true[:, None] - true[None, :])
    return float(agree.sum() / (len(ids) * (len(ids) - 1)))


def placed(ranking: Ranking, quality: Mapping[str, float]) -> float:
    """Return the share of differently ranked pairs whose better is the better ranked."""
    ids = sorted(quality)
    pairs = [(a, b) for a in ids for b in ids if (ranking.ranks[a] or 0) < (ranking.ranks[b] or 0)]
    return statistics.fmean(quality[a] > quality[b] for a, b in pairs) if pairs else 0.5


def reached(ranking: Ranking) -> dict[str, float]:
    """Return ranks of a single elimination by the round reached alone."""
    last = {id: match.round for match in ranking.matches for id in (match.first, match.second)}
    final = ranking.matches[-1]
    champion = final.second if final.result == "second" else final.first
    return {id: -float(number) - (id == champion) for id, number in last.items()}


def simulate(size: int, repeats: int, votes: bool) -> dict[str, list[Run]]:
    """Return the runs of every row of the table."""
    found: dict[str, list[Run]] = defaultdict(list)
    ids = [f"r{i:02d}" for i in range(size)]
    candidates = {id: Candidate(id=id, records=()) for id in ids}
    for repeat in range(repeats):
        drawn = np.random.Generator(np.random.PCG64([size, repeat])).normal(size=size)
        quality = dict(zip(ids, map(float, drawn), strict=True))
        judge = FakeComparator(quality=quality, slope=2.0, bias=0.5, votes=votes, seed=repeat)

        def ask(pairs: Sequence[tuple[str, str]], judge: FakeComparator = judge) -> Sequence[Match]:
            return judge.compare([(candidates[a], candidates[b]) for a, b in pairs])

        for name, how in rules(size).items():
            ranking = run_tournament(ids, ask, how, seed=repeat)
            tau = kendall(ranking.ranks, quality)
            found[name].append(Run(ranking, tau, placed(ranking, quality)))
        by_round = kendall(reached(ranking), quality)
        found[ROUNDS].append(found["single"][-1]._replace(tau=by_round))
    return found


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and half the width of its 95 % interval."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.fmean(values), 1.96 * spread / math.sqrt(len(values))


def report(size: int, found: Mapping[str, Sequence[Run]]) -> None:
    """Print the table of one group size and the paired differences."""
    print(f"\nN = {size}")
    print(
        f"{'format':20} {'matches':>7} {'calls':>6} {'tau':>13} {'noted':>6} "
        f"{'confidence':>10} {'right pairs':>11} {'ties':>5}"
    )
    for name, runs in found.items():
        tau, half = interval([run.tau for run in runs])
        noted = NOTED.get(size, {}).get(name)
        matches = [match for run in runs for match in run.ranking.matches]
        ties = sum(match.result == "tie" for match in matches) / len(matches)
        print(
            f"{name:20} {len(matches) / len(runs):7.0f} "
            f"{statistics.fmean(run.ranking.calls for run in runs):6.1f} "
            f"{tau:5.3f} ± {half:.3f} {'' if noted is None else f'{noted:.2f}':>6} "
            f"{statistics.fmean(run.ranking.confidence for run in runs):10.3f} "
            f"{statistics.fmean(run.right for run in runs):11.3f} {ties:5.2f}"
        )
    print("differences of tau, paired")
    for better, worse in ORDER:
        gaps = [a.tau - b.tau for a, b in zip(found[better], found[worse], strict=True)]
        mean, half = interval(gaps)
        said = "as noted" if mean - half > 0 else "not as noted" if mean + half < 0 else "open"
        print(f"{better:>20} - {worse:20} {mean:+.3f} ± {half:.3f}  {said}")


def speed(rollouts: int = 64, repeats: int = 50) -> None:
    """Print the time of every format over so many rollouts with a free comparator."""
    ids = [f"r{i:02d}" for i in range(rollouts)]
    values = np.random.Generator(np.random.PCG64(0)).normal(size=rollouts)
    ask = by_value(dict(zip(ids, map(float, values), strict=True)))
    print(f"\n{rollouts} rollouts, free comparator (goal for seeded: under 20 ms)")
    for name in get_args(Format):
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            ranking = run_tournament(ids, ask, Rules(format=name))
            times.append(time.perf_counter() - start)
        exact = f", 2N - 2 = {2 * rollouts - 2}" if name in ("seeded", "double") else ""
        print(
            f"{name:12} {1e3 * statistics.median(times):7.2f} ms, "
            f"{ranking.comparisons} comparisons{exact}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1000, help="groups per size [1000]")
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 16], help="N [8 16]")
    parser.add_argument("--scores", action="store_true", help="the judge gives scores, not votes")
    args = parser.parse_args()
    kind = "scores" if args.scores else "votes"
    print(f"logistic judge, slope 2, bias 0.5, both orders, {kind}; {args.repeats} groups per size")
    for size in args.sizes:
        report(size, simulate(size, args.repeats, not args.scores))
    speed()


if __name__ == "__main__":
    main()
