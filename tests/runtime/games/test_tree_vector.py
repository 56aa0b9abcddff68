import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree_vector import TreeVector, children_of
from envgym.types import ConfigError
from envgym.types.game import CHANCE, OVER
from tests.runtime.games.coin_game import CoinGame

GAMES = [
    CoinGame(),
    make_game("kuhn", players=3),
    make_game("leduc"),
    make_game("goofspiel", cards=4),
    make_game("tic_tac_toe"),
]


def history(tree, node):
    actions = []
    while node:
        actions.append(int(tree.action[node]))
        node = tree.parent[node]
    return tuple(reversed(actions))


def position(tree, node):
    state = tree.game.initial()
    for action in history(tree, node):
        state = state.apply(action)
    return state


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_steps_are_those_of_the_game(game):
    """Every index, mask, mover and reward equals what the positions themselves say."""
    vector, rng = TreeVector(game), np.random.Generator(np.random.PCG64(1))
    vector.reset(40, seed=0)
    paid = np.zeros((40, game.players))
    assert not vector.done.any()
    while not vector.done.all():
        states = [position(vector.tree, node) for node in vector.nodes]
        legal, infosets, players = vector.legal, vector.infosets, vector.players
        actions = np.zeros(40, np.int64)
        for i, state in enumerate(states):
            assert players[i] == state.current_player
            assert tuple(np.flatnonzero(legal[i])) == state.legal()
            if state.current_player == OVER:
                assert infosets[i] == -1
                actions[i] = 99  # ignored
            else:
                key = state.infostate(state.current_player)
                assert vector.tree.infoset_key[infosets[i]] == key
                actions[i] = rng.choice(state.legal())
        done_before = vector.done
        rewards, done = vector.step(actions)
        assert (done == vector.done).all()
        assert not rewards[done_before].any()
        assert not rewards[~done].any()
        paid += rewards
        for i, state in enumerate(states):
            if not done_before[i]:
                after = history(vector.tree, vector.nodes[i])
                assert after[: len(state.history) + 1] == (*state.history, actions[i])
    finals = [position(vector.tree, node).returns() for node in vector.nodes]
    assert paid == pytest.approx(np.array(finals))


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_random_steps_have_the_right_probabilities(game):
    """A pick lands on each child as often as its probability says, at uneven chance nodes too."""
    vector = TreeVector(game)
    tree, children = vector.tree, children_of(vector.tree)
    inner = np.flatnonzero(tree.num_children)[:50]
    grid = (np.arange(4000) + 0.5) / 4000
    for node in inner:
        count = tree.num_children[node]
        first = tree.first_child[node]
        picked = children.pick(np.full(4000, node, np.int32), grid)
        found = np.bincount(picked - first, minlength=count) / 4000
        chance = tree.player[node] == CHANCE
        wanted = tree.chance[first : first + count] if chance else np.full(count, 1 / count)
        assert found == pytest.approx(wanted, abs=1e-3)
        almost_one = children.pick(np.array([node], np.int32), np.array([1 - 2.0**-53]))
        assert almost_one == first + count - 1


@settings(max_examples=20)
@given(seed=st.integers(), n=st.integers(1, 20))
def test_same_seed_same_games(seed, n):
    runs = []
    for _ in range(2):
        vector = TreeVector(make_game("leduc"))
        vector.reset(n, seed)
        seen = []
        while not vector.done.all():
            seen.append(vector.infosets.tobytes())
            rewards, _ = vector.step(np.argmax(vector.legal, axis=1))
            seen.append(rewards.tobytes())
        runs.append(seen)
    assert runs[0] == runs[1]


def test_arrays_belong_to_the_caller():
    vector = TreeVector(make_game("kuhn"))
    vector.reset(3, 0)
    before = vector.nodes
    for array in (vector.nodes, vector.legal, vector.infosets, vector.players):
        array[:] = 7
    assert (vector.nodes == before).all()
    assert (vector.legal == 1).all()


def test_errors():
    vector = TreeVector(make_game("leduc"))
    with pytest.raises(ResetNeeded, match="call reset"):
        vector.step([0])
    for n in (0, -3, 1.0, True):
        with pytest.raises(ConfigError, match="n must be a whole number from 1"):
            vector.reset(n, 0)
    vector.reset(2, 0)
    before = vector.nodes
    for actions in ([1], [1.0, 1.0], [[1, 1]]):
        with pytest.raises(ConfigError, match="actions must be 2 integers"):
            vector.step(actions)
    for wrong in (0, 3, -1):  # nobody has bet yet: nothing to fold
        with pytest.raises(ConfigError, match=f"actions: {wrong} is not legal in game 1; allowed"):
            vector.step([1, wrong])
    assert (vector.nodes == before).all()
    with pytest.raises(ConfigError, match="leduc"):
        TreeVector(make_game("leduc"), limit=100)
