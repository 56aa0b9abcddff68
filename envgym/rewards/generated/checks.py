"""Examining a written reward: does it run, keep to its ranges, and say the same thing twice?"""

from collections.abc import Sequence
from dataclasses import replace
from math import fsum

from envgym.rewards.generated.code import read_statically
from envgym.rewards.generated.evaluate import (
    LIMITS,
    RECORD_SECONDS,
    Episode,
    Evaluated,
    evaluate,
    records_of,
)
from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.value import Check, GeneratedReward
from envgym.types.code import CodeLimits, CodeRunner
from envgym.types.errors import ConfigError

DOMINANCE = 0.9
"""Share of the variance above which one component decides alone (cookbook section 7)."""


def examine(
    reward: GeneratedReward,
    schema: ObservationSchema,
    episodes: Sequence[Episode],
    runner: CodeRunner,
    *,
    limits: CodeLimits = LIMITS,
    record_seconds: float = RECORD_SECONDS,
) -> tuple[GeneratedReward, Evaluated]:
    """Return the reward with its checks, and its values.

    Checks: ``imports`` and ``schema`` (without running), ``runs`` (no exception, time-out, value
    out of range or missing component at any record), ``consistency`` (a second run, over the
    records in reverse, gives the same values to the last bit: no clock, no chance, no memory of
    earlier records) and, as a flag that blocks nothing, ``dominance``. Code whose static checks
    fail is not run; every value is then invalid.

    Source:  cookbook F3 and section 7 (syntax, schema, self-consistency, range; how they are done
             is ours)

    Raises:
        ConfigError: there is no episode to examine it on.
        EvidenceError, InfraError: from ``evaluate``.
    """
    if not episodes:
        raise ConfigError("examine needs at least one episode, got none.")
    checks = read_statically(reward, schema)
    if not all(check.passed for check in checks):
        nothing = {component.name: None for component in reward.components}
        lengths = [len(records_of(episode)) for episode in episodes]
        values = tuple((nothing,) * length for length in lengths)
        return reward.examined(checks), Evaluated(reward.version, values, {"not run": sum(lengths)})
    first, second = (
        evaluate(
            reward,
            schema,
            episodes,
            runner,
            limits=limits,
            record_seconds=record_seconds,
            backwards=backwards,
        )
        for backwards in (False, True)
    )
    spread = dominance(first)
    top = max(spread, key=lambda name: spread[name], default="")
    alone = len(spread) > 1 and spread[top] > DOMINANCE
    checks += (
        _runs(first),
        _consistent(first, second),
        Check(
            "dominance",
            not alone,
            f"component '{top}' has {spread[top]:.0%} of the variance" if alone else "",
            blocks=False,
        ),
    )
    return reward.examined(checks), _agreed(first, second)


def dominance(evaluated: Evaluated) -> dict[str, float]:
    """Return each component's share of the variance of episode totals; zeros if nothing varies.

    Formula: var(R_k) / sum_j var(R_j), R_k the component's total per valid episode
    Source:  cookbook section 7 (ours)

    >>> a, b = {"x": 0.0, "y": 0.0}, {"x": 2.0, "y": 1.0}
    >>> dominance(Evaluated("v", ((a, a), (a, b))))
    {'x': 0.8, 'y': 0.2}
    """
    totals = [each for each in evaluated.component_totals() if each is not None]
    names = list(totals[0]) if totals else []
    variances = {name: _variance([each[name] for each in totals]) for name in names}
    whole = fsum(variances.values())
    return {name: value / whole if whole else 0.0 for name, value in variances.items()}


def _runs(evaluated: Evaluated) -> Check:
    if not evaluated.problems:
        return Check("runs", True)
    worst = max(evaluated.problems, key=lambda text: evaluated.problems[text])
    records = sum(len(episode) for episode in evaluated.values)
    bad = sum(evaluated.problems.values())
    return Check("runs", False, f"{bad} of {records} records are invalid, most often: {worst}")


def _consistent(first: Evaluated, second: Evaluated) -> Check:
    differ = sum(
        a != b
        for one, other in zip(first.values, second.values, strict=True)
        for a, b in zip(one, other, strict=True)
    )
    told = f"{differ} records got other values in a second run" if differ else ""
    return Check("consistency", not differ, told)


def _agreed(first: Evaluated, second: Evaluated) -> Evaluated:
    """Return the values with None where the runs differ."""
    values = tuple(
        tuple(
            {name: value if b.get(name) == value else None for name, value in a.items()}
            for a, b in zip(one, other, strict=True)
        )
        for one, other in zip(first.values, second.values, strict=True)
    )
    return replace(first, values=values)


def _variance(values: Sequence[float]) -> float:
    mean = fsum(values) / len(values)
    return fsum((value - mean) ** 2 for value in values) / len(values)
