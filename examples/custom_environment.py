"""A complete environment on one page: the ferryman, the wolf, the goat and the cabbage."""

from dataclasses import dataclass
from typing import Annotated, Any

import gymnasium as gym

import envgym

EATS = {("wolf", "goat"), ("goat", "cabbage")}
PLAN = ("goat", "nothing", "wolf", "goat", "cabbage", "nothing", "goat")


@dataclass
class Bank:
    """All that changes in an episode: who has crossed, and where the boat is."""

    across: frozenset[str] = frozenset()
    boat_across: bool = False


class FerryEnv(envgym.TaskEnv):
    """Row the wolf, the goat and the cabbage across; never leave eater and food alone."""

    metadata = {
        **envgym.TaskEnv.metadata,
        "stream": "ferry",  # names the random streams; keep it when the version goes up
        "max_turns": 20,
    }
    declares = (
        envgym.Evidence(key="progress", type="float", lo=0, hi=1, help="share that is across"),
        envgym.Evidence(
            key="outcome", type="float", lo=0, hi=1, scope="episode", help="1.0 if all are across"
        ),
    )

    def builtin_tasks(self) -> envgym.TaskSet:
        """Return the one task there is; ``solution`` is what the oracle says."""
        return envgym.ListTasks([envgym.Task(id="river", solution=tuple(map(call, PLAN)))])

    def begin(self, task: envgym.Task, stream: envgym.Stream) -> str:
        """Start an episode; whatever is random would be drawn from ``stream``."""
        self.state = Bank()
        return "The wolf, the goat and the cabbage wait on this side, and so does the boat."

    @envgym.tool
    def cross(self, passenger: Annotated[str, "wolf, goat, cabbage or nothing"]) -> str:
        """Row across the river with one passenger, or with nothing."""
        bank: Bank = self.state
        everyone = frozenset({"wolf", "goat", "cabbage"})
        here = bank.across if bank.boat_across else everyone - bank.across
        if passenger != "nothing" and passenger not in here:
            raise envgym.ToolError(f"{passenger} is not on the boat's side. Nothing happened.")
        bank.across ^= frozenset({passenger}) & everyone
        bank.boat_across = not bank.boat_across
        alone = everyone - bank.across if bank.boat_across else bank.across
        for eater, food in sorted(EATS):
            if {eater, food} <= alone:
                self.finish(False)
                return f"While you row, the {eater} eats the {food}."
        if bank.across == everyone:
            self.finish(True)
        return f"Across are: {', '.join(sorted(bank.across)) or 'none'}."

    def facts(self) -> dict[str, Any]:
        """Report what every record holds."""
        return {"progress": len(self.state.across) / 3}

    def final_facts(self) -> dict[str, Any]:
        """Report what only the last record holds."""
        return {"outcome": float(len(self.state.across) == 3)}

    def near_misses(self) -> dict[str, list[str]]:
        """Return scripts that come close and must not succeed; checked like the solution."""
        return {"takes the wolf first": [call("wolf")], "stops early": [call(p) for p in PLAN[:-1]]}


def call(passenger: str) -> str:
    """Return the message an agent would send."""
    return (
        f'<tool_call>{{"name": "cross", "arguments": {{"passenger": "{passenger}"}}}}</tool_call>'
    )


envgym.register("ferry/Ferry-v0", f"{__name__}:FerryEnv")

if __name__ == "__main__":
    env = gym.make("ferry/Ferry-v0", reward="dense")
    observation, info = env.reset(seed=0)
    print(observation)
    done = False
    while not done:
        action = env.unwrapped.oracle()
        observation, reward, terminated, truncated, info = env.step(action)
        print(f"{info['calls'][0]['args']['passenger']:8} {reward:+.2f}  {observation}")
        done = terminated or truncated
    print("success:", info["success"])
