"""What a PettingZoo environment shows, in words: observations and its own description."""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from envgym.types import ConfigError

MASK = "action_mask"
"""Key of the legal actions in observations and infos."""
_MOST = 400
"""Numbers of one array that are shown; the rest is counted."""
_LONG = 24
"""A row of zeros and ones longer than this is told by its ones."""
_NO_PROSE = ("#", "|", "<", "!", ":", "-", "*", "This environment is part of")
_SHOWABLE = (
    spaces.Box,
    spaces.Discrete,
    spaces.MultiBinary,
    spaces.MultiDiscrete,
    spaces.Text,
)


def check_observations(where: str, space: Any) -> None:
    """Raise ConfigError unless values of ``space`` can be told in words.

    Args:
        where: whose it is.
        space: one of Box, Discrete, MultiBinary, MultiDiscrete, Text, or a Dict or Tuple of them.
    """
    if isinstance(space, spaces.Dict):
        for part in space.values():
            check_observations(where, part)
    elif isinstance(space, spaces.Tuple):
        for part in space:
            check_observations(where, part)
    elif not isinstance(space, _SHOWABLE):
        raise ConfigError(
            f"{where}: observations of {space} cannot be told in words; allowed: Box, Discrete, "
            "MultiBinary, MultiDiscrete, Text, and Dict or Tuple of these."
        )


def told(value: Any) -> str:
    """Return an observation in words: deterministic, at most a few thousand characters.

    Numbers to four significant digits. One axis is a list, two are rows of a grid; of three the
    last one counts planes, and zeros and ones are told by the places of the ones. Long arrays are
    cut, saying so. An action mask is left out: it is told as legal actions.

    >>> told({"board": np.eye(2, dtype=int), "stock": 3})
    'board:\\n1 0\\n0 1\\nstock: 3'
    """
    if isinstance(value, Mapping):
        parts = [(str(key), told(item)) for key, item in value.items() if key != MASK]
        if len(parts) == 1 and MASK in value:
            return parts[0][1]
        return "\n".join(f"{key}:{_below(text)}" for key, text in parts)
    if isinstance(value, str):
        return value
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        parts = [(f"part {number}", told(item)) for number, item in enumerate(value, 1)]
        return "\n".join(f"{key}:{_below(text)}" for key, text in parts)
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return str(value)[:1000]
    if array.ndim == 0:
        return _number(array.item())
    if array.size == 0:
        return "nothing"
    if array.ndim == 1:
        return _row(array)
    if array.ndim == 2:
        return _grid(array)
    return _planes(array)


def _below(text: str) -> str:
    return f"\n{text}" if "\n" in text else f" {text}"


def _row(array: NDArray[Any]) -> str:
    if len(array) > _LONG and _binary(array):
        ones = np.flatnonzero(array)
        runs = _runs(ones.tolist())
        places = ", ".join(runs[:_MOST]) if runs else "none"
        return f"{len(array)} numbers, 0 but for 1 at: {places}{_cut(len(runs))}"
    return ", ".join(map(_number, array[:_MOST].tolist())) + _cut(len(array))


def _runs(places: Sequence[int]) -> list[str]:
    """Return ascending places with neighbours joined, such as "3", "7 to 9"."""
    found: list[list[int]] = []
    for place in places:
        if found and place == found[-1][1] + 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return [str(a) if a == b else f"{a} to {b}" for a, b in found]


def _grid(array: NDArray[Any]) -> str:
    rows = max(_MOST // array.shape[1], 1)
    words = [[_number(x) for x in row[:_MOST]] for row in array[:rows].tolist()]
    width = max(len(word) for row in words for word in row)
    shown = "\n".join(" ".join(word.rjust(width) for word in row) for row in words)
    if array.shape[1] > _MOST or len(array) > rows:
        height, breadth = array.shape
        shown += f"\n(cut: {height} rows of {breadth} in all)"
    return shown


def _planes(array: NDArray[Any]) -> str:
    size = " x ".join(map(str, array.shape))
    if not _binary(array):
        flat = ", ".join(map(_number, array.ravel()[:_MOST].tolist()))
        return f"{size} numbers: {flat}{_cut(array.size)}"
    lines, shown = [f"{size} numbers, 0 but for 1 at (from 0):"], 0
    for number in range(array.shape[-1]):
        places = np.argwhere(array[..., number]).tolist()
        if len(places) == array[..., number].size:
            lines.append(f"plane {number}: everywhere")
            continue
        shown += len(places)
        if places and shown <= _MOST:
            words = " ".join(f"({', '.join(map(str, place))})" for place in places)
            lines.append(f"plane {number}: {words}")
    if shown > _MOST:
        lines.append(f"(cut: {shown} places in all)")
    return "\n".join(lines) if len(lines) > 1 else f"{size} numbers, all 0"


def _binary(array: NDArray[Any]) -> bool:
    return bool(np.isin(array, (0, 1)).all())


def _number(x: float) -> str:
    if isinstance(x, bool):
        return str(int(x))
    return str(x) if isinstance(x, int) else f"{x + 0.0:.4g}"


def _cut(size: int) -> str:
    return f" (cut: {size} in all)" if size > _MOST else ""


def described(env: Any) -> str:
    """Return an environment's name and the first paragraph of prose that describes it.

    That of its class; of PettingZoo's own, whose classes say little, that of their module.
    """
    bare = env.unwrapped
    name = str(getattr(env, "metadata", {}).get("name", type(bare).__name__))
    module = sys.modules.get(type(bare).__module__)
    texts = [type(bare).__doc__]
    if type(bare).__module__.startswith("pettingzoo."):
        texts.insert(0, getattr(module, "__doc__", None))
    for text in texts:
        plain = re.sub(r"```.*?(?:```|\Z)", "", text or "", flags=re.DOTALL)
        for paragraph in re.split(r"\n\s*\n", plain):
            prose = " ".join(paragraph.split())
            if prose and not prose.startswith(_NO_PROSE):
                return f"{name}: {prose}"
    return f"{name}."
