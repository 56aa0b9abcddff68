"""The four presets that every family offers under the same names."""

from envgym.rewards.fold.g_ra import g_ra
from envgym.rewards.fold.sum import Sum
from envgym.rewards.map.clip import Clip
from envgym.rewards.map.potential import Potential
from envgym.rewards.map.progress_delta import ProgressDelta
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.program import Program
from envgym.rewards.reduce.sum import ReduceSum
from envgym.rewards.source import Source
from envgym.types.errors import ConfigError

SPAN = 0.8
"""Width of the gated step sum as a share of the outcome gap; below 1, so that no steps make a
failure outrank a success."""


def charge(key: str, price: float, *, name: str) -> Node:
    """Return ``price`` charged for each unit by which a kernel counter rises.

    Args:
        key: evidence that counts up: "turn", "errors", "extra_calls", "tokens", "cost".
        price: amount per unit, 0 or more.
        name: component in the ledger.

    >>> charge("errors", 0.5, name="error_cost").settle([{"errors": e} for e in (0, 0, 2)])
    (-1.0, (0.0, -1.0))
    """
    if not price >= 0:
        raise ConfigError(f"charge.price of '{key}' must be 0 or more, got {price!r}.")
    return Scale(ProgressDelta(Source(key, lo=0.0)), -float(price), name=name)


def standard_presets(
    *,
    outcome: str | Source = "outcome",
    progress: str | Source = "progress",
    potential: str | Source | None = None,
    gate: float = 0.0,
    gap: float = 1.0,
    turn_cost: float = 0.0,
    error_cost: float = 0.0,
) -> dict[str, Program]:
    """Return the programs outcome, dense, gated and process of one family.

    outcome  the outcome alone, paid at the end
    dense    outcome + progress deltas - costs, paid as they happen
    gated    outcome + [outcome > gate] * (steps of dense, their sum clipped)
    process  outcome + potential-based shaping on exact progress

    The clipped sum of ``gated`` lies in [-0.4, 0.4] times ``gap``: 0.8 wide, so a failure
    never outranks a success.

    Args:
        outcome: episode evidence in [0, 1], or a Source with its own bounds.
        progress: step evidence in [0, 1], or a Source.
        potential: step evidence in [0, 1] for ``process``; None: ``progress``.
        gate: step reward counts only for outcomes strictly above this.
        gap: lowest success minus highest failure of the outcome; more than 0.
        turn_cost: charged per turn in dense and gated, 0 or more.
        error_cost: charged per mistake of the agent in dense and gated, 0 or more.

    Raises:
        ConfigError: for a gap or cost out of range.

    >>> print(standard_presets(turn_cost=0.01)["dense"])
    dense: outcome + delta(progress) - 0.01*delta(turn)
    """
    if not gap > 0:
        raise ConfigError(f"standard_presets.gap must be more than 0, got {gap!r}.")
    final = _source(outcome, "episode")
    running = _source(progress, "step")
    exact = running if potential is None else _source(potential, "step")
    steps: list[Node] = [ProgressDelta(running)]
    if turn_cost:
        steps.append(charge("turn", turn_cost, name="turn_cost"))
    if error_cost:
        steps.append(charge("errors", error_cost, name="error_cost"))
    limit = 0.5 * SPAN * gap
    collected = ReduceSum(Sum(tuple(steps)) if len(steps) > 1 else steps[0])
    programs = (
        Program("outcome", final),
        Program("dense", Sum((final, *steps))),
        Program("gated", g_ra([final, Clip(collected, -limit, limit)], [gate], name="gate")),
        Program("process", final + Potential(exact)),
    )
    return {program.name: program for program in programs}


def _source(given: str | Source, scope: str) -> Source:
    if isinstance(given, Source):
        if given.scope != scope:
            raise ConfigError(f"'{given.key}' must be a Source of scope '{scope}' here.")
        return given
    return Source(given, "episode" if scope == "episode" else "step", 0.0, 1.0)
