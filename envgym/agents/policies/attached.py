"""Policies that look at the environment itself: experts and baselines, not agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium

from envgym.types import ConfigError, Reply, Request


@dataclass(slots=True)
class Seat:
    """One session: its environment and how many replies it has had."""

    env: Any
    turn: int = 0


class AttachedPolicy:
    """Keeps one environment per session; subclasses say what to reply.

    ``attach`` is called once per session before its first request; ``rollout`` does so.
    """

    name = "attached"

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}

    def attach(self, session: str, env: gymnasium.Env[Any, Any]) -> None:
        """Let the policy see the environment of a session that is about to start."""
        self._seats[session] = Seat(env.unwrapped)

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Return one reply per request, in order.

        Raises:
            ConfigError: A session without an attached environment, or an environment that
                cannot do what the policy asks of it.
        """
        replies = []
        for request in requests:
            seat = self._seats.get(request.session)
            if seat is None:
                raise ConfigError(
                    f"policy '{self.name}' needs the environment: call "
                    f"attach('{request.session}', env) before the first request"
                )
            replies.append(Reply(text=self.say(request, seat)))
            seat.turn += 1
        return replies

    def close(self, sessions: Sequence[str]) -> None:
        """Let go of the environments of these sessions."""
        for session in sessions:
            self._seats.pop(session, None)

    def say(self, request: Request, seat: Seat) -> str:
        """Return the whole message for the environment's current state."""
        raise NotImplementedError

    def ask(self, seat: Seat, method: str, *args: Any) -> Any:
        """Return what the environment's method says; a clear error where it has none."""
        found = getattr(seat.env, method, None)
        if found is None:
            raise ConfigError(
                f"policy '{self.name}' needs {type(seat.env).__name__}.{method}, which it lacks; "
                "environments built on TaskEnv have it"
            )
        return found(*args)
