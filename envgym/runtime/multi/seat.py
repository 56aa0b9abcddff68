"""One agent's place at an environment, as policies that look at environments see it."""

from typing import TYPE_CHECKING, Any

from envgym.types import Stream

if TYPE_CHECKING:
    from envgym.runtime.multi.env import TeamEnv


class SeatView:
    """What ``Policy.attach`` is given in an environment of several agents.

    The same names as in an environment of one: ``unwrapped``, ``oracle``, ``random_action``; and
    for games ``game``, ``position`` and ``seat``, the player's number. Experts read hidden state
    through it; agents do not need it.
    """

    def __init__(self, env: "TeamEnv", agent: str) -> None:
        self.env, self.agent = env, agent
        self.seat = env.possible_agents.index(agent)

    @property
    def unwrapped(self) -> "SeatView":
        """Itself."""
        return self

    @property
    def possible_agents(self) -> list[str]:
        """Names of all agents, in the order of their seats."""
        return self.env.possible_agents

    @property
    def game(self) -> Any:
        """The game that is played; AttributeError in environments that are no games."""
        return self.env.game

    @property
    def position(self) -> Any:
        """The game's current state."""
        return self.env.position

    def oracle(self) -> str | None:
        """Return the expert's message for this seat."""
        return self.env.oracle(self.agent)

    def random_action(self, stream: Stream) -> str:
        """Return a valid random message of this seat."""
        return self.env.random_action(self.agent, stream)
