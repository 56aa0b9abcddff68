"""VeRPO: dense rewards from tests, weighted by how rare passing them is in the group."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, log
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.fold.product import Product
from envgym.rewards.group.batch import Floats, row
from envgym.rewards.group.density_weights import (
    check_constants,
    density_weights,
    pass_rates,
    tables,
)
from envgym.rewards.group.groupmap import Group, GroupMap, Share
from envgym.rewards.group.normalise import dr_grpo
from envgym.rewards.group.normalised import GroupNormalised
from envgym.rewards.group.turn_normalised import TurnNormalised, turn_normalise
from envgym.rewards.map.curve import Curve
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.read.weighted_tests import outcomes
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.rewards.source import Source
from envgym.types.errors import ConfigError, EvidenceError


def turn_rewards(passes: ArrayLike, mask: ArrayLike, weights: ArrayLike) -> Floats:
    """Return every turn's weighted sum of passed tests, shape [G, T]; 0 where masked.

    >>> turn_rewards([[[1, 0], [1, 1]]], [[1, 1]], [0.2, 0.8]).tolist()
    [[0.2, 1.0]]
    """
    table, _ = tables(passes, mask)
    w = row(weights, "weights")
    if len(w) != table.shape[2]:
        raise ConfigError(f"weights must have one number per test, {table.shape[2]}; got {len(w)}.")
    return weighed(table, w)


def verpo_advantages(
    passes: ArrayLike,
    mask: ArrayLike,
    *,
    gamma: float = 0.95,
    beta: float = 0.5,
    weights: ArrayLike | None = None,
    alpha: float = 2.0,
    sigma: float = 0.1,
    delta: float = 1e-6,
    by_sum: bool = False,
) -> Floats:
    """Return VeRPO's fused advantages of one group.

    Formula: A[i,t] = (R_traj_i - mean R_traj) + beta (R_turn[i,t] - mean R_turn), no std;
             R_traj = [the last turn passes all tests] gamma^T_i, R_turn = sum_j w_j p_j, the
             second mean over all turns of the group
    Source:  cookbook B8, VeRPO, arXiv 2601.03525 (seen: paper note with equations 1-14); the
             constants are ours
    Shapes:  passes [G, T, J], mask [G, T], A: float64 [G, T]
    Range:   unbounded in the number of tests; with ``by_sum`` |A| <= 1 + beta
    Laws:    equivariant under permutation (L4); masked turns change nothing (L9); a rollout
             without turns takes no part; equal rollouts: zeros (L2); beta 0: Dr.GRPO of R_traj

    Fails: pass rates from few rollouts are noisy, and weights measured in the group can make
    passing one test more worth less. Frozen weights cannot. ``by_sum`` can too, against the
    cookbook, but seldom: in 0.007 % of random groups of up to 8 x 8, 0.06 % without it.

    Args:
        passes: 1 where the turn's program passes the test.
        mask: True where the rollout has that turn; turns are filled from the left.
        gamma: discount per turn, in (0, 1].
        beta: weight of the turns.
        weights: one per test, frozen; None: measured in this group.
        alpha: of ``density_weights``.
        sigma: of ``density_weights``.
        delta: of ``density_weights``.
        by_sum: of ``density_weights``.

    >>> passes = [[[1, 0], [1, 1]], [[1, 0], [0, 0]]]
    >>> verpo_advantages(passes, [[1, 1], [1, 0]], weights=[0.2, 0.8]).round(3).tolist()
    [[0.318, 0.718], [-0.585, 0.0]]
    """
    _check(gamma, beta)
    table, held = tables(passes, mask)
    if weights is None:
        rates = pass_rates(table, held)
        weights = density_weights(rates, alpha=alpha, sigma=sigma, delta=delta, by_sum=by_sum)
    counts = held.sum(axis=1)
    takes_part = counts > 0
    out = np.zeros(held.shape)
    if not takes_part.any():
        return out
    last = held.shape[1] - 1 - np.argmax(held[:, ::-1], axis=1)
    solved = table[np.arange(len(table)), last].all(axis=1) if table.shape[2] else False
    episode = np.where(solved, gamma**counts, 0.0)
    relative = np.zeros(len(table))
    relative[takes_part] = dr_grpo(episode[takes_part])
    rewards = turn_rewards(table, held, weights)
    turns, _ = turn_normalise(rewards, held, within="group", more_than=0)
    return np.asarray(np.where(held, relative[:, None] + beta * turns, 0.0), dtype=np.float64)


@dataclass(frozen=True)
class CalibratedTests(GroupMap):
    """Weigh every turn's test results by how rare passing is in the group.

    Formula: R_t = sum_j w_j p_{t,j}, w of ``density_weights`` from the group's pass rates
    Source:  cookbook B8, VeRPO, arXiv 2601.03525 (seen: paper note with equations 1-14); the
             constants are ours
    Shapes:  evidence: a tuple of J bools per turn, () where no tests ran; result: one share per
             event
    Range:   [0, J] per turn; [0, 1] with ``by_sum``
    Laws:    equivariant under permutation (L4); a rollout with an unknown result is invalid and
             does not count towards the rates

    >>> from envgym.rewards import Program, score
    >>> program = Program("tests", CalibratedTests("tests", by_sum=True))
    >>> ends = [{"tests": p, "end": "task"} for p in ((True, True), (True, False))]
    >>> [round(s.total, 3) for s in score([[{"end": None}, e] for e in ends], program)]
    [1.0, 0.269]
    """

    kind: ClassVar[str] = "group.calibrated_tests"

    tests: str
    """Evidence with the results: a tuple of bools per turn."""
    alpha: float = 2.0
    """How fast easy tests lose weight; at least 0."""
    sigma: float = 0.1
    """How alike two pass rates must be to share their weight; at least 1e-9."""
    delta: float = 1e-6
    """Added to the count of like tests; at least 0."""
    by_sum: bool = False
    """True: weights sum to 1, so a turn earns at most 1."""

    def validate(self) -> None:
        """Refuse constants without sense."""
        check_constants(self.alpha, self.sigma, self.delta)

    @property
    def reads(self) -> frozenset[str]:
        """The evidence key."""
        return frozenset({self.tests})

    @property
    def scope(self) -> Scope:
        """Always "step"."""
        return "step"

    @cached_property
    def bounds(self) -> Bounds:
        """At least 0; at most 1 where the weights sum to 1."""
        return Bounds(0.0, 1.0 if self.by_sum else inf)

    def compare(self, group: Group) -> Sequence[Share]:
        """Return one share per event and member."""
        found = [_results(m.candidate.records[1:], self.tests) for m in group.members]
        ran = [p for turns in found if turns is not None for p in turns if p]
        sizes = {len(p) for p in ran}
        if len(sizes) > 1:
            raise EvidenceError(
                f"evidence '{self.tests}' must have one result per test and turn; the group has "
                f"turns with {min(sizes)} and with {max(sizes)}."
            )
        rates = np.asarray(ran, dtype=np.float64).mean(axis=0) if ran else np.zeros(0)
        weights = density_weights(
            rates, alpha=self.alpha, sigma=self.sigma, delta=self.delta, by_sum=self.by_sum
        )
        group.report[self.key] = {"rates": rates.tolist(), "weights": weights.tolist()}
        return [
            None
            if turns is None
            else tuple(float(weighed(np.asarray(p, float), weights)) if p else 0.0 for p in turns)
            for turns in found
        ]

    @property
    def formula(self) -> str:
        """For instance ``calibrated_tests(tests, 2, 0.1)``."""
        end = ", by_sum" if self.by_sum else ""
        return f"calibrated_tests({self.tests}, {self.alpha:g}, {self.sigma:g}{end})"


def verpo(
    key: str,
    passed: Node,
    turns: Node | None = None,
    *,
    gamma: float = 0.95,
    beta: float = 0.5,
    alpha: float = 2.0,
    sigma: float = 0.1,
    by_sum: bool = False,
    name: str = "verpo",
) -> Node:
    """Return VeRPO's advantage as a node.

    Formula: dr_grpo(passed * gamma^turns) + beta (R_turn - mean over all turns of the group)
    Source:  cookbook B8, VeRPO, arXiv 2601.03525 (seen: paper note); the constants are ours
    Shapes:  one share per event, and one per episode earned by the last step
    Range:   unbounded in the number of tests; sums to 0 over the group's episode part
    Laws:    equivariant under permutation (L4); the numbers of ``verpo_advantages``, whose
             episode part is given to every turn

    Args:
        key: evidence with each turn's results, a tuple of bools.
        passed: whether all tests pass at the end, an episode value in [0, 1].
        turns: number of turns, an episode value; None: the evidence "turn".
        gamma: discount per turn, in (0, 1].
        beta: weight of the turns.
        alpha: of ``density_weights``.
        sigma: of ``density_weights``.
        by_sum: of ``density_weights``.
        name: first part of the components' names.

    >>> from envgym.rewards import Program
    >>> print(Program("code", verpo("tests", Source("passed", "episode", 0, 1))).summands[1].node)
    turn_normalised(calibrated_tests(tests, 2, 0.1), group, > 0)
    """
    _check(gamma, beta)
    count = Source("turn", "episode", lo=0) if turns is None else turns
    early = Curve(Scale(count, log(gamma)), "exp")
    episode = GroupNormalised(Product((passed, early)), "dr_grpo", name=f"{name}.episode")
    calibrated = CalibratedTests(key, alpha, sigma, by_sum=by_sum)
    compared = TurnNormalised(calibrated, "group", more_than=0, name=f"{name}.turns")
    return episode + beta * compared


def weighed(results: Floats, weights: Floats) -> Floats:
    """Return the weighted sums over the last axis, each rounded as if it were alone."""
    return np.asarray((results * weights).sum(axis=-1), dtype=np.float64)


def _results(records: Sequence[Evidenced], key: str) -> list[tuple[bool, ...]] | None:
    found: list[tuple[bool, ...]] = []
    for record in records:
        results = outcomes(record, key)
        if results is None:
            return None
        found.append(results)
    return found


def _check(gamma: float, beta: float) -> None:
    if not 0 < gamma <= 1:
        raise ConfigError(f"verpo.gamma must be in (0, 1], got {gamma!r}.")
    if not 0 <= beta < inf:
        raise ConfigError(f"verpo.beta must be at least 0, got {beta!r}.")
