"""What an environment's user knows of an agent: requests in, replies out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Ask for one reply. Carries only what is new since the policy's last reply."""

    session: str
    """Names one conversation of one agent in one episode; unique while it is open."""
    messages: tuple[Message, ...]
    """New messages since the last reply of this session; the first request opens the session."""
    agent: str = "agent"
    """Which seat is asked."""
    tools: tuple[dict[str, Any], ...] = ()
    """OpenAI tool schemas, on the first request of a session."""
    seed: int = 0
    """Drives the sampling of this session where the policy can be seeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One assistant message. Token ids are the ones sampled: nothing is re-tokenised."""

    text: str
    token_ids: tuple[int, ...] = ()
    """Sampled ids, the stop token included; empty where the policy has no tokens."""
    logprobs: tuple[float, ...] = ()
    """Natural log-probability of each sampled id under the sampling distribution."""
    prompt_ids: tuple[int, ...] = ()
    """Ids that this reply's request appended to the context, before ``token_ids``."""
    finish: Literal["stop", "length", "error"] = "stop"
    """Why it ended; "error": the policy failed, ``text`` says how, the episode is invalid."""
    info: dict[str, Any] = field(default_factory=dict)
    """JSON extras: latency, model name, usage."""


@runtime_checkable
class Policy(Protocol):
    """Anything that answers requests. Synchronous and batched."""

    name: str
    """Shown in reports and written to episode files."""

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Return one reply per request, in order."""
        ...

    def close(self, sessions: Sequence[str]) -> None:
        """Forget these sessions and free what they hold; unknown names are ignored."""
        ...
