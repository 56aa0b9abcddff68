"""The table of a study: one row per agent, one line per pair of agents."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.agents.study.intervals import interval
from envgym.agents.study.tally import Totals

BELOW = 0.003
"""The steady gap below which a seed counts as near the oracle; the figure of [7], v1's abstract."""
METRICS = ("reward", "violation", "gap")
"""What has intervals and paired differences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSeed:
    """One agent's numbers, float64 [seeds] each."""

    reward: NDArray[Any]
    """Mean expected reward per round of the horizon; rounds after an early end pay 0."""
    violation: NDArray[Any]
    """Expected hinge violation, summed over all rounds."""
    gap: NDArray[Any] | None
    """Mean shortfall from the oracle in the last fifth of the horizon; None where a family knows no
    shortfall, or an episode ended before."""
    regret: NDArray[Any] | None
    """Shortfall, summed over all rounds."""
    utility: NDArray[Any]
    """Mean realised reward per round of the horizon."""
    signed: NDArray[Any] | None
    """Largest of the residuals' sums over all rounds, realised and signed; None: no constraints."""
    infeasible: NDArray[Any]
    """Share of the rounds with an expected violation."""
    facts: Mapping[str, NDArray[Any]]
    """Means per round played of the family's own evidence."""
    seconds: float
    errors: int
    """Invalid actions."""


_OURS = ("utility", "expected", "violation", "shortfall", "infeasible")


def per_seed(parts: Sequence[Totals], horizon: int, residuals: Sequence[str] = ()) -> PerSeed:
    """Return one agent's numbers seed by seed.

    Args:
        parts: its shards, in order.
        horizon: rounds.
        residuals: names of the constraints' evidence.
    """
    sums = joined(parts, "sums")
    tails = joined(parts, "tails")
    rounds = np.concatenate([part.rounds for part in parts])
    late = np.concatenate([part.tail_rounds for part in parts])
    gap = None
    if "shortfall" in tails and (late > 0).all():
        gap = tails["shortfall"] / late
    signed = [sums[name] for name in residuals if name in sums]
    return PerSeed(
        reward=sums["expected"] / horizon,
        violation=sums["violation"],
        gap=gap,
        regret=sums.get("shortfall"),
        utility=sums["utility"] / horizon,
        signed=np.max(signed, axis=0) if signed else None,
        infeasible=sums["infeasible"] / rounds,
        facts={key: each / rounds for key, each in sums.items() if key not in _OURS},
        seconds=math.fsum(part.seconds for part in parts),
        errors=int(sum(part.errors.sum() for part in parts)),
    )


def joined(parts: Sequence[Totals], field: str) -> dict[str, NDArray[Any]]:
    """Return a mapping of the shards with their seeds side by side, along the last axis."""
    maps = [getattr(part, field) for part in parts]
    return {key: np.concatenate([each[key] for each in maps], axis=-1) for key in maps[0]}


def row(agent: str, found: PerSeed) -> dict[str, Any]:
    """Return an agent's line of the table, as JSON values."""
    made: dict[str, Any] = {"agent": agent, "seeds": len(found.reward)}
    for name in METRICS:
        made.update(_spread(name, getattr(found, name)))
    gap = found.gap
    return {
        **made,
        "share_below": None if gap is None else float((gap < BELOW).mean()),
        "signed_violation": _mean(found.signed),
        "infeasible": _mean(found.infeasible),
        "regret": _mean(found.regret),
        "utility": _mean(found.utility),
        "errors": found.errors,
        "seconds": found.seconds,
        "facts": {key: _mean(each) for key, each in sorted(found.facts.items())},
    }


def pair(one: str, other: str, a: PerSeed, b: PerSeed) -> dict[str, Any]:
    """Return the differences of two agents on equal seeds, the first minus the second.

    ``reward_t`` is mean / (sd / sqrt(n)); None where all differences are equal.
    """
    made: dict[str, Any] = {"agent": one, "other": other}
    for name in METRICS:
        x, y = getattr(a, name), getattr(b, name)
        difference = None if x is None or y is None else x - y
        made.update(_spread(name, difference))
        made[f"{name}_t"] = _t(difference)
    return made


def rows_and_pairs(
    found: Mapping[str, PerSeed],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the table's rows and the differences of all pairs, in the agents' order."""
    rows = [row(agent, each) for agent, each in found.items()]
    pairs = [pair(one, other, found[one], found[other]) for one, other in combinations(found, 2)]
    return rows, pairs


def _spread(name: str, values: NDArray[Any] | None) -> dict[str, Any]:
    if values is None:
        return {name: None, f"{name}_sd": None, f"{name}_interval": None}
    ends = interval(values)
    return {
        name: _mean(values),
        f"{name}_sd": float(values.std(ddof=1)) if len(values) > 1 else None,
        f"{name}_interval": None if ends is None else list(ends),
    }


def _mean(values: NDArray[Any] | None) -> float | None:
    return None if values is None else float(values.mean())


def _t(values: NDArray[Any] | None) -> float | None:
    if values is None or len(values) < 2:
        return None
    sd = float(values.std(ddof=1))
    return None if sd == 0.0 else float(values.mean() / (sd / math.sqrt(len(values))))
