"""Pairing: rare successes of hard prompts and rare failures of easy ones weigh most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, batch, binary, row
from envgym.rewards.group.groupmap import GroupUnary
from envgym.rewards.group.normalise import dr_grpo
from envgym.types.errors import ConfigError, unknown

Role = Literal["auto", "hard", "easy"]


def paired(correct: ArrayLike, role: Role = "auto") -> Floats:
    """Return advantages of one group whose rare answers are weighted up: the shared kernel.

    Formula: hard: R = w y, w = 1 / clip(p, 1/G, 1/2). easy: R = -w (1 - y), w = 1 / clip(1 - p,
             1/G, 1/2). A = R - mean R, with p = mean y
    Source:  cookbook D7, weighted GRPO (inferred; weights and centring are ours)
    Shapes:  y in {0, 1} [G], A float64 [G]
    Range:   |A| <= G; sums to 0
    Laws:    the rarer answer gets the larger |A|; equivariant under permutation (L4); all
             correct, all wrong or G = 1: zeros (L2)

    Centred, not divided by the std: a std would cancel the weight, which is the same for the
    whole group.

    Args:
        correct: verdicts of one group.
        role: which side counts; "auto": hard where at most half were correct.

    >>> paired([1, 0, 0, 0]).tolist()
    [3.0, -1.0, -1.0, -1.0]
    >>> paired([0, 1, 1, 1]).tolist()
    [-3.0, 1.0, 1.0, 1.0]
    """
    if role not in get_args(Role):
        raise ConfigError(unknown("role of a prompt", role, get_args(Role)))
    values = row(correct, "correct")
    hit = binary(values, "correct")
    if not values.size:
        return values.copy()
    rate = float(hit.mean())
    if role == "hard" or (role == "auto" and rate <= 0.5):
        weight = 1 / min(max(rate, 1 / values.size), 0.5)
        return dr_grpo(weight * values)
    weight = 1 / min(max(1 - rate, 1 / values.size), 0.5)
    return dr_grpo(-weight * (1 - values))


def pairing(correct: ArrayLike, groups: ArrayLike, *, mask: ArrayLike | None = None) -> Floats:
    """Return ``paired`` of every group, shape [N]; masked rollouts get 0 and do not count."""
    given = batch(correct, groups, mask, "pairing")
    out = np.zeros_like(given.values)
    for chosen in given.each():
        out[chosen] = paired(given.values[chosen])
    return out


def pair_prompts(rates: ArrayLike) -> list[tuple[int, int]]:
    """Return pairs (hard prompt, easy prompt) for minibatches, most extreme first.

    Formula: the k-th smallest rate above 0 with the k-th largest rate below 1, while the first is
             at most 1/2 and the second above it
    Source:  cookbook D7 (inferred): hard but solvable beside easy but brittle

    Args:
        rates: success rate [P] of each prompt, in [0, 1].

    >>> pair_prompts([0.0, 0.1, 0.9, 1.0, 0.4, 0.6])
    [(1, 2), (4, 5)]
    """
    values = row(rates, "rates")
    if np.any((values < 0) | (values > 1)):
        raise ConfigError(f"rates must be in [0, 1], got {values.min():g} to {values.max():g}.")
    order = np.argsort(values, kind="stable")
    hard = [int(i) for i in order if 0 < values[i] <= 0.5]
    easy = [int(i) for i in np.argsort(-values, kind="stable") if 0.5 < values[i] < 1]
    return list(zip(hard, easy, strict=False))


@dataclass(frozen=True)
class Paired(GroupUnary):
    """Weigh the rare answers of one task up, then centre.

    Formula: that of ``paired``, y = [value > 0.5]
    Source:  cookbook D7, weighted GRPO (inferred; weights, centring and threshold are ours)
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   |A| <= G; sums to 0 over a group
    Laws:    those of ``paired``

    >>> from envgym.rewards import Source
    >>> Paired(Source("outcome", "episode")).over([1.0, 0.0, 0.0, 0.0])
    (3.0, -1.0, -1.0, -1.0)
    """

    kind: ClassVar[str] = "group.paired"

    role: Literal["auto", "hard", "easy"] = "auto"
    """Which side counts; "auto": hard where at most half were correct."""

    def over(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the share of each rollout; values [G], above 0.5 where correct."""
        return tuple(paired([float(x > 0.5) for x in values], self.role).tolist())

    @property
    def formula(self) -> str:
        """For instance ``paired(outcome)``."""
        return f"paired({self.of.formula}{'' if self.role == 'auto' else ', ' + self.role})"
