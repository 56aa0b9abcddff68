"""Reading a batch of actions: their shape and type, and which of them are invalid."""

from typing import Any

import gymnasium
import numpy as np

from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.core import Core, State
from envgym.types import ConfigError


def read_actions(
    actions: Any, space: gymnasium.Space[Any], count: int, ar: Arrays, where: str
) -> Any:
    """Return the actions as an array of the batch's library, [B, ...].

    Args:
        actions: whatever was given to ``step``.
        space: of a single environment.
        count: B.
        ar: the array library.
        where: class name for messages.

    Raises:
        ConfigError: the shape or the type does not fit.
    """
    shape = (count, *(space.shape or ()))
    if ar.torch and hasattr(actions, "is_floating_point"):
        given = actions.to(ar.device)
        floating = given.is_floating_point()
    else:
        try:
            given = np.asarray(actions)
        except (ValueError, TypeError):
            given = np.asarray(None)
        if given.dtype.kind not in "iuf":
            raise ConfigError(
                f"{where}: actions must be numbers of shape {shape}, got {actions!r:.80}."
            )
        floating = given.dtype.kind == "f"
        given = ar.asarray(given)
    if tuple(given.shape) != shape:
        raise ConfigError(f"{where}: actions must have shape {shape}, got {tuple(given.shape)}.")
    if floating and np.issubdtype(space.dtype, np.integer):
        raise ConfigError(f"{where}: actions must be integers, got floats.")
    return given


def wrong_actions(
    core: Core, state: State, actions: Any, space: gymnasium.Space[Any], ar: Arrays
) -> Any:
    """Return which rows' actions are invalid, bool [B]; None: none of them."""
    count = len(actions)
    if isinstance(space, gymnasium.spaces.Discrete):
        top = int(space.n)
        wrong = (actions < 0) | (actions >= top)
        mask = core.mask(state, ar)
        if mask is not None:
            inside = ar.xp.clip(actions, 0, top - 1)
            wrong = wrong | ~mask[ar.arange(count), inside]
    elif isinstance(space, gymnasium.spaces.Box):
        low, high = ar.asarray(space.low), ar.asarray(space.high)
        wrong = ~((actions >= low) & (actions <= high)).reshape(count, -1).all(1)
    else:
        most = ar.asarray(np.asarray(space.nvec))  # type: ignore[attr-defined]  # MultiDiscrete
        wrong = ~((actions >= 0) & (actions < most)).reshape(count, -1).all(1)
    valid = getattr(core, "valid", None)
    if valid is not None:
        safe = ar.xp.where(wrong[:, None], 0, actions) if actions.ndim > 1 else actions
        wrong = wrong | ~valid(state, safe, ar)
    return wrong if bool(wrong.any()) else None
