"""Reading one action of a numeric environment: what it is, or why it is none."""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray


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
