import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.runtime.games.random_play import (
    TREE_LIMIT,
    estimated_positions,
    random_play,
    small_tree,
)
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types import ConfigError
from tests.runtime.games.coin_game import CoinGame

SMALL = [
    CoinGame(),
    make_game("kuhn"),
    make_game("kuhn", players=3),
    make_game("leduc"),
    make_game("goofspiel", cards=4),
    make_game("hex", board_size=2),
    make_game("matrix"),
]


def exact(game):
    """Return mean and variance of (returns, decisions) under random play, from the whole tree."""
    tree = flatten(game)
    reach, depth = np.ones(len(tree)), np.zeros(len(tree), int)
    for node in range(1, len(tree)):
        parent = tree.parent[node]
        decides = tree.player[parent] >= 0
        share = 1 / tree.num_children[parent] if decides else tree.chance[node]
        reach[node] = reach[parent] * share
        depth[node] = depth[parent] + decides
    ends = np.flatnonzero(tree.num_children == 0)
    values, chances = np.column_stack([tree.returns[ends], depth[ends]]), reach[ends]
    assert chances.sum() == pytest.approx(1)
    mean = chances @ values
    return mean, chances @ (values - mean) ** 2


def columns(play):
    return np.column_stack([play.returns, play.decisions])


def close(found, mean, variance, count):
    """Whether sample means lie within four standard errors."""
    return (np.abs(found - mean) <= 4 * np.sqrt(variance / count) + 1e-9).all()


def test_known_values():
    """By hand: a Kuhn showdown is even, bp (1/4 of games) wins 1 for player 0, pbp (1/8) loses 1;
    a third decision follows pb (1/4). So 1/4 - 1/8 = 0.125 and 2 + 1/4 = 2.25 decisions."""
    mean, _ = exact(make_game("kuhn"))
    assert mean == pytest.approx([0.125, -0.125, 2.25])


@pytest.mark.parametrize("method", ["tree", "scalar"])
@pytest.mark.parametrize("game", SMALL, ids=lambda game: f"{game.name}{game.players}")
def test_means_are_those_of_the_tree(game, method):
    count = 200_000 if method == "tree" else 3_000
    play = random_play(game, count, seed=1, method=method)
    assert play.returns.shape == (count, game.players)
    assert play.returns.dtype == np.float64
    assert play.decisions.shape == (count,)
    assert play.decisions.dtype == np.int32
    assert close(columns(play).mean(0), *exact(game), count)


def test_uneven_chance():
    """Heads come up three times in four: a stake of 1 at heads, 3 at tails, each won or lost."""
    play = random_play(CoinGame(), 100_000, seed=0)
    large = np.abs(play.returns[:, 0]) > 2
    assert large.mean() == pytest.approx(0.25, abs=4 * (0.1875 / 100_000) ** 0.5)


@pytest.mark.parametrize("name", ["tic_tac_toe", "liars_dice"])
def test_ways_agree_on_larger_games(name):
    game = make_game(name)
    assert getattr(game, "random_games", None) is None
    fast, slow = random_play(game, 100_000, seed=2), random_play(game, 2_000, 2, "scalar")
    assert small_tree(game) is not None
    agree(fast, slow)


def agree(fast, slow):
    one, two = columns(fast), columns(slow)
    error = np.sqrt(one.var(0) / len(one) + two.var(0) / len(two))
    assert (np.abs(one.mean(0) - two.mean(0)) <= 4 * error + 1e-9).all()


@pytest.mark.parametrize(
    ("name", "params", "count"),
    [("connect_four", {}, 3_000), ("hex", {}, 3_000), ("hex", {"board_size": 11}, 300)],
)
def test_array_forms_agree_with_one_by_one(name, params, count):
    game = make_game(name, **params)
    fast, slow = random_play(game, 50_000, seed=3), random_play(game, count, 3, "scalar")
    agree(fast, slow)
    assert (random_play(game, 50_000, 3, "array").returns == fast.returns).all()


@settings(max_examples=20)
@given(seed=st.integers(), count=st.integers(0, 50))
def test_same_seed_same_bytes(seed, count):
    for game in (CoinGame(), make_game("hex", board_size=3), make_game("connect_four")):
        first, again = random_play(game, count, seed), random_play(game, count, seed)
        assert first.returns.tobytes() == again.returns.tobytes()
        assert first.decisions.tobytes() == again.decisions.tobytes()
        assert len(first.decisions) == count


def test_other_seed_other_games():
    game = make_game("leduc")
    assert (random_play(game, 500, 0).returns != random_play(game, 500, 1).returns).any()


def test_sizes():
    """Counts of positions: Kuhn 58, Leduc 9,457 and tic-tac-toe 549,946 (known)."""
    assert estimated_positions(make_game("kuhn")) == pytest.approx(58, rel=0.01)
    assert estimated_positions(make_game("leduc")) == pytest.approx(9_457, rel=0.2)
    assert estimated_positions(make_game("tic_tac_toe")) == pytest.approx(549_946, rel=0.1)
    assert estimated_positions(make_game("connect_four")) > TREE_LIMIT
    assert small_tree(make_game("connect_four")) is None
    assert len(small_tree(make_game("kuhn"))) == 58


def test_too_large_for_a_tree_is_played_one_by_one():
    game = make_game("goofspiel", cards=8)
    assert small_tree(game) is None
    play, slow = random_play(game, 20, 0), random_play(game, 20, 0, "scalar")
    assert (play.returns == slow.returns).all()


def test_errors():
    game = make_game("kuhn")
    with pytest.raises(ConfigError, match="unknown method 'trees'; allowed: .*mean 'tree'"):
        random_play(game, 1, 0, "trees")
    with pytest.raises(ConfigError, match="episodes must be a whole number from 0, got -1"):
        random_play(game, -1, 0)
    with pytest.raises(ConfigError, match="episodes must be a whole number from 0, got 1.5"):
        random_play(game, 1.5, 0)
    with pytest.raises(ConfigError, match="'kuhn' has no array form; allowed: auto, scalar, tree"):
        random_play(game, 1, 0, "array")
    with pytest.raises(ConfigError, match="more than 600,000 positions.*allowed: auto, scalar"):
        random_play(make_game("connect_four"), 1, 0, "tree")
