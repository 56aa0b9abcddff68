"""GroupLength: rewards for answers that are short beside the group's others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.group.batch import Floats, binary, row, rows_of_one_length
from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.node import Node
from envgym.rewards.signal import Bounds
from envgym.types.errors import ConfigError


def kimi_length(correct: ArrayLike, lengths: ArrayLike, weight: float = 0.4) -> Floats:
    """Return outcomes plus a bonus for the shorter half of the group's range of lengths.

    Formula: lam_i = 0.5 - (L_i - Lmin) / (Lmax - Lmin); correct: 1 + w lam_i; wrong: w min(0, lam_i)
    Source:  cookbook B10, Kimi-style (seen: hkust-nlp/Laser), w = 0.4
    Shapes:  y in {0, 1}, L, R: float64 [G]
    Range:   [-w / 2, 1 + w / 2]
    Laws:    equivariant under permutation (L4); equal lengths or G = 1: y (L2); down in L among
             correct rollouts; a correct one beats a wrong one for w < 1; brevity can save a
             wrong answer a penalty, never earn it a reward

    >>> kimi_length([1, 1, 0, 0], [100, 300, 100, 300]).round(3).tolist()
    [1.2, 0.8, 0.0, -0.2]
    """
    hit, size = _rows(correct, lengths, weight)
    if not size.size or size.min() == size.max():
        return hit.astype(np.float64)
    lam = 0.5 - (size - size.min()) / (size.max() - size.min())
    return np.asarray(np.where(hit, 1 + weight * lam, weight * np.minimum(0.0, lam)) + 0.0)


def normalised_length(correct: ArrayLike, lengths: ArrayLike, weight: float = 0.4) -> Floats:
    """Return outcomes lowered by how long an answer is beside the group's correct ones.

    Formula: R = y (1 - w sigmoid((L - mean) / std)), mean and population std over correct rollouts
    Source:  cookbook B10, normalised (seen: hkust-nlp/Laser), w = 0.4; ddof 0 is ours
    Shapes:  y in {0, 1}, L, R: float64 [G]
    Range:   [0, 1]
    Laws:    equivariant under permutation (L4); wrong: 0; down in L among correct rollouts; equal
             lengths or one correct rollout: 1 - w / 2 (L2)

    >>> normalised_length([1, 1, 0], [100, 300, 50]).round(3).tolist()
    [0.892, 0.708, 0.0]
    """
    hit, size = _rows(correct, lengths, weight)
    out = np.zeros(len(size))
    ordered = np.sort(size[hit])  # the order of the rollouts changes nothing
    if ordered.size:
        flat = ordered[0] == ordered[-1]
        z = np.zeros(len(ordered)) if flat else (size[hit] - ordered.mean()) / ordered.std()
        out[hit] = 1 - weight * np.array([_sigmoid(x) for x in z])
    return out


@dataclass(frozen=True)
class GroupLength(GroupMap):
    """An outcome whose length term is relative to the group.

    Formula: "kimi": that of ``kimi_length``; "normalised": that of ``normalised_length``;
             y = [correct > 0.5]
    Source:  cookbook B10 (seen: hkust-nlp/Laser)
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   kimi [-w / 2, 1 + w / 2]; normalised [0, 1]
    Laws:    those of the kernels

    >>> from envgym.rewards import Program, Source, score
    >>> node = GroupLength(Source("right", "episode", 0, 1), Source("tokens", "episode", lo=0))
    >>> ends = [{"right": 1, "tokens": n, "end": "task"} for n in (100, 300)]
    >>> [each.total for each in score([[{"end": None}, e] for e in ends], Program("short", node))]
    [1.2, 0.8]
    """

    kind: ClassVar[str] = "group.length"

    correct: Node
    """Above 0.5 counts as right."""
    length: Node
    """Tokens of the answer, an episode value."""
    form: Literal["kimi", "normalised"] = "kimi"
    """Which rule."""
    weight: float = 0.4
    """Of the length; in [0, 1), or a wrong answer could beat a correct one."""

    def validate(self) -> None:
        """Refuse a weight outside [0, 1)."""
        _check(self.weight)

    def compare(self, group: Group) -> Sequence[Share]:
        """Return the rewards."""
        kernel = kimi_length if self.form == "kimi" else normalised_length
        right = [float(x > 0.5) for x in group.values(0)]
        return kernel(right, group.values(1), self.weight).tolist()  # type: ignore[no-any-return]

    @cached_property
    def bounds(self) -> Bounds:
        """As the rule's range."""
        half = self.weight / 2
        return Bounds(-half, 1 + half) if self.form == "kimi" else Bounds(0.0, 1.0)

    @property
    def formula(self) -> str:
        """For instance ``kimi_length(right, tokens, 0.4)``."""
        return f"{self.form}_length({self.correct.formula}, {self.length.formula}, {self.weight:g})"


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def _rows(correct: ArrayLike, lengths: ArrayLike, weight: float) -> tuple[np.ndarray, Floats]:
    _check(weight)
    values, size = row(correct, "correct"), row(lengths, "lengths")
    rows_of_one_length("correct and lengths", values, size)
    return binary(values, "correct"), size


def _check(weight: float) -> None:
    if not 0 <= weight < 1:
        raise ConfigError(
            f"the length's weight must be in [0, 1), got {weight!r}: a correct answer must beat a "
            "wrong one."
        )
