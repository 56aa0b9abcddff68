import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.ratings.nash_averaging import nash_average
from envgym.agents.ratings.results import GameResult
from envgym.agents.ratings.summary import rate, seat_scores
from envgym.types import ConfigError, MissingExtraError

METHODS = ["davidson", "elo", "glicko2", "weng_lin"]


def both_orders(a, b, score, times=1):
    """Games in both seat orders in which ``a`` has ``score``."""
    margin = 2 * score - 1
    return [
        GameResult(players=seats, returns=returns, cluster=f"{a}{b}{k}")
        for k in range(times)
        for seats, returns in (((a, b), (margin, -margin)), ((b, a), (-margin, margin)))
    ]


RPS = [
    *both_orders("rock", "scissors", 1.0, 10),
    *both_orders("scissors", "paper", 1.0, 10),
    *both_orders("paper", "rock", 1.0, 10),
]
ORDER = [
    *both_orders("a", "b", 1.0, 10),
    *both_orders("b", "c", 1.0, 10),
    *both_orders("a", "c", 1.0, 10),
]


def test_rps_is_flagged_and_all_are_equal():
    table = rate(RPS)
    assert [row.rating for row in table.rows] == pytest.approx([1500.0] * 3)
    assert table.transitive == pytest.approx(0.0, abs=1e-12)
    assert table.cyclic and table.noise < 0.001
    assert [(row.games, row.won, row.drew, row.lost) for row in table.rows] == [(40, 20, 0, 20)] * 3


def test_an_order_is_not_flagged_and_says_that_the_prior_decides():
    table = rate(ORDER)
    assert [row.player for row in table.rows] == ["a", "b", "c"]
    assert not table.cyclic and table.transitive == pytest.approx(8 / 9) and table.separated


def test_one_circle_of_single_games_may_be_noise():
    few = [game for game in RPS if game.cluster.endswith("r0")]
    few += [game for game in RPS if game.cluster.endswith("s0")][:1]
    assert not rate(few).cyclic


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_table(method):
    table = rate([*both_orders("a", "b", 1.0, 6), *both_orders("a", "b", 0.5, 3)], method=method)
    assert [row.player for row in table.rows] == ["a", "b"]
    first = table["a"]
    assert (first.won, first.drew, first.lost, first.games) == (12, 6, 0, 18)
    assert first.low is None if method == "elo" else first.low < first.rating < first.high
    assert json.loads(json.dumps(table.to_json()))["rows"][0]["player"] == "a"


def test_an_elo_point_is_what_it_should_be():
    games = [
        GameResult(players=("a", "b"), returns=(float(k < 10), float(k >= 10))) for k in range(11)
    ]
    mirrored = [GameResult(players=g.players[::-1], returns=g.returns[::-1]) for g in games]
    table = rate(games + mirrored)
    # Odds of ten to one are 400 points, less what the prior takes.
    assert table["a"].rating - table["b"].rating == pytest.approx(400.0, rel=0.01)


def test_forfeits_are_shown_and_may_be_left_out():
    forfeit = GameResult(players=("a", "b"), returns=(1.0, -1.0), forfeit_by="b")
    games = [*both_orders("a", "b", 0.5), forfeit, forfeit]
    assert rate(games)["a"].won == 2
    without = rate(games, forfeits=False)
    assert (without["a"].won, without["b"].forfeits, without.left_out) == (0, 2, 2)
    assert without["a"].rating == pytest.approx(1500.0)


def test_invalid_games_count_nowhere():
    failed = GameResult(players=("a", "b"), returns=(1.0, 0.0), valid=False)
    table = rate([*both_orders("a", "b", 0.5), failed])
    assert table["a"].games == 2 and table.left_out == 1 and table.transitive == 1.0


def test_seats_show_the_first_mover():
    games = [GameResult(players=pair, returns=(1.0, -1.0)) for pair in (("a", "b"), ("b", "a"))]
    assert seat_scores(games) == (1.0, 0.0)
    assert rate(games * 5).first_move > 1.0
    three = GameResult(players=("a", "b", "c"), returns=(1.0, 0.0, -1.0))
    assert seat_scores([three]) == (1.0, 0.5, 0.0)
    assert seat_scores([GameResult(players=("a", "a"), returns=(1.0, 0.0))]) == (None, None)


@given(st.permutations(range(len(RPS) + len(ORDER))))
def test_the_order_of_games_changes_nothing(places):
    games = [*RPS, *ORDER]
    mixed = [games[k] for k in places]
    table, again = rate(games), rate(mixed)
    assert [row.player for row in again.rows] == [row.player for row in table.rows]
    for row in table.rows:
        assert again[row.player].rating == pytest.approx(row.rating, abs=1e-4)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: rate([], players=["a"]), "two or more, got a"),
        (lambda: rate(RPS, method="ello"), "unknown rating method 'ello'.*Did you mean 'elo'"),
        (lambda: rate(RPS, confidence=0.0), "between 0 and 1"),
        (lambda: rate(RPS)["rok"], "unknown player 'rok'.*Did you mean 'rock'"),
    ],
)
def test_bad_input_is_one_sentence(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_missing_libraries_name_their_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "openskill", None)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingExtraError, match=r"Weng-Lin ratings needs the extra 'games'"):
        rate(RPS, method="weng_lin")
    with pytest.raises(MissingExtraError, match=r"Nash averaging needs the extra 'stats'"):
        nash_average([[0.0, 1.0], [-1.0, 0.0]])
