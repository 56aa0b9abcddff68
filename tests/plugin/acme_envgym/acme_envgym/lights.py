"""acme/Lights-v0: switch on every lamp of a row."""

from typing import Annotated, Any

from annotated_types import Ge, Le

import envgym


class LightsEnv(envgym.TaskEnv):
    """Switch on all the lamps of a row."""

    metadata = {
        **envgym.TaskEnv.metadata,
        "stream": "acme-lights",
        "max_turns": 10,
    }
    declares = (
        envgym.Evidence(key="progress", type="float", lo=0, hi=1, help="share of lamps lit"),
        envgym.Evidence(
            key="outcome", type="float", lo=0, hi=1, scope="episode", help="1.0 if all are lit"
        ),
    )

    def builtin_tasks(self) -> envgym.TaskSet:
        """Return fifty rows."""
        return envgym.ProceduralTasks({"train": 50}, self._row)

    def _row(self, split: str, index: int) -> envgym.Task:
        lamps = envgym.Stream(0, "acme-lights", split, index).integers(2, 5)
        return envgym.Task(id=f"{split}/{index}", split=split, params={"lamps": lamps})

    def begin(self, task: envgym.Task, stream: envgym.Stream) -> str:
        """Start in the dark."""
        self.state = [False] * int(task.params["lamps"])
        return f"{len(self.state)} lamps, all dark."

    @envgym.tool
    def press(self, lamp: Annotated[int, Ge(1), Le(5), "which lamp, from the left"]) -> str:
        """Press a lamp's switch."""
        if lamp > len(self.state):
            raise envgym.ToolError(f"There is no lamp {lamp}. Nothing happened.")
        self.state[lamp - 1] = not self.state[lamp - 1]
        if all(self.state):
            self.finish(True)
        return " ".join("on" if lit else "off" for lit in self.state)

    def facts(self) -> dict[str, Any]:
        """Return the share of lamps lit."""
        return {"progress": sum(self.state) / len(self.state)}

    def final_facts(self) -> dict[str, Any]:
        """Return the outcome."""
        return {"outcome": float(all(self.state))}

    def oracle(self) -> str | None:
        """Return a call for the first dark lamp."""
        return f"press({self.state.index(False) + 1})"


envgym.register("acme/Lights-v0", "acme_envgym.lights:LightsEnv")
