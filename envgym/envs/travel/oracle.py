"""The expert: look up what the answer rests on, then answer. Unreachable from tools."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from envgym.envs.travel.conflicts import Conflict, conflicts
from envgym.envs.travel.plan import Day
from envgym.envs.travel.request import Request
from envgym.envs.travel.solver import Solution, solve


def message(name: str, **arguments: Any) -> str:
    """Return a tool call as an agent writes it."""
    body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>{body}</tool_call>"


def answer(request: Request) -> Solution | Conflict | None:
    """Return the best plan known, or the conflict that is quickest to show, or None."""
    found = conflicts(request)
    if found:
        return min(found, key=lambda c: (len(c.facts), sorted(c.names)))
    return solve(request)


def needed(request: Request) -> tuple[str, ...]:
    """Return the facts that the expert looks up, in order."""
    found = answer(request)
    if found is None:
        return ()
    if isinstance(found, Solution):
        return found.facts
    return tuple(sorted(found.facts, key=lambda fact: (not fact.startswith("cities/"), fact)))


def lookup(fact: str) -> str:
    """Return the call whose result is a fact."""
    kind, *rest = fact.split("/")
    if kind == "cities":
        return message("search_cities", area="/".join(rest))
    if kind == "drive":
        return message("drive", origin=rest[0], destination=rest[1])
    if kind in ("flights", "trains"):
        return message(f"search_{kind}", origin=rest[0], destination=rest[1], date=rest[2])
    return message(f"search_{kind}", city=rest[0])


def submission(days: Sequence[Day]) -> str:
    """Return the call that submits a plan."""
    return message("submit", plan=[asdict(day) for day in days])


def report(names: Sequence[str], facts: Sequence[str]) -> str:
    """Return the call that says that a request cannot be met."""
    return message("report_infeasible", constraints=sorted(names), evidence=sorted(facts))


def next_message(request: Request, seen: Sequence[str]) -> str | None:
    """Return the expert's next message when these facts have been seen."""
    found = answer(request)
    if found is None:
        return None
    have = set(seen)
    for fact in needed(request):
        if fact not in have:
            return lookup(fact)
    if isinstance(found, Solution):
        return submission(found.days)
    return report(sorted(found.names), sorted(found.facts))
