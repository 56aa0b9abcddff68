"""H2: how far apart two rewards are, once scale and shaping are taken out."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from envgym.rewards.probe.arrays import Floats, limits, tensor
from envgym.rewards.probe.report import Report
from envgym.types.errors import ConfigError


@dataclass(frozen=True, eq=False)
class TabularMDP:
    """States, actions, transitions and the policy that rewards are compared under."""

    transitions: ArrayLike
    """P(s' | s, a), shape [S, A, S]; rows sum to 1. A terminal state leads to itself."""
    discount: float = 0.9
    """gamma, 0 to below 1."""
    policy: ArrayLike | None = None
    """pi(a | s), shape [S, A]; None: all allowed actions alike."""
    allowed: ArrayLike | None = None
    """Which actions a state has, bools of shape [S, A], one or more per state; None: all."""

    def __post_init__(self) -> None:
        found = np.asarray(self.transitions, dtype=np.float64)
        if found.ndim != 3 or found.shape[0] != found.shape[2] or 0 in found.shape:
            raise ConfigError(
                f"TabularMDP.transitions must have the shape (S, A, S), got {found.shape}."
            )
        _rows("TabularMDP.transitions", found)
        if not 0.0 <= self.discount < 1.0:
            raise ConfigError(f"TabularMDP.discount must be 0 to below 1, got {self.discount}.")
        states, actions, _ = found.shape
        may = np.ones((states, actions), dtype=bool)
        if self.allowed is not None:
            may = tensor("TabularMDP.allowed", self.allowed, (states, actions)) != 0.0
        if not may.any(axis=1).all():
            raise ConfigError("TabularMDP.allowed must leave every state an action.")
        chosen = may / may.sum(axis=1, keepdims=True)
        if self.policy is not None:
            chosen = tensor("TabularMDP.policy", self.policy, (states, actions))
            _rows("TabularMDP.policy", chosen)
            if (chosen[~may] > 0.0).any():
                raise ConfigError("TabularMDP.policy takes an action that is not allowed.")
        object.__setattr__(self, "transitions", found)
        object.__setattr__(self, "policy", chosen)
        object.__setattr__(self, "allowed", may)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of states and of actions."""
        states, actions, _ = self.kernel.shape
        return states, actions

    @cached_property
    def kernel(self) -> Floats:
        """The transitions as an array."""
        return np.asarray(self.transitions, dtype=np.float64)

    @cached_property
    def chosen(self) -> Floats:
        """The policy as an array."""
        return np.asarray(self.policy, dtype=np.float64)

    def expected(self, reward: ArrayLike) -> Floats:
        """Return E[R | s, a], shape [S, A], of a reward [S, A] or [S, A, S]."""
        states, actions = self.shape
        found = tensor("reward", reward, (states, actions), (states, actions, states))
        return found if found.ndim == 2 else (self.kernel * found).sum(axis=2)

    def values(self, reward: ArrayLike) -> Floats:
        """Return V_pi, shape [S], by solving V = R_pi + gamma P_pi V."""
        mean = (self.chosen * self.expected(reward)).sum(axis=1)
        moves = np.einsum("sa,sat->st", self.chosen, self.kernel)
        found: Floats = np.linalg.solve(np.eye(len(mean)) - self.discount * moves, mean)
        return found


def canonical(mdp: TabularMDP, reward: ArrayLike) -> Floats:
    """Return the reward with every potential taken out, shape [S, A].

    Formula: C(s, a) = E[R(s, a, s') - V_pi(s) + gamma V_pi(s')]

    It is the advantage of the policy: equal for rewards that differ by potential shaping. 0 where
    an action is not allowed.
    """
    worth = mdp.values(reward)
    found = mdp.expected(reward) - worth[:, None] + mdp.discount * (mdp.kernel @ worth)
    return np.where(np.asarray(mdp.allowed), found, 0.0)


def starc_distance(mdp: TabularMDP, first: ArrayLike, second: ArrayLike) -> float:
    """Return how differently two rewards order policies: 0 alike, 2 opposite.

    Formula: ||s(R1) - s(R2)||_2, s(R) = C(R) / ||C(R)||_2, or 0 where the norm is tiny
    Source:  cookbook H2, STARC, arXiv 2309.15257~ (recalled)
    Shapes:  rewards [S, A] or [S, A, S]
    Range:   [0, 2]
    Laws:    0 for positive scale + potential shaping; 2 for negation; a pseudometric: symmetric,
             triangle inequality

    "Tiny" is 1e-12 of the reward's own size: there a reward is trivial, every policy being
    worth the same, and its distance to a reward that is not is 1.

    >>> import numpy as np
    >>> mdp = TabularMDP(np.full((2, 2, 2), 0.5))
    >>> starc_distance(mdp, [[1, 0], [0, 2]], [[-1, 0], [0, -2]])
    2.0
    """
    return float(np.linalg.norm(_unit(mdp, first) - _unit(mdp, second)))


@dataclass(frozen=True)
class StarcDistance:
    """Passes a change of reward that keeps the order of policies, such as honest shaping.

    Formula: ``starc_distance`` of the reward before and after the change
    Source:  cookbook H2, arXiv 2309.15257~ (recalled); the limit is ours
    Range:   [0, 2]
    Laws:    as the distance; silent (L10)
    """

    limit: float = 1e-6
    """Largest distance that passes, 0 to 2."""

    def __post_init__(self) -> None:
        limits("StarcDistance", (0.0, 2.0), limit=self.limit)

    def run(self, mdp: TabularMDP, before: ArrayLike, after: ArrayLike) -> Report:
        """Return the distance between two rewards [S, A] or [S, A, S] of one MDP."""
        far = starc_distance(mdp, before, after)
        sizes = {
            "size_before": float(np.linalg.norm(canonical(mdp, before))),
            "size_after": float(np.linalg.norm(canonical(mdp, after))),
        }
        trivial = [
            name
            for name, reward in (("before", before), ("after", after))
            if not _unit(mdp, reward).any()
        ]
        return Report(
            probe="starc",
            measures="STARC distance, 0 same order of policies, 2 opposite",
            metric=far,
            threshold=self.limit,
            passed=far <= self.limit,
            detail=sizes,
            notes=tuple(
                f"the reward {name} is trivial: every policy is worth the same" for name in trivial
            ),
        )


_TINY = 1e-12


def _unit(mdp: TabularMDP, reward: ArrayLike) -> Floats:
    found = canonical(mdp, reward)
    size = float(np.linalg.norm(found))
    scale = max(np.abs(mdp.expected(reward)).max(), np.abs(mdp.values(reward)).max())
    return found / size if size > _TINY * scale else np.zeros_like(found)


def _rows(name: str, rows: Floats) -> None:
    if not np.isfinite(rows).all() or (rows < 0.0).any():
        raise ConfigError(f"{name} must hold non-negative probabilities.")
    if (np.abs(rows.sum(axis=-1) - 1.0) > 1e-9).any():
        raise ConfigError(f"{name}: the probabilities of a row must sum to 1.")
