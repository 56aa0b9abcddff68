"""Actions of Gymnasium spaces as text: which there are, what a word means, a random one."""

import re
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces

from envgym.types import ConfigError, Stream, ToolError

MOST_NUMBERS = 16
"""Numbers that one action may consist of."""
_SHOWN = 40
"""Allowed actions listed at most; the rest is counted."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
)


class Actions(Protocol):
    """One agent's action space, read from text."""

    def open(self, mask: Any) -> bool:
        """Return whether the mask leaves the agent a choice; True where there is no mask."""
        ...

    def read(self, text: str, mask: Any) -> Any:
        """Return the action that ``text`` means; raise ToolError saying what is allowed."""
        ...

    def first(self, mask: Any) -> Any:
        """Return the first action that the mask allows, of all if it allows none."""
        ...

    def draw(self, mask: Any, stream: Stream) -> str:
        """Return the text of a random action that the mask allows."""
        ...

    def listed(self, mask: Any) -> str:
        """Return what is allowed, in words."""
        ...

    @property
    def example(self) -> str:
        """An action as text."""
        ...


class Choice:
    """``Discrete``: a number, or its name where actions have names.

    Args:
        where: whose space it is, for errors.
        space: the space.
        names: action number to name; numbers without a name keep their number alone.
    """

    def __init__(self, where: str, space: spaces.Discrete, names: Mapping[int, str] | None) -> None:
        self._where, self._start, self._n = where, int(space.start), int(space.n)
        self._names = dict(names or {})
        self._means: dict[str, int] = {}
        for number, name in self._names.items():
            if not self._start <= number < self._start + self._n:
                raise ConfigError(f"{where}: action_names: there is no action {number}.")
            word = _plain(name)
            if not word or _WHOLE.fullmatch(word) or self._means.setdefault(word, number) != number:
                raise ConfigError(
                    f"{where}: action_names must be different words that are no numbers, got "
                    f"{name!r} for action {number}."
                )

    @property
    def example(self) -> str:
        """The first action, by name if it has one."""
        return self._names.get(self._start, str(self._start))

    def _legal(self, mask: Any) -> Sequence[int]:
        if mask is None:
            return range(self._start, self._start + self._n)
        bits = np.asarray(mask)
        if bits.shape != (self._n,):
            raise ConfigError(
                f"{self._where}: the action mask must have {self._n} numbers, got shape "
                f"{bits.shape}."
            )
        return [self._start + int(i) for i in np.flatnonzero(bits)]

    def open(self, mask: Any) -> bool:
        """Return whether some action is allowed."""
        return len(self._legal(mask)) > 0

    def read(self, text: str, mask: Any) -> int:
        """Return the number that ``text`` is or names."""
        word, legal = _plain(text), self._legal(mask)
        number = int(word) if _WHOLE.fullmatch(word) else self._means.get(word)
        if number is not None and number in legal:
            return number
        if not word:
            raise ToolError(f"The action is empty. Legal actions: {self.listed(mask)}.")
        raise ToolError(
            f"'{text.strip()[:60]}' is no legal action. Legal actions: {self.listed(mask)}."
        )

    def first(self, mask: Any) -> int:
        """Return the lowest allowed number."""
        legal = self._legal(mask)
        return legal[0] if len(legal) else self._start

    def draw(self, mask: Any, stream: Stream) -> str:
        """Return a number, every allowed one equally likely."""
        legal = self._legal(mask)
        return str(legal[stream.below(len(legal))])

    def listed(self, mask: Any) -> str:
        """Return the allowed numbers, with names; long runs as ranges."""
        legal = self._legal(mask)
        if len(legal) > _SHOWN and len(legal) == legal[-1] - legal[0] + 1 and not self._names:
            return f"any whole number from {legal[0]} to {legal[-1]}"
        more = f" and {len(legal) - _SHOWN} more" if len(legal) > _SHOWN else ""
        return "; ".join(map(self._word, legal[:_SHOWN])) + more

    def _word(self, number: int) -> str:
        name = self._names.get(number)
        return str(number) if name is None else f"{number} ({name})"


class Numbers:
    """``MultiDiscrete``, ``MultiBinary`` and small ``Box``: several numbers in a row.

    Args:
        low: lowest values, inclusive, flat.
        high: highest values, inclusive, flat.
        shape: of the action array.
        dtype: of the action array.
    """

    def __init__(
        self, where: str, low: Any, high: Any, shape: tuple[int, ...], dtype: "np.dtype[Any]"
    ) -> None:
        self._where, self._shape, self._dtype = where, shape, dtype
        self._whole = not np.issubdtype(dtype, np.floating)
        limits = np.iinfo(dtype) if self._whole else np.finfo(dtype)
        cast = int if self._whole else float
        self._low: list[float] = [cast(max(x, limits.min)) for x in np.ravel(low).tolist()]
        self._high: list[float] = [cast(min(x, limits.max)) for x in np.ravel(high).tolist()]

    @property
    def example(self) -> str:
        """Every number as near to 0 as it may be."""
        return ", ".join(
            _told(min(max(0, low), high)) for low, high in zip(self._low, self._high, strict=True)
        )

    def _allowed(self, mask: Any) -> list[Sequence[int]] | None:
        """Return the allowed values of every number; None where nothing is masked."""
        if mask is None or not self._whole:
            return None
        parts = [np.asarray(part).ravel() for part in mask]
        widths = [high - low + 1 for low, high in zip(self._low, self._high, strict=True)]
        if [len(part) for part in parts] != widths:
            raise ConfigError(
                f"{self._where}: the action mask must have a part of {widths} numbers each."
            )
        return [
            [int(low) + int(i) for i in np.flatnonzero(part)]
            for low, part in zip(self._low, parts, strict=True)
        ]

    def open(self, mask: Any) -> bool:
        """Return whether every number has an allowed value."""
        allowed = self._allowed(mask)
        return allowed is None or all(map(len, allowed))

    def read(self, text: str, mask: Any) -> Any:
        """Return the array of the numbers in ``text``: "1, 0", "1 0" or "[1, 0]"."""
        words = text.strip().strip("[](){}").replace(",", " ").split()
        pattern = _WHOLE if self._whole else _NUMBER
        if len(words) != len(self._low) or not all(map(pattern.fullmatch, words)):
            raise ToolError(f"'{text.strip()[:60]}' is no legal action. {self._wanted(mask)}.")
        values = [int(word) if self._whole else float(word) for word in words]
        allowed = self._allowed(mask)
        for place, value in enumerate(values):
            low, high = self._low[place], self._high[place]
            if not low <= value <= high or (allowed is not None and value not in allowed[place]):
                raise ToolError(
                    f"Number {place + 1}, {_told(value)}, is not allowed. {self._wanted(mask)}."
                )
        return self._array(values)

    def _array(self, values: Sequence[float]) -> Any:
        return np.array(values, self._dtype).reshape(self._shape)

    def first(self, mask: Any) -> Any:
        """Return the lowest allowed values; of a ``Box`` those next to 0."""
        allowed = self._allowed(mask)
        if allowed is not None and all(map(len, allowed)):
            return self._array([values[0] for values in allowed])
        return self._array(
            [min(max(0, low), high) for low, high in zip(self._low, self._high, strict=True)]
        )

    def draw(self, mask: Any, stream: Stream) -> str:
        """Return numbers drawn uniformly; where a ``Box`` has no end, within 1 of the other."""
        allowed = self._allowed(mask)
        if allowed is not None:
            return ", ".join(str(stream.choice(values)) for values in allowed)
        found = []
        for low, high in zip(self._low, self._high, strict=True):
            if self._whole:
                found.append(str(stream.integers(int(low), int(high))))
                continue
            start = low if low > -_WIDE else min(-1.0, high - 1.0)
            end = high if high < _WIDE else max(1.0, start + 1.0)
            found.append(repr(min(max(start + (end - start) * stream.uniform(), low), high)))
        return ", ".join(found)

    def _wanted(self, mask: Any) -> str:
        return f"Legal actions: {self.listed(mask)}"

    def listed(self, mask: Any) -> str:
        """Return how many numbers are asked for and what each may be."""
        allowed = self._allowed(mask)
        if allowed is not None:
            parts = [" or ".join(map(str, values)) for values in allowed]
        else:
            kind = "whole " if self._whole else ""
            parts = [
                f"a {kind}number from {_told(low)} to {_told(high)}"
                for low, high in zip(self._low, self._high, strict=True)
            ]
        if len(set(parts)) == 1 and len(parts) > 1:
            return f"{len(parts)} numbers, each {parts[0]}"
        return "; ".join(parts)


_WIDE = 1e12
"""Bounds beyond this are none."""


def actions_of(where: str, space: Any, names: Mapping[int, str] | None = None) -> Choice | Numbers:
    """Return the reader of an action space.

    Args:
        where: whose it is, for errors.
        space: ``Discrete``, ``MultiDiscrete``, ``MultiBinary`` or a ``Box`` of at most 16 numbers.
        names: of a ``Discrete`` space's actions.

    Raises:
        ConfigError: another space, or names that do not fit.
    """
    if isinstance(space, spaces.Discrete):
        return Choice(where, space, names)
    if names is not None:
        raise ConfigError(f"{where}: action_names are for Discrete spaces, this is {space}.")
    size = prod(space.shape) if getattr(space, "shape", None) is not None else 0
    if isinstance(space, spaces.MultiDiscrete | spaces.MultiBinary | spaces.Box) and (
        1 <= size <= MOST_NUMBERS
    ):
        if isinstance(space, spaces.Box):
            if np.issubdtype(space.dtype, np.number):
                return Numbers(where, space.low, space.high, space.shape, space.dtype)
        elif isinstance(space, spaces.MultiBinary):
            return Numbers(where, np.zeros(size), np.ones(size), space.shape, space.dtype)
        else:
            high = space.start + space.nvec - 1
            return Numbers(where, space.start, high, space.shape, space.dtype)
    raise ConfigError(
        f"{where}: actions of {space} cannot be written as text; allowed: Discrete, and "
        f"MultiDiscrete, MultiBinary or Box of 1 to {MOST_NUMBERS} numbers."
    )


def _plain(text: str) -> str:
    return " ".join(text.strip().strip("\"'`").removesuffix(".").lower().split())


def _told(number: float) -> str:
    if abs(number) >= _WIDE:
        return "minus infinity" if number < 0 else "infinity"
    return str(number) if isinstance(number, int) else f"{number:g}"
