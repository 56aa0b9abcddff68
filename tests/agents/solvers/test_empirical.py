from itertools import pairwise

import numpy as np
import pytest
from numpy.random import PCG64, Generator

from envgym.agents.solvers.empirical import Watched, empirical_exploitability
from envgym.agents.solvers.lower_bound import exploitability_lower_bound
from envgym.agents.solvers.readout import readout_quality
from envgym.agents.solvers.solve import solve
from envgym.agents.solvers.table import uniform
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten, walk
from envgym.types import ConfigError
from envgym.types.game import CHANCE, OVER

KUHN = make_game("kuhn")
BOTH = (0, 1)


def play(table, games, seed, game=KUHN, seats=BOTH):
    rng = Generator(PCG64(seed))
    out = []
    for _ in range(games):
        state = game.initial()
        while state.current_player != OVER:
            if state.current_player == CHANCE:
                actions, shares = zip(*state.chance_outcomes(), strict=True)
            else:
                actions, shares = state.legal(), table.policy(state)
            state = state.apply(actions[int(rng.choice(len(actions), p=shares))])
        out.append(Watched(state.history, tuple(seats)))
    return out


def every_history(game=KUHN):
    return [Watched(s.history, BOTH) for s in walk(game) if s.current_player == OVER]


def test_counts_by_hand():
    # Hands: player 0 has the jack (0), player 1 the queen (1); 0 is pass, 1 is bet.
    episodes = [
        Watched((0, 1, 0, 1, 0), BOTH),
        Watched((0, 1, 0, 0), BOTH),
        Watched((0, 1, 1, 1), (0,)),
    ]
    found = empirical_exploitability(KUHN, episodes, resamples=5)
    assert found.visits == {(0, "J:"): 3, (0, "J:pb"): 1, (1, "Q:p"): 2}
    assert (found.decisions, found.episodes) == (6, 3)
    assert (found.visited, found.infosets) == ((2, 1), (6, 6))
    assert found.policy.rows[0, "J:"] == pytest.approx({0: 2 / 3, 1: 1 / 3})
    assert found.policy.rows[1, "Q:p"] == {0: 0.5, 1: 0.5}
    assert found.policy.rows[1, "K:b"] == {0: 0.5, 1: 0.5}  # never seen
    assert found.exploitability == pytest.approx(
        readout_quality(KUHN, found.policy.policy).exploitability
    )


def test_many_episodes_tell_the_truth():
    table = solve(KUHN, "cfr", 8).average
    truth = readout_quality(KUHN, table.policy).exploitability
    found = empirical_exploitability(KUHN, play(table, 4_000, seed=0), seed=1)
    assert found.low < truth < found.high
    assert found.exploitability == pytest.approx(truth, abs=0.02)
    bound = exploitability_lower_bound(KUHN, play(table, 4_000, seed=0), seed=1)
    assert truth / 2 < bound.lower_bound < truth + 0.02
    assert bound.confident_lower_bound < bound.lower_bound
    assert (bound.learnt_on, bound.judged_on, bound.confidence) == (2_000, 2_000, 0.95)


def test_the_lower_bound_is_one_on_average_where_the_estimate_is_not():
    table = solve(KUHN, "cfr", 8).average
    truth = readout_quality(KUHN, table.policy).exploitability
    bounds, estimates = [], []
    for seed in range(30):
        episodes = play(table, 60, seed)
        bounds.append(exploitability_lower_bound(KUHN, episodes, resamples=100, seed=seed))
        estimates.append(empirical_exploitability(KUHN, episodes, resamples=1, seed=seed))
    assert 0.0 <= np.mean([b.lower_bound for b in bounds]) < truth
    assert np.mean([e.exploitability for e in estimates]) > truth
    # Confident bounds fail in about 1 of 20.
    assert sum(b.confident_lower_bound > truth for b in bounds) <= 3


def test_the_bound_grows_with_the_episodes():
    table = uniform(flatten(KUHN))
    means = [
        np.mean(
            [
                exploitability_lower_bound(KUHN, play(table, n, s), resamples=1, seed=s).lower_bound
                for s in range(8)
            ]
        )
        for n in (10, 100, 1_000)
    ]
    assert all(a < b for a, b in pairwise(means))
    assert means[-1] < 11 / 24 + 0.03  # what uniform play loses, and two errors of this mean


def test_what_was_never_seen_counts_at_its_worst():
    # Both halves see the same two deals only: the rest could be perfect play.
    episodes = [Watched((0, 1, 0, 0), BOTH), Watched((2, 1, 0, 0), BOTH)] * 20
    found = exploitability_lower_bound(KUHN, episodes)
    assert found.lower_bound == 0.0
    assert found.unseen == (4, 5)


def test_all_histories_seen_equally_often_is_no_surprise():
    found = empirical_exploitability(KUHN, every_history(), resamples=3)
    assert found.visited == found.infosets == (6, 6)
    assert found.low <= found.high


def test_the_same_seed_gives_the_same_interval():
    episodes = play(uniform(flatten(KUHN)), 50, seed=3)
    first, again = (empirical_exploitability(KUHN, episodes, seed=5) for _ in range(2))
    assert first == again
    other = empirical_exploitability(KUHN, episodes, seed=6)
    assert (other.low, other.high) != (first.low, first.high)
    assert exploitability_lower_bound(KUHN, episodes, seed=5) == exploitability_lower_bound(
        KUHN, episodes, seed=5
    )


def test_the_interval_is_made_of_percentiles():
    episodes = play(uniform(flatten(KUHN)), 50, seed=3)
    median, half, most = (
        empirical_exploitability(KUHN, episodes, confidence=c) for c in (1e-9, 0.5, 0.95)
    )
    assert median.low == pytest.approx(median.high, abs=1e-6)
    assert most.low < half.low < median.low < half.high < most.high


def test_three_players_are_estimated_and_not_bounded():
    game = make_game("kuhn", players=3)
    episodes = play(uniform(flatten(game)), 300, seed=0, game=game, seats=(0, 1, 2))
    assert empirical_exploitability(game, episodes, resamples=3).exploitability > 0.1
    with pytest.raises(ConfigError, match="for 2 players whose returns sum to 0, not for 'kuhn'"):
        exploitability_lower_bound(game, episodes)


def test_an_episode_that_broke_off_counts_up_to_there():
    found = empirical_exploitability(KUHN, [Watched((0, 1, 0), BOTH)], resamples=1)
    assert found.visits == {(0, "J:"): 1}


@pytest.mark.parametrize(
    ("episodes", "options", "message"),
    [
        ([], {}, "seat 0 of 'kuhn' has none"),
        ([Watched((0, 1, 0, 0), (0,))], {}, "seat 1 of 'kuhn' has none"),
        ([Watched((0, 1), (2,))], {}, "episode 0: seats must be 0 to 1, got 2"),
        ([Watched((0, 0), BOTH)], {}, "action 1 of the history is 0; 'kuhn' allows"),
        ([Watched((0, 1, 0, 0, 0), BOTH)], {}, "allows none there"),
        ([Watched((0, 1, 0, 0), BOTH)], {"confidence": 1}, "confidence must be between 0 and 1"),
        ([Watched((0, 1, 0, 0), BOTH)], {"resamples": 0}, "resamples must be at least 1"),
    ],
)
def test_bad_input_is_one_sentence(episodes, options, message):
    for judge in (empirical_exploitability, exploitability_lower_bound):
        with pytest.raises(ConfigError, match=message):
            judge(KUHN, episodes, **options)


def test_one_episode_has_no_halves():
    with pytest.raises(ConfigError, match="at least 2 episodes, got 1"):
        exploitability_lower_bound(KUHN, [Watched((0, 1, 0, 0), BOTH)])
