"""Some rows of a batch: their seeds, and arrays of some rows beside arrays of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, Facts, State
from envgym.runtime.numeric.evidence import OPENING
from envgym.types import ConfigError, derive
from envgym.types.bandit import Outcome

Rows = Any
"""int64 indices of some environments."""


def row_seeds(seed: Any, count: int, where: str) -> list[int]:
    """Return one seed per row: s, s + 1, and so on for an integer s, or those given.

    Raises:
        ConfigError: it is neither, or a seed is out of range.
    """
    if isinstance(seed, int | np.integer) and not isinstance(seed, bool):
        seeds = [int(seed) + i for i in range(count)]
    else:
        try:
            seeds = [int(each) for each in seed]
        except (TypeError, ValueError):
            raise ConfigError(
                f"{where}: seed must be an integer, a list or None, got {seed!r:.80}."
            ) from None
    if len(seeds) != count or any(not 0 <= each < 1 << 63 for each in seeds):
        raise ConfigError(
            f"{where}: seed must be {count} integers from 0 to 2**63 - 1, got {seed!r:.80}."
        )
    return seeds


def next_seeds(seeds: Sequence[int], rows: Rows) -> list[int]:
    """Return seeds of the rows' next episodes; each follows from the row's last one."""
    return [derive(seeds[row], "next episode") >> 65 for row in rows]


def opening_facts(
    core: Core, count: int, ar: Arrays, measured: Sequence[str], visits: bool
) -> Facts:
    """Return reset's evidence of some rows.

    Args:
        core: whose opening numbers are told; what is no number is left out.
        count: rows.
        ar: the array library.
        measured: costly evidence that is measured.
        visits: whether visits are counted.
    """
    found: Facts = {"turn": ar.ints((count,), 0), "errors": ar.ints((count,), 0)}
    for key, value in {**OPENING, **core.opening()}.items():
        if key == "visits" and not visits:
            continue
        whole = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, int | float):
            found[key] = ar.ints((count,), int(value)) if whole else ar.full((count,), value)
    found.update({key: ar.full((count,), 0.0) for key in measured})
    found["outcome"] = ar.full((count,), 0.0)
    return found


def widen(facts: Facts, count: int, ar: Arrays) -> None:
    """Turn facts that are one number for all rows into arrays."""
    for key, value in facts.items():
        if isinstance(value, float):
            facts[key] = ar.full((count,), value)


def spread(outcome: Outcome, rows: Rows, count: int, ar: Arrays) -> Outcome:
    """Return the outcome of some rows as one of the whole batch."""

    def wide(part: Any, empty: int) -> Any:
        whole = ar.xp.zeros_like(part[:1]) + empty
        shape = (count, *part.shape[1:])
        full = copy_array(ar, ar.xp.broadcast_to(whole, shape))
        full[rows] = part
        return full

    return Outcome(
        wide(outcome.round, -1),
        wide(outcome.action, 0),
        wide(outcome.reward, 0),
        tuple(wide(part, 0) for part in outcome.residuals),
    )


def copy_array(ar: Arrays, array: Any) -> Any:
    """Return a copy that shares nothing."""
    return array.clone() if ar.torch else array.copy()


def scatter(ar: Arrays, into: State, rows: Rows, values: State) -> State:
    """Return a copy of ``into`` whose rows hold ``values``."""
    found = dict(into)
    for key, value in values.items():
        if key not in found:  # first seen now: rows that did not play have nothing
            whole = ar.xp.zeros_like(value[:1])
            size = len(into["t"]) if "t" in into else len(next(iter(into.values())))
            found[key] = copy_array(ar, ar.xp.broadcast_to(whole, (size, *value.shape[1:])))
        else:
            found[key] = copy_array(ar, found[key])
        found[key][rows] = value
    return found
