"""The torch twin of ``envgym.rewards.credit``, for what a trainer runs on device.

The same numbers to 1e-6 in float64. Inputs are not checked, since reading them back would wait
for the device; padding may hold anything. Gradients flow through rewards and losses, never
through advantages and weights, which are constants of a loss.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from envgym.agents.algos.advantages_torch import dr_grpo, grpo, rloo
from envgym.rewards.group.normalise import Estimator
from envgym.types import ConfigError
from envgym.types.errors import unknown

_ESTIMATORS = {"grpo": grpo, "dr_grpo": dr_grpo, "rloo": rloo}


def log_ratio_rewards(
    logprobs: Tensor, reference: Tensor, mask: Tensor, *, beta: float = 0.05
) -> Tensor:
    """Return token rewards [G, N]; see ``envgym.rewards.credit.log_ratio``."""
    return torch.where(mask, beta * (logprobs - reference), 0.0)


def sum_by_step(tokens: Tensor, steps: Tensor, length: int) -> Tensor:
    """Return the sum of each step's tokens [G, T]; -1 in ``steps`` names no step."""
    counts = steps >= 0
    values = torch.where(counts, tokens, 0.0)
    # One column more takes what belongs to no step.
    places = torch.where(counts, steps, length)
    out = values.new_zeros((values.shape[0], length + 1))
    return out.scatter_add(1, places, values)[:, :length]


def to_tokens(values: Tensor, steps: Tensor) -> Tensor:
    """Return every step's value on each of its tokens [G, N]; 0 for tokens of no step."""
    return torch.where(steps >= 0, values.gather(1, steps.clamp(min=0)), 0.0)


def preference_loss(better: Tensor, worse: Tensor) -> Tensor:
    """Return the mean of -log sg(better - worse); see ``envgym.rewards.credit.istar``."""
    return functional.softplus(worse - better).sum() / max(len(better), 1)


@torch.no_grad()
def istar_advantages(
    rewards: Tensor,
    returns: Tensor,
    mask: Tensor,
    groups: Tensor,
    *,
    invalid: Tensor | None = None,
    weight: float = 1.0,
    penalty: float = 0.1,
    episode: Estimator = "grpo",
    floor: float = 1e-6,
) -> Tensor:
    """Return step advantages [G, T]; see ``envgym.rewards.credit.istar``."""
    if episode not in _ESTIMATORS:
        raise ConfigError(unknown("estimator", episode, _ESTIMATORS))
    step = torch.zeros_like(rewards)
    for chosen in _members(groups):
        step[chosen] = _standardised(rewards[chosen], mask[chosen], floor)
    out = _ESTIMATORS[episode](returns, groups)[:, None] + weight * step
    if invalid is not None:
        out = out - penalty * invalid.to(out.dtype)
    return torch.where(mask, out, 0.0)


@torch.no_grad()
def prime_advantages(
    rewards: Tensor,
    outcomes: Tensor,
    mask: Tensor,
    groups: Tensor,
    *,
    process: float = 5.0,
    outcome: float = 5.0,
    whiten: bool = True,
) -> Tensor:
    """Return token advantages [G, N]; see ``envgym.rewards.credit.prime``."""
    values = torch.where(mask, rewards, 0.0)
    after = mask.flip(1).cumsum(1).flip(1)
    last = mask & (after == 1)
    compared = torch.zeros_like(values)
    for chosen in _members(groups):
        size = int(chosen.numel())
        if size < 2:
            continue
        own, there = values[chosen], mask[chosen]
        means = own.sum(1) / there.sum(1).clamp(min=1)
        step = (size * own - means.sum()) / (size - 1)
        y = outcomes[chosen]
        final = ((size * y - y.sum()) / (size - 1))[:, None] * last[chosen]
        compared[chosen] = torch.where(there, process * step + outcome * final, 0.0)
    sums = torch.where(mask, compared.flip(1).cumsum(1).flip(1), 0.0)
    return _whitened(sums, mask) if whiten else sums


def prime_loss(rewards: Tensor, outcomes: Tensor, mask: Tensor) -> Tensor:
    """Return the loss of the implicit reward model; see ``envgym.rewards.credit.prime``."""
    scores = torch.where(mask, rewards, 0.0).sum(1)
    losses = functional.softplus(scores) - outcomes * scores
    return losses.sum() / max(len(scores), 1)


@torch.no_grad()
def empg_advantages(
    advantages: Tensor,
    entropies: Tensor,
    mask: Tensor,
    *,
    k: float = 1.0,
    k_f: float = 1.0,
    zeta: float = 0.1,
    centre: bool = True,
) -> Tensor:
    """Return modulated advantages [G, T]; see ``envgym.rewards.credit.empg``."""
    base = advantages if advantages.dim() == 2 else advantages[:, None].expand_as(entropies)
    size = mask.sum().clamp(min=1)
    scaled = _min_max(entropies, mask)
    gains = torch.where(mask, torch.exp(-k * scaled), 0.0)
    # Without a step that counts every gain is 0, and so must the result be.
    out = (
        torch.where(mask, base, 0.0)
        * gains
        / (gains.sum() / size).clamp(min=torch.finfo(gains.dtype).tiny)
    )
    follows = mask[:, 1:] & mask[:, :-1]
    ahead = torch.where(follows, zeta * torch.exp(-k_f * scaled[:, 1:]), 0.0)
    out = out + functional.pad(ahead, (0, 1))
    if centre:
        out = out - out.sum() / size
    return torch.where(mask, out, 0.0)


def spa_loss(progress: Tensor, returns: Tensor, mask: Tensor) -> Tensor:
    """Return the loss that fits step progress to returns; see ``envgym.rewards.credit.spa``."""
    gap = torch.where(mask, progress, 0.0).sum(1) - returns
    return gap.square().sum() / max(len(gap), 1)


def potential_loss(predicted: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Return the loss of a potential critic; see ``envgym.rewards.credit.mira``."""
    gap = torch.where(mask, predicted - labels, 0.0)
    return gap.square().sum() / mask.sum().clamp(min=1)


def value_loss(logits: Tensor, outcomes: Tensor, mask: Tensor) -> Tensor:
    """Return the loss of a value critic; see ``envgym.rewards.credit.mira``."""
    scores = torch.where(mask, logits, 0.0)
    losses = functional.softplus(scores) - outcomes[:, None] * scores
    return torch.where(mask, losses, 0.0).sum() / mask.sum().clamp(min=1)


@torch.no_grad()
def drpo_weights(
    lengths: Tensor, correct: Tensor, *, scale: float, temperature: float = 0.1
) -> Tensor:
    """Return the weights [G] of correct answers; see ``envgym.rewards.credit.drpo``."""
    logits = torch.where(correct, -lengths / (scale * temperature), -torch.inf)
    return torch.where(correct, torch.softmax(logits, 0), 0.0)


def drpo_loss(
    scores: Tensor,
    lengths: Tensor,
    correct: Tensor,
    *,
    scale: float,
    temperature: float = 0.1,
    tau: float = 10.0,
) -> Tensor:
    """Return the loss of one group; see ``envgym.rewards.credit.drpo``."""
    wrong = ~correct
    if not (correct.any() and wrong.any()):
        return (scores * 0.0).sum()
    weights = drpo_weights(lengths, correct, scale=scale, temperature=temperature)
    away = scores[wrong] / tau
    push = torch.logsumexp(away, 0) - torch.log(wrong.sum().to(scores.dtype))
    return tau * push - (weights * scores).sum()


@torch.no_grad()
def decs_advantages(rewards: Tensor, mask: Tensor, *, floor: float = 1e-6) -> Tensor:
    """Return rewards normalised per position [G, N]; see ``envgym.rewards.credit.decs``."""
    values = torch.where(mask, rewards, 0.0)
    if not len(values):
        return values
    size = mask.sum(0).clamp(min=1)
    centred = torch.where(mask, values - values.sum(0) / size, 0.0)
    low = torch.where(mask, values, torch.inf).amin(0)
    high = torch.where(mask, values, -torch.inf).amax(0)
    spread = (centred.square().sum(0) / size).sqrt()
    return torch.where(mask & (high > low), centred / (spread + floor), 0.0)


def _members(groups: Tensor) -> Iterator[Tensor]:
    for label in torch.unique(groups):
        yield torch.nonzero(groups == label).squeeze(1)


def _flat(values: Tensor, mask: Tensor) -> bool:
    """Return whether fewer than two values count, or all that count are equal."""
    counted = values[mask]
    return counted.numel() < 2 or bool(counted.amin() == counted.amax())


def _standardised(values: Tensor, mask: Tensor, floor: float) -> Tensor:
    if _flat(values, mask):
        return torch.zeros_like(values)
    counted = values[mask]
    centred = values - counted.mean()
    return torch.where(mask, centred / (counted.std(correction=0) + floor), 0.0)


def _whitened(values: Tensor, mask: Tensor) -> Tensor:
    if _flat(values, mask):
        return torch.zeros_like(values)
    counted = values[mask]
    return torch.where(
        mask, (values - counted.mean()) * torch.rsqrt(counted.var(correction=1) + 1e-8), 0.0
    )


def _min_max(values: Tensor, mask: Tensor) -> Tensor:
    if _flat(values, mask):
        return torch.zeros_like(values)
    counted = values[mask]
    low, high = counted.amin(), counted.amax()
    return torch.where(mask, (values - low) / (high - low), 0.0)
