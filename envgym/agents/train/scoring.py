"""One forward pass over trajectories: log-probabilities of exactly the sampled tokens."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from envgym.agents.train.batch import Batch


@dataclass(frozen=True, slots=True)
class Scores:
    """Flat tensors over the k model tokens of a batch, sequence by sequence."""

    logprobs: Tensor
    """Under the tempered distribution that sampled, shape [k]; carries gradients."""
    entropy: Tensor
    """Of the same distribution, nats, shape [k]; carries gradients."""
    behaviour: Tensor
    """Log-probabilities recorded while sampling, shape [k]."""
    advantages: Tensor
    """Shape [k]."""
    weights: Tensor
    """Shape [k]."""


def score(model: Any, batch: Batch, *, temperature: float, device: torch.device | str) -> Scores:
    """Return scores of every model token of a right-padded forward pass.

    Logits of other positions are never taken out, so observation tokens reach the loss only
    as context: their own direct gradient is exactly 0.
    """
    rows, columns = _places(batch)
    longest = max(t.ids.size for t in batch.sequences)
    ids = np.zeros((len(batch.sequences), longest), np.int64)
    seen = np.zeros_like(ids)
    for i, trajectory in enumerate(batch.sequences):
        ids[i, : trajectory.ids.size] = trajectory.ids
        seen[i, : trajectory.ids.size] = 1
    # A token is predicted at the place before it; only columns that predict one are kept.
    kept, place = np.unique(columns - 1, return_inverse=True)
    inputs = torch.from_numpy(ids).to(device)
    logits = model(
        input_ids=inputs,
        attention_mask=torch.from_numpy(seen).to(device),
        use_cache=False,
        logits_to_keep=torch.from_numpy(kept).to(device),
    ).logits
    picked = logits[torch.from_numpy(rows).to(device), torch.from_numpy(place).to(device)]
    logp = torch.log_softmax(picked.float() / temperature, dim=-1)
    targets = inputs[torch.from_numpy(rows).to(device), torch.from_numpy(columns).to(device)]

    def flat(arrays: Any) -> Tensor:
        values = [a[t.model] for a, t in zip(arrays, batch.sequences, strict=True)]
        return torch.from_numpy(np.concatenate(values).astype(np.float32)).to(device)

    return Scores(
        logprobs=logp.gather(-1, targets[:, None])[:, 0],
        entropy=-(logp.exp() * logp).sum(-1),
        behaviour=flat([t.behaviour for t in batch.sequences]),
        advantages=flat(batch.advantages),
        weights=flat(batch.weights),
    )


def _places(batch: Batch) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return row and column of every model token, each [k]."""
    columns = [np.flatnonzero(t.model) for t in batch.sequences]
    rows = [np.full(c.size, i) for i, c in enumerate(columns)]
    return np.concatenate(rows), np.concatenate(columns)
