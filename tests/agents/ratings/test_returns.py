"""Mean returns and results merged over the seats of one deal."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.ratings.results import GameResult
from envgym.agents.ratings.returns import mean_returns, merged


def game(first, second, won, cluster, **more):
    return GameResult(players=(first, second), returns=(won, -won), cluster=cluster, **more)


def test_a_mean_and_its_interval_by_hand():
    # Clusters of a: 1 + 3 = 4 and -2 + 0 = -2 over 2 games each: mean 0.5, deviations 3 and -3.
    games = [game("a", "b", 1.0, "x"), game("b", "a", -3.0, "x"), game("a", "b", -2.0, "y"),
             game("b", "a", 0.0, "y")]  # fmt: skip
    found = mean_returns(games)
    assert found["a"].mean == 0.5
    half = 1.959964 * sqrt((9 + 9) * 2 / 1) / 4
    assert found["a"].high - 0.5 == pytest.approx(half, abs=1e-6)
    assert found["b"].mean == -0.5


def test_one_cluster_has_no_interval_and_nobody_no_mean():
    found = mean_returns([game("a", "b", 1.0, "x")], players=("a", "b", "c"))
    assert found["a"].low is None
    assert found["c"] is None


def test_invalid_games_do_not_count():
    failed = game("a", "b", 9.0, "x", valid=False)
    assert mean_returns([failed, game("a", "b", 1.0, "y")])["a"].mean == 1.0


def test_a_fold_that_saves_chips_is_no_loss():
    games = [game("a", "b", -1.0, "x"), game("b", "a", -3.0, "x")]
    (one,) = merged(games)
    assert one.players == ("a", "b")
    assert one.returns == (1.0, -1.0)
    assert one.valid


def test_a_cluster_with_an_invalid_game_is_invalid_and_a_forfeit_stays_named():
    games = [game("a", "b", 1.0, "x"), game("b", "a", 1.0, "x", valid=False),
             game("a", "b", 1.0, "y", forfeit_by="b"), game("b", "a", 1.0, "y")]  # fmt: skip
    first, second = merged(games)
    assert not first.valid
    assert second.forfeit_by == "b"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), min_size=1, max_size=20))
def test_merging_keeps_the_mean_return(drawn):
    games = []
    for cluster, won in drawn:
        games += [game("a", "b", float(won), str(cluster)), game("b", "a", 1.0, str(cluster))]
    by_cluster = merged(games)
    sizes = {c: sum(g.cluster == c for g in games) for c in {g.cluster for g in games}}
    total = sum(one.returns[0] * sizes[one.cluster] for one in by_cluster)
    assert total / len(games) == pytest.approx(mean_returns(games)["a"].mean)
    assert all(sum(one.returns) == pytest.approx(0.0) for one in by_cluster)


def test_sums_that_differ_by_rounding_are_a_draw():
    # 0.1 + 0.2 is not 0.3 in floats.
    games = [GameResult(players=("a", "b"), returns=(0.1, 0.3), cluster="x"),
             GameResult(players=("b", "a"), returns=(0.0, 0.2), cluster="x")]  # fmt: skip
    ((pair,),) = ([*one.pairs()] for one in merged(games))
    assert pair.score == 0.5
