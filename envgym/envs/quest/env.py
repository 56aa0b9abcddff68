"""envgym/Quest-v0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Unpack

from pydantic import BaseModel

from envgym.envs.quest import rules, scripts, solver
from envgym.envs.quest.knobs import TURNS, Goal, Knobs, knobs_for
from envgym.envs.quest.layout import HELD, World
from envgym.envs.quest.params import Params
from envgym.envs.quest.view import STYLES, goal_text, view
from envgym.envs.quest.world import draw_world, world_digest
from envgym.rewards import Program
from envgym.rewards.presets import standard_presets
from envgym.runtime import settings
from envgym.runtime.env import TaskEnv
from envgym.runtime.settings import KernelArgs
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.runtime.tools import tool
from envgym.types import ConfigError, Evidence, Stream, Task, ToolError, Value

SPLITS = {"train": 1_000_000, "test": 10_000}


@dataclass(slots=True)
class QuestState:
    """One episode."""

    knobs: Knobs
    seed: int
    held_out: bool
    now: rules.State
    optimal: int
    """Commands of the best solution from reset."""
    left: int
    """Commands of the best solution from here."""
    won: bool = False
    seen: set[int] = field(default_factory=set)
    """Rooms visited."""
    reached: set[str] = field(default_factory=set)
    """Milestones: "take KEY", "unlock DOOR", ... of needed things, each counted once."""


class QuestEnv(TaskEnv):
    """Explore rooms, find keys and things, unlock doors, reach a goal with one-line commands.

    Observation: str, at most 8,192 characters. At reset the goal and what is in sight; then
        what happened and what is in sight, on one line; after a command that cannot be carried
        out the reason, "Nothing happened." and what is in sight.
    Action: str, the whole message; a one-line command such as "go north", "take key", "open
        chest", "unlock door", "put lamp in box", "drop lamp", "look", "inventory". Tools: do.
        A command that is unknown or impossible costs a turn and never raises.
    Rewards and evidence: outcome pays 1.0 for reaching the goal, else 0.0; dense adds the
        changes of progress; gated pays them only where the goal was reached; process shapes by
        the exact share of the way gone. Evidence: steps_left, optimal, progress, milestones,
        rooms_seen, outcome.
    Starting state: a world drawn from the task's seed and knobs; every world can be solved in
        ``min_steps`` to ``max_steps`` commands. No layout of the split "test" occurs in "train".
    End of episode: terminated by reaching the goal; truncated at max_turns (12, 40 or 80 by
        level, and never below ``max_steps`` unless given).
    Arguments: level ("small", "medium" or "large", default "small") sets all of the following,
        each of which replaces the level's value when given: width, height (int, 2-10), goal
        ("exit", "bring", "store" or "any"), doors (int, 0-4), containers (int, 0-6), objects
        (int, 0-20), openness (int, 0-100, percent), min_steps, max_steps (int, 2-200);
        observation ("relational" or "coordinates", default "relational"); hint (bool, default
        True): tell where the goal's things are; and those of every text environment.
    Version history: v0, first release.
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # Gymnasium declares a plain dict
        **TaskEnv.metadata,
        "stream": "quest",
        "version": "0",
        "proof": "win",
        "cost": "cheap",
        "snapshot": True,
        "command_tool": "do",
        "max_turns": TURNS["small"],
    }
    declares: ClassVar[tuple[Evidence, ...]] = (
        Evidence(
            key="steps_left",
            type="int",
            unit="commands",
            lo=0,
            help="length of the shortest solution from here",
        ),
        Evidence(
            key="optimal",
            type="int",
            unit="commands",
            lo=1,
            help="length of the shortest solution from reset",
        ),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="1 - steps_left / optimal, never below 0",
        ),
        Evidence(
            key="milestones",
            type="int",
            unit="milestones",
            lo=0,
            help="needed things taken and doors unlocked so far, each counted once",
        ),
        Evidence(key="rooms_seen", type="int", unit="rooms", lo=1, help="rooms visited so far"),
        Evidence(
            key="outcome",
            type="float",
            scope="episode",
            lo=0,
            hi=1,
            help="1.0 if the goal was reached, else 0.0",
        ),
    )
    state: QuestState

    def __init__(
        self,
        *,
        level: Literal["small", "medium", "large"] = "small",
        width: int | None = None,
        height: int | None = None,
        goal: Goal | None = None,
        doors: int | None = None,
        containers: int | None = None,
        objects: int | None = None,
        openness: int | None = None,
        min_steps: int | None = None,
        max_steps: int | None = None,
        observation: Literal["relational", "coordinates"] = "relational",
        hint: bool = True,
        **kernel: Unpack[KernelArgs],
    ) -> None:
        self.knobs = knobs_for(
            level,
            {
                "width": width,
                "height": height,
                "goal": goal,
                "doors": doors,
                "containers": containers,
                "objects": objects,
                "openness": openness,
                "min_steps": min_steps,
                "max_steps": max_steps,
            },
        )
        settings.check_choice("Quest", "observation", observation, STYLES)
        if not isinstance(hint, bool):
            raise ConfigError(f"Quest: hint must be True or False, got {hint!r}.")
        self._style, self._hint = observation, hint
        if kernel.get("tasks") is None:
            draw_world(self.knobs, 0, False)  # impossible knobs fail here, not at reset
        if kernel.get("max_turns") is None:
            kernel["max_turns"] = max(TURNS[level], self.knobs.max_steps)
        self._drawn: tuple[QuestState, World] | None = None
        super().__init__(**kernel)

    def builtin_tasks(self) -> TaskSet:
        """Return a million training worlds and ten thousand of held-out layouts."""
        return ProceduralTasks(SPLITS, self._task)

    def _task(self, split: str, index: int) -> Task:
        steps = self.knobs.max_steps
        return Task(
            id=f"{split}/{index}",
            split=split,
            params={"world": index, "held_out": split == "test", **self.knobs.to_json()},
            difficulty="easy" if steps <= 12 else "medium" if steps <= 24 else "hard",
        )

    @classmethod
    def world_digest(cls, task: Task) -> str:
        """Name the layout: distractors and the words for things make no new problem."""
        return world_digest(task)

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        """Return what a task decides: the world's seed and its knobs."""
        return Params

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        """Return the four standard programs over outcome and progress."""
        return standard_presets()

    @property
    def _world(self) -> World:
        """The world of ``self.state``, kept beside it: it never changes and is not pickled."""
        state = self.state
        if self._drawn is None or self._drawn[0] is not state:
            self._drawn = state, draw_world(state.knobs, state.seed, state.held_out)
        return self._drawn[1]

    def begin(self, task: Task, stream: Stream) -> str:
        """Build the world; nothing is drawn from ``stream``: the task decides all."""
        params = dict(task.params)
        seed, held_out = int(params.pop("world")), bool(params.pop("held_out", False))
        knobs = Knobs(**params)
        world = draw_world(knobs, seed, held_out)
        now = rules.initial(world)
        left = solver.steps_left(world, now)
        self.state = QuestState(
            knobs=knobs,
            seed=seed,
            held_out=held_out,
            now=now,
            optimal=left,
            left=left,
            seen={now.room},
        )
        return f"{task.instruction or goal_text(world)} {self._view()}"

    def _view(self) -> str:
        return view(self._world, self.state.now, style=self._style, hint=self._hint)

    @tool
    def do(
        self,
        command: Annotated[
            str,
            "one of: go DIRECTION, take THING, drop THING, open CONTAINER, unlock DOOR,"
            " put THING in CONTAINER, look, inventory",
        ],
    ) -> str:
        """Carry out one command of the quest."""
        state, world = self.state, self._world
        before = state.now
        try:
            state.now, event = rules.apply(world, before, command)
        except rules.Refused as refused:
            raise ToolError(f"{refused} Nothing happened. {self._view()}") from None
        state.seen.add(state.now.room)
        state.won = rules.won(world, state.now)
        state.left = 0 if state.won else solver.steps_left(world, state.now)
        if state.now.where is not before.where or state.now.unlocked != before.unlocked:
            self._count_milestones(before)
        if state.won:
            self.finish(True)
            return f"{event} You win."
        return f"{event} {self._view()}" if event else self._view()

    def _count_milestones(self, before: rules.State) -> None:
        now, world = self.state.now, self._world
        for thing in range(world.needed):
            if now.where[thing] == HELD != before.where[thing]:
                self.state.reached.add(f"take {world.things[thing]}")
        for i, door in enumerate(world.doors):
            if (now.unlocked & ~before.unlocked) >> i & 1:
                self.state.reached.add(f"unlock {door.name}")

    def facts(self) -> dict[str, Value]:
        """Return the counts and distances after the latest command."""
        state = self.state
        return {
            "steps_left": state.left,
            "optimal": state.optimal,
            "progress": max(0.0, 1.0 - state.left / state.optimal),
            "milestones": len(state.reached),
            "rooms_seen": len(state.seen),
        }

    def final_facts(self) -> dict[str, Value]:
        """Return the outcome."""
        return {"outcome": 1.0 if self.state.won else 0.0}

    def oracle(self) -> str | None:
        """Return the first command of a shortest solution from the current state."""
        return None if self.state.won else solver.best_command(self._world, self.state.now)

    def near_misses(self) -> dict[str, list[str]]:
        """Return solutions that lack what matters."""
        return scripts.near_misses(self._world)

    def exploits(self) -> dict[str, list[str]]:
        """Return busy scripts that must gain nothing."""
        return scripts.exploits(self._world, self.limits.turns or 2 * self.state.optimal)

    def random_action(self, stream: Stream) -> str:
        """Return a command that is possible here, each equally likely."""
        return stream.choice(rules.possible(self._world, self.state.now))
