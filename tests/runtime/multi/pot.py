"""Three agents fill a pot together; whoever leaves still shares in it. Small, yet all there is."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from envgym.rewards import Program, ProgressDelta, Source
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.tools import tool
from envgym.types import Evidence, InfraError, ToolError

AGENTS = ("ann", "bob", "cas")


@dataclass
class Pot:
    gold: int = 0
    gone: dict[str, str] = field(default_factory=dict)
    turn: int = 0
    over: bool = False
    luck: int = 0


class PotEnv(TeamEnv):
    """Tools: put, leave, done, steal (never allowed), crash (our side fails)."""

    metadata: dict[str, Any] = {
        **TeamEnv.metadata,
        "name": "pot",
        "stream": "pot",
        "version": "3",
        "max_turns": 12,
    }
    declares = (
        Evidence(key="gold", type="float", lo=0, hi=100, help="gold of each"),
        Evidence(key="outcome", type="float", scope="episode", lo=0, hi=100, help="gold at last"),
    )
    resets_fail = False

    def __init__(self, **arguments: Any) -> None:
        given = {k: v for k, v in arguments.items() if k not in ("record", "append")}
        super().__init__(AGENTS, spec=("pot", given), **arguments)

    @tool
    def put(self, gold: Annotated[int, Field(ge=1, le=3), "how much for each"]) -> str:
        """Put gold in the pot."""
        self.state.gold += gold
        return f"You put {gold}."

    @tool
    def leave(self) -> str:
        """Leave the table."""
        self.state.gone[self.agent_selection] = "terminated"
        return "Goodbye."

    @tool
    def done(self) -> str:
        """End it."""
        self.state.over = True
        return ""

    @tool
    def steal(self) -> str:
        """Take it all."""
        raise ToolError("Stealing is not allowed.")

    @tool
    def crash(self) -> str:
        """Break the world."""
        raise InfraError("table", "it broke")

    def presets(self):
        return {
            "outcome": Program("outcome", Source("outcome", "episode", 0.0, 100.0)),
            "gold": Program("gold", ProgressDelta(Source("gold", "step", 0.0, 100.0))),
        }

    def begin(self, task, stream):
        if self.resets_fail:
            raise InfraError("table", "no table")
        self.state = Pot(luck=stream.below(1000))

    def movers(self):
        left = [a for a in AGENTS if a not in self.state.gone]
        if self.state.over or not left:
            return ()
        while AGENTS[self.state.turn % 3] in self.state.gone:
            self.state.turn += 1
        asked = AGENTS[self.state.turn % 3]
        return (asked,)

    def _act(self, agent, text, calls, number):
        error = super()._act(agent, text, calls, number)
        if error is None or self._forfeited is not None:
            self.state.turn += 1
        return error

    def departed(self):
        return self.state.gone

    def see(self, agent):
        return f"{agent}: luck {self.state.luck}, gold {self.state.gold}."

    def facts(self, agent):
        return {"gold": float(self.state.gold)}

    def final_facts(self, agent):
        return {"outcome": float(self.state.gold)}

    def succeeded(self, agent):
        return self.state.gold >= 5

    def forfeit(self, agent):
        self.state.gone[agent] = "truncated"

    def oracle(self, agent):
        return "put(3)" if self.state.gold < 5 else "done()"

    def random_action(self, agent, stream):
        return f"put({stream.below(3) + 1})"
