"""One optimizer step: micro-batches in, gradient clipped, what happened out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from envgym.agents.algos import losses_torch
from envgym.agents.train.batch import Batch, cut
from envgym.agents.train.learner import Reference
from envgym.agents.train.scoring import Scores, score


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Which loss a step minimises. The default is imitation: minus log-probability."""

    kind: str = "logprob"
    """"ppo_clip" or "logprob"."""
    clip_low: float = 0.2
    clip_high: float = 0.28
    kl: float = 0.0
    """Weight of the KL to ``reference``."""
    entropy: float = 0.0
    """Weight of the entropy bonus."""
    temperature: float = 1.0
    """Of the distribution that sampled; 1 for imitation."""


@dataclass(slots=True)
class Tally:
    """Means over the model tokens of the steps added up."""

    tokens: int = 0
    padded: int = 0
    steps: int = 0
    loss: float = 0.0
    norm: float = 0.0
    mismatch: float = 0.0
    """Largest |sampler - trainer| log-probability difference before the first step."""
    sums: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: torch.Tensor) -> None:
        self.sums[name] = self.sums.get(name, 0.0) + float(value.detach().sum())

    def report(self) -> Mapping[str, float]:
        """Return loss, gradient norm and per-token means."""
        means = {name: total / max(self.tokens, 1) for name, total in self.sums.items()}
        steps = max(self.steps, 1)
        return {
            "loss": self.loss / steps,
            "grad_norm": self.norm / steps,
            "mismatch_max": self.mismatch,
            **means,
        }


def take_step(
    model: Any,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    loss: Loss,
    tally: Tally,
    *,
    micro_tokens: int,
    clip_norm: float,
    reference: Reference | None = None,
) -> None:
    """Add the gradient of every micro-batch, clip it and step; statistics go to ``tally``.

    The loss is the sum over model tokens of weight times token loss. Weights hold the global
    denominators, so ``micro_tokens`` changes memory but not the gradient (to rounding).
    ``reference`` is the policy that ``loss.kl`` holds on to.
    """
    device = next(model.parameters()).device
    first = tally.steps == 0
    optimizer.zero_grad(set_to_none=True)
    for piece in cut(batch, micro_tokens):
        if not any(t.model.any() for t in piece.sequences):
            continue
        past = None
        if loss.kl > 0 and reference is not None:
            with torch.no_grad(), reference.lent():
                past = score(model, piece, temperature=loss.temperature, device=device)
        scores = score(model, piece, temperature=loss.temperature, device=device)
        token_loss = _token_loss(scores, loss, tally)
        if past is not None:
            penalty = losses_torch.k3(scores.logprobs, past.logprobs)
            tally.add("kl_reference", penalty)
            token_loss = token_loss + loss.kl * penalty
        if loss.entropy > 0:
            token_loss = token_loss - loss.entropy * scores.entropy
        value = (scores.weights * token_loss).sum()
        value.backward()
        if first and loss.kind == "ppo_clip":
            gap = (scores.logprobs.detach() - scores.behaviour).abs().max()
            tally.mismatch = max(tally.mismatch, float(gap))
        tally.loss += float(value.detach())
        tally.tokens += scores.logprobs.numel()
        tally.padded += max(t.ids.size for t in piece.sequences) * len(piece.sequences)
    parameters = [p for p in model.parameters() if p.requires_grad]
    limit = clip_norm if clip_norm > 0 else float("inf")
    tally.norm += float(torch.nn.utils.clip_grad_norm_(parameters, limit))
    tally.steps += 1
    optimizer.step()


def _token_loss(scores: Scores, loss: Loss, tally: Tally) -> torch.Tensor:
    tally.add("entropy", scores.entropy)
    if loss.kind == "logprob":
        tally.add("nll", -scores.logprobs)
        return losses_torch.weighted_logprob(scores.logprobs, scores.advantages)
    gap = scores.logprobs.detach() - scores.behaviour
    ratio = torch.exp(gap)
    rising = (scores.advantages > 0) & (ratio > 1.0 + loss.clip_high)
    falling = (scores.advantages < 0) & (ratio < 1.0 - loss.clip_low)
    tally.add("clip_fraction", (rising | falling).float())
    # k3 of KL(behaviour || policy) on the behaviour's own samples.
    tally.add("kl_behaviour", ratio - 1.0 - gap)
    return losses_torch.ppo_clip(
        scores.logprobs,
        scores.behaviour,
        scores.advantages,
        low=loss.clip_low,
        high=loss.clip_high,
    )
