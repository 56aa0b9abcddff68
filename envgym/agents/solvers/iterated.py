"""Running a solver that is not a regret rule, and measuring it on the way."""

import time
from typing import Protocol

from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.sequences import Floats
from envgym.agents.solvers.solve import Point, Solution, checkpoints
from envgym.agents.solvers.table import from_profile
from envgym.runtime.games.tree import GameTree


class Iterated(Protocol):
    """What gets better by iterations."""

    done: int

    def iterate(self) -> None:
        """Do one iteration."""
        ...

    def average(self) -> Floats:
        """Return the policy to use, as a profile of the tree."""
        ...

    def current(self) -> Floats:
        """Return the last iterate, as a profile of the tree."""
        ...


def run_iterated(
    tree: GameTree,
    algorithm: str,
    solver: Iterated,
    iterations: int,
    *,
    every: int | None = None,
    note: str = "",
) -> Solution:
    """Return what a solver comes to after ``iterations``, measured as ``solve`` does."""
    curve: list[Point] = []
    seconds = 0.0
    for stop in checkpoints(iterations, every):
        start = time.perf_counter()
        while solver.done < stop:
            solver.iterate()
        seconds += time.perf_counter() - start
        average, current = solver.average(), solver.current()
        found = quality(tree, average)
        curve.append(Point(stop, found.exploitability, quality(tree, current).exploitability))
    name = f"{algorithm}:{iterations}"
    return Solution(
        algorithm=algorithm,
        iterations=iterations,
        average=from_profile(tree, average, name),
        current=from_profile(tree, current, f"{name} (last iterate)"),
        quality=found,
        curve=tuple(curve),
        note=note,
        seconds=seconds,
    )
