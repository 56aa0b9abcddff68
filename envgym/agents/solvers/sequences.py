"""A game's sequences: each player's own decisions in order, apart from everybody else's.

A sequence is what a player has done so far; under perfect recall an information set has exactly one
that leads to it. A strategy is then either *behaviour* (a distribution per information set) or a
*plan* (the product of a player's own probabilities along each sequence), and a player's expected
return is linear in its own plan (von Stengel 1996, recalled). All solvers here work on these
arrays; no loop ever touches the nodes of the tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from envgym.runtime.games.tree import GameTree
from envgym.types.errors import ConfigError
from envgym.types.game import CHANCE, OVER

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Level:
    """The information sets that come after the same number of own decisions."""

    pairs: slice
    """Their actions among ``Seat``'s."""
    sequences: slice
    """The same among a plan's, which begins with the empty sequence."""
    infosets: slice
    starts: Ints
    """First action of each information set, counted within the level."""
    parents: Ints
    """[actions] the sequence that leads to the action's information set."""
    targets: Ints
    """The distinct parents, ascending."""
    groups: Ints | None
    """First information set of each target, within the level; None: each target has one."""


@dataclass(frozen=True, eq=False)
class Seat:
    """One player's information sets by depth, then by the sequence that leads to them.

    Shapes: I information sets, n actions in all of them together, n + 1 sequences: sequence 0 is
    the empty one, sequence k ends with action k - 1.
    """

    player: int
    infosets: Ints
    """[I] numbers in the tree."""
    pairs: Ints
    """[n] where a profile of the tree holds each action's probability."""
    starts: Ints
    """[I] first action of each information set."""
    counts: Ints
    """[I] number of actions."""
    owner: Ints
    """[n] information set of each action."""
    parent: Ints
    """[I] the sequence that leads there."""
    levels: tuple[Level, ...]

    def normalise(self, weights: Floats) -> Floats:
        """Return [n] weights >= 0 as behaviour; uniform where an information set has only 0."""
        if not len(self.starts):
            return weights.copy()
        sums = np.add.reduceat(weights, self.starts)
        empty = (sums <= 0.0).astype(np.float64)
        spread = weights + empty.take(self.owner)
        return np.asarray(spread / (sums + empty * self.counts).take(self.owner))

    def plan(self, behaviour: Floats) -> Floats:
        """Return [n + 1] the probability that the player's own choices allow each sequence."""
        made = np.empty(len(behaviour) + 1)
        made[0] = 1.0
        for level in self.levels:
            np.multiply(behaviour[level.pairs], made.take(level.parents), out=made[level.sequences])
        return made

    def evaluate(self, behaviour: Floats, utility: Floats) -> Floats:
        """Turn utilities of sequences into values of actions, bottom up, and return those of sets.

        Args:
            behaviour: [n] what the player does.
            utility: [n + 1] what play earns that ends after each sequence, weighted by the reach
                of chance and of the others; becomes the counterfactual value of each action, at 0
                the value of the game.

        Returns:
            [I] counterfactual value of each information set.
        """
        values = np.empty(len(self.starts))
        for level in reversed(self.levels):
            weighted = utility[level.sequences] * behaviour[level.pairs]
            here = np.add.reduceat(weighted, level.starts)
            values[level.infosets] = here
            if level.groups is not None:
                here = np.add.reduceat(here, level.groups)
            utility[level.targets] += here
        return values

    def maximise(self, utility: Floats) -> Floats:
        """Do as ``evaluate`` for the best behaviour: the largest value of each set's actions."""
        values = np.empty(len(self.starts))
        for level in reversed(self.levels):
            here = np.maximum.reduceat(utility[level.sequences], level.starts)
            values[level.infosets] = here
            if level.groups is not None:
                here = np.add.reduceat(here, level.groups)
            utility[level.targets] += here
        return values


@dataclass(frozen=True, eq=False)
class Sequences:
    """All players' sequences and what every way to end the game pays.

    Shapes: P players, T combinations of sequences that some end of the game has.
    """

    tree: GameTree
    seats: tuple[Seat, ...]
    ends: Ints
    """[P, T] each player's sequence."""
    payoffs: Floats
    """[P, T] chance's probability times the return, summed over the ends with the same
    sequences; in the game's unit."""
    scale: float
    """Largest absolute return of the game, 1 if all are 0."""

    def behaviours(self, profile: Floats) -> list[Floats]:
        """Return each seat's [n] part of a profile of the tree."""
        return [profile[seat.pairs] for seat in self.seats]

    def profile(self, behaviours: Sequence[Floats]) -> Floats:
        """Return the seats' behaviours as one profile of the tree."""
        made = np.zeros(int(self.tree.offset[-1]))
        for seat, behaviour in zip(self.seats, behaviours, strict=True):
            made[seat.pairs] = behaviour
        return made

    def plans(self, profile: Floats) -> list[Floats]:
        """Return each seat's plan for a profile of the tree."""
        parts = zip(self.seats, self.behaviours(profile), strict=True)
        return [seat.plan(behaviour) for seat, behaviour in parts]


@lru_cache(maxsize=16)
def sequences(tree: GameTree) -> Sequences:
    """Return the sequences of a game; the same object for the same tree while it is remembered.

    Raises:
        ConfigError: a player forgets what it has done (no perfect recall).
    """
    players = tree.game.players
    last = last_pairs(tree)
    seats, position = [], np.zeros(int(tree.offset[-1]) + 1, dtype=np.int64)
    for player in range(players):
        seat = _seat(tree, player, last[player])
        seats.append(seat)
        position[seat.pairs] = np.arange(1, len(seat.pairs) + 1)
    # The last entry, which index -1 finds, is the empty sequence.
    over = np.flatnonzero(tree.player == OVER)
    ends = position[last[:, over]]
    scale = float(np.abs(tree.returns).max(initial=0.0)) or 1.0
    weighted = tree.returns[over].T * chance_reach(tree)[over]
    sizes = [len(seat.pairs) + 1 for seat in seats]
    if np.prod([float(size) for size in sizes]) < 2.0**62:
        joint = np.ravel_multi_index(tuple(ends), sizes)
        _, first, group = np.unique(joint, return_index=True, return_inverse=True)
        ends = ends[:, first]
        weighted = np.stack([np.bincount(group, row, len(first)) for row in weighted])
    return Sequences(tree, tuple(seats), np.ascontiguousarray(ends), weighted, scale)


def chance_reach(tree: GameTree) -> Floats:
    """Return [N] the product of chance's probabilities on the way to each node."""
    reach = tree.chance.copy()
    for start, stop in zip(tree.level[1:-1], tree.level[2:], strict=True):
        reach[start:stop] *= reach[tree.parent[start:stop]]
    return reach


def chosen_pairs(tree: GameTree) -> Ints:
    """Return [N] where a profile holds the probability of the edge to each node; -1: none does."""
    found = np.full(len(tree), -1, dtype=np.int64)
    decided = np.flatnonzero(tree.player >= 0)
    counts = tree.num_children[decided].astype(np.int64)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    children = np.repeat(tree.first_child[decided].astype(np.int64), counts) + within
    found[children] = np.repeat(tree.offset[tree.infoset[decided]], counts) + within
    return found


def last_pairs(tree: GameTree) -> Ints:
    """Return [P, N] where a profile holds each player's latest choice on the way to a node.

    -1 before the player's first.
    """
    pair = chosen_pairs(tree)
    mover = np.where(tree.parent >= 0, tree.player[tree.parent], CHANCE)
    found = np.full((tree.game.players, len(tree)), -1, dtype=np.int64)
    for start, stop in zip(tree.level[1:-1], tree.level[2:], strict=True):
        found[:, start:stop] = found[:, tree.parent[start:stop]]
        nodes = np.arange(start, stop)
        nodes = nodes[mover[start:stop] >= 0]
        found[mover[nodes], nodes] = pair[nodes]
    return found


def visit_order(game: Sequences) -> list[Ints]:
    """Return, per seat, its [I] information sets in the order of a depth-first walk."""
    tree = game.tree
    size = np.ones(len(tree), dtype=np.int64)
    spans = list(zip(tree.level[1:-1].tolist(), tree.level[2:].tolist(), strict=True))
    for start, stop in reversed(spans):
        np.add.at(size, tree.parent[start:stop], size[start:stop])
    rank = np.zeros(len(tree), dtype=np.int64)
    for start, stop in spans:
        parent = tree.parent[start:stop]
        before = np.cumsum(size[start:stop]) - size[start:stop]
        rank[start:stop] = rank[parent] + 1 + before - before[tree.first_child[parent] - start]
    first = np.full(len(tree.infoset_actions), len(tree), dtype=np.int64)
    decided = np.flatnonzero(tree.infoset >= 0)
    np.minimum.at(first, tree.infoset[decided], rank[decided])
    return [np.argsort(first[seat.infosets], kind="stable") for seat in game.seats]


def _seat(tree: GameTree, player: int, last: Ints) -> Seat:
    """Number one player's sequences; ``last`` [N] is its latest choice before each node."""
    mine = np.flatnonzero(tree.infoset_player == player)
    nodes = np.flatnonzero(tree.player == player)
    before = np.full(len(tree.infoset_actions), -1, dtype=np.int64)
    before[tree.infoset[nodes]] = last[nodes]
    wrong = np.flatnonzero(before[tree.infoset[nodes]] != last[nodes])
    if len(wrong):
        key = tree.infoset_key[tree.infoset[nodes[wrong[0]]]]
        raise ConfigError(
            f"game '{tree.game.name}' lacks perfect recall: player {player} at {key!r} has "
            "forgotten what it did before."
        )
    above = np.where(
        before >= 0, np.searchsorted(tree.offset, np.maximum(before, 0), side="right") - 1, -1
    )
    depth = np.zeros(len(before) + 1, dtype=np.int64)
    depth[-1] = -1  # what index -1 finds: above the first decision
    for i in mine.tolist():  # an information set has a larger number than the one above it
        depth[i] = depth[above[i]] + 1
    counts = np.diff(tree.offset)
    levels: list[Level] = []
    order: list[Ints] = []
    parents: list[Ints] = []
    sequence = np.zeros(int(tree.offset[-1]) + 1, dtype=np.int64)
    size = sets = 0
    for d in range(int(depth[mine].max(initial=-1)) + 1):
        here = mine[depth[mine] == d]
        here = here[np.argsort(sequence[before[here]], kind="stable")]
        parent, width = sequence[before[here]], counts[here]
        starts = np.cumsum(width) - width
        n = int(width.sum())
        targets, groups = np.unique(parent, return_index=True)
        levels.append(
            Level(
                pairs=slice(size, size + n),
                sequences=slice(size + 1, size + n + 1),
                infosets=slice(sets, sets + len(here)),
                starts=starts,
                parents=np.repeat(parent, width),
                targets=targets,
                groups=None if len(groups) == len(here) else groups.astype(np.int64),
            )
        )
        order.append(here)
        parents.append(parent)
        sequence[_spans(tree.offset[here], width)] = size + 1 + np.arange(n)
        size, sets = size + n, sets + len(here)
    infosets = np.concatenate(order) if order else np.zeros(0, dtype=np.int64)
    width = counts[infosets]
    return Seat(
        player=player,
        infosets=infosets,
        pairs=_spans(tree.offset[infosets], width),
        starts=np.cumsum(width) - width,
        counts=width,
        owner=np.repeat(np.arange(len(infosets)), width),
        parent=np.concatenate(parents) if parents else np.zeros(0, dtype=np.int64),
        levels=tuple(levels),
    )


def _spans(first: Ints, width: Ints) -> Ints:
    """Return the numbers first[i] to first[i] + width[i] - 1, one span after the other."""
    within = np.arange(int(width.sum())) - np.repeat(np.cumsum(width) - width, width)
    return np.asarray(np.repeat(first, width) + within)
