"""Reading one action of a numeric environment: what it is, or why it is none."""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from envgym.types import Stream


def read_action(
    action: Any, space: gymnasium.Space[Any], mask: NDArray[Any] | None, valid: Any
) -> tuple[Any, str | None]:
    """Return (the action as int or array, None), or (None, one sentence saying what was wrong).

    Args:
        action: whatever an agent gave.
        space: Discrete (from 0), MultiDiscrete or Box.
        mask: which of a Discrete space's actions are valid now; None: all.
        valid: a function of the action for rules that a mask cannot tell, or None.
    """
    if isinstance(space, gymnasium.spaces.Discrete):
        top = int(space.n)
        number = _integer(action)
        if number is None or not 0 <= number < top:
            return None, f"the action must be an integer from 0 to {top - 1}, got {action!r:.60}."
        if mask is not None and not mask[number]:
            return None, f"action {number} is not available now."
        return number, None
    given = _vector(action, space)
    if given is None or not space.contains(given):
        return None, f"the action must be one of {space}, got {action!r:.80}."
    if valid is not None and not valid(given):
        return None, f"the action {given.tolist()} is not available now."
    return given, None


def random_valid(
    stream: Stream, space: gymnasium.Space[Any], mask: NDArray[Any] | None, valid: Any
) -> Any:
    """Return a valid action drawn from ``stream``: an int, or a list of ints or floats.

    Uniform among valid numbers; slates are drawn without repeats, and again while ``valid``
    refuses them.
    """
    if isinstance(space, gymnasium.spaces.Discrete):
        numbers = range(int(space.n)) if mask is None else np.nonzero(mask)[0].tolist()
        return stream.choice(list(numbers))
    if isinstance(space, gymnasium.spaces.Box):
        ends = zip(space.low.ravel().tolist(), space.high.ravel().tolist(), strict=True)
        return [round(a + (b - a) * stream.uniform(), 6) for a, b in ends]
    top = np.asarray(space.nvec).tolist()  # type: ignore[attr-defined]  # MultiDiscrete is left
    for _ in range(1000):
        drawn = stream.sample(range(max(top)), len(top)) if max(top) >= len(top) else [0] * len(top)
        if all(x < n for x, n in zip(drawn, top, strict=True)) and (
            valid is None or valid(np.asarray(drawn))
        ):
            return drawn
    return drawn


def _integer(action: Any) -> int | None:
    if isinstance(action, int | np.integer) and not isinstance(action, bool):
        return int(action)
    if isinstance(action, np.ndarray) and action.size == 1 and action.dtype.kind in "iu":
        return int(action.reshape(-1)[0])
    return None


def _vector(action: Any, space: gymnasium.Space[Any]) -> NDArray[Any] | None:
    try:
        given = np.asarray(action)
    except (ValueError, TypeError):
        return None
    if given.dtype.kind not in "iuf" or given.shape != space.shape or not np.isfinite(given).all():
        return None
    if np.issubdtype(space.dtype, np.integer) and given.dtype.kind == "f":
        return None
    return given.astype(space.dtype)
