"""The evidence that every numeric environment reports, beside its family's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from envgym.runtime.numeric.core import Core
from envgym.types import Evidence

COMMON: tuple[Evidence, ...] = (
    Evidence(key="rounds", type="int", unit="rounds", lo=0, help="rounds played so far"),
    Evidence(
        key="visits",
        type="int",
        unit="rounds",
        lo=1,
        help="rounds so far that played the latest action, this one included; 1 before the first",
    ),
    Evidence(
        key="utility",
        type="float",
        help="realised reward of the latest round; 0 if none was played",
    ),
    Evidence(
        key="expected",
        type="float",
        help="expected reward of the latest round, given its state and action; not revealed",
    ),
    Evidence(
        key="violation",
        type="float",
        lo=0,
        help="sum of the constraints' hinges in the latest round, on expected values; not revealed",
    ),
    Evidence(
        key="progress",
        type="float",
        unit="share",
        cost="costly",
        lo=0,
        hi=1,
        help="actions that the revealed intervals rule out so far, or what the family says instead",
    ),
    Evidence(
        key="novelty",
        type="float",
        cost="costly",
        help="distillation estimate of 1 / visits of the latest action (RDD)",
    ),
    Evidence(
        key="outcome",
        type="float",
        scope="episode",
        lo=0,
        hi=1,
        help="mean worth per turn of the horizon, scaled to 0 to 1; a round is worth its utility unless"
        " the family says otherwise",
    ),
)
"""Declared by every numeric family; what a family declares under the same key replaces it."""

NUMERIC_KERNEL: tuple[Evidence, ...] = (
    Evidence(key="turn", type="int", unit="turns", lo=0, help="steps so far"),
    Evidence(key="errors", type="int", unit="mistakes", lo=0, help="invalid actions so far"),
    Evidence(key="end", type="str", help="null, or in the last record: task"),
)
"""What the kernel of a single numeric environment counts itself."""

OPENING: Mapping[str, Any] = {
    "rounds": 0,
    "visits": 1,
    "utility": 0.0,
    "expected": 0.0,
    "violation": 0.0,
}
"""Common step evidence at reset."""


def with_common(own: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return a family's declarations and the common ones that it does not replace."""
    mine = {item.key for item in own}
    return (*(item for item in COMMON if item.key not in mine), *own)


def lost_keys(own: Sequence[Evidence], core: Core) -> tuple[str, ...]:
    """Return the evidence of a round that is 0 where a turn was lost: rewards, residuals, ``lost``."""
    residuals = (item.key for item in own if item.key.endswith("_residual"))
    return tuple(
        dict.fromkeys(
            ("utility", "expected", "violation", *residuals, *core.problem.residuals, *core.lost)
        )
    )


def lost_facts(own: Sequence[Evidence], core: Core) -> dict[str, float]:
    """Return what replaces the latest facts where a turn was lost.

    Rewards and residuals are 0; the shortfall is the core's ``optimum``, where it has one.
    """
    found = dict.fromkeys(lost_keys(own, core), 0.0)
    optimum = getattr(core, "optimum", None)
    if optimum is not None and any(item.key == "shortfall" for item in own):
        found["shortfall"] = float(optimum)
    return found


def numeric_declared(family: Any) -> Mapping[str, Evidence]:
    """Return every key of a numeric environment's class, the kernel's first."""
    return {item.key: item for item in (*NUMERIC_KERNEL, *family.declares)}
