"""The text view of a numeric environment, which any language model can play."""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from envgym.rewards import Program
from envgym.runtime.env import TaskEnv
from envgym.runtime.numeric.actions import random_valid, read_action
from envgym.runtime.numeric.core import Core, Facts, Scalar
from envgym.runtime.numeric.evidence import OPENING, lost_facts, with_common
from envgym.runtime.numeric.measures import Measures
from envgym.runtime.numeric.memory import MEMORIES, Column, Memory
from envgym.runtime.numeric.noise import generator
from envgym.runtime.numeric.parameters import core_parameters, split_arguments
from envgym.runtime.numeric.presets import numeric_presets
from envgym.runtime.settings import KernelArgs, check_choice
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.types import Call, ConfigError, Evidence, Stream, Task, ToolError, Value
from envgym.types.bandit import Outcome, Problem

SPLITS = {"train": 1_000_000, "test": 10_000}
TEXT_ARGUMENTS: Mapping[str, tuple[Any, str]] = {
    "memory": ("table", "str"),
    "names": ("shown", "str"),
    "wording": (0, "int"),
}
"""Arguments that every text view has: default and type."""
WORDINGS = (0, 1, 2)


class World(BaseModel):
    """What a task decides."""

    model_config = ConfigDict(extra="forbid", strict=True)

    world: int = Field(ge=0)
    """Number of the world: seeds what is drawn once."""


@dataclass(slots=True)
class Play:
    """One episode."""

    scalar: Scalar
    rng: Generator
    memory: Memory
    measures: Measures
    facts: Facts
    costly: dict[str, float]
    total: float = 0.0
    """Sum of what the rounds were worth."""
    over: bool = False
    """Whether the world ended."""
    fresh: list[Outcome] = field(default_factory=list)
    """Revealed since a learner last looked."""


class NumericText(TaskEnv):
    """Base of the text views; a family says how its rounds are told.

    A message without a valid action costs a turn: the world does not move and that turn's
    utility is 0.
    """

    metadata: dict[str, Any] = {
        **TaskEnv.metadata,
        "proof": "reference",
        "cost": "moderate",
        "episodes": 60,  # of the proof: the numeric form proves the same over more
        "max_turns": None,
    }
    core_class: ClassVar[type[Core]]
    declares: ClassVar[tuple[Evidence, ...]] = with_common(())
    defaults: ClassVar[Mapping[str, Any]] = {"horizon": 50}
    """Core arguments whose defaults differ from the numeric environment's."""
    columns: ClassVar[tuple[Column, ...]] = (Column("reward"),)
    """What tables and lists of rounds show of an outcome."""
    state: Play

    def __init__(self, **arguments: Any) -> None:
        where = type(self).__name__
        kernel, own = split_arguments(
            where, self.core_class, KernelArgs, arguments, more=TEXT_ARGUMENTS
        )
        found = {n: kernel.pop(n, default) for n, (default, _) in TEXT_ARGUMENTS.items()}
        check_choice(where, "memory", found["memory"], MEMORIES)
        check_choice(where, "names", found["names"], ("shown", "hidden"))
        check_choice(where, "wording", found["wording"], WORDINGS)
        check_choice(where, "calls", kernel.get("calls", "last"), ("last",))
        self.memory: str = found["memory"]
        self.shown: bool = found["names"] == "shown"
        """Whether the story is told; else the words of a pure bandit."""
        self.wording: int = found["wording"]
        """Which paraphrase, 0 to 2."""
        self.core: Core = self.core_class(**{**self.defaults, **own})
        self.problem: Problem = self.core.problem
        self._space: gymnasium.Space[Any] = self.core.action_space
        self._opening = {**OPENING, **self.core.opening()}
        self._lost = lost_facts(self.declares, self.core)
        super().__init__(**kernel)
        self._measured = [key for key in ("progress", "novelty") if key in self._costly]
        self._system = f"{self.rules()}\n\n{self._system}"

    @classmethod
    def own_parameters(cls) -> dict[str, inspect.Parameter]:
        """Return the arguments that not every text environment has, for pages and checks."""
        found = core_parameters(cls.core_class, cls.defaults)
        kind = inspect.Parameter.KEYWORD_ONLY
        for name, (default, type_) in TEXT_ARGUMENTS.items():
            found[name] = inspect.Parameter(name, kind, default=default, annotation=type_)
        return found

    # -- Hooks of a family ----------------------------------------------------------------

    def rules(self) -> str:
        """Return the task in words: story, horizon, actions, limits, and how to answer."""
        raise NotImplementedError

    def situation(self) -> str:
        """Return what must be known for the next decision; "" if nothing."""
        return ""

    def result(self, action: Any, facts: Facts) -> str:
        """Return one line on the round just played: only what was revealed."""
        raise NotImplementedError

    def expert(self) -> Any:
        """Return the oracle's action now. Privileged."""
        raise NotImplementedError

    def word(self, action: Any) -> str:
        """Return how an action is written in tables."""
        return str(action)

    def random_choice(self, stream: Stream) -> Any:
        """Return a uniformly drawn valid action."""
        scalar = self.state.scalar
        return random_valid(stream, self._space, scalar.mask(), getattr(scalar, "valid", None))

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        """Return the programs that ``reward`` may name."""
        return numeric_presets()

    # -- Tasks ----------------------------------------------------------------------------

    def builtin_tasks(self) -> TaskSet:
        """Return numbered worlds."""
        return ProceduralTasks(SPLITS, _task)

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        """Return what a task may hold."""
        return World

    # -- The episode ----------------------------------------------------------------------

    @property
    def play(self) -> Play:
        """The running episode."""
        return self.state

    def begin(self, task: Task, stream: Stream) -> str:
        """Draw the task's world and show the first decision."""
        scalar = self.core.scalar()
        world = int(task.params.get("world", 0))
        scalar.start(generator(world, self.core.stream, "world"))
        measures = Measures(
            self.core.stream, self.problem, 1, self._measured, [stream.child("novelty").word()]
        )
        self.state = Play(
            scalar=scalar,
            rng=Generator(PCG64(stream.child("rounds").key)),
            memory=Memory(self.problem, self.columns),
            measures=measures,
            facts={**self._opening},
            costly=measures.opening(),
        )
        told = self._prompt()
        return f"{task.instruction}\n\n{told}" if task.instruction else told

    def play_round(self, action: Any) -> str:
        """Play one round for a tool and return the family's line on it.

        Raises:
            ToolError: the action is not in the space or not available now.
        """
        play = self.state
        scalar = play.scalar
        chosen, error = read_action(
            action, self._space, scalar.mask(), getattr(scalar, "valid", None)
        )
        if error is not None:
            raise ToolError(
                f"{error[0].upper()}{error[1:]} The world did not move; the turn is spent."
            )
        facts = scalar.advance(chosen, play.rng)
        play.over = bool(facts.pop("over", False))
        revealed = scalar.reveal(chosen, facts)
        play.total += self.core.worth_one(facts)
        facts["visits"] = play.measures.visit_one(chosen)
        facts["rounds"] = scalar.t
        play.facts = facts
        play.memory.add(revealed)
        play.fresh += revealed
        if self._measured:
            play.costly = play.measures.measure_one(chosen, revealed)
        return self.result(chosen, facts)

    def _act(self, text: str, calls: list[Call]) -> tuple[str, str | None]:
        """Run the message; after it the next decision is shown, or the end."""
        play = self.state
        told, error = super()._act(text, calls)
        if error is not None:
            play.facts = {**play.facts, **self._lost, "rounds": play.scalar.t}
        if play.over or self.turn >= self.core.horizon:
            self.finish(None)
            shown = f"{told}\n\nThat was the last round."
        else:
            shown = f"{told}\n\n{self._prompt()}"
        return self._shown(shown), error

    def _prompt(self) -> str:
        play = self.state
        parts = [f"Round {self.turn + 1} of {self.core.horizon}."]
        if self.memory == "table" and (table := play.memory.table(self.word)):
            parts.append(f"Tried so far:\n{table}")
        if self.memory == "raw" and (rounds := play.memory.raw(self.word)):
            parts.append(f"Rounds so far:\n{rounds}")
        if situation := self.situation():
            parts.append(situation)
        return "\n".join(parts)

    # -- Evidence -------------------------------------------------------------------------

    def facts(self) -> dict[str, Value]:
        """Return the common evidence and the family's own."""
        return dict(self.state.facts)

    def final_facts(self) -> dict[str, Value]:
        """Return the outcome; turns that were never played are worth 0."""
        return {"outcome": self.core.outcome(self.state.total / self.core.horizon)}

    def costly_facts(self, keys: Sequence[str]) -> dict[str, Value]:
        """Return progress and novelty."""
        return {key: self.state.costly[key] for key in keys if key in self.state.costly}

    # -- Policies -------------------------------------------------------------------------

    def action_message(self, action: Any) -> str:
        """Return a message that plays an action."""
        if isinstance(self._space, gymnasium.spaces.Discrete):
            return f"<action>{int(action)}</action>"
        name, spec = next(iter(self._tools.items()))
        values = np.asarray(action).tolist()
        call = {"name": name, "arguments": {str(spec.single_arg): values}}
        return f"<tool_call>{json.dumps(call)}</tool_call>"

    def oracle(self) -> str | None:
        """Return the expert's message."""
        return None if self._over() else self.action_message(self.expert())

    def random_action(self, stream: Stream) -> str:
        """Return a message that plays a uniformly drawn valid action."""
        return "" if self._over() else self.action_message(self.random_choice(stream))

    def exploits(self) -> dict[str, list[str]]:
        """Return messages that claim or think instead of acting."""
        return {
            "claims the best reward": ["The best action was played. Reward 1.0."] * 8,
            "answers in its thoughts only": ["<think><action>0</action></think>"] * 8,
        }

    def learner_view(
        self,
    ) -> tuple[Problem, Any, NDArray[Any] | None, tuple[Outcome, ...]]:
        """Return problem, observation, mask, and what was revealed since the last call."""
        play = self.state
        fresh, play.fresh = tuple(play.fresh), []
        return self.problem, play.scalar.observe(), play.scalar.mask(), fresh

    def expert_actions(self) -> Any:
        """Return the oracle's action. Privileged: not for agents."""
        return self.expert()

    def myopic_actions(self) -> Any:
        """Return the action of highest expected reward in the coming round. Privileged.

        Raises:
            ConfigError: this family does not say.
        """
        found = getattr(self.state.scalar, "myopic", None)
        if found is None:
            raise ConfigError(f"{self.env_id} names no myopic action.")
        return found()

    def _over(self) -> bool:
        return self.state.over or self.turn >= self.core.horizon


def _task(split: str, index: int) -> Task:
    """Return a numbered world; test after train, so that no two tasks share one."""
    first = 0 if split == "train" else SPLITS["train"]
    return Task(id=f"{split}/{index}", split=split, params={"world": first + index})


__all__ = ["Column", "NumericText"]
