"""Rewards of necessary and redundant tokens, and their curriculum, DECS (B11)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.credit.ragged import Bools, Floats, row, table
from envgym.types.errors import ConfigError


def necessary_prefix(lengths: Sequence[int], holds: Sequence[bool]) -> int:
    """Return the tokens up to the first chunk that holds the correct answer, that chunk included.

    All of them if no chunk holds it.

    Source:  cookbook B11, DECS, arXiv 2509.25827 (seen: pixas/DECS)

    Args:
        lengths: tokens of each chunk of the reasoning.
        holds: whether the chunk states the correct answer.

    >>> necessary_prefix([100, 50, 250], [False, True, True])
    150
    """
    if len(lengths) != len(holds):
        raise ConfigError(
            f"necessary_prefix needs one verdict per chunk, got {len(holds)} for {len(lengths)}."
        )
    first = next((i for i, held in enumerate(holds) if held), len(holds))
    return sum(lengths[: first + 1])


def decs_rewards(
    prefixes: ArrayLike,
    lengths: ArrayLike,
    correct: ArrayLike,
    *,
    longest: int,
    beta: float = 0.1,
) -> tuple[Floats, Bools]:
    """Return the reward of every token [G, N] and the mask of tokens.

    Formula: correct: 1 + beta on the prefix, 1 + beta * (1 - L / L_max) after it; wrong: 0
    Source:  cookbook B11, DECS, arXiv 2509.25827 (seen: pixas/DECS; beta = .1)
    Shapes:  prefix, L, correct [G]; rewards [G, N] with N the longest L
    Range:   [0, 1 + beta]; lengths above L_max count as L_max
    Laws:    free; no token earns more than one of a prefix; of two correct answers the longer
             one's redundant tokens earn less

    >>> rewards, _ = decs_rewards([1], [400], [True], longest=1000)
    >>> rewards[0, :2].round(2).tolist()
    [1.1, 1.06]
    """
    needed, size = row("decs.prefixes", prefixes), row("decs.lengths", lengths)
    right = np.asarray(correct, dtype=bool)
    if needed.shape != size.shape or right.shape != size.shape:
        raise ConfigError("decs_rewards needs prefixes, lengths and correct of one length.")
    if np.any((needed < 0) | (needed > size)):
        raise ConfigError("decs.prefixes must lie between 0 and the answer's length.")
    if longest < 1 or not beta >= 0:
        raise ConfigError(
            f"decs_rewards.longest must be 1 or more and beta 0 or more, got {longest!r} and "
            f"{beta!r}."
        )
    place = np.arange(int(size.max(initial=0)))[None, :]
    mask = place < size[:, None]
    late = 1.0 + beta * (1.0 - np.minimum(size, longest) / longest)
    rewards = np.where(place < needed[:, None], 1.0 + beta, late[:, None])
    return np.where(mask & right[:, None], rewards, 0.0), mask


def decs_advantages(
    rewards: ArrayLike, mask: ArrayLike | None = None, *, floor: float = 1e-6
) -> Floats:
    """Return token rewards normalised per position over the rollouts that reach it.

    Formula: A_{i,n} = (r_{i,n} - mean_n) / (std_n + floor), population std over {j: L_j > n}
    Source:  cookbook B11, DECS, arXiv 2509.25827 (seen: pixas/DECS; which std is ours)
    Shapes:  r, A [G, N], one group
    Range:   sums to 0 at every position
    Laws:    a prefix token's advantage is the highest of its position, so 0 or more; a position
             that one rollout reaches: 0 (L2); padding gets 0 and changes nothing (L9)

    >>> decs_advantages([[1.1, 1.1], [1.1, 0.0]]).round(3).tolist()
    [[0.0, 1.0], [0.0, -1.0]]
    """
    values, counts = table("decs.rewards", rewards, mask)
    size = np.maximum(counts.sum(axis=0), 1)
    centred = np.where(counts, values - values.sum(axis=0) / size, 0.0)
    low = np.where(counts, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(counts, values, -np.inf).max(axis=0, initial=-np.inf)
    spread = np.sqrt(np.sum(centred**2, axis=0) / size)
    # The mean of equal rewards may differ from them in the last bit.
    return np.where(counts & (high > low), centred / (spread + floor), 0.0)


@dataclass(frozen=True, slots=True)
class Curriculum:
    """How many prompts that the policy always solves may stay in a batch.

    Formula: kappa' = clip(kappa + rate * (NRP_now - NRP_before), 0, 1)
    Source:  cookbook B11, DECS, arXiv 2509.25827 (seen: pixas/DECS; rate .2, start ours)

    NRP is the share of necessary tokens in correct answers: as answers lose what is redundant,
    more easy prompts may be used.

    >>> step = Curriculum(kappa=0.5).updated(0.4).updated(0.6)
    >>> round(step.kappa, 3), step.quota(64)
    (0.54, 34)
    """

    kappa: float = 0.5
    """Share of prompts with only correct answers, 0 to 1."""
    rate: float = 0.2
    """How far a change of NRP moves it."""
    before: float | None = None
    """NRP of the last update; None: none yet."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.kappa <= 1.0:
            raise ConfigError(f"Curriculum.kappa must be 0 to 1, got {self.kappa!r}.")

    def updated(self, nrp: float) -> "Curriculum":
        """Return the state after a batch whose share of necessary tokens is ``nrp``, 0 to 1."""
        if not 0.0 <= nrp <= 1.0:
            raise ConfigError(f"Curriculum.updated needs a share, 0 to 1, got {nrp!r}.")
        moved = self.kappa + (0.0 if self.before is None else self.rate * (nrp - self.before))
        return replace(self, kappa=min(max(moved, 0.0), 1.0), before=nrp)

    def quota(self, prompts: int) -> int:
        """Return how many of ``prompts`` may be always-solved ones."""
        return floor(self.kappa * prompts + 1e-9)
