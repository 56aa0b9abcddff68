"""LASER-D and LASER-DE: target lengths by how hard the group finds the task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.fold.gate import Gate
from envgym.rewards.group.batch import Floats, binary, row, rows_of_one_length
from envgym.rewards.group.mean import GroupMean
from envgym.rewards.map.above import Above
from envgym.rewards.map.length import laser
from envgym.rewards.node import Node
from envgym.rewards.source import Constant
from envgym.types.errors import ConfigError, unknown

Difficulty = Literal["easy", "medium", "hard"]

EASY, MEDIUM = 2 / 3, 1 / 3
"""Group accuracies from which on a task is easy, or medium."""
STEPS = tuple(range(2048, 16384 + 1, 1024))
"""Target lengths that are tried, in tokens."""
EXPECTED: Mapping[str, int] = {"easy": 5, "medium": 2, "hard": 1}
"""Correct answers that a class has of 8 rollouts."""


@dataclass(frozen=True, slots=True)
class LaserTargets:
    """Target length per difficulty: state that a monitor set refreshes, never a program.

    >>> targets = LaserTargets().updated({"easy": [900, 3000, 2500, 9000, 4000]})
    >>> targets.easy, targets.medium
    (2048.0, 16384.0)
    """

    easy: float = STEPS[-1]
    """In tokens, as the two below."""
    medium: float = STEPS[-1]
    hard: float = STEPS[-1]

    def __post_init__(self) -> None:
        for name in get_args(Difficulty):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise ConfigError(f"LaserTargets.{name} must be a length above 0, got {value!r}.")
            object.__setattr__(self, name, float(value))

    def updated(self, monitor: Mapping[str, ArrayLike]) -> "LaserTargets":
        """Return the targets measured on a monitor set.

        Formula: the smallest L in 2048, 3072, ..., 16384 with floor(coverage(L) n_c) >= 1, n_c =
                 5, 2, 1; coverage(L): share of the class's correct answers no longer than L; 16384
                 if none is enough
        Source:  cookbook B10, LASER-D (seen: hkust-nlp/Laser)

        Args:
            monitor: lengths of the correct answers of each difficulty; a class that is missing or
                empty keeps its target.
        """
        for name in monitor:
            if name not in EXPECTED:
                raise ConfigError(unknown("difficulty", str(name), EXPECTED))
        found = {name: self.of(name) for name in EXPECTED}
        for name, lengths in monitor.items():
            sizes = row(lengths, f"lengths of {name} answers")
            if sizes.size:
                found[name] = smallest_target(sizes, EXPECTED[name])
        return LaserTargets(**found)

    def of(self, difficulty: str) -> float:
        """Return the target of one class."""
        return float(getattr(self, difficulty))


def smallest_target(lengths: ArrayLike, expected: int) -> float:
    """Return the smallest target that at least one of ``expected`` correct answers meets.

    >>> smallest_target([1000, 5000], 2), smallest_target([1000, 5000], 1)
    (2048.0, 5120.0)
    """
    sizes = row(lengths, "lengths")
    for target in STEPS:
        met = int((sizes <= target).sum())
        if met * expected >= sizes.size > 0:  # floor(coverage * expected) >= 1, without rounding
            return float(target)
    return float(STEPS[-1])


def difficulty(accuracy: float) -> Difficulty:
    """Return the class of a task by the accuracy of its group.

    >>> [difficulty(x) for x in (2 / 3, 1 / 3, 0.3)]
    ['easy', 'medium', 'hard']
    """
    return "easy" if accuracy >= EASY else "medium" if accuracy >= MEDIUM else "hard"


def laser_d(
    correct: Node,
    length: Node,
    targets: LaserTargets,
    *,
    repetitive: Node | None = None,
    bonus: float = 0.5,
    well_formed: Node | None = None,
    wrong: float = -0.5,
    malformed: float = -1.0,
    name: str = "laser_d",
) -> Node:
    """Return LASER with the target of the group's difficulty; LASER-DE with ``repetitive``.

    Formula: malformed -1; wrong -0.5; correct 1 + 0.5 [L <= L_c], c the difficulty of the group.
             DE: wrong, L > L_c and not repetitive: -0.5 + 0.5
    Source:  cookbook B10, LASER-D and LASER-DE, arXiv 2505.15612~ (seen: hkust-nlp/Laser)
    Shapes:  episode scalars
    Range:   [malformed, 1 + bonus]
    Laws:    equivariant under permutation (L4); equal targets and no ``repetitive``: ``laser``
             (L8); a correct answer beats a wrong one at every length; only DE reads the length of
             a wrong answer, and pays it for being long

    Args:
        correct: above 0.5 counts as right; the group accuracy is its mean.
        length: tokens of the answer.
        targets: state, refreshed between batches.
        repetitive: above 0.5 marks a looping answer; None: LASER-D.
        bonus: size of the length term.
        well_formed: above 0.5 counts as well formed; None: everything does.
        wrong: paid for a wrong answer.
        malformed: paid for an answer without the required form.
        name: mark of the gates in the ledger.

    >>> from envgym.rewards import Program, Source, score
    >>> right, tokens = Source("right", "episode", 0, 1), Source("tokens", "episode", lo=0)
    >>> program = Program("short", laser_d(right, tokens, LaserTargets(1000, 4000, 8000)))
    >>> ends = [{"right": 1, "tokens": n, "end": "task"} for n in (900, 1100)]
    >>> [each.total for each in score([[{"end": None}, e] for e in ends], program)]
    [1.5, 1.0]
    """
    _check(bonus, wrong, malformed)

    def judged(label: str) -> Node:
        target = targets.of(label)
        plain = laser(correct, length, target, bonus=bonus, wrong=wrong, malformed=malformed)
        if repetitive is None:
            return plain
        loops = Gate(Above(repetitive, 0.5), Constant(wrong), Constant(wrong + bonus))
        tried = Gate(Above(length, target), loops, Constant(wrong), name=f"{name}.explore")
        return Gate(Above(correct, 0.5), plain, tried, name=f"{name}.right")

    accuracy = GroupMean(Above(correct, 0.5))
    lower = Gate(accuracy >= MEDIUM, judged("medium"), judged("hard"), name=f"{name}.medium")
    node = Gate(accuracy >= EASY, judged("easy"), lower, name=f"{name}.easy")
    if well_formed is None:
        return node
    return Gate(Above(well_formed, 0.5), node, Constant(malformed), name=f"{name}.form")


def laser_d_rewards(
    correct: ArrayLike,
    lengths: ArrayLike,
    targets: LaserTargets,
    *,
    repetitive: ArrayLike | None = None,
    bonus: float = 0.5,
    well_formed: ArrayLike | None = None,
    wrong: float = -0.5,
    malformed: float = -1.0,
) -> Floats:
    """Return what ``laser_d`` gives, for the arrays [G] of one group.

    >>> laser_d_rewards([1, 0], [900, 9000], LaserTargets(1, 1000, 1), repetitive=[0, 0]).tolist()
    [1.5, 0.0]
    """
    _check(bonus, wrong, malformed)
    values, sizes = row(correct, "correct"), row(lengths, "lengths")
    rows_of_one_length("laser_d: correct and lengths", values, sizes)
    if not values.size:
        return values.copy()
    hit = binary(values, "correct")
    target = targets.of(difficulty(float(hit.mean())))
    out = np.where(hit, 1 + bonus * (sizes <= target), wrong)
    if repetitive is not None:
        loops = _flags(repetitive, "repetitive", sizes)
        out = np.where(~hit & (sizes > target) & ~loops, wrong + bonus, out)
    if well_formed is not None:
        out = np.where(_flags(well_formed, "well_formed", sizes), out, malformed)
    return np.asarray(out, dtype=np.float64)


def _flags(given: ArrayLike, what: str, beside: Floats) -> np.ndarray:
    values = row(given, what)
    rows_of_one_length(f"laser_d: lengths and {what}", beside, values)
    return binary(values, what)


def _check(bonus: float, wrong: float, malformed: float) -> None:
    if not 0 <= bonus < 1 - wrong:
        raise ConfigError(
            f"laser_d.bonus must be from 0 to below 1 - wrong = {1 - wrong:g}, got {bonus!r}: a "
            "correct answer must beat a wrong one at every length."
        )
    if malformed > wrong:
        raise ConfigError(
            f"laser_d.malformed must not exceed wrong, got {malformed!r} and {wrong!r}."
        )
