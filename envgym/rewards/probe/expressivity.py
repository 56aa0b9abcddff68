"""H14: can any reward per state say what is wanted, or does it need a memory?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from envgym.rewards.probe.arrays import Floats
from envgym.rewards.probe.report import Report
from envgym.types.errors import ConfigError

Walk = tuple[str, ...]
"""States in the order of their visits."""


@dataclass(frozen=True)
class OrderedMilestones:
    """A reward machine: a memory of how many milestones were reached in their order.

    It turns a walk over states into one over (state, stage) pairs, on which a reward per state
    can say what it cannot say without the memory. In a program the same memory is the ordered
    milestone source (cookbook A2) under a delta.

    >>> OrderedMilestones(("a", "b")).product(("b", "a", "b"))
    ('b|0', 'a|1', 'b|2')
    """

    milestones: tuple[str, ...]
    """States that must be visited in this order; others may come between."""

    def product(self, walk: Walk) -> Walk:
        """Return the walk over "state|stage", the stage after the visit."""
        stage, found = 0, []
        for state in walk:
            if stage < len(self.milestones) and state == self.milestones[stage]:
                stage += 1
            found.append(f"{state}|{stage}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Expression:
    """Whether a reward per state exists, and the proof of either."""

    reward: Mapping[str, float] | None
    """A reward per state that gives every good walk more than every bad one; None: there is none."""
    contradiction: tuple[tuple[Walk, Walk, float], ...] = ()
    """If there is none: (good, bad, weight) whose weighted differences cancel for every reward."""
    margin: float = 0.0
    """Least difference of returns per unit of reward length; 0 if there is no such reward."""


def express(good: Sequence[Walk], bad: Sequence[Walk], discount: float = 1.0) -> Expression:
    """Return a reward per state under which every good walk returns more than every bad one.

    Formula: return(w) = sum_t discount^t r(w_t). A reward exists iff the point nearest to the
             origin in the convex hull of {features(good) - features(bad)} is not the origin
             (Gordan); that point is the reward, otherwise its weights are the contradiction
    Source:  cookbook H14, expressivity of Markov rewards (inferred; the search is Wolfe's
             minimum-norm point, recalled)
    Laws:    exact but for rounding (1e-9): no grid of rewards is tried

    >>> ordered, rest = [("a", "b")], [("a", "a"), ("b", "a"), ("b", "b")]
    >>> express(ordered, rest, discount=0.9).reward is None
    True
    """
    if not good or not bad:
        raise ConfigError("express needs at least one good and one bad walk.")
    if not 0.0 < discount <= 1.0:
        raise ConfigError(f"express.discount must be above 0 and at most 1, got {discount}.")
    states = sorted({state for walk in (*good, *bad) for state in walk})
    pairs = [(g, b) for g in good for b in bad]
    rows = np.array(
        [_features(g, states, discount) - _features(b, states, discount) for g, b in pairs]
    )
    point, weights = _nearest(rows)
    if float(np.linalg.norm(point)) > _NEAR:
        margin = float((rows @ point).min() / np.linalg.norm(point))
        reward = {s: round(float(x), 9) + 0.0 for s, x in zip(states, point, strict=True)}
        return Expression(reward, margin=margin)
    held = [
        (*pair, round(float(w), 9)) for pair, w in zip(pairs, weights, strict=True) if w > _NEAR
    ]
    return Expression(None, tuple(held))


@dataclass(frozen=True)
class Expressivity:
    """Whether a goal given by walks can be a reward per state, without and with the memory.

    Formula: ``express`` on the walks, and on their product with ``OrderedMilestones``
    Source:  cookbook H14 (inferred)
    Range:   the metric is the margin without a memory; 0: no reward per state can say it
    Laws:    silent (L10)
    """

    milestones: tuple[str, ...] = ()
    """Their order is the memory that is tried; empty: none."""
    discount: float = 1.0
    """gamma, above 0 and at most 1."""

    def run(self, good: Sequence[Walk], bad: Sequence[Walk]) -> Report:
        """Return whether a reward per state says it; passes if one does."""
        plain = express(good, bad, self.discount)
        detail = {"margin": plain.margin}
        notes = []
        if plain.reward is None:
            notes.append("no reward per state orders these walks: the goal is not Markov")
        if self.milestones:
            machine = OrderedMilestones(self.milestones)
            product = express(
                [machine.product(w) for w in good], [machine.product(w) for w in bad], self.discount
            )
            detail["margin_with_memory"] = product.margin
            if plain.reward is None and product.reward is not None:
                notes.append("with the memory of the milestones' order it is: use a reward machine")
        rows = [(" ".join(g), " ".join(b), w) for g, b, w in plain.contradiction]
        if plain.reward is not None:
            rows = [(state, "", value) for state, value in plain.reward.items()]
        return Report(
            probe="expressivity",
            measures="margin of the best reward per state; 0: there is none",
            metric=plain.margin,
            threshold=_NEAR,
            passed=plain.reward is not None,
            detail=detail,
            columns=("state or good walk", "bad walk", "reward or weight"),
            rows=tuple(rows),
            notes=tuple(notes),
        )


_NEAR = 1e-9


def _features(walk: Walk, states: Sequence[str], discount: float) -> Floats:
    found = np.zeros(len(states))
    for t, state in enumerate(walk):
        found[states.index(state)] += discount**t
    return found


def _nearest(points: Floats) -> tuple[Floats, Floats]:
    """Return the point of the convex hull nearest to the origin, and its weights (Wolfe)."""
    norms = (points * points).sum(axis=1)
    scale = max(1.0, float(norms.max()))
    corral = [int(norms.argmin())]
    weights: Floats = np.array([1.0])
    while True:
        point = weights @ points[corral]
        ahead = points @ point
        best = int(ahead.argmin())
        if best in corral or ahead[best] > point @ point - 1e-12 * scale:
            full = np.zeros(len(points))
            full[corral] = weights
            return point, full
        corral.append(best)
        weights = np.append(weights, 0.0)
        while True:
            affine = _affine(points[corral])
            if (affine > 1e-12).all():
                weights = affine
                break
            falling = affine <= 1e-12
            gap = weights[falling] - affine[falling]
            step = min(1.0, float((weights[falling] / np.where(gap > 0.0, gap, 1.0)).min()))
            weights = weights + step * (affine - weights)
            kept = weights > 1e-12
            if kept.all():
                weights = weights / weights.sum()
                break
            corral = [i for i, keep in zip(corral, kept, strict=True) if keep]
            weights = weights[kept] / weights[kept].sum()


def _affine(points: Floats) -> Floats:
    """Return the weights, summing to 1, of the point nearest to the origin in the affine hull."""
    size = len(points)
    system = np.zeros((size + 1, size + 1))
    system[0, 1:] = system[1:, 0] = 1.0
    system[1:, 1:] = points @ points.T
    side = np.zeros(size + 1)
    side[0] = 1.0
    found = np.linalg.lstsq(system, side, rcond=None)[0][1:]
    return np.asarray(found, dtype=np.float64)
