"""How an episode ends: by its task, by a budget, or because our side failed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from envgym.rewards import Books
from envgym.runtime.keeping import Kept
from envgym.types import Call, InfraError, Record, Value
from envgym.types.record import adopt


class Ending(Kept):
    """Closes the books of the last event; the floor below ``TaskEnv``'s own step."""

    _cost: float
    _end: str | None
    _errors: int
    _extra: int
    _success: bool | None
    _tokens: int
    failure: InfraError | None = None
    """What made the latest invalid episode invalid, for the log of whoever runs it."""

    def _close_episode(
        self,
        number: int,
        text: str,
        calls: list[Call],
        error: str | None,
        observation: str,
        evidence: dict[str, Any],
        amount: float,
        info: dict[str, Any],
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Settle the books of the last event."""
        self._live = False
        books = self._books
        cause = str(self._end) if books.valid else "invalid"
        terminated = cause == "task"
        if cause == "budget" and self._success is None:
            self._success = False
        success = self._success if books.valid else None
        info["valid"] = books.valid
        if self._recorder is not None:
            ended = "terminated" if terminated else "truncated"
            try:
                self._recorder.event(
                    number, text, calls, error, observation, evidence, amount, ended
                )
                self._recorder.end(cause, success, books.valid, books.reason)
            except InfraError as failure:
                return self._invalid(number, text, calls, failure, amount, info["reward_parts"])
        self._finish_info(info, cause, books.reason, success)
        return observation, amount, terminated, not terminated, info

    def _invalid(
        self,
        number: int,
        text: str,
        calls: list[Call],
        failure: InfraError,
        amount: float = 0.0,
        parts: Mapping[str, float] | None = None,
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """End the episode because our side failed: no lump, no return.

        ``amount`` and ``parts`` were booked already where only writing the event down failed.
        """
        self._live = False
        self._books.void()
        self.failure = failure  # its text may name paths of this machine: not for the agent
        observation = f"The environment failed ({failure.reason}); this episode does not count."
        kernel: dict[str, Value] = {
            "turn": self.turn,
            "errors": self._errors,
            "extra_calls": self._extra,
            "tokens": self._tokens,
            "cost": self._cost,
            "end": None,
        }
        if self._recorder is not None:
            with suppress(InfraError):  # the disk may be what failed
                self._recorder.event(
                    number, text, calls, None, observation, kernel, amount, "truncated"
                )
                self._recorder.end("invalid", None, False, failure.reason)
        info: dict[str, Any] = {
            "calls": call_records(calls),
            "error": None,
            "evidence": adopt(kernel),
            "reward_parts": Record(parts),
            "turn": self.turn,
            "valid": False,
        }
        self._finish_info(info, "invalid", failure.reason, None)
        return observation, amount, False, True, info

    def _finish_info(
        self, info: dict[str, Any], cause: str, reason: str | None, success: bool | None
    ) -> None:
        info["end"] = cause
        info["invalid_reason"] = reason
        info["success"] = None if success is None else ("yes" if success else "no")
        settled = self._books.settled
        # The event in which our side failed was never booked; the turn is there all the same.
        info["step_rewards"] = settled + (0.0,) * (self.turn - len(settled))
        info["ledger"] = self._books.ledger

    def invalidate(self, reason: str) -> None:
        """End the running episode as invalid from outside: the policy or a judge failed."""
        books: Books | None = getattr(self, "_books", None)
        if books is not None and books.open:
            self._live = False
            books.void()
            if self._recorder is not None:
                with suppress(InfraError):
                    self._recorder.end("invalid", None, False, reason)


def call_records(calls: Sequence[Call]) -> tuple[Record, ...]:
    """Return what ``info["calls"]`` shows."""
    return tuple([adopt({"name": name, "args": args}) for name, args in calls])
