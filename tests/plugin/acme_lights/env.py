"""acme/Lights-v0."""

from typing import Annotated, ClassVar, Unpack

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field

from envgym import Evidence, KernelArgs, ProceduralTasks, Stream, Task, TaskEnv, ToolError, tool

LAMPS = 3


class Params(BaseModel):
    """What decides a world."""

    model_config = ConfigDict(extra="forbid")
    lamps: list[bool] = Field(min_length=LAMPS, max_length=LAMPS)


class LightsEnv(TaskEnv):
    """Turn every lamp of a house off.

    Observation: str, which lamps are on.
    Action: str, the whole message. Tools: press.
    Rewards and evidence: outcome pays 1.0 once every lamp is off. Evidence: dark: int.
    Starting state: three lamps, at least one of them on.
    End of episode: terminated when the house is dark; truncated at max_turns.
    Arguments: those of every environment.
    Version history: v0, first release.
    """

    metadata: ClassVar = {**TaskEnv.metadata, "stream": "acme-lights", "max_turns": 8}
    declares: ClassVar = (
        Evidence(key="dark", type="int", unit="lamps", lo=0, hi=LAMPS, help="lamps that are off"),
        Evidence(key="progress", type="float", unit="share", lo=0, hi=1, help="dark / lamps"),
        Evidence(
            key="outcome", type="float", unit="share", scope="episode", lo=0, hi=1, help="all dark"
        ),
    )

    def __init__(self, **kernel: Unpack[KernelArgs]) -> None:
        super().__init__(**kernel)

    def builtin_tasks(self) -> ProceduralTasks:
        """Return the seven houses in which some lamp is on."""

        def make(split: str, index: int) -> Task:
            lamps = [bool((index + 1) >> k & 1) for k in range(LAMPS)]
            return Task(id=f"{split}/{index}", params={"lamps": lamps}, split=split)

        return ProceduralTasks({"train": 7}, make)

    @classmethod
    def params_model(cls) -> type[BaseModel]:
        """Return the model of a house."""
        return Params

    def begin(self, task: Task, stream: Stream) -> str:
        """Light the lamps of the task."""
        self.state = list(task.params["lamps"])
        return self._seen()

    def _seen(self) -> str:
        lit = [str(k) for k, on in enumerate(self.state) if on]
        return f"Lit: {', '.join(lit)}." if lit else "The house is dark."

    def facts(self) -> dict[str, object]:
        """Count the dark lamps."""
        dark = self.state.count(False)
        return {"dark": dark, "progress": dark / LAMPS}

    def final_facts(self) -> dict[str, object]:
        """Pay for a dark house."""
        return {"outcome": float(not any(self.state))}

    @tool
    def press(self, lamp: Annotated[int, Ge(0), Le(LAMPS - 1), "number of the lamp"]) -> str:
        """Turn a lit lamp off."""
        if not self.state[lamp]:
            raise ToolError(f"Lamp {lamp} is off already. Nothing happened.")
        self.state[lamp] = False
        if not any(self.state):
            self.finish(True)
        return self._seen()

    def oracle(self) -> str | None:
        """Press the first lit lamp."""
        lamp = self.state.index(True)
        return f'<tool_call>{{"name": "press", "arguments": {{"lamp": {lamp}}}}}</tool_call>'
