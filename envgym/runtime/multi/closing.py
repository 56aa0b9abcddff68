"""How an episode of several agents ends: by its task, a budget, or because our side failed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gymnasium.error import ResetNeeded

from envgym.runtime.ending import call_records
from envgym.runtime.multi.kept import KeptTeam
from envgym.runtime.multi.turns import turn_view
from envgym.types import Call, InfraError
from envgym.types.record import adopt


class ClosingTeam(KeptTeam):
    """Tells every agent what happened and closes the books; the floor below ``TeamEnv``'s step."""

    failure: InfraError | None = None
    """What made the latest invalid episode invalid, for the log of whoever runs it."""
    _notice: dict[str, str]
    _parts: dict[str, dict[str, float]]

    def _present(self, agent: str) -> bool:
        """Return whether the agent still takes part."""
        return agent in self.agents and not (self.terminations[agent] or self.truncations[agent])

    def _next(self, agent: str, movers: Sequence[str], end: str | None) -> str:
        """Return who is asked next; at the end whoever comes after the last to act, round."""
        if end is None:
            return movers[0]
        order = self.agents
        return order[(order.index(agent) + 1) % len(order)]

    def _tell(
        self, agent: str, calls: list[Call], error: str | None, evidence: Mapping[str, Any]
    ) -> None:
        valid = all(books.reason is None for books in self._books.values())
        for each in self.agents:
            before = self.infos[each]
            self.infos[each] = {
                "calls": call_records(calls) if each == agent else before.get("calls", ()),
                "error": error if each == agent else before.get("error"),
                "evidence": adopt(evidence[each]),
                "reward_parts": adopt(dict(self._parts[each])),
                "turn": self.tallies[each].turn,
                "valid": valid,
            }

    def _close_books(self, end: str) -> None:
        valid = all(books.valid for books in self._books.values())
        reason = next((b.reason for b in self._books.values() if b.reason is not None), None)
        success = {a: self.succeeded(a) if valid else None for a in self.possible_agents}
        cause = end if valid else "invalid"
        if self._recorder is not None:
            self._recorder.end(cause, success, valid, reason)
        if not valid:
            for each in self.agents:
                self.terminations[each], self.truncations[each] = False, True
        self._finish_infos(cause, reason, success)

    def _finish_infos(
        self, cause: str, reason: str | None, success: Mapping[str, bool | None]
    ) -> None:
        self._live = False
        for agent in self.possible_agents:
            won, books = success[agent], self._books[agent]
            self._reports[agent] = {
                "valid": reason is None,
                "end": cause,
                "invalid_reason": reason,
                "success": None if won is None else ("yes" if won else "no"),
                "step_rewards": turn_view(books.ledger, self.decisions[agent]),
                "ledger": books.ledger,
            }
            if agent in self.agents:
                self.infos[agent] |= self._reports[agent]

    def report(self, agent: str) -> Mapping[str, Any]:
        """Return what ``infos`` says of an agent at the end, also of one that left before it.

        Raises:
            ResetNeeded: no episode has ended since the latest reset.
        """
        if agent not in self._reports:
            raise ResetNeeded(f"{self.name}: no episode of '{agent}' has ended yet.")
        return self._reports[agent]

    def _fail(
        self,
        agent: str,
        number: int,
        text: str,
        calls: list[Call],
        failure: InfraError,
        present: Sequence[str],
    ) -> None:
        """End the episode because our side failed: no lump, no return.

        ``present`` took part when the event began; it may have ended and paid them by now, where
        only writing it down failed.
        """
        self.failure, self._void = failure, True
        for books in self._books.values():
            books.void()
        evidence = {
            a: {**self.tallies[a].facts(), "acted": a == agent, "end": None} for a in self._books
        }
        told = f"The environment failed ({failure.reason}); this episode does not count."
        self._notice = dict.fromkeys(present, told)
        # What failed may be unable to show itself, so it is not asked again.
        self._shown = dict.fromkeys(self.possible_agents, told)
        self._tell(agent, calls, None, evidence)
        for each in present:
            self.terminations[each], self.truncations[each] = False, True
        self.paid = {a: float(self.rewards[a]) for a in present}
        self.ended = dict.fromkeys(present, "truncated")
        self.mistake, self._latest = None, evidence
        self.agent_selection = self._next(agent, (), "invalid")
        if self._recorder is not None:
            with suppress(InfraError):  # the disk may be what failed
                self._recorder.event(
                    {
                        "e": number,
                        "acts": {agent: text},
                        "calls": {agent: [{"name": c.name, "args": c.args} for c in calls]},
                        "err": {},
                        "obs": {a: self._notice[a] for a in present},
                        "ev": evidence,
                        "pay": self.paid,
                        "ended": self.ended,
                    }
                )
                self._recorder.end("invalid", dict.fromkeys(self._books), False, failure.reason)
        self._finish_infos("invalid", failure.reason, dict.fromkeys(self._books))
