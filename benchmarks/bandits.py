"""Closed-loop bandits: steps per second, single and in vectors, beside Gymnasium and two peers.

    python benchmarks/bandits.py [--repeats 5] [--seconds 0.2] [--json FILE] [--figure FILE]

All of FairThreshold with 41 thresholds and horizons that do not end, one thread, CPU time (CUDA:
wall time). Contenders of a table take turns; a figure is the median over repeats, a ratio the
median over repeats of the ratio to the table's first row. Every step of a vector of B counts B.

Single: with Gymnasium's wrappers, without, and buffalo-gym's 41-armed bandit, which has no state.
Aim: 10,000 with wrappers.
Vectors: B = 1, 64, 1,024, 8,192 by noise, beside Gymnasium's ``SyncVectorEnv`` over single ones, and
on PyTorch. Aims for B = 1,024: 1,000,000 binomial, 10,000,000 gaussian; CUDA, B = 2**20: 50,000,000.
Learning: an environment and UCB1 that learns from it; MABWiser's ``predict`` and ``partial_fit``
with our single environment.

What is not installed is named and left out (``pip install mabwiser buffalo-gym torch``; ``--peers
FOLDER`` adds a folder that ``pip install --target`` filled).
"""

import argparse
import importlib
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import SyncVectorEnv

from envgym.agents.learners.registry import make_learner
from envgym.runtime.numeric.vector import make_numeric_vector

ENV = "envgym/FairThreshold-v0"
ARMS = 41
LONG = 10_000_000
"""Rounds per episode: none ends while it is timed."""
SIZES = (1, 64, 1024, 8192)
SYNC = 1024
"""Largest vector that Gymnasium steps one by one."""
WIDE = 1 << 20
NOISES = ("binomial", "gaussian", "none")
LIBRARIES = ("numpy", "gymnasium", "torch", "mabwiser", "buffalo-gym")
Work = Callable[[int], None]
"""Does so many steps (of a vector: of all its rows)."""


@dataclass(frozen=True)
class Row:
    """One contender of a table."""

    name: str
    batch: int
    steps_per_second: float
    """Median."""
    ratio: float
    """Median over repeats of the ratio to the first row."""
    least: float
    most: float


@dataclass(frozen=True)
class Contender:
    """One thing to time."""

    name: str
    batch: int
    work: Work
    clock: Callable[[], float] = time.process_time


def race(contenders: list[Contender], repeats: int, seconds: float) -> list[Row]:
    """Return a row per contender; they take turns, each for about ``seconds`` at a time."""
    sizes = [_size(each, seconds) for each in contenders]
    rates: list[list[float]] = [[] for _ in contenders]
    for _ in range(repeats):
        for each, size, found in zip(contenders, sizes, rates, strict=True):
            begin = each.clock()
            each.work(size)
            found.append(size * each.batch / (each.clock() - begin))
    return [
        Row(
            name=each.name,
            batch=each.batch,
            steps_per_second=statistics.median(found),
            ratio=statistics.median(a / b for a, b in zip(found, rates[0], strict=True)),
            least=min(found),
            most=max(found),
        )
        for each, found in zip(contenders, rates, strict=True)
    ]


def _size(each: Contender, seconds: float) -> int:
    """Return how many steps take about so long, after a warm-up."""
    each.work(2)
    count = 1
    while True:
        begin = each.clock()
        each.work(count)
        spent = each.clock() - begin
        if spent > seconds / 4:
            return max(1, round(count * seconds / spent))
        count *= 4 if spent > seconds / 40 else 16


# -- What is timed ---------------------------------------------------------------------------


def singly(env: Any) -> Work:
    """Step one environment with its arms in turn."""
    env.reset(seed=0)

    def work(count: int) -> None:
        for number in range(count):
            env.step(number % ARMS)

    return work


def jointly(envs: Any, actions: list[Any]) -> Work:
    """Step a vector with prepared actions in turn."""
    envs.reset(seed=0)

    def work(count: int) -> None:
        for number in range(count):
            envs.step(actions[number & 7])

    return work


def drawn(batch: int) -> list[Any]:
    """Return eight batches of uniform actions."""
    rng = np.random.Generator(np.random.PCG64(0))
    return [rng.integers(ARMS, size=batch) for _ in range(8)]


def made(**arguments: Any) -> Any:
    """Return a single environment with Gymnasium's wrappers."""
    return gym.make(ENV, horizon=LONG, **arguments)


def bare(**arguments: Any) -> Any:
    """Return a single environment without wrappers."""
    return made(disable_env_checker=True, **arguments).unwrapped


def single_table(missing: dict[str, str]) -> list[Contender]:
    """Return single environments."""
    rows = [
        Contender("envgym, gym.make", 1, singly(made())),
        Contender("envgym, without wrappers", 1, singly(bare())),
        Contender("envgym, dense reward, without wrappers", 1, singly(bare(reward="dense"))),
        Contender("envgym, noise none, without wrappers", 1, singly(bare(noise="none"))),
    ]
    if imported("buffalo_gym", missing) is not None:
        rows.append(
            Contender("buffalo-gym, gym.make", 1, singly(gym.make("Buffalo-v0", arms=ARMS)))
        )
        plain = gym.make("Buffalo-v0", arms=ARMS).unwrapped
        rows.append(Contender("buffalo-gym, without wrappers", 1, singly(plain)))
    return rows


def vector_table(noise: str, missing: dict[str, str]) -> list[Contender]:
    """Return vectors of one kind of noise."""
    rows = []
    for batch in SIZES:
        if batch <= SYNC:
            sync = SyncVectorEnv([partial(bare, noise=noise)] * batch)
            rows.append(Contender("Gymnasium, SyncVectorEnv", batch, jointly(sync, drawn(batch))))
    for batch in SIZES:
        envs = make_numeric_vector(ENV, batch, noise=noise, horizon=LONG)
        rows.append(Contender("envgym", batch, jointly(envs, drawn(batch))))
    torch = imported("torch", missing)
    if torch is None:
        return rows
    torch.set_num_threads(1)
    for device, sizes in (("cpu", SIZES), ("cuda", (*SIZES, WIDE))):
        if device == "cuda" and not torch.cuda.is_available():
            continue
        for batch in sizes:
            rows.append(on_torch(torch, device, noise, batch))
    return rows


def on_torch(torch: Any, device: str, noise: str, batch: int) -> Contender:
    """Return a vector of tensors; on a GPU wall time until it is idle, float32."""
    dtype = "float32" if device == "cuda" else "float64"
    envs = make_numeric_vector(
        ENV, batch, noise=noise, horizon=LONG, backend="torch", device=device, dtype=dtype
    )
    work = jointly(envs, [torch.as_tensor(each, device=device) for each in drawn(batch)])
    if device == "cpu":
        return Contender("envgym, PyTorch cpu", batch, work)

    def clock() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return Contender("envgym, PyTorch cuda, float32", batch, work, clock)


def learning_table(missing: dict[str, str]) -> list[Contender]:
    """Return environments with a learner that plays them."""
    rows = []
    mab = imported("mabwiser.mab", missing)
    if mab is not None:
        rows.append(Contender("MABWiser UCB1 and one envgym", 1, learns_mabwiser(mab)))
    for name in ("ucb1", "ofs"):
        for batch in SIZES[:3]:
            rows.append(Contender(f"envgym and {name}", batch, learns(name, batch)))
    return rows


def learns(name: str, batch: int) -> Work:
    """Play a vector with a learner of ours."""
    envs = make_numeric_vector(ENV, batch, horizon=LONG)
    learner = make_learner(name)
    learner.begin(envs.problem, batch, 0)
    shown = [envs.reset(seed=0)[0]]

    def work(count: int) -> None:
        obs = shown[0]
        for _ in range(count):
            obs, _, _, _, infos = envs.step(learner.act(obs))
            learner.update(infos["revealed"])
        shown[0] = obs

    return work


def learns_mabwiser(mab: Any) -> Work:
    """Play a single environment with MABWiser's UCB1."""
    env = bare()
    env.reset(seed=0)
    learner = mab.MAB(list(range(ARMS)), mab.LearningPolicy.UCB1(alpha=1.0), seed=0)
    first = list(range(ARMS))
    learner.fit(first, [env.step(arm)[1] for arm in first])

    def work(count: int) -> None:
        for _ in range(count):
            arm = learner.predict()
            learner.partial_fit([arm], [env.step(arm)[1]])

    return work


# -- The whole -------------------------------------------------------------------------------


def imported(name: str, missing: dict[str, str]) -> Any:
    """Return a module; None, with the reason in ``missing``, where it cannot be imported."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing[name] = str(error)
        return None


def versions() -> dict[str, str]:
    """Return the versions of what was compared."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def tables(missing: dict[str, str]) -> Iterator[tuple[str, Callable[[], list[Contender]]]]:
    """Yield a title and what makes its contenders."""
    yield "single", partial(single_table, missing)
    for noise in NOISES:
        yield f"vector, {noise}", partial(vector_table, noise, missing)
    yield "learning", partial(learning_table, missing)


def parsed() -> argparse.Namespace:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="alternated [default: 5]")
    parser.add_argument(
        "--seconds", type=float, default=0.2, help="per contender and repeat [default: 0.2]"
    )
    parser.add_argument("--only", metavar="TEXT", default="", help="tables whose title has this")
    parser.add_argument("--peers", metavar="FOLDER", help="further place of installed packages")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write all rows here")
    parser.add_argument(
        "--figure", metavar="FILE", type=Path, help="also draw the vectors' steps/s"
    )
    return parser.parse_args()


def main() -> None:
    args = parsed()
    warnings.simplefilter("ignore")  # other people's
    if args.peers:
        sys.path.append(args.peers)
    missing: dict[str, str] = {}
    found: dict[str, list[Row]] = {}
    for title, make in tables(missing):
        if args.only in title:
            found[title] = race(make(), args.repeats, args.seconds)
    print(", ".join(f"{name} {number}" for name, number in versions().items()))
    print(f"medians of {args.repeats} alternated repeats; load average {os.getloadavg()[0]:.1f}")
    for name, reason in missing.items():
        print(f"left out: {name} ({reason})")
    for title, rows in found.items():
        report(title, rows)
    aims(found)
    if args.json is not None:
        args.json.write_text(json.dumps(as_json(found, missing), indent=1) + "\n")
    if args.figure is not None:
        figure(found, args.figure)


def report(title: str, rows: list[Row]) -> None:
    """Print one table."""
    print(f"\n{title:40}{'B':>9}{'steps/s':>14}{'lowest':>14}{'highest':>14}  ratio")
    for row in rows:
        print(
            f"  {row.name:38}{row.batch:9,}{row.steps_per_second:14,.0f}{row.least:14,.0f}"
            f"{row.most:14,.0f}  {row.ratio:.4g}"
        )


AIMS = (
    ("single", "envgym, gym.make", 1, 1e4),
    ("vector, binomial", "envgym", 1024, 1e6),
    ("vector, gaussian", "envgym", 1024, 1e7),
    ("vector, gaussian", "envgym, PyTorch cuda, float32", WIDE, 5e7),
)


def aims(found: Mapping[str, list[Row]]) -> None:
    """Print each aim beside what was measured, and what a vector gains over Gymnasium's."""
    print()
    for title, name, batch, aim in AIMS:
        for row in found.get(title, []):
            if (row.name, row.batch) == (name, batch):
                rate = row.steps_per_second
                print(f"{title}, {name}, B {batch:,}: {rate:,.0f} (aim {aim:,.0f})")
    peer = "Gymnasium, SyncVectorEnv"
    for title, rows in found.items():
        rates = {(row.name, row.batch): row.steps_per_second for row in rows}
        for (name, batch), rate in rates.items():
            if name != peer and (peer, batch) in rates:
                times = rate / rates[peer, batch]
                print(f"{title}, {name}, B {batch:,}: {times:,.1f} times SyncVectorEnv")


def as_json(found: Mapping[str, list[Row]], missing: Mapping[str, str]) -> dict[str, Any]:
    """Return everything."""
    return {
        "versions": versions(),
        "load": os.getloadavg()[0],
        "missing": dict(missing),
        "tables": {title: [asdict(row) for row in rows] for title, rows in found.items()},
    }


def figure(found: Mapping[str, list[Row]], path: Path) -> None:
    """Draw steps per second against B, where this installation can."""
    speeds = imported("envgym.cli.study.speeds", {})
    if speeds is None:
        print("no figure: this installation has no envgym.cli.study.speeds")
        return
    rows = [
        {**asdict(row), "name": f"{row.name}, {title.removeprefix('vector, ')}"}
        for title, found_rows in found.items()
        if title.startswith("vector")
        for row in found_rows
    ]
    speeds.figure_speeds(rows, path)


if __name__ == "__main__":
    main()
