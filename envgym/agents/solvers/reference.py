"""Reference profiles: what a position and an action are worth when everybody plays well.

They feed an exact process reward (the equilibrium regret of an action) and potential shaping. All
answers depend on one player's infostate alone, so nothing hidden reaches a reward.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.sequences import (
    Floats,
    Ints,
    chance_reach,
    chosen_pairs,
    last_pairs,
    sequences,
)
from envgym.agents.solvers.solve import solve
from envgym.agents.solvers.table import uniform_profile
from envgym.runtime.games.tree import GameTree, flatten, walk
from envgym.types.errors import ConfigError
from envgym.types.game import OVER, Game, State

LIMIT = 300_000
"""Positions of the largest game that gets a reference; seconds to solve."""

CLOSE = 1e-4
"""NashConv, in units of the largest return, with which a two-player zero-sum game is solved."""

ROUNDS = (1000, 3000)
"""Iterations of the first and, if that is not ``CLOSE``, the second attempt."""

EXPONENTS: Mapping[str, Any] = {"alpha": 2.0, "gamma": 4.0}
"""Of PDCFR+, for 2.3 and 5: up to 9,000 iterations these powers are exact. All else in that rule
and in the level form is addition, multiplication, division and comparison, so that the same game
has the same reference on every machine."""


class Reference:
    """A profile of a game and what it says about positions and actions.

    Args:
        tree: the game.
        profile: float64, laid out by ``tree.offset``; each information set sums to 1.
        name: where the profile comes from.
    """

    def __init__(self, tree: GameTree, profile: Floats, name: str) -> None:
        self.tree = tree
        self.profile = profile
        self.name = name
        """Where the profile comes from, such as "pdcfr+:1000"."""
        self.nash_conv = quality(tree, profile).nash_conv
        """What all players together could gain by deviating, each alone; the game's unit."""
        self._offset = tree.offset.tolist()
        self._policy = profile.tolist()

    def policy(self, state: State) -> tuple[float, ...]:
        """Return the mover's probability of each of ``state.legal()``; () where nobody moves."""
        if state.current_player < 0:
            return ()
        return tuple(self._policy[self._row(state)])

    def action_values(self, state: State) -> tuple[float, ...]:
        """Return what each of ``state.legal()`` is worth to the mover, given its infostate alone.

        The expected return if the others and the mover's own later play follow the profile.
        The histories of the information set count by chance's and the others' reach, or if the
        others never go there by that of uniform play. () where nobody moves.
        """
        if state.current_player < 0:
            return ()
        return tuple(self._action_values[self._row(state)])

    def regrets(self, state: State) -> tuple[float, ...]:
        """Return how much worse than the best each of ``state.legal()`` is; 0 or more."""
        values = self.action_values(state)
        return tuple(max(values) - value for value in values)

    def value(self, state: State, player: int) -> float:
        """Return the expected return of ``player`` given what it knows, its infostate.

        At the end of the game what it has won. Elsewhere the mean over the positions in which the
        infostate first appears, each weighted by chance's and the others' reach (by that of
        uniform play where that is 0): of all positions, not only of those where ``player`` moves.
        """
        if state.current_player == OVER:
            return float(state.returns()[player])
        return self._values[player][state.infostate(player)]

    def _row(self, state: State) -> slice:
        mover = state.current_player
        i = self.tree.infoset_index[mover, state.infostate(mover)]
        return slice(self._offset[i], self._offset[i + 1])

    @cached_property
    def _worth(self) -> Floats:
        """[N, P] expected returns from each node on."""
        tree = self.tree
        edge = self._edge
        worth = tree.returns.copy()
        for start, stop in reversed(_spans(tree)):
            parent = tree.parent[start:stop]
            top, size = int(parent.min()), int(parent.max() - parent.min()) + 1
            for player in range(worth.shape[1]):
                weighted = edge[start:stop] * worth[start:stop, player]
                worth[top : top + size, player] += np.bincount(parent - top, weighted, size)
        return worth

    @cached_property
    def _edge(self) -> Floats:
        """[N] probability of the edge that leads to each node."""
        pair = chosen_pairs(self.tree)
        return np.where(pair >= 0, np.append(self.profile, 0.0)[pair], self.tree.chance)

    @cached_property
    def _weights(self) -> list[tuple[Floats, Floats]]:
        """Per player [N] the reach of all others: under the profile, and under uniform play."""
        return list(
            zip(
                _others(self.tree, self.profile),
                _others(self.tree, uniform_profile(self.tree)),
                strict=True,
            )
        )

    @cached_property
    def _action_values(self) -> list[float]:
        tree = self.tree
        pair = chosen_pairs(tree)
        child = np.flatnonzero(pair >= 0)
        found = np.zeros(len(self.profile))
        for player in range(tree.game.players):
            mine = child[tree.player[tree.parent[child]] == player]
            at, worth, home = pair[mine], self._worth[mine, player], tree.parent[mine]
            found += _mean(at, worth, self._weights[player], home, len(found))
        return found.tolist()

    @cached_property
    def _values(self) -> list[dict[str, float]]:
        tree, players = self.tree, range(self.tree.game.players)
        index: list[dict[str, int]] = [{} for _ in players]
        group = np.full((len(players), len(tree)), -1, dtype=np.int64)
        for node, state in enumerate(walk(tree.game)):
            if state.current_player != OVER:
                for player in players:
                    known = index[player]
                    group[player, node] = known.setdefault(state.infostate(player), len(known))
        found = []
        for player in players:
            mine = group[player]
            above = np.where(tree.parent >= 0, mine[tree.parent], -1)
            first = np.flatnonzero((mine >= 0) & (mine != above))
            at, worth = mine[first], self._worth[first, player]
            means = _mean(at, worth, self._weights[player], first, len(index[player]))
            found.append(dict(zip(index[player], means.tolist(), strict=True)))
        return found


@lru_cache(maxsize=32)
def reference(game: Game, limit: int = LIMIT) -> Reference | None:
    """Return a game's reference profile, solved at first use and kept; None: the game is too large.

    The average of 1,000 iterations of PDCFR+, and of 3,000 if a two-player zero-sum game is not
    within ``CLOSE`` of equilibrium by then; where a player's average never goes, its last
    iterate. With three or more players, or returns that do not sum to 0, nothing promises an
    equilibrium: ``Reference.nash_conv`` says how close it is.
    """
    try:
        tree = flatten(game, limit)
        parts = sequences(tree)
    except ConfigError:  # too large, or without perfect recall: no reference, which is no error
        return None
    found = None
    for rounds in ROUNDS:
        solved = solve(game, "pdcfr+", rounds, every=rounds, form="level", **EXPONENTS)
        average, current = solved.average.profile(tree), solved.current.profile(tree)
        for seat, plan in zip(parts.seats, parts.plans(average), strict=True):
            unseen = (plan[seat.parent] == 0.0).take(seat.owner)
            average[seat.pairs] = np.where(unseen, current[seat.pairs], average[seat.pairs])
        found = Reference(tree, average, f"pdcfr+:{rounds}")
        close = found.nash_conv <= CLOSE * parts.scale
        if close or game.players != 2 or not game.zero_sum:
            break
    return found


def _others(tree: GameTree, profile: Floats) -> list[Floats]:
    """Return per player [N] the reach of chance and of the others."""
    parts, last = sequences(tree), last_pairs(tree)
    reach = []
    for seat, plan in zip(parts.seats, parts.plans(profile), strict=True):
        by_pair = np.ones(len(profile) + 1)  # index -1: nothing decided yet
        by_pair[seat.pairs] = plan[1:]
        reach.append(by_pair[last[seat.player]])
    found = []
    for player in range(len(reach)):
        weight = chance_reach(tree)
        for other, probability in enumerate(reach):
            if other != player:
                weight = weight * probability
        found.append(weight)
    return found


def _mean(
    at: Ints,
    worth: Floats,
    weights: tuple[Floats, Floats],
    nodes: Ints,
    size: int,
) -> Floats:
    """Return [size] means of ``worth`` in each bin, by the first weights whose sum is not 0."""
    found = np.zeros(size)
    for weight in reversed(weights):
        total = np.bincount(at, weight[nodes], size)
        summed = np.bincount(at, weight[nodes] * worth, size)
        np.divide(summed, total, out=found, where=total > 0.0)
    return found


def _spans(tree: GameTree) -> list[tuple[int, int]]:
    """Return the levels below the root as (first node, after the last)."""
    return list(zip(tree.level[1:-1].tolist(), tree.level[2:].tolist(), strict=True))
