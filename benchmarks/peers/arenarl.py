"""Tournament ranks of envgym beside those of ArenaRL's public code, on the same judges.

    python benchmarks/peers/arenarl.py CHECKOUT [--trials 200] [--seed 0]

CHECKOUT is a clone of Alibaba-NLP/qqr. The files of ``qqr/reward_models/arena`` are run, not
rewritten: only the two imports that lead to their agents and endpoints are replaced, by an empty
base class and a decorator that does nothing. Their anchor and round robin need pandas and are
left out where it is not installed. Printed:

1. the largest difference of advantages, ours minus theirs, for groups of a power of two under a
   perfect judge (scores are qualities) and a noisy one (scores depend on the pair), and in how
   many groups the order is the same. Round robin's advantages differ where points are equal:
   equals share the least rank there and their mean rank here. Any other difference above the
   precision of float32, and any other order, makes the run fail;
2. who gets a bye where the group is no power of two;
3. Kendall's tau with the true qualities under a perfect judge, which shows the defect of their
   Swiss format: it shuffles the list of players in place and then reads it by rollout index.
"""

import argparse
import asyncio
import importlib.util
import math
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from envgym.rewards import FakeComparator, Rules, by_value, run_tournament
from envgym.rewards.tournament.engine import Compare, Format
from envgym.types import Candidate, Match

FOLDER = Path("qqr") / "reward_models" / "arena"
CLASSES = {
    "seeded": ("single_elimination", "SingleEliminationGroupRewardModel"),
    "anchor": ("anchor", "AnchorBasedRankingGroupRewardModel"),
    "round_robin": ("round_robin", "RoundRobinGroupRewardModel"),
    "swiss": ("swiss", "SwissSystemGroupRewardModel"),
    "double": ("double_elimination", "DoubleEliminationGroupRewardModel"),
}
EXACT: tuple[Format, ...] = ("seeded", "anchor", "round_robin")
"""Formats without draws, whose advantages must be equal."""
RANKED: tuple[Format, ...] = ("swiss", "seeded", "double")
PRECISION = 1e-5
"""Their advantages are float32."""


def models(checkout: Path) -> dict[str, Any]:
    """Return their classes by our name of the format."""
    package, schemas = ModuleType("qqr"), ModuleType("qqr.schemas")
    base = type("GroupRewardModel", (), {})
    schemas.__dict__.update(GroupRewardModel=base, LLMRewardModel=object)
    registers = type("Registers", (), {"reward_model": staticmethod(lambda name: lambda cls: cls)})
    package.__dict__["registers"] = registers
    sys.modules.update({"qqr": package, "qqr.schemas": schemas})
    found: dict[str, Any] = {}
    for name, (file, cls) in CLASSES.items():
        path = checkout / FOLDER / f"{file}.py"
        if not path.is_file():
            sys.exit(f"{path} is not there; give a clone of Alibaba-NLP/qqr.")
        spec = importlib.util.spec_from_file_location(f"arena_{file}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ModuleNotFoundError as error:
            print(f"{name}: left out, their code needs {error.name}")
            continue
        found[name] = getattr(module, cls)
    return found


def names(size: int) -> list[str]:
    """Return rollout ids in the order of their indices."""
    return [f"r{i:02d}" for i in range(size)]


class Judge:
    """Answers their code by our comparison, and remembers who met."""

    def __init__(self, ask: Compare) -> None:
        self.ask = ask
        self.met: list[tuple[int, int]] = []

    async def __call__(self, first: str, second: str, *, query: str) -> dict[str, float]:
        self.met.append((int(first[1:]), int(second[1:])))
        low, high = sorted((first, second))
        match = self.ask([(low, high)])[0]
        assert match.scores is not None
        mine, other = match.scores if first == low else match.scores[::-1]
        return {"prediction": mine, "reference": other}


def theirs(model: Any, size: int, judge: Judge) -> list[float]:
    """Return their advantages."""
    advantages: list[float] = asyncio.run(model(judge).compute(names(size), "query"))
    return advantages


def perfect(quality: Sequence[float]) -> Compare:
    """Return a judge whose scores are the qualities."""
    ask: Compare = by_value(dict(zip(names(len(quality)), quality, strict=True)))
    return ask


def noisy(quality: Sequence[float], seed: int) -> Compare:
    """Return a judge whose scores depend on the pair, the same whenever it is asked."""
    known = dict(zip(names(len(quality)), quality, strict=True))
    judge = FakeComparator(quality=known, seed=seed)
    candidates = {id: Candidate(id=id, records=()) for id in known}

    def ask(pairs: Sequence[tuple[str, str]]) -> list[Match]:
        found: list[Match] = judge.compare([(candidates[a], candidates[b]) for a, b in pairs])
        return found

    return ask


def kendall(values: Sequence[float], quality: Sequence[float]) -> float:
    """Return tau-a between values and qualities; equal values count 0."""
    one, other = np.array(values), np.array(quality)
    agree = np.sign(one[:, None] - one[None, :]) * np.sign(other[:, None] - other[None, :])
    return float(agree.sum() / (len(one) * (len(one) - 1)))


def qualities(size: int, trials: int, seed: int) -> list[list[float]]:
    """Return the qualities of every trial."""
    drawn = np.random.Generator(np.random.PCG64([seed, size])).normal(size=(trials, size))
    return [[float(x) for x in row] for row in drawn]


def equal_ranks(found: dict[str, Any], trials: int, seed: int) -> bool:
    """Print differences of advantages and orders; return whether they are as promised."""
    print("\nlargest difference of advantages (ours - theirs), groups with the same order")
    print(f"{'format':12} {'N':>3} {'perfect judge':>14} {'noisy judge':>12} {'same order':>11}")
    fine = True
    for name in (name for name in EXACT if name in found):
        for size in (2, 4, 8, 16, 32):
            worst = {"perfect": 0.0, "noisy": 0.0}
            same = 0
            for trial, quality in enumerate(qualities(size, trials, seed)):
                asks = {"perfect": perfect(quality), "noisy": noisy(quality, trial)}
                for kind, ask in asks.items():
                    ranking = run_tournament(names(size), ask, Rules(format=name))
                    mine = [ranking.advantages[id] or 0.0 for id in names(size)]
                    other = theirs(found[name], size, Judge(ask))
                    gaps = (abs(a - b) for a, b in zip(mine, other, strict=True))
                    worst[kind] = max(worst[kind], *gaps)
                    same += order(mine) == order(other)
            # Equal points of a noisy round robin share another rank.
            judged = [worst["perfect"], *([] if name == "round_robin" else [worst["noisy"]])]
            fine = fine and max(judged) < PRECISION and same == 2 * trials
            print(
                f"{name:12} {size:3} {worst['perfect']:14.1e} {worst['noisy']:12.1e} "
                f"{same:5}/{2 * trials:5}"
            )
    return fine


def order(advantages: Sequence[float]) -> list[list[int]]:
    """Return who is how far up, equals together."""
    levels: dict[float, list[int]] = {}
    for index, advantage in enumerate(advantages):
        levels.setdefault(round(advantage, 4), []).append(index)
    return [levels[level] for level in sorted(levels, reverse=True)]


def byes(found: dict[str, Any]) -> None:
    """Print which seeds rest in the first round of the bracket, under a perfect judge."""
    print("\nseeds with a bye in the first round of the seeded bracket (0: the best)")
    for size in (3, 5, 6, 7, 9, 12):
        quality = [-float(i) for i in range(size)]
        judge = Judge(perfect(quality))
        theirs(found["seeded"], size, judge)
        bracket = judge.met[size - 1 :]
        first = bracket[: size // 2]
        rested = sorted(set(range(size)) - {i for pair in first for i in pair})
        ours = sorted(int(id[1:]) for _, id in run_tournament(names(size), perfect(quality)).byes)
        print(f"N = {size:2}  ours {ours}, theirs {rested}")


def truth(found: dict[str, Any], trials: int, seed: int) -> None:
    """Print Kendall's tau with the qualities, under a perfect judge."""
    print(f"\nKendall's tau with the truth under a perfect judge, {trials} trials, mean ± 95 %")
    print(f"{'format':12} {'N':>3} {'matches':>7} {'ours':>16} {'theirs':>16}")
    for name in RANKED:
        for size in (5, 6, 7, 8, 16):
            mine: list[float] = []
            other: list[float] = []
            for trial, quality in enumerate(qualities(size, trials, seed)):
                rules = Rules(format=name)
                ranking = run_tournament(names(size), perfect(quality), rules, seed=trial)
                mine.append(kendall([ranking.q[id] or 0.0 for id in names(size)], quality))
                random.seed(trial)
                judge = Judge(perfect(quality))
                other.append(kendall(theirs(found[name], size, judge), quality))
            print(
                f"{name:12} {size:3} {ranking.comparisons:7} {shown(mine):>16} {shown(other):>16}"
            )


def shown(values: Sequence[float]) -> str:
    """Return a mean with its 95 % interval."""
    half = 1.96 * statistics.stdev(values) / math.sqrt(len(values))
    return f"{statistics.fmean(values):.3f} ± {half:.3f}"


def commit(checkout: Path) -> str:
    """Return the commit of a clone."""
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    result = subprocess.run(command, capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else "unknown commit"


def main() -> None:
    """Print the three comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkout", type=Path, help="a clone of Alibaba-NLP/qqr")
    parser.add_argument("--trials", type=int, default=200, help="groups per line [200]")
    parser.add_argument("--seed", type=int, default=0, help="of the qualities [0]")
    args = parser.parse_args()
    print(f"Alibaba-NLP/qqr {commit(args.checkout)}")
    found = models(args.checkout)
    parts: list[Callable[[], None]] = [
        lambda: byes(found),
        lambda: truth(found, args.trials, args.seed),
    ]
    fine = equal_ranks(found, args.trials, args.seed)
    for part in parts:
        part()
    if not fine:
        sys.exit("advantages differ")


if __name__ == "__main__":
    main()
