import json

import pytest

from envgym.agents.ratings.elo import elo
from envgym.agents.ratings.results import GameResult, counted, players_of
from envgym.agents.ratings.table import pair_table
from envgym.types import ConfigError


def game(players, returns, **more):
    return GameResult(players=tuple(players), returns=tuple(returns), **more)


def test_a_game_of_three_seats_is_three_pairs_and_an_id_never_meets_itself():
    pairs = [tuple(pair) for pair in game("abc", (2.0, -1.0, 2.0)).pairs()]
    assert pairs == [("a", "b", 1.0, 3.0), ("a", "c", 0.5, 0.0), ("b", "c", 0.0, -3.0)]
    assert [pair[:2] for pair in game("aba", (0.0, 1.0, 0.0)).pairs()] == [("a", "b"), ("b", "a")]


def test_json_and_back():
    one = game("ab", (0.1, -0.1), cluster="k", forfeit_by="b", valid=True)
    assert GameResult.from_json(json.loads(json.dumps(one.to_json()))) == one


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: game("ab", (1.0,)), "2 players, 1 returns"),
        (lambda: game("ab", (1.0, float("nan"))), "must be finite"),
        (lambda: game("ab", (1.0, 0.0), forfeit_by="c"), "one of its players a, b, got 'c'"),
        (lambda: players_of([game("a", (0.0,))]), "two or more, got a"),
        (lambda: players_of([], ["a", "a"]), "'a' is given twice"),
        (lambda: players_of([game("ab", (0.0, 0.0))], ["a", "c"]), "'b', who is not among"),
    ],
)
def test_bad_input_is_one_sentence(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_what_counts():
    played = [
        game("ab", (1.0, 0.0)),
        game("ab", (1.0, 0.0), forfeit_by="b"),
        game("ab", (float("nan"), 0.0), valid=False),
    ]
    assert len(counted(played)) == 2
    assert len(counted(played, forfeits=False)) == 1


def test_the_table_counts_both_seats():
    games = [game("ab", (3.0, 0.0)), game("ba", (0.0, 1.0)), game("ba", (2.0, 2.0))]
    table = pair_table(games, players=("b", "a", "c"))
    assert table.wins[1, 0] == 2 and table.draws[0, 1] == table.draws[1, 0] == 1
    assert table.margin[1, 0] == pytest.approx(4 / 3) and table.margin[0, 1] == -table.margin[1, 0]
    assert table.scores[1, 0] == pytest.approx(2.5 / 3)
    assert table.log_odds[1, 0] == pytest.approx(1.6094379)  # log(2.5 / 0.5)
    assert table.precision[1, 0] == pytest.approx(2.5 * 0.5 / 3)
    assert table.precision[1, 2] == 0 and str(table.scores[1, 2]) == "nan"


def test_elo_golden():
    games = [game("ab", (1.0, 0.0)), game("ab", (0.0, 0.0)), game("ba", (1.0, 0.0))]
    after = elo(games)
    # K 32: a win over an equal is 16; 1516 against 1484 expects 0.54592, so a draw costs 1.469;
    # 1514.53 against 1485.47 expects 0.54172, and the loss costs 17.335.
    assert after["a"] == pytest.approx(1497.196, abs=1e-3)
    assert after["a"] + after["b"] == pytest.approx(3000.0)


def test_elo_several_seats_and_bad_values():
    assert elo([game("abc", (1.0, 0.0, -1.0))]) == {"a": 1516.0, "b": 1500.0, "c": 1484.0}
    with pytest.raises(ConfigError, match=r"elo\.k must be more than 0"):
        elo([game("ab", (1.0, 0.0))], k=0.0)
    with pytest.raises(ConfigError, match=r"elo\.initial must be finite"):
        elo([game("ab", (1.0, 0.0))], initial=float("inf"))
    assert elo([game("ab", (1.0, 0.0))], initial=1e9)["a"] > 1e9
