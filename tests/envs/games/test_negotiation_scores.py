"""Figures of an ended negotiation: worked numbers and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games.base import replay
from envgym.envs.games.negotiation import Negotiation
from envgym.envs.games.negotiation_rules import ACCEPT, LEAVE, PROPOSE, REJECT
from envgym.envs.games.negotiation_scores import (
    best_worths,
    nash_product,
    nash_ratio,
    options,
    outcome,
    own_score,
    pareto_distance,
)
from envgym.envs.games.sotopia import measured_scores
from envgym.types import ConfigError, Stream
from envgym.types.game import OVER

GAME = Negotiation(counts=(1, 1), types=2, deadline=2, discount=0.5, bonus=2, secrets=1)
"""Valuations (1, 9) and (9, 1); profiles 0 to 3 are value-major, goal-minor."""


def random_end(game, seed):
    stream, state = Stream(seed, "scores"), game.initial()
    while state.current_player != OVER:
        state = state.apply(
            stream.choice([a for a, _ in state.chance_outcomes()] or list(state.legal()))
        )
    return state


def test_by_hand():
    # Player 0: hat 9, goal book. Player 1: book 9, goal hat. Each gets what it likes, late.
    split = PROPOSE + GAME.splits.index(((1, 0), (0, 1)))  # player 1 keeps the book
    found = outcome(replay(GAME, [0, 3, PROPOSE, REJECT, split, ACCEPT]))
    assert (found.deal, found.rounds) == (True, 1)
    assert (found.worths, found.returns) == ((9, 9), (4.5, 4.5))
    assert found.scores == (4.5 / 12, 4.5 / 12)
    assert found.pareto_distance == 0.0
    assert found.nash_ratio == 1.0


def test_no_deal_leaves_the_most_on_the_table():
    found = outcome(replay(GAME, [0, 3, LEAVE]))
    assert (found.deal, found.scores, found.nash_ratio) == (False, (0.0, 0.0), 0.0)
    assert found.pareto_distance == pytest.approx(9 / 12)
    with pytest.raises(ConfigError, match="still goes on"):
        outcome(replay(GAME, [0, 3]))


def test_a_swap_that_helps_both_is_found():
    split = PROPOSE + GAME.splits.index(((1, 0), (0, 1)))  # player 0 keeps the book it hardly likes
    found = outcome(replay(GAME, [0, 3, split, ACCEPT]))
    assert found.worths == (1 + 2, 1 + 2)  # side goals, though
    assert found.pareto_distance == pytest.approx((9 - 3) / 12)
    assert found.nash_ratio == pytest.approx(9 / 81)


@pytest.mark.parametrize("players", [2, 3])
@given(seed=st.integers(0, 10_000))
def test_ranges(players, seed):
    game = Negotiation(players=players, counts=(2, 1), types=3, deadline=3, bonus=3)
    found = outcome(random_end(game, seed))
    for value in (*found.scores, found.pareto_distance, found.nash_ratio):
        assert 0.0 <= value <= 1.0
    assert all(0.0 <= value <= game.utility[1] for value in found.oracle)


vectors = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8).filter(
    lambda rows: all(best > 0 for best in best_worths(rows))
)


@given(rows=vectors, data=st.data())
def test_distance_is_zero_iff_pareto_optimal(rows, data):
    won = data.draw(st.sampled_from(rows))
    dominated = any(
        row != won and all(a >= b for a, b in zip(row, won, strict=True)) for row in rows
    )
    assert (pareto_distance(won, rows) > 0) == dominated


@given(rows=vectors, data=st.data())
def test_nash_ratio_is_one_only_at_the_top(rows, data):
    won = data.draw(st.sampled_from(rows))
    top = max(nash_product(row) for row in rows)
    assert (nash_ratio(won, rows) == 1.0) == (nash_product(won) == top)


def test_three_share_a_gain_in_the_mean():
    # Everybody's best is 10; the second split gives player 0 three tenths more, nobody less.
    rows = [(1, 2, 3), (4, 2, 3), (10, 0, 0), (0, 10, 0), (0, 0, 10)]
    assert pareto_distance(rows[0], rows) == pytest.approx(0.1)
    assert pareto_distance(rows[1], rows) == 0.0


def test_options_and_scores():
    assert options(GAME, (0, 3)) == ((0, 12), (9, 9), (3, 3), (12, 0))
    assert own_score(3.0, 12.0) == 0.25
    with pytest.raises(ConfigError, match="above 0, got 0"):
        own_score(0.0, 0.0)


def test_measured_social_scores():
    split = PROPOSE + GAME.splits.index(((1, 0), (0, 1)))
    end = replay(GAME, [0, 3, PROPOSE, REJECT, split, ACCEPT])
    word = GAME.profiles[1][3].secret
    assert measured_scores(end, 0).known == {"goal": 3.75, "financial": 3.75}
    assert measured_scores(end, 1, ["Fine."]).secret == 0.0
    assert measured_scores(end, 1, [f"It is {word.upper()}!"]).secret == -10.0
    assert measured_scores(end, 0, [f"It is {word}!"]).secret == 0.0  # another's word
    plain = Negotiation(deadline=1)
    assert measured_scores(replay(plain, [0, 0, LEAVE]), 0, ["hello"]).known == {
        "goal": 0.0,
        "financial": 0.0,
    }
