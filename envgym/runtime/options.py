"""What a caller may say to ``reset``, checked before anything of the running episode is touched."""

from collections.abc import Mapping
from operator import index
from typing import Any, NamedTuple

from envgym.types import ConfigError
from envgym.types.errors import unknown

_NAMES = ("task", "group")


class Asked(NamedTuple):
    """The checked arguments of one reset."""

    seed: int | None
    task: Any
    """A task's id, a Task or its JSON; None: the seed chooses."""
    group: dict[str, Any] | None
    """{"id": str, "index": int}, for the episode file."""


def asked(seed: Any, options: Mapping[str, Any] | None) -> Asked:
    """Return the arguments of ``reset``; NumPy's integers are as good as Python's.

    Raises:
        ConfigError: naming the option or the value, and what is allowed.
    """
    if seed is not None:
        try:
            seed = index(seed)
        except TypeError:
            seed = _refuse_seed(seed)
        if not 0 <= seed < 1 << 63:
            _refuse_seed(seed)
    if not options:
        return Asked(seed, None, None)
    for name in options:
        if name not in _NAMES:
            raise ConfigError(unknown("reset option", str(name), _NAMES))
    return Asked(seed, options.get("task"), _group(options.get("group")))


def _refuse_seed(seed: Any) -> Any:
    raise ConfigError(f"seed must be an integer from 0 to 2**63 - 1, got {seed!r}.")


def _group(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    try:
        name, place = given["id"], index(given["index"])
        fits = isinstance(name, str) and len(given) == 2 and place >= 0
    except (TypeError, KeyError, IndexError):
        fits = False
    if not fits:
        raise ConfigError(
            "reset option 'group' must be {'id': text, 'index': integer from 0}, got"
            f" {given!r:.80}."
        )
    return {"id": name, "index": place}
