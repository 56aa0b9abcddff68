"""Everything that can be said of one plan."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from envgym.envs.travel.commonsense import TRAVELPLANNER, check_commonsense, filled
from envgym.envs.travel.cost import plan_cost
from envgym.envs.travel.facts import fact_of
from envgym.envs.travel.hard import check_hard
from envgym.envs.travel.plan import Day, Resolved, resolve
from envgym.envs.travel.request import Request
from envgym.envs.travel.rows import Ride
from envgym.envs.travel.utility import utility


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The checks of one delivered plan."""

    plan: tuple[Resolved, ...]
    commonsense: dict[str, str]
    """Rule to "" or what breaks it; all twelve."""
    hard: dict[str, str]
    """Applicable constraint to "" or what breaks it."""
    cost: int
    """Cents."""
    utility: float
    unseen: tuple[str, ...] = ()
    """Ids of the rows named that no search of the episode showed."""

    @property
    def grounded(self) -> bool:
        """Whether everything named exists and was seen, and half of the fields name something.

        A plan of dashes names nothing that does not exist, and ids can be guessed: neither
        rests on what the world holds.
        """
        exists = not self.commonsense["within_sandbox"]
        return exists and not self.unseen and filled(self.plan) >= 0.5

    @property
    def complete(self) -> bool:
        """Whether no field is missing."""
        return not self.commonsense["complete_information"]

    @property
    def commonsense_micro(self) -> float:
        """Share of the twelve rules that hold."""
        return sum(not why for why in self.commonsense.values()) / len(self.commonsense)

    @property
    def commonsense8_micro(self) -> float:
        """Share of TravelPlanner's eight rules that hold."""
        return sum(not self.commonsense[name] for name in TRAVELPLANNER) / len(TRAVELPLANNER)

    @property
    def commonsense_macro(self) -> bool:
        """Whether all twelve rules hold."""
        return not any(self.commonsense.values())

    @property
    def scored(self) -> bool:
        """Whether hard constraints count: grounded and complete, as in TravelPlanner."""
        return self.grounded and self.complete

    @property
    def hard_micro(self) -> float:
        """Share of the applicable hard constraints that hold; 0 unless scored."""
        return sum(not why for why in self.hard.values()) / len(self.hard) if self.scored else 0.0

    @property
    def hard_macro(self) -> bool:
        """Whether all applicable hard constraints hold."""
        return self.scored and not any(self.hard.values())

    @property
    def final_pass(self) -> bool:
        """Whether the plan is right: both macros."""
        return self.commonsense_macro and self.hard_macro

    @property
    def broken(self) -> tuple[str, ...]:
        """Names of the rules and constraints that do not hold."""
        checks = {**self.commonsense, **self.hard}
        return tuple(name for name, why in checks.items() if why)


def judge(request: Request, plan: Sequence[Day], seen: Collection[str] | None = None) -> Verdict:
    """Return the verdict over a plan as written.

    Args:
        seen: facts seen in the episode; None takes everything as seen.
    """
    found = resolve(request, plan)
    return Verdict(
        plan=found,
        commonsense=check_commonsense(request, found),
        hard=check_hard(request, found),
        cost=plan_cost(found, request.people),
        utility=utility(request, found),
        unseen=() if seen is None else _unseen(request, found, seen),
    )


def _unseen(request: Request, plan: Sequence[Resolved], seen: Collection[str]) -> tuple[str, ...]:
    """Return the ids of rides and venues whose search result is not among those seen.

    Roads have no id to guess: driving needs no look-up.
    """
    found: list[str] = []
    for day in plan:
        rows = [row.id for row in day.venues()]
        if day.leg is not None and isinstance(day.leg.way, Ride):
            rows.append(day.leg.way.id)
        found += (row for row in rows if fact_of(request.place, row) not in seen)
    return tuple(found)
