"""What the designer of a paired quest may choose, and the designs that are known."""

from dataclasses import asdict, dataclass
from typing import Any, get_args

from envgym.envs.quest.knobs import Goal, Knobs
from envgym.envs.quest.world import draw_world
from envgym.types import ConfigError, Stream, ToolError

BOUNDS = {
    "width": (2, 6),
    "height": (2, 6),
    "doors": (0, 2),
    "containers": (0, 3),
    "objects": (0, 6),
    "openness": (0, 100),
    "world": (0, 9_999),
}
"""Lowest and highest value of each number: within Quest's own, so that any world is drawn fast."""
SHORTEST = 2
"""Commands of the shortest solution at least: nothing is solved before it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One choice of the designer: Quest's knobs and which of their worlds."""

    width: int
    height: int
    goal: Goal
    doors: int
    containers: int
    objects: int
    openness: int
    world: int
    """Seed of the world."""

    def params(self, turns: int) -> dict[str, Any]:
        """Return the quest task's ``params``: a world that ``turns`` commands can solve."""
        return {**asdict(self), "min_steps": SHORTEST, "max_steps": turns}

    def check(self, turns: int) -> None:
        """Raise ToolError, a sentence for the designer, if there is no such world."""
        knobs = self.params(turns)
        world = knobs.pop("world")
        try:
            draw_world(Knobs(**knobs), world, False)
        except ConfigError as impossible:
            raise ToolError(f"There is no such world. {impossible}") from None


def reference_design(stream: Stream) -> Design:
    """Return a world that is out of reach of who errs often, and easy for a solver.

    The largest maze with everything in it. What maximises the regret against given players is not
    known; against a solver and a protagonist whose every other command is random, this one is
    near the most, 1.
    """
    return Design(
        width=6,
        height=6,
        goal="store",
        doors=2,
        containers=3,
        objects=6,
        openness=0,
        world=stream.integers(*BOUNDS["world"]),
    )


def random_design(stream: Stream, turns: int) -> Design:
    """Return a design with every choice drawn uniformly among those that have a world."""
    while True:
        numbers = {name: stream.integers(low, high) for name, (low, high) in BOUNDS.items()}
        goal: Goal = stream.choice(get_args(Goal))
        design = Design(goal=goal, **numbers)
        try:
            design.check(turns)
        except ToolError:
            continue
        return design
