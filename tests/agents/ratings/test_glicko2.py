import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.ratings.glicko2 import Glicko, glicko2, update
from envgym.agents.ratings.results import GameResult
from envgym.agents.ratings.weng_lin import weng_lin
from envgym.types import ConfigError

players = st.builds(Glicko, st.floats(-4000, 4000), st.floats(1, 500), st.floats(0.001, 0.2))
games = st.lists(st.tuples(players, st.sampled_from([0.0, 0.5, 1.0])), max_size=6)


def test_glickmans_worked_example():
    # Example of the Glicko-2 system, 2013: 1464.06, 151.52, 0.05999, with rounded steps.
    rivals = [Glicko(1400, 30), Glicko(1550, 100), Glicko(1700, 300)]
    after = update(Glicko(1500, 200, 0.06), list(zip(rivals, [1.0, 0.0, 0.0], strict=True)))
    assert after.rating == pytest.approx(1464.06, abs=0.015)
    assert after.deviation == pytest.approx(151.52, abs=0.005)
    assert after.volatility == pytest.approx(0.05999, abs=0.00001)
    assert after.interval()[0] == pytest.approx(after.rating - 1.959964 * after.deviation)


def test_a_period_without_games_only_widens():
    before = Glicko(1700.0, 50.0, 0.06)
    after = update(before, [])
    assert (after.rating, after.volatility) == (1700.0, 0.06)
    assert after.deviation == pytest.approx(51.0747, abs=1e-3)  # sqrt(50^2 + (173.7178 * .06)^2)


@given(players, games)
def test_more_points_are_worth_more_and_everything_stays_finite(player, played):
    after = update(player, played)
    assert after.deviation > 0 and after.volatility > 0
    best = update(player, [(rival, 1.0) for rival, _ in played])
    worst = update(player, [(rival, 0.0) for rival, _ in played])
    assert worst.rating - 1e-6 <= player.rating <= best.rating + 1e-6


def test_a_league_is_symmetric_and_extremes_do_not_overflow():
    one = [GameResult(players=("a", "b"), returns=(1.0, 0.0))]
    found = glicko2(one)
    assert found["a"].rating - 1500 == pytest.approx(1500 - found["b"].rating)
    later = glicko2(one, start=found)
    assert later["a"].rating > found["a"].rating
    assert update(Glicko(9e4, 30), [(Glicko(-9e4, 30), 0.0)]).rating < 9e4


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: update(Glicko(), [], tau=0.0), "tau must be more than 0"),
        (lambda: update(Glicko(), [(Glicko(), 2.0)]), "from 0 to 1, got 2.0"),
        (lambda: Glicko(deviation=0.0), "deviation must be more than 0"),
        (lambda: Glicko(rating=float("nan")), "rating must be finite"),
        (lambda: weng_lin([], model="elo", players=["a", "b"]), "unknown model of Weng-Lin 'elo'"),
    ],
)
def test_bad_input_is_one_sentence(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_weng_lin_ranks_share_ties_and_several_seats():
    table = weng_lin([GameResult(players=("a", "b", "c"), returns=(1.0, 1.0, 0.0))])
    # openskill 6's Plackett-Luce for three newcomers with ranks 1, 1, 3.
    assert table["a"] == table["b"]
    assert table["a"].mu == pytest.approx(25.71726, abs=1e-4)
    assert table["c"].mu == pytest.approx(23.56548, abs=1e-4)
    assert table["a"].ordinal == pytest.approx(table["a"].mu - 3 * table["a"].sigma)
    best = weng_lin([GameResult(players=("a", "b", "a"), returns=(-1.0, 0.0, 2.0))])
    plain = weng_lin([GameResult(players=("b", "a"), returns=(0.0, 2.0))])
    assert best == plain


@pytest.mark.parametrize(
    "model", ["plackett_luce", "bradley_terry_full", "thurstone_mosteller_full"]
)
def test_every_weng_lin_model_prefers_the_winner(model):
    found = weng_lin([GameResult(players=("a", "b"), returns=(1.0, 0.0))] * 5, model=model)
    assert found["a"].mu > 25 > found["b"].mu
    assert found["a"].interval()[0] < found["a"].mu
