"""Rescoring, the cost of a program inside ``step``, and a tournament over 64 rollouts.

    python benchmarks/rewards.py [--episodes 400] [--turns 50] [--repeats 7]

The baseline of rescoring is the same formula written by hand in plain Python over the same
records. Goals on one core: 100,000 steps/s of a program of ten nodes or more over records in memory, 30,000
from an episode file; 30 microseconds per step online; a seeded elimination over 64 rollouts with a
free comparator under 20 ms and exactly 2N - 2 comparisons.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from envgym.rewards import (
    Clip,
    Program,
    ProgressDelta,
    ReduceSum,
    Source,
    Tournament,
    charge,
    g_ra,
    score,
)
from envgym.runtime.episodes import EpisodeWriter, rescore
from envgym.types import Stream

Records = Sequence[Mapping[str, Any]]


def program() -> Program:
    """Return a gated program of fourteen nodes."""
    steps = ProgressDelta(Source("progress", lo=0, hi=1)) + charge("errors", 0.02, name="errors")
    collected = Clip(ReduceSum(steps), -0.4, 0.4)
    outcome = Source("outcome", "episode", 0, 1)
    return Program("ten", g_ra([outcome, collected], [0.0], name="gate"))


def by_hand(records: Records) -> tuple[float, tuple[float, ...]]:
    """Return total and settled rewards of ``program`` without any of its machinery."""
    steps = []
    for before, after in pairwise(records):
        gained = after["progress"] - before["progress"]
        steps.append(gained - 0.02 * (after["errors"] - before["errors"]))
    outcome = records[-1]["outcome"]
    whole = sum(steps)
    kept = min(max(whole, -0.4), 0.4) if outcome > 0 else 0.0
    if kept == whole:
        settled = list(steps)
    elif all(s >= 0 for s in steps) or all(s <= 0 for s in steps):
        settled = [s * kept / whole for s in steps]
    else:
        settled = [0.0] * (len(steps) - 1) + [kept]
    settled[-1] += outcome
    return outcome + kept, tuple(settled)


def episode(stream: Stream, turns: int) -> list[dict[str, Any]]:
    """Return the records of one made-up episode."""
    progress, errors = 0.0, 0
    records: list[dict[str, Any]] = []
    for turn in range(turns + 1):
        if turn:
            progress = min(1.0, progress + 0.02 * stream.uniform())
            errors += stream.uniform() < 0.1
        records.append(
            {"turn": turn, "errors": errors, "progress": progress, "tokens": 30 * turn, "end": None}
        )
    records[-1] |= {"outcome": float(stream.uniform() < 0.5), "end": "task"}
    return records


def write(folder: Path, episodes: Sequence[Records]) -> None:
    """Write the episodes as a file, with messages of a usual length."""
    writer = EpisodeWriter(folder)
    paid = program()
    for number, records in enumerate(episodes):
        books = paid.replay(records)
        ep = writer.head(
            env="envgym/GuessNumber-v0",
            version="0",
            config={},
            seed=number,
            task={"id": f"t{number}", "instruction": "guess"},
            agents=["agent"],
            spaces={},
            tools=[],
            program=paid.spec(),
            parent=None,
            group=None,
            masks=[],
            volatile=[],
        )
        writer.reset(ep, "Guess the number.", records[0])
        for event, record in enumerate(records[1:]):
            ended = "terminated" if record["end"] else None
            writer.event(ep, event, "is it 50?" * 5, [], None, "higher. " * 20, record, 0.0, ended)
        writer.end(ep, "task", True, None, True, books.total, books.ledger)
    writer.close()


def timed(work: Callable[[], Any]) -> float:
    """Return CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=400)
    parser.add_argument("--turns", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()
    paid = program()
    nodes = sum(1 for _ in paid.root.walk())
    episodes = [episode(Stream(i, "bench"), asked.turns) for i in range(asked.episodes)]
    steps = asked.episodes * asked.turns
    for records in episodes[:20]:
        books, (total, settled) = paid.replay(records), by_hand(records)
        assert abs((books.total or 0.0) - total) < 1e-12
        assert max(abs(a - b) for a, b in zip(books.settled, settled, strict=True)) < 1e-12

    def in_memory() -> None:
        for records in episodes:
            books = paid.replay(records)
            _ = books.total, books.settled

    def hand() -> None:
        for records in episodes:
            by_hand(records)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "episodes"
        write(place, episodes)
        jobs: dict[str, Callable[[], Any]] = {
            "by hand, in memory": hand,
            "envgym, in memory": in_memory,
            "envgym, from a file": lambda: rescore(place, paid),
        }
        times: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(asked.repeats):
            for name, work in jobs.items():
                times[name].append(timed(work))
    print(f"rescoring {asked.episodes} episodes of {asked.turns} steps, {nodes} nodes")
    base = statistics.median(times["by hand, in memory"])
    for name, found in times.items():
        middle = statistics.median(found)
        print(f"  {name:22} {steps / middle:12,.0f} steps/s  {base / middle:6.3f} of by hand")

    online = Program(
        "online",
        ProgressDelta(Source("progress", lo=0, hi=1))
        + charge("errors", 0.02, name="errors")
        + Clip(ProgressDelta(Source("tokens", lo=0)) * -0.001, -0.1, 0.0),
    )
    empty = Program("empty", Source("outcome", "episode", 0, 1))
    costs = {"online": online, "outcome only": empty}
    spent: dict[str, list[float]] = {name: [] for name in costs}
    for _ in range(asked.repeats):
        for name, each in costs.items():
            spent[name].append(timed(lambda p=each: [p.replay(r) for r in episodes]) / steps)
    count = sum(1 for _ in online.root.walk())
    micro = {name: 1e6 * statistics.median(found) for name, found in spent.items()}
    print(f"inside step, {count} nodes, microseconds per step (goal: under 30)")
    print(f"  online program {micro['online']:.2f}, outcome only {micro['outcome only']:.2f}")

    rivals = Program("cup", Tournament(Source("outcome", "episode", 0, 1), format="seeded"))
    group = [
        [{"end": None}, {"outcome": Stream(i, "cup").uniform(), "end": "task"}] for i in range(64)
    ]
    found = [timed(lambda: score(group, rivals)) for _ in range(asked.repeats)]
    report = score(group, rivals).report
    played = next(iter(report.values()))["comparisons"]
    print("a seeded elimination over 64 rollouts (goals: under 20 ms, 126 comparisons)")
    print(f"  {1e3 * statistics.median(found):.1f} ms, {played} comparisons")


if __name__ == "__main__":
    main()
