"""Is a report that a request cannot be met right, and does it show why."""

from collections.abc import Collection, Sequence
from typing import Literal

from envgym.envs.travel.conflicts import conflicts
from envgym.envs.travel.facts import fact_of
from envgym.envs.travel.request import Request
from envgym.types import ToolError
from envgym.types.errors import unknown

Report = Literal["none", "wrong", "unsupported", "supported"]
"""supported: the names are those of a conflict, and all its facts were seen and are cited."""

MOST_CITATIONS = 100


def check_report(
    request: Request, constraints: Sequence[str], evidence: Sequence[str], seen: Collection[str]
) -> Report:
    """Return what a report is worth.

    Args:
        constraints: names of the constraints said to conflict.
        evidence: ids of search results, or of rows that they hold.
        seen: facts seen in this episode; citing another one makes a report unsupported.

    Raises:
        ToolError: a name that is no constraint of this request, no name, too many citations.
    """
    names = {name.strip() for name in constraints}
    for name in sorted(names):
        if name not in request.constraints:
            raise ToolError(
                f"{unknown('constraint', name[:40], request.constraints)}"
                " Nothing was reported; the turn is spent."
            )
    if not names or len(evidence) > MOST_CITATIONS:
        raise ToolError(
            "report_infeasible: name at least one constraint and cite at most"
            f" {MOST_CITATIONS} results. Nothing was reported; the turn is spent."
        )
    cited = {fact_of(request.place, item.strip().strip("[]")) for item in evidence}
    named = [conflict for conflict in conflicts(request) if conflict.names == names]
    if not named:
        return "wrong"
    shown = any(conflict.shown_by(cited) for conflict in named)
    return "supported" if shown and all(fact in seen for fact in cited) else "unsupported"
