"""The evidence that a trip reports beside the kernel's."""

from envgym.types import Evidence


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
    _flag("grounded", "everything named exists and at least half of the fields name something"),
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
