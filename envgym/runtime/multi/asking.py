"""Asking a policy that may raise or never answer."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
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
    counts as out of time at once, without being asked.
    """

    faults: Faults = "raise"
    """raise: a policy's exception propagates; forfeit: it is a ``Fault``."""
    timeout: float | None = None
    """Seconds for the answer to one batch of requests; None: no limit. Needs faults="forfeit"."""
    _pool: ThreadPoolExecutor | None = None
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
            Fault: it raised or took too long, where faults are forfeits.
        """
        if self.faults == "raise":
            return policy.act(requests)
        try:
            if self.timeout is None:
                return policy.act(requests)
            return self._within(policy, requests, self.timeout)
        except (EnvgymError, Fault):
            raise
        except Exception as error:  # somebody's policy; told in the record
            raise Fault(f"{policy.name} raised {type(error).__name__}: {error}") from error

    def _within(self, policy: Policy, requests: Sequence[Request], limit: float) -> list[Reply]:
        busy = self._stuck.get(id(policy))
        if busy is not None and not busy.done():
            raise Fault(f"{policy.name} is still thinking about an earlier message.")
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="policy")
        future = self._pool.submit(policy.act, requests)
        try:
            return future.result(timeout=limit)
        except FutureTimeout:
            if future.done():  # the policy itself raised a TimeoutError
                raise
            self._stuck[id(policy)] = future
            raise Fault(f"{policy.name} gave no answer within {limit:g} s.") from None

    def close(self) -> None:
        """Let go of the threads; one that is stuck goes on until its policy returns."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
