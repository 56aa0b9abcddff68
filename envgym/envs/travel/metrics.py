"""TravelPlanner's metrics over a set of plans (arXiv 2402.01622; evaluation/eval.py)."""

from collections.abc import Iterable
from dataclasses import dataclass

from envgym.envs.travel.commonsense import CHECKS, TRAVELPLANNER
from envgym.envs.travel.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMetrics:
    """Rates over N queries, each in [0, 1]."""

    delivery: float
    """Plans delivered / N."""
    commonsense_micro: float
    """Commonsense rules passed / (rules x N); a missing plan passes none."""
    commonsense_macro: float
    """Plans that pass every commonsense rule / N."""
    hard_micro: float
    """Hard constraints passed / hard constraints that apply, over all N; a plan that is not
    grounded and complete passes none."""
    hard_macro: float
    """Plans that pass all their hard constraints / N."""
    final_pass: float
    """Plans that pass both macros / N."""


def travel_metrics(
    results: Iterable[tuple[Verdict | None, int]], *, rules: str = "travelplanner"
) -> TravelMetrics:
    """Return the metrics of a set of results.

    Args:
        results: per query the verdict (None: nothing was delivered) and how many hard
            constraints apply to it.
        rules: "travelplanner" counts its eight commonsense rules, "all" our twelve.

    Raises:
        ValueError: no results, or unknown rules.
    """
    if rules not in ("travelplanner", "all"):
        raise ValueError(f"rules must be 'travelplanner' or 'all', got {rules!r}.")
    names = tuple(TRAVELPLANNER) if rules == "travelplanner" else tuple(CHECKS)
    rows = list(results)
    if not rows:
        raise ValueError("travel_metrics needs at least one result.")
    delivered = common = common_all = hard = hard_all = final = 0
    for verdict, _ in rows:
        if verdict is None:
            continue
        delivered += 1
        passed = sum(not verdict.commonsense[name] for name in names)
        common += passed
        common_all += passed == len(names)
        if _scored(verdict):
            held = sum(not why for why in verdict.hard.values())
            hard += held
            hard_all += held == len(verdict.hard)
            final += passed == len(names) and held == len(verdict.hard)
    applicable = sum(count for _, count in rows)
    return TravelMetrics(
        delivery=delivered / len(rows),
        commonsense_micro=common / (len(names) * len(rows)),
        commonsense_macro=common_all / len(rows),
        hard_micro=hard / applicable if applicable else 0.0,
        hard_macro=hard_all / len(rows),
        final_pass=final / len(rows),
    )


def _scored(verdict: Verdict) -> bool:
    # TravelPlanner's own gate: everything exists and nothing is missing.
    rules = verdict.commonsense
    return not rules["within_sandbox"] and not rules["complete_information"]
