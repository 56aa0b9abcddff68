"""Asking a policy that may raise or never answer."""

from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from threading import Thread
from typing import Literal

from envgym.types import ConfigError, EnvgymError, Policy, Reply, Request
from envgym.types.errors import unknown

Faults = Literal["raise", "forfeit"]


class Fault(Exception):  # noqa: N818  # not an error of ours: the outcome of asking
    """A policy raised or took too long; the text is one sentence."""


@dataclass
class Asker:
    """Calls policies and says what became of it.

    A policy that ran out of time keeps its thread, since Python cannot end one: until it returns, it
    counts as out of time at once, without being asked. The process does not wait for it at its end.
    """

    faults: Faults = "raise"
    """raise: a policy's exception propagates; forfeit: it is a ``Fault``."""
    timeout: float | None = None
    """Seconds for the answer to one batch of requests; None: no limit. Needs faults="forfeit"."""
    _stuck: dict[int, "Future[list[Reply]]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.faults not in ("raise", "forfeit"):
            raise ConfigError(
                unknown("way to treat a policy's fault", self.faults, ("raise", "forfeit"))
            )
        if self.timeout is not None:
            if not 0 < self.timeout < float("inf"):
                raise ConfigError(f"timeout must be more than 0 seconds, got {self.timeout!r}.")
            if self.faults == "raise":
                raise ConfigError("timeout needs faults='forfeit': a slow policy loses its game.")

    def ask(self, policy: Policy, requests: Sequence[Request]) -> list[Reply]:
        """Return the policy's replies.

        Raises:
            Fault: it raised, took too long or gave no replies, where faults are forfeits.
            ConfigError: it gave no replies, where they are not.
        """
        if self.faults == "raise":
            replies = policy.act(requests)
            if (wrong := wrong_replies(replies, len(requests))) is not None:
                raise ConfigError(f"{policy.name} gave {wrong}.")
            return replies
        try:
            if self.timeout is None:
                replies = policy.act(requests)
            else:
                replies = self._within(policy, requests, self.timeout)
        except (EnvgymError, Fault):
            raise
        except Exception as error:  # somebody's policy; told in the record
            raise Fault(f"{policy.name} raised {type(error).__name__}: {error}") from error
        if (wrong := wrong_replies(replies, len(requests))) is not None:
            raise Fault(f"{policy.name} gave {wrong}.")
        return replies

    def _within(self, policy: Policy, requests: Sequence[Request], limit: float) -> list[Reply]:
        busy = self._stuck.get(id(policy))
        if busy is not None and not busy.done():
            raise Fault(f"{policy.name} is still thinking about an earlier message.")
        future: Future[list[Reply]] = Future()

        def answer() -> None:
            try:
                future.set_result(policy.act(requests))
            except Exception as error:  # noqa: BLE001  # raised below, where it is waited for
                future.set_exception(error)

        # A daemon: an executor's thread would keep the process from ending.
        Thread(target=answer, name=f"policy {policy.name}", daemon=True).start()
        try:
            return future.result(timeout=limit)
        except FutureTimeout:
            if future.done():  # the policy itself raised a TimeoutError
                raise
            self._stuck[id(policy)] = future
            raise Fault(f"{policy.name} gave no answer within {limit:g} s.") from None


def wrong_replies(replies: object, count: int) -> str | None:
    """Return what was given instead of ``count`` replies of text; None if nothing is wrong."""
    if not isinstance(replies, Sequence) or len(replies) != count:
        size = f"{len(replies)} replies" if isinstance(replies, Sequence) else f"{replies!r:.40}"
        return f"{size} to {count} request{'' if count == 1 else 's'}"
    for reply in replies:
        if not isinstance(reply, Reply) or not isinstance(reply.text, str):
            return f"{reply!r:.40} for a reply of text"
    return None
