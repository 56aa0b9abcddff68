"""The baseline that every agent should beat."""

from envgym.agents.policies.attached import AttachedPolicy, Seat
from envgym.types import Request, Stream


class RandomPolicy(AttachedPolicy):
    """Say a random valid message: a random tool with random arguments that fit its schema.

    Args:
        seed: Chooses among the sequences; same seed and requests, same messages.
    """

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed

    def say(self, request: Request, seat: Seat) -> str:
        """Return the environment's ``random_action``."""
        stream = Stream(request.seed, "policy", "random", self.seed, request.agent, seat.turn)
        return str(self.ask(seat, "random_action", stream))
