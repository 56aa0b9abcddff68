"""The random numbers of a batch on PyTorch's devices."""

from typing import Any

import torch

from envgym.runtime.numeric.arrays import Arrays
from envgym.types import derive


class TorchNoise:
    """One ``torch.Generator`` on the batch's device; equal numbers per device and torch version.

    Args:
        key: seed of the batch, any integer.
        ar: float type and device.
    """

    def __init__(self, key: int, ar: Arrays) -> None:
        self._ar = ar
        self.rng = torch.Generator(device=ar.device)
        self.rng.manual_seed(derive(key, "torch") & ((1 << 63) - 1))

    def uniform(self, shape: tuple[int, ...]) -> Any:
        """Return floats in [0, 1)."""
        return torch.rand(shape, generator=self.rng, dtype=self._ar.dtype, device=self._ar.device)

    def normal(self, shape: tuple[int, ...]) -> Any:
        """Return standard normal floats."""
        return torch.randn(shape, generator=self.rng, dtype=self._ar.dtype, device=self._ar.device)

    def binomial(self, n: Any, p: Any) -> Any:
        """Return successes in n trials, as floats."""
        count = torch.as_tensor(n, dtype=p.dtype, device=p.device).expand_as(p)
        return torch.binomial(count.contiguous(), p.contiguous(), generator=self.rng)

    def integers(self, high: int, shape: tuple[int, ...]) -> Any:
        """Return int64 from 0 to high - 1."""
        return torch.randint(high, shape, generator=self.rng, device=self._ar.device)

    def pick(self, rows: Any) -> "TorchNoise":
        """Return itself: the batch shares one generator."""
        return self
