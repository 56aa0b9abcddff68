"""The reward programs of numeric environments."""

from collections.abc import Mapping, Sequence

from envgym.rewards import (
    Above,
    Potential,
    Power,
    Product,
    Program,
    ProgressDelta,
    Scale,
    Source,
    Sum,
    lagrangian,
)
from envgym.rewards.node import Node

UTILITY = Source("utility")
VIOLATION = Source("violation", lo=0.0)


def numeric_presets(
    *,
    price: float = 1.0,
    tolerance: float = 0.0,
    residuals: Sequence[str] = (),
    multiplier: float = 1.0,
    potential: str | None = None,
) -> Mapping[str, Program]:
    """Return the programs of a numeric family.

    utility       the realised reward of every round; the default of numeric environments
    outcome       the mean utility scaled to 0 to 1, paid at the end
    dense         utility - price * violation
    gated         utility * [violation <= tolerance]
    process       outcome + potential of progress: pays while intervals shrink, sums to the outcome
    count         utility + 0.1 / sqrt(visits) (count bonus, cookbook C14)
    distillation  utility + 0.1 * novelty (distillation bonus [49])
    lagrangian    utility - sum of multiplier * residual (cookbook C11); families with constraints
    potential     utility + potential of the state's value; families that know it

    Args:
        price: charged per unit of violation in ``dense``, 0 or more.
        tolerance: most violation of a round that ``gated`` still pays for, 0 or more.
        residuals: evidence keys of the revealed residuals.
        multiplier: price of every residual in ``lagrangian``, 0 or more.
        potential: step evidence with the value of the state; None: the family has none.
    """
    within = Above(Scale(VIOLATION, -1.0), -tolerance, strict=False)
    outcome = Source("outcome", "episode", 0.0, 1.0)
    # Only a turn that played a round: nonsense would else be paid the last action's bonus again.
    played = ProgressDelta(Source("rounds", lo=0.0))
    seen = Power(Source("visits", lo=1.0), -0.5)
    bonus = Scale(Product((played, seen)), 0.1, name="count_bonus")
    novelty = Scale(Source("novelty"), 0.1, name="distillation_bonus")
    programs = [
        Program("utility", UTILITY),
        Program("outcome", outcome),
        Program("dense", Sum((UTILITY, Scale(VIOLATION, -price, name="violation_cost")))),
        Program("gated", Product((UTILITY, within), name="utility_within")),
        Program("process", outcome + Potential(Source("progress", lo=0.0, hi=1.0))),
        Program("count", Sum((UTILITY, bonus))),
        Program("distillation", Sum((UTILITY, novelty))),
    ]
    if residuals:
        costs: list[Node] = [Source(key) for key in residuals]
        node = lagrangian(UTILITY, costs, [multiplier] * len(costs))
        programs.append(Program("lagrangian", node))
    if potential is not None:
        programs.append(Program("potential", UTILITY + Potential(Source(potential))))
    return {program.name: program for program in programs}
