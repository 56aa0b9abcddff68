"""envgym/GuessNumber-v0."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Unpack

from pydantic import BaseModel, ConfigDict, Field, model_validator

from envgym.rewards import Program
from envgym.rewards.presets import standard_presets
from envgym.runtime.env import TaskEnv
from envgym.runtime.settings import KernelArgs
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.runtime.tools import tool
from envgym.types import ConfigError, Evidence, Stream, Task, ToolError, Value

SPLITS = {"train": 1_000_000, "test": 10_000}
SPARE_TURNS = 5
"""Default max_turns is what halving needs at worst plus these."""


class Params(BaseModel):
    """What a task decides."""

    model_config = ConfigDict(extra="forbid", strict=True)

    high: int = Field(default=100, ge=2, le=1_000_000)
    """The number lies between 1 and this."""
    number: int = Field(ge=1)
    """The hidden number."""

    @model_validator(mode="after")
    def _inside(self) -> "Params":
        if self.number > self.high:
            raise ValueError(f"number must be at most high ({self.high})")
        return self


@dataclass(slots=True)
class State:
    """One episode. ``low`` to ``high`` is what the answers so far leave possible."""

    number: int
    top: int
    low: int
    high: int
    guesses: int = 0
    solved: bool = False


def halvings(count: int) -> int:
    """Return the guesses that halving needs at worst to name one of ``count`` numbers."""
    return count.bit_length()


class GuessNumberEnv(TaskEnv):
    """Find a hidden number; each guess is answered with higher or lower.

    Observation: str, at most 8,192 characters. At reset the range; then the answer to the
        guess, or one sentence saying why the call failed.
    Action: str, the whole message. Tools: guess. A missing or bad call costs a turn and never
        raises.
    Rewards and evidence: outcome pays 1.0 for naming the number, else 0.0; dense adds the
        progress made; gated pays progress only where the number was found; process shapes by
        the share of the range ruled out, counted in halvings. Evidence: solved, guesses,
        left, progress, outcome.
    Starting state: a number from 1 to ``high``, fixed by the task.
    End of episode: terminated by the right guess; truncated at max_turns (default: the halvings
        that ``high`` needs plus 5).
    Arguments: high (int, 2-1,000,000, default 100): the largest number of the built-in tasks;
        and those of every text environment.
    Version history: v0, first release.
    """

    metadata: dict[str, Any] = {
        **TaskEnv.metadata,
        "stream": "guess",
        "version": "0",
        "proof": "win",
        "cost": "cheap",
    }
    declares: ClassVar[tuple[Evidence, ...]] = (
        Evidence(key="solved", type="bool", help="the number was named"),
        Evidence(key="guesses", type="int", unit="guesses", lo=0, help="guesses inside the range"),
        Evidence(key="left", type="int", unit="numbers", lo=1, help="numbers still possible"),
        Evidence(
            key="progress",
            type="float",
            unit="share",
            lo=0,
            hi=1,
            help="1 - halvings needed now / halvings needed at the start",
        ),
        Evidence(
            key="outcome",
            type="float",
            scope="episode",
            lo=0,
            hi=1,
            help="1.0 if the number was named, else 0.0",
        ),
    )
    state: State

    def __init__(self, *, high: int = 100, **kernel: Unpack[KernelArgs]) -> None:
        if isinstance(high, bool) or not isinstance(high, int) or not 2 <= high <= 1_000_000:
            raise ConfigError(
                f"GuessNumberEnv: high must be an integer from 2 to 1,000,000, got {high!r}."
            )
        self.high = high
        if kernel.get("max_turns") is None:
            kernel["max_turns"] = halvings(high) + SPARE_TURNS
        super().__init__(**kernel)

    def builtin_tasks(self) -> TaskSet:
        return ProceduralTasks(SPLITS, self._task)

    def _task(self, split: str, index: int) -> Task:
        number = Stream(0, "guess", "number", split, index, self.high).integers(1, self.high)
        return Task(
            id=f"{split}/{index}", split=split, params={"high": self.high, "number": number}
        )

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        return Params

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        return standard_presets()

    def begin(self, task: Task, stream: Stream) -> str:
        high = int(task.params.get("high", 100))
        self.state = State(number=int(task.params["number"]), top=high, low=1, high=high)
        return task.instruction or f"I think of a number from 1 to {high}. Guess it."

    @tool
    def guess(self, number: Annotated[int, Field(ge=1), "your guess"]) -> str:
        """Guess the hidden number."""
        state = self.state
        if number > state.top:
            raise ToolError(
                f"guess: number must be at most {state.top}, got {number}."
                " Nothing happened; the turn is spent."
            )
        state.guesses += 1
        if number == state.number:
            state.solved, state.low, state.high = True, number, number
            self.finish(True)
            return f"Correct: {number}."
        if number < state.number:
            state.low = max(state.low, number + 1)
            return f"Higher than {number}."
        state.high = min(state.high, number - 1)
        return f"Lower than {number}."

    def facts(self) -> dict[str, Value]:
        state = self.state
        left = state.high - state.low + 1
        progress = 1.0 if state.solved else 1.0 - halvings(left) / halvings(state.top)
        return {
            "solved": state.solved,
            "guesses": state.guesses,
            "left": left,
            "progress": progress,
        }

    def final_facts(self) -> dict[str, Value]:
        return {"outcome": 1.0 if self.state.solved else 0.0}

    def random_action(self, stream: Stream) -> str:
        """Return a guess inside the range, which the schema alone does not know."""
        return _call(stream.integers(1, self.state.top))

    def oracle(self) -> str:
        """Return the guess that halves what is left."""
        state = self.state
        return _call((state.low + state.high) // 2)

    def near_misses(self) -> dict[str, list[str]]:
        number, top = self.state.number, self.state.top
        beside = number + 1 if number < top else number - 1
        return {"always one beside": [_call(beside)] * 12}

    def exploits(self) -> dict[str, list[str]]:
        number = self.state.number
        return {
            "claims success": [f"Correct: {number}.", "<answer>solved</answer>"] * 6,
            "answers only in its thoughts": [f"<think>{_call(number)}</think>"] * 12,
            "names two numbers in one call": [
                '<tool_call>{"name": "guess", "arguments": {"number": [1, 2]}}</tool_call>'
            ]
            * 12,
        }


def _call(number: int) -> str:
    return f'<tool_call>{{"name": "guess", "arguments": {{"number": {number}}}}}</tool_call>'
