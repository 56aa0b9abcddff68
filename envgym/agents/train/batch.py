"""Trajectories to the flat arrays of one update: advantages and weights per token."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envgym.agents.algos.advantages import discounted, episode_advantages, turn_advantages
from envgym.agents.algos.losses import Aggregation, token_weights
from envgym.agents.train.trajectory import Trajectory
from envgym.rewards.group.normalise import Estimator

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Sequences with one advantage and one loss weight per token.

    Weights hold the global denominators, so any cut into micro-batches gives the same sum.
    Both are exactly 0 on tokens that the model did not sample.
    """

    sequences: tuple[Trajectory, ...]
    advantages: tuple[Floats, ...]
    """Per sequence, shape [n]."""
    weights: tuple[Floats, ...]
    """Per sequence, shape [n]; the loss is the sum of weight times token loss."""

    def select(self, rows: Sequence[int]) -> "Batch":
        """Return these sequences with their advantages and weights unchanged."""
        return Batch(
            sequences=tuple(self.sequences[i] for i in rows),
            advantages=tuple(self.advantages[i] for i in rows),
            weights=tuple(self.weights[i] for i in rows),
        )


def returns(trajectories: Sequence[Trajectory], gamma: float) -> Floats:
    """Return the discounted sum of each trajectory's settled rewards, shape [N]."""
    return np.array([discounted(t.rewards, gamma) for t in trajectories])


def degenerate(values: Floats, groups: Sequence[int]) -> float:
    """Return the share of groups whose members all have the same return (1.0 if no group).

    Such a group gives every member the advantage 0, hence no gradient.
    """
    keys = np.asarray(groups)
    flat = [bool(np.ptp(values[keys == key]) < 1e-9) for key in np.unique(keys)]
    return float(np.mean(flat)) if flat else 1.0


def reinforce_batch(
    trajectories: Sequence[Trajectory],
    *,
    estimator: Estimator = "rloo",
    credit: str = "episode",
    gamma: float = 1.0,
    aggregation: Aggregation = "token_global",
    constant: float = 64.0,
) -> Batch:
    """Return the batch of a policy-gradient update.

    A turn's advantage goes to every token the model sampled in it. Advantages depend on
    rewards and turn numbers alone and weights on counts of model tokens alone, so nothing
    that the environment says, however long, changes either.
    """
    groups = [t.group for t in trajectories]
    settled = [t.rewards for t in trajectories]
    if credit == "turn":
        per_turn = turn_advantages(settled, groups, name=estimator, gamma=gamma)
    else:
        whole = episode_advantages(settled, groups, name=estimator, gamma=gamma)
        per_turn = [np.full(t.turns, a) for t, a in zip(trajectories, whole, strict=True)]
    return Batch(
        sequences=tuple(trajectories),
        advantages=tuple(
            np.where(t.model, a[t.turn], 0.0) for t, a in zip(trajectories, per_turn, strict=True)
        ),
        weights=_spread(trajectories, aggregation, constant),
    )


def imitation_batch(trajectories: Sequence[Trajectory]) -> Batch:
    """Return the batch of a supervised step: advantage 1 on assistant tokens, 0 elsewhere."""
    return Batch(
        sequences=tuple(trajectories),
        advantages=tuple(t.model.astype(np.float64) for t in trajectories),
        weights=_spread(trajectories, "token_global", 1.0),
    )


def cut(batch: Batch, micro_tokens: int) -> Iterator[Batch]:
    """Yield micro-batches of at most ``micro_tokens`` padded tokens (at least one sequence).

    Sequences are sorted by length, which keeps padding small; the order is stable.
    """
    lengths = [t.ids.size for t in batch.sequences]
    rows: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if rows and lengths[rows[0]] * (len(rows) + 1) > micro_tokens:
            yield batch.select(rows)
            rows = []
        rows.append(i)
    if rows:
        yield batch.select(rows)


def minibatches(batch: Batch, count: int, order: Sequence[int]) -> Iterator[Batch]:
    """Yield ``count`` parts of whole groups, each reweighted to stand for the whole batch.

    Args:
        batch: the update's batch.
        count: parts, at most the number of groups.
        order: a permutation of the distinct group numbers' positions.
    """
    keys = sorted({t.group for t in batch.sequences})
    for part in np.array_split(np.asarray(order), min(count, len(keys))):
        chosen = {keys[i] for i in part}
        rows = [i for i, t in enumerate(batch.sequences) if t.group in chosen]
        piece = batch.select(rows)
        share = sum(float(w.sum()) for w in piece.weights)
        whole = sum(float(w.sum()) for w in batch.weights)
        scale = whole / share if share else 0.0
        yield Batch(
            sequences=piece.sequences,
            advantages=piece.advantages,
            weights=tuple(w * scale for w in piece.weights),
        )


def _spread(
    trajectories: Sequence[Trajectory], aggregation: Aggregation, constant: float
) -> tuple[Floats, ...]:
    lengths = [int(t.model.sum()) for t in trajectories]
    per_token = token_weights(lengths, aggregation, constant=constant)
    return tuple(np.where(t.model, w, 0.0) for t, w in zip(trajectories, per_token, strict=True))
