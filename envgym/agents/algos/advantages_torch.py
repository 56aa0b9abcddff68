"""The torch twins of the group estimators, for trainers that keep rewards on the device.

Every function takes returns [N] and integer group labels [N] on one device and gives advantages
[N] there, in the returns' dtype; in float64 they equal the NumPy reference to 1e-6. Masked
rollouts may hold anything, NaN included, get 0 and do not count. No gradient flows: advantages
are constants of the loss. Beyond ``torch.unique`` nothing waits for the device.
"""

import torch
from torch import Tensor

from envgym.rewards.group.bnpo import LARGEST_WEIGHT, LEAST_VARIANCE
from envgym.types.errors import ConfigError


def dr_grpo(returns: Tensor, groups: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return R - mean per group; see ``envgym.rewards.group.normalise.dr_grpo``."""
    return _Batch(returns, groups, mask).centred()


def grpo(
    returns: Tensor,
    groups: Tensor,
    mask: Tensor | None = None,
    *,
    floor: float = 1e-6,
    ddof: int = 0,
    clamp: bool = False,
) -> Tensor:
    """Return (R - mean) / spread per group; see ``envgym.rewards.group.normalise.grpo``."""
    return _Batch(returns, groups, mask).scaled(floor, ddof, clamp)


def rloo(returns: Tensor, groups: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return R minus the mean of the others; see ``envgym.rewards.group.normalise.rloo``."""
    batch = _Batch(returns, groups, mask)
    others = (batch.count - 1).clamp(min=1)
    return batch.centred() * (batch.count / others)[batch.slot]


def reinforce_pp(
    returns: Tensor,
    groups: Tensor,
    mask: Tensor | None = None,
    *,
    baseline: bool = False,
    floor: float = 1e-6,
    ddof: int = 0,
    clamp: bool = False,
) -> Tensor:
    """Return returns whitened over the batch; with ``baseline`` centred per group before.

    See ``envgym.rewards.group.normalise.normalise``, reinforce_pp and reinforce_pp_baseline.
    """
    values = dr_grpo(returns, groups, mask) if baseline else returns
    return grpo(values, torch.zeros_like(groups), mask, floor=floor, ddof=ddof, clamp=clamp)


def bnpo(
    returns: Tensor,
    groups: Tensor,
    mask: Tensor | None = None,
    *,
    lo: float = 0.0,
    hi: float = 1.0,
) -> Tensor:
    """Return (R - p) / BetaPDF(p), the shape fitted to this batch; see ``group.bnpo.bnpo``.

    Returns must lie in [lo, hi]; a return outside is not looked for, since that would wait for
    the device.
    """
    if not lo < hi:
        raise ConfigError(f"bnpo.lo must be less than hi, got {lo} and {hi}.")
    batch = _Batch((returns - lo) / (hi - lo), groups, mask)
    if not batch.size:
        return batch.values
    # One number per group, so double precision is cheap; MPS has none.
    single = returns.device.type == "mps"
    p = batch.mean if single else batch.mean.double()
    held = batch.count > 0
    groups_held = held.sum()
    m = p.sum() / groups_held.clamp(min=1)  # the mean of a group without members is 0
    off = torch.where(held, p - m, torch.zeros_like(p))
    v = (off * off).sum() / (groups_held - 1).clamp(min=1)
    flat = (groups_held < 2) | (v < (1e-4 if single else LEAST_VARIANCE))
    k = torch.where(
        flat, torch.zeros_like(v), m * (1 - m) / torch.where(flat, torch.ones_like(v), v) - 1
    )
    alpha, beta = (1 + k * m / 3).clamp(min=1.0), (1 + k * (1 - m) / 3).clamp(min=1.0)
    tiny = torch.finfo(p.dtype).tiny
    log_density = (
        (alpha - 1) * p.clamp(min=tiny).log()
        + (beta - 1) * (1 - p).clamp(min=tiny).log()
        + torch.lgamma(alpha + beta)
        - torch.lgamma(alpha)
        - torch.lgamma(beta)
    )
    weight = torch.exp(-log_density).clamp(max=LARGEST_WEIGHT).to(batch.values.dtype)
    return batch.centred() * weight[batch.slot]


def w_reinforce(
    correct: Tensor, mask: Tensor | None = None, *, positive: float = 0.1, negative: float = 1.0
) -> Tensor:
    """Return ``positive`` where correct is above 0.5, minus ``negative`` elsewhere.

    PSR is positive 1, negative 0; NSR 0 and 1; see ``envgym.rewards.group.signed``.
    """
    out = torch.where(
        correct > 0.5,
        torch.full_like(correct, positive),
        torch.full_like(correct, -negative),
    )
    return out + 0.0 if mask is None else torch.where(mask, out, torch.zeros_like(out)) + 0.0


def amplify(
    returns: Tensor,
    groups: Tensor,
    mask: Tensor | None = None,
    *,
    baseline: str = "mean",
    temperature: float = 1.0,
    factor: float = 3.0,
    top: float = 1.0,
) -> Tensor:
    """Return amplified scores per group; see ``envgym.rewards.group.amplified.amplify``."""
    if baseline not in ("mean", "soft"):
        raise ConfigError(f"amplify.baseline must be 'mean' or 'soft', got {baseline!r}.")
    batch = _Batch(returns, groups, mask)
    score = batch.centred() if baseline == "mean" else batch.over_soft(temperature)
    out = torch.where(score >= 0, factor * score, score)
    out = torch.where(batch.values >= top, torch.ones_like(out), out)
    return torch.where(batch.valid, out, torch.zeros_like(out))


class _Batch:
    """Group sums by scatter: what every estimator above is made of."""

    def __init__(self, returns: Tensor, groups: Tensor, mask: Tensor | None) -> None:
        if returns.ndim != 1 or groups.shape != returns.shape:
            raise ConfigError(
                "returns, groups and mask must be rows of one length, got shapes "
                f"{tuple(returns.shape)} and {tuple(groups.shape)}."
            )
        if mask is not None and mask.shape != returns.shape:
            raise ConfigError(
                "returns, groups and mask must be rows of one length, got a mask of shape "
                f"{tuple(mask.shape)}."
            )
        self.valid = torch.ones_like(returns, dtype=torch.bool) if mask is None else mask.bool()
        self.values = torch.where(self.valid, returns.detach(), torch.zeros_like(returns))
        labels, self.slot = torch.unique(groups, return_inverse=True)
        self.size = labels.numel()
        self.count = self.sum(self.valid.to(self.values.dtype))
        self.mean = self.sum(self.values) / self.count.clamp(min=1)

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of ``values`` per group, shape [groups]."""
        return torch.zeros(self.size, dtype=values.dtype, device=values.device).index_add_(
            0, self.slot, values
        )

    def extreme(self, way: str) -> Tensor:
        """Return the "amax" or "amin" of each group's valid values, 0 without any."""
        edge = torch.finfo(self.values.dtype).max * (-1 if way == "amax" else 1)
        shown = torch.where(self.valid, self.values, torch.full_like(self.values, edge))
        start = torch.full((self.size,), edge, dtype=shown.dtype, device=shown.device)
        found = start.scatter_reduce_(0, self.slot, shown, way)
        return torch.where(self.count > 0, found, torch.zeros_like(found))

    def centred(self) -> Tensor:
        """Return R - mean; exactly 0 in groups whose returns are all equal, and where masked."""
        differs = (self.extreme("amax") > self.extreme("amin"))[self.slot]
        off = self.values - self.mean[self.slot]
        return torch.where(self.valid & differs, off, torch.zeros_like(off))

    def scaled(self, floor: float, ddof: int, clamp: bool) -> Tensor:
        """Return the centred values over the group's spread."""
        if not floor > 0:
            raise ConfigError(f"grpo.floor must be more than 0, got {floor!r}.")
        if ddof not in (0, 1):
            raise ConfigError(f"grpo.ddof must be 0 or 1, got {ddof!r}.")
        off = self.centred()
        spread = (self.sum(off * off) / (self.count - ddof).clamp(min=1)).sqrt()
        divisor = spread.clamp(min=floor) if clamp else spread + floor
        return off / divisor[self.slot]

    def over_soft(self, temperature: float) -> Tensor:
        """Return R minus the group's log-mean-exp at ``temperature``."""
        if not temperature > 0:
            raise ConfigError(f"amplify.temperature must be more than 0, got {temperature!r}.")
        best = self.extreme("amax")
        below = torch.where(
            self.valid, self.values - best[self.slot], torch.zeros_like(self.values)
        )
        terms = torch.where(
            self.valid, torch.exp(below / temperature), torch.zeros_like(self.values)
        )
        mean = self.sum(terms) / self.count.clamp(min=1)
        soft = best + temperature * torch.where(mean > 0, mean, torch.ones_like(mean)).log()
        return self.values - soft[self.slot]
