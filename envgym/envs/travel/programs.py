"""What a trip pays: the terminal reward and the four presets."""

from collections.abc import Mapping
from typing import Any

from envgym.rewards import (
    Clip,
    Constant,
    Gate,
    Node,
    Potential,
    Program,
    ProgressDelta,
    ReduceSum,
    Scale,
    Source,
    Sum,
    g_ra,
)
from envgym.rewards.presets import SPAN

LOWEST_SUCCESS, HIGHEST_FAILURE = 0.9, 0.775
"""A plan that passes everything pays 0.9 + 0.1 U/U*. One that misses a single one of the twelve
commonsense rules pays at most 0.1 + 0.3 x 11/12 + 0.3 + 0.1."""


def _final(key: str) -> Source:
    return Source(key, "episode", 0.0, 1.0)


def outcome_node() -> Node:
    """Return the terminal reward of a trip, in [0, 1].

    R = [plan delivered] x (0.1 + [grounded] x 0.3 commonsense_micro
        + [scored] x (0.3 hard_micro + 0.2 final_pass + 0.1 U/U*)); without a plan, 1 for a
    supported verdict that the request cannot be met, else 0. ``scored``: grounded, complete, and
    the request can be met. Source: spec of the family; the gate is TravelPlanner's.
    """
    plan = Sum(
        (
            Constant(0.1, name="delivered"),
            Gate(
                _final("grounded") > 0.5,
                Scale(_final("commonsense_micro"), 0.3),
                name="grounded",
            ),
            Gate(
                _final("scored") > 0.5,
                Sum(
                    (
                        Scale(_final("hard_micro"), 0.3),
                        Scale(_final("final_pass"), 0.2),
                        Scale(_final("utility_ratio"), 0.1),
                    )
                ),
                name="scored",
            ),
        )
    )
    return Gate(_final("delivered") > 0.5, plan, _final("verdict_supported"), name="outcome")


def outcome_of(evidence: Mapping[str, Any]) -> float:
    """Return the outcome of the last record's evidence, in [0, 1]."""
    value, _ = _OUTCOME.settle([{}, evidence])
    return 0.0 if value is None else min(1.0, value)


def travel_presets() -> dict[str, Program]:
    """Return outcome, dense, gated and process."""
    progress = Source("progress", "step", 0.0, 1.0)
    steps = ProgressDelta(progress)
    limit = 0.5 * SPAN * (LOWEST_SUCCESS - HIGHEST_FAILURE)
    threshold = (LOWEST_SUCCESS + HIGHEST_FAILURE) / 2
    programs = (
        Program("outcome", _OUTCOME),
        Program("dense", Sum((_OUTCOME, steps))),
        Program(
            "gated",
            g_ra([_OUTCOME, Clip(ReduceSum(steps), -limit, limit)], [threshold], name="gate"),
        ),
        Program("process", _OUTCOME + Potential(progress)),
    )
    return {program.name: program for program in programs}


_OUTCOME = outcome_node()
