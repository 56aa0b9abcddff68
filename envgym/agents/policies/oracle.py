"""The environment's own expert as a policy, plain or with random steps mixed in."""

from envgym.agents.policies.attached import AttachedPolicy, Seat
from envgym.types import ConfigError, Request, Stream


class OraclePolicy(AttachedPolicy):
    """Say what the environment's ``oracle()`` says in its current state.

    Privileged: it reads hidden state, so it proves that tasks can be solved and makes
    demonstrations, and is no agent. Where the expert has no move the message is empty, which
    costs a turn like any message without a call.
    """

    name = "oracle"

    def say(self, request: Request, seat: Seat) -> str:
        """Return the expert's message, or an empty one."""
        return self.ask(seat, "oracle") or ""


class NoisyOraclePolicy(AttachedPolicy):
    """The expert, with a random valid action instead of each message at a given rate.

    The expert answers from wherever the noise has led, so episodes show recoveries too: good
    material for a warm start that is far from perfect.

    Args:
        noise: Share of random messages, 0 to 1.
        seed: Chooses among the sequences of noise; same seed and requests, same messages.
    """

    name = "noisy-oracle"

    def __init__(self, noise: float = 0.55, seed: int = 0) -> None:
        super().__init__()
        if not 0.0 <= noise <= 1.0:
            raise ConfigError(f"noise must be from 0 to 1, got {noise}")
        self.noise, self.seed = noise, seed

    def say(self, request: Request, seat: Seat) -> str:
        """Return the expert's message or a random valid one."""
        path = ("policy", "noise", self.seed, request.agent, seat.turn)
        stream = Stream(request.seed, *path)
        if stream.uniform() >= self.noise:
            message = self.ask(seat, "oracle")
            if message is not None:
                return str(message)
        return str(self.ask(seat, "random_action", stream))
