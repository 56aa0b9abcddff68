"""The tree of a game as arrays. Counts: measured on OpenSpiel 2.0.2's trees of the same games."""

from dataclasses import dataclass

import numpy as np
import pytest

from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten, walk
from envgym.types.errors import ConfigError
from envgym.types.game import CHANCE, OVER

SIZES = [
    ("kuhn", {}, 58, 12),
    ("kuhn", {"players": 3}, 617, 48),
    ("kuhn", {"players": 4}, 7886, 160),
    ("leduc", {}, 9457, 936),
    ("goofspiel", {"cards": 4}, 1077, 162),
    ("goofspiel", {"cards": 5}, 26931, 2124),
    ("liars_dice", {"sides": 4}, 8181, 1024),
]


@pytest.mark.parametrize(("name", "params", "nodes", "infosets"), SIZES)
def test_sizes_are_openspiels(name, params, nodes, infosets):
    tree = flatten(make_game(name, **params))
    assert (len(tree), len(tree.infoset_key)) == (nodes, infosets)


@pytest.mark.parametrize(("name", "params"), [("kuhn", {"players": 3}), ("leduc", {})])
def test_arrays_say_what_the_states_say(name, params):
    game = make_game(name, **params)
    tree = flatten(game)
    for node, state in enumerate(walk(game)):
        assert tree.player[node] == state.current_player
        first, count = tree.first_child[node], tree.num_children[node]
        children = slice(first, first + count)
        assert (tree.parent[children] == node).all()
        if state.current_player == OVER:
            assert count == 0 and tree.returns[node].tolist() == list(state.returns())
            assert tree.infoset[node] == -1
        elif state.current_player == CHANCE:
            outcomes = state.chance_outcomes()
            assert list(zip(tree.action[children], tree.chance[children], strict=True)) == list(
                outcomes
            )
            assert tree.infoset[node] == -1
        else:
            mover = state.current_player
            assert tuple(tree.action[children].tolist()) == state.legal()
            assert (tree.chance[children] == 1.0).all()
            i = tree.infoset[node]
            assert tree.infoset_key[i] == state.infostate(mover)
            assert tree.infoset_index[mover, state.infostate(mover)] == i
            assert tree.infoset_actions[i] == state.legal()
        if state.history:
            assert tree.action[node] == state.history[-1]
            depth = len(state.history)
            assert tree.level[depth] <= node < tree.level[depth + 1]


def test_children_and_levels_partition_the_nodes():
    tree = flatten(make_game("leduc"))
    assert tree.level[0] == 0 and tree.level[-1] == len(tree)
    assert tree.num_children.sum() == len(tree) - 1
    assert (np.diff(tree.parent[1:]) >= 0).all()
    assert tree.offset[-1] == sum(len(actions) for actions in tree.infoset_actions)


def test_equal_games_share_a_tree():
    assert flatten(make_game("kuhn")) is flatten(make_game("kuhn"))
    assert flatten(make_game("kuhn")) is not flatten(make_game("kuhn", players=3))


def test_a_game_that_is_too_large_costs_one_sentence():
    with pytest.raises(ConfigError, match=r"game 'kuhn' \(players=4\) has more than 100 positions"):
        flatten(make_game("kuhn", players=4), limit=100)
    flatten(make_game("kuhn", players=4))
    with pytest.raises(ConfigError, match="more than 100 positions"):  # though it is remembered
        flatten(make_game("kuhn", players=4), limit=100)


@dataclass(frozen=True)
class Mixed:
    """A game whose only player does not see how many actions it has."""

    name = "mixed"
    players = 1
    params = {}

    def initial(self):
        return MixedState(())


@dataclass(frozen=True)
class MixedState:
    history: tuple[int, ...]

    @property
    def current_player(self):
        return (CHANCE, 0, OVER)[len(self.history)]

    def chance_outcomes(self):
        return ((0, 0.5), (1, 0.5))

    def legal(self):
        return (0,) if self.history[0] else (0, 1)

    def apply(self, action):
        return MixedState((*self.history, action))

    def returns(self):
        return (0.0,)

    def infostate(self, player):
        return "same"


def test_positions_that_look_alike_must_have_equal_actions():
    with pytest.raises(ConfigError, match=r"cannot tell apart .*\(0, 1\) and \(0,\).*'same'"):
        flatten(Mixed())
