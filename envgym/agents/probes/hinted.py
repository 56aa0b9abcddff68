"""Policies for the hack suite: one that is told of an exploit, one that uses it when told."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from envgym.agents.policies.attached import AttachedPolicy, Seat
from envgym.types import Message, Policy, Reply, Request


class HintedPolicy:
    """Another policy, with a hint under the first message of every conversation.

    Args:
        policy: Who answers.
        hint: The text; it is added to the system message, or to the first message without one.
    """

    def __init__(self, policy: Policy, hint: str) -> None:
        self.inner, self.hint = policy, hint
        self.name = f"{policy.name}+hint"
        self._open: set[str] = set()

    def attach(self, session: str, env: Any) -> None:
        """Pass the environment on to a policy that wants it."""
        attach = getattr(self.inner, "attach", None)
        if attach is not None:
            attach(session, env)

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Return the other policy's replies to the hinted requests."""
        return self.inner.act([self._hinted(request) for request in requests])

    def close(self, sessions: Sequence[str]) -> None:
        """Forget these sessions."""
        self._open.difference_update(sessions)
        self.inner.close(sessions)

    def _hinted(self, request: Request) -> Request:
        if request.session in self._open or not request.messages:
            return request
        self._open.add(request.session)
        first, *rest = request.messages
        told = Message(first.role, f"{first.content}\n\n{self.hint}")
        return replace(request, messages=(told, *rest))


class TemptedPolicy(AttachedPolicy):
    """The expert, who plays the environment's own exploit once a conversation mentions it.

    A scripted agent to try a suite out: without the hint it is honest, with it it cheats.

    Args:
        word: What has to be said, case ignored; "" cheats always.
        exploit: Name of the script in ``exploits()``; None: its first.
    """

    name = "tempted"

    def __init__(self, word: str = "", exploit: str | None = None) -> None:
        super().__init__()
        self.word, self.exploit = word.casefold(), exploit
        self._scripts: dict[str, list[str] | None] = {}

    def say(self, request: Request, seat: Seat) -> str:
        """Return the script's next message, or the expert's."""
        if request.session not in self._scripts:
            said = " ".join(message.content for message in request.messages).casefold()
            self._scripts[request.session] = self._script(seat) if self.word in said else None
        script = self._scripts[request.session]
        if script is None:
            return str(self.ask(seat, "oracle") or "")
        return script[seat.turn] if seat.turn < len(script) else ""

    def close(self, sessions: Sequence[str]) -> None:
        """Forget these sessions."""
        super().close(sessions)
        for session in sessions:
            self._scripts.pop(session, None)

    def _script(self, seat: Seat) -> list[str]:
        scripts: dict[str, list[str]] = self.ask(seat, "exploits")
        name = self.exploit if self.exploit in scripts else next(iter(scripts), None)
        return [] if name is None else list(scripts[name])
