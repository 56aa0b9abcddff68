"""Which array library a core computes with: NumPy, or PyTorch on any device."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.types import ConfigError, MissingExtraError
from envgym.types.errors import unknown

BACKENDS = ("numpy", "torch")
DTYPES = ("float64", "float32")


@dataclass(frozen=True, eq=False)
class Arrays:
    """The namespace, float type and device of a batch.

    Cores call ``xp`` for functions that NumPy and PyTorch share under one name (where, clip, exp,
    log, sqrt, abs, minimum, maximum, stack), index tables with integer arrays, and come here for
    whatever the two spell differently.
    """

    xp: Any = np
    """The module numpy or torch."""
    dtype: Any = np.float64
    """Float type."""
    device: Any = None
    """PyTorch's device; None for NumPy."""
    _kept: dict[int, tuple[Any, Any]] = field(default_factory=dict, repr=False)

    @property
    def torch(self) -> bool:
        """Whether these are tensors."""
        return self.xp is not np

    def const(self, table: NDArray[Any]) -> Any:
        """Return a table of numbers as an array of this kind, converted once; do not change it."""
        if not self.torch and table.dtype == self.dtype:
            return table
        found = self._kept.get(id(table))
        if found is None:
            # The table is kept beside its twin, so that its id stays its own.
            found = self._kept[id(table)] = (table, self.asarray(table))
        return found[1]

    def asarray(self, values: Any) -> Any:
        """Return values as an array of this kind; floats get ``dtype``, integers int64."""
        array = np.asarray(values)
        kind = array.dtype.kind
        if not self.torch:
            wanted: Any = self.dtype if kind == "f" else np.int64 if kind in "iu" else array.dtype
            return array.astype(wanted, copy=False)
        made = self.xp.as_tensor(array, device=self.device)
        return made.to(self.dtype) if kind == "f" else made.long() if kind in "iu" else made

    def full(self, shape: Sequence[int], value: float) -> Any:
        """Return floats that all have one value."""
        if self.torch:
            return self.xp.full(tuple(shape), value, dtype=self.dtype, device=self.device)
        return np.full(shape, value, dtype=self.dtype)

    def ints(self, shape: Sequence[int], value: int) -> Any:
        """Return int64 that all have one value."""
        if self.torch:
            return self.xp.full(tuple(shape), value, dtype=self.xp.int64, device=self.device)
        return np.full(shape, value, dtype=np.int64)

    def bools(self, shape: Sequence[int], value: bool) -> Any:
        """Return bools that all have one value."""
        if self.torch:
            return self.xp.full(tuple(shape), value, dtype=self.xp.bool, device=self.device)
        return np.full(shape, value, dtype=bool)

    def arange(self, count: int) -> Any:
        """Return int64 from 0 to count - 1."""
        return self.xp.arange(count, device=self.device) if self.torch else np.arange(count)

    def real(self, array: Any) -> Any:
        """Return integers or bools as floats."""
        return array.to(self.dtype) if self.torch else array.astype(self.dtype)

    def whole(self, array: Any) -> Any:
        """Return floats or bools as int64, cut towards 0."""
        return array.long() if self.torch else array.astype(np.int64)

    def cat(self, parts: Sequence[Any], axis: int = -1) -> Any:
        """Return arrays joined along an axis."""
        return self.xp.cat(tuple(parts), axis) if self.torch else np.concatenate(parts, axis)

    def numpy(self, array: Any) -> NDArray[Any]:
        """Return an array as NumPy's."""
        return array.detach().cpu().numpy() if self.torch else np.asarray(array)


NUMPY = Arrays()
"""NumPy, float64: the reference."""


def arrays(backend: str, dtype: str, device: str | None, where: str) -> Arrays:
    """Return the arrays that a vector's arguments name.

    Raises:
        ConfigError: an unknown name, or a device that is not there.
        MissingExtraError: PyTorch is not installed.
    """
    for name, value, allowed in (("backend", backend, BACKENDS), ("dtype", dtype, DTYPES)):
        if value not in allowed:
            raise ConfigError(f"{where}: {unknown(name, str(value), allowed)}")
    if backend == "numpy":
        if device not in (None, "cpu"):
            raise ConfigError(f"{where}: device is for backend='torch', got {device!r}.")
        return Arrays(np, np.dtype(dtype).type)
    try:
        import torch
    except ImportError:
        raise MissingExtraError(f"{where} with backend='torch'", "train") from None
    try:
        found = torch.device(device or "cpu")
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{where}: device {device!r} is not there: {reason}") from error
    return Arrays(torch, getattr(torch, dtype), found)
