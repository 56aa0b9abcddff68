from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import pytest
from pydantic import BaseModel

from envgym.runtime.env import TaskEnv
from envgym.runtime.episodes import EpisodeWriter
from envgym.runtime.tasks import ProceduralTasks, TaskSet
from envgym.runtime.tools import tool
from envgym.types import (
    Call,
    Entry,
    Evidence,
    InfraError,
    Record,
    Stream,
    Task,
    ToolError,
    Value,
)


def open_episode(writer: EpisodeWriter, **head: Any) -> str:
    """Open an episode with a reset line; ``head`` overrides the fields of its head."""
    defaults: dict[str, Any] = {
        "env": "envgym/GuessNumber-v0",
        "version": "0",
        "config": {"reward": "outcome"},
        "seed": 5,
        "task": Task(id="train/17"),
    }
    ep = writer.head(**{**defaults, **head})
    writer.reset(ep, "Guess a number.", Record({"turn": 0, "outcome": 0.0, "end": None}))
    return ep


def play(writer: EpisodeWriter, turns: int = 3, **head: Any) -> str:
    """Write a whole episode of ``turns`` events, the last one a success."""
    ep = open_episode(writer, **head)
    for e in range(turns):
        last = e == turns - 1
        writer.event(
            ep,
            e,
            f"guess {e}",
            (Call("guess", {"n": e}),),
            None,
            "Right." if last else "Too low.",
            Record({"turn": e + 1, "outcome": float(last), "end": "task" if last else None}),
            float(last),
            "terminated" if last else None,
        )
    entry = Entry("agent", "outcome", turns - 1, turns - 1, 1.0)
    writer.end(ep, "task", success=True, returns=1.0, ledger=[entry])
    return ep


@pytest.fixture
def whole_episode() -> Callable[..., str]:
    return play


@pytest.fixture
def begin_episode() -> Callable[..., str]:
    return open_episode


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder with two whole episodes."""
    with EpisodeWriter(tmp_path / "run") as writer:
        play(writer)
        play(writer, seed=6)
    return tmp_path / "run"


BIG = 2**60
"""An evidence value and a task parameter that JSON numbers cannot carry."""


class Params(BaseModel):
    """What a task of TellTaleEnv decides."""

    world: int = BIG + 1
    word: str = "stop"


class TellTaleEnv(TaskEnv):
    """Say words until the right one; reports every kind of evidence a file must carry."""

    metadata: ClassVar[dict[str, Any]] = {**TaskEnv.metadata, "stream": "tell", "max_turns": 6}
    declares: ClassVar[tuple[Evidence, ...]] = (
        Evidence(key="said", type="tuple", help="words so far"),
        Evidence(key="big", type="int", help="a large count"),
        Evidence(key="judge", type="float", lo=0, hi=1, help="None once 'mute' was said"),
        Evidence(key="clock", type="float", volatile=True, help="differs in each process"),
        Evidence(key="progress", type="float", lo=0, hi=1, help="share of three words"),
        Evidence(key="outcome", type="float", scope="episode", lo=0, hi=1, help="right word said"),
        Evidence(
            key="proof", type="float", scope="episode", cost="costly", lo=0, hi=1, help="same"
        ),
    )
    ticks: ClassVar[int] = 0

    def builtin_tasks(self) -> TaskSet:
        return ProceduralTasks(
            {"train": 4},
            lambda split, i: Task(id=f"{split}/{i}", params={"world": BIG + i, "word": "stop"}),
        )

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        return Params

    def begin(self, task: Task, stream: Stream) -> str:
        self.state = {"said": (), "world": task.params["world"], "luck": stream.below(1000)}
        assert isinstance(self.state["world"], int)
        return f"World {self.state['world']}, luck {self.state['luck']}."

    def facts(self) -> dict[str, Value]:
        TellTaleEnv.ticks += 1
        said = self.state["said"]
        return {
            "said": said,
            "big": BIG + len(said),
            "judge": None if "mute" in said else 0.5,
            "clock": float(TellTaleEnv.ticks),
            "progress": min(1.0, len(said) / 3),
        }

    def final_facts(self) -> dict[str, Value]:
        return {"outcome": float("stop" in self.state["said"])}

    def costly_facts(self, keys: Sequence[str]) -> dict[str, Value]:
        return {"proof": float("stop" in self.state["said"])} if self._end else {}

    @tool
    def say(self, word: str) -> str:
        """Say a word."""
        if word == "crash":
            raise InfraError("disk", "it broke")
        if word == "blush":
            raise ToolError("Not that word. Nothing happened; the turn is spent.")
        self.state["said"] = (*self.state["said"], word)
        if word == "stop":
            self.finish(True)
        return f"You said {word}."


TELL_TALE = "tests/TellTale-v0"


@pytest.fixture
def tell_tale() -> Iterator[str]:
    """The id of TellTaleEnv, registered while a test runs."""
    gymnasium.register(id=TELL_TALE, entry_point=TellTaleEnv)
    yield TELL_TALE
    del gymnasium.registry[TELL_TALE]


@pytest.fixture
def record(tmp_path: Path, tell_tale: str) -> Callable[..., Path]:
    """Return a function that plays words and returns the folder of the recording."""

    def play(*scripts: str, folder: str = "told", **settings: Any) -> Path:
        where = tmp_path / folder
        env = gymnasium.make(tell_tale, record=where, disable_env_checker=True, **settings)
        for seed, script in enumerate(scripts):
            env.reset(seed=seed)
            for word in script.split():
                call = f'{{"name": "say", "arguments": {{"word": "{word}"}}}}'
                *_, terminated, truncated, _ = env.step(f"<tool_call>{call}</tool_call>")
                if terminated or truncated:
                    break
        env.close()
        return where

    return play
