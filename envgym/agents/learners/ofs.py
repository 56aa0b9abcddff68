"""Optimistic Feasible Search, and its pessimistic counterpart."""

from dataclasses import dataclass
from typing import ClassVar

from envgym.agents.learners.index import FeasibleLearner


@dataclass(kw_only=True, eq=False)
class OFS(FeasibleLearner):
    """Optimistic Feasible Search: an action is feasible until its residuals' lower bounds say no.

    Formula: F = {k: all lower bounds of residuals <= 0}; play argmax of r_k + rad_k over F; if F is
             empty argmin of the sum of [lower bound]+
    Source:  [7] arXiv 2512.22313 (seen in words; formulas inferred)
    Laws:    without constraints it is ``ucb``; an action barred in this round may return only after
             something more is revealed of it

    A two-sided constraint (``constraint_sides``) averages the signed quantity.
    """

    name: ClassVar[str] = "ofs"
    sign: ClassVar[float] = -1.0


@dataclass(kw_only=True, eq=False)
class Pessimistic(FeasibleLearner):
    """Safe UCB: an action is feasible only when its residuals' upper bounds say so.

    Formula: as ``ofs`` with upper bounds of the residuals in place of the lower ones
    Source:  a baseline of ours
    """

    name: ClassVar[str] = "pessimistic"
    sign: ClassVar[float] = 1.0
