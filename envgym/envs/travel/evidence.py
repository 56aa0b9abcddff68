"""The evidence that a trip reports beside the kernel's."""

from collections.abc import Collection, Sequence

from envgym.envs.travel.plan import Day
from envgym.envs.travel.programs import outcome_of
from envgym.envs.travel.report import Report
from envgym.envs.travel.request import Request
from envgym.envs.travel.verdict import judge
from envgym.types import Evidence, Value


def _share(key: str, help: str, *, final: bool) -> Evidence:
    scope = "episode" if final else "step"
    return Evidence(key=key, type="float", unit="share", lo=0, hi=1, scope=scope, help=help)  # type: ignore[arg-type]


def _flag(key: str, help: str) -> Evidence:
    return Evidence(key=key, type="bool", scope="episode", help=help)


DECLARES: tuple[Evidence, ...] = (
    Evidence(
        key="facts_seen", type="int", unit="results", lo=0, help="different search results so far"
    ),
    _share("facts_share", "share seen of the results that the expert looks up", final=False),
    _share(
        "slots_share",
        "valid fields of draft or plan / fields of the expert's plan, at most 1; for a request "
        "that cannot be met 1 once that is shown",
        final=False,
    ),
    _share("progress", "mean of facts_share and slots_share", final=False),
    _flag("delivered", "a plan of the right number of days was submitted"),
    _flag("grounded", "everything named exists and was seen; half of the fields name something"),
    _flag("complete", "no field is missing"),
    _flag("feasible", "the request can be met"),
    _flag("scored", "grounded, complete and feasible: hard constraints count"),
    _share("commonsense_micro", "share of the twelve commonsense rules held", final=True),
    _share("commonsense8_micro", "share of TravelPlanner's eight rules held", final=True),
    _flag("commonsense_macro", "all twelve rules hold"),
    _share(
        "hard_micro", "share of hard constraints held; 0 unless grounded and complete", final=True
    ),
    _flag("hard_macro", "all hard constraints hold, grounded and complete"),
    _flag("final_pass", "commonsense_macro and hard_macro"),
    Evidence(
        key="plan_cents", type="int", unit="cents", lo=0, scope="episode", help="cost of the plan"
    ),
    Evidence(
        key="budget_cents", type="int", unit="cents", lo=0, scope="episode", help="the budget"
    ),
    _share("utility", "U of the plan: stars, sights and money left", final=True),
    _share("utility_best", "best known utility U*; 0 where the request cannot be met", final=True),
    _share("utility_ratio", "U / U*, at most 1", final=True),
    Evidence(
        key="verdict",
        type="str",
        scope="episode",
        help="report of infeasibility: none, wrong, unsupported or supported",
    ),
    _flag("verdict_supported", "infeasible, the constraints named and what shows it cited"),
    Evidence(
        key="broken", type="tuple", scope="episode", help="names of rules and constraints broken"
    ),
    _share("outcome", "terminal reward", final=True),
)


def final_evidence(
    request: Request,
    plan: Sequence[Day] | None,
    report: Report,
    best: float,
    seen: Collection[str] | None = None,
) -> dict[str, Value]:
    """Return every key of the answer; a missing plan passes nothing.

    Args:
        plan: the plan submitted, if any.
        best: best known utility; 0 where the request cannot be met.
        seen: facts seen in the episode; None takes everything as seen.
    """
    feasible = best > 0
    found: dict[str, Value] = {
        "delivered": plan is not None,
        "feasible": feasible,
        "verdict": report,
        "verdict_supported": report == "supported",
        "budget_cents": request.budget,
        "utility_best": best,
    }
    if plan is None:
        for key in ("grounded", "complete", "scored", "final_pass"):
            found[key] = False
        found.update(commonsense_micro=0.0, commonsense8_micro=0.0, commonsense_macro=False)
        found.update(hard_micro=0.0, hard_macro=False, plan_cents=0, broken=())
        found.update(utility=0.0, utility_ratio=0.0)
    else:
        verdict = judge(request, plan, seen)
        found.update(
            grounded=verdict.grounded,
            complete=verdict.complete,
            scored=verdict.scored and feasible,
            commonsense_micro=verdict.commonsense_micro,
            commonsense8_micro=verdict.commonsense8_micro,
            commonsense_macro=verdict.commonsense_macro,
            hard_micro=verdict.hard_micro,
            hard_macro=verdict.hard_macro,
            final_pass=verdict.final_pass,
            plan_cents=verdict.cost,
            utility=verdict.utility,
            utility_ratio=min(1.0, verdict.utility / best) if feasible else 0.0,
            broken=verdict.broken,
        )
    found["outcome"] = outcome_of(found)
    return found
