import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from envgym.agents.selfplay import SelfPlay, self_play
from envgym.agents.selfplay.tabular import _Learner
from envgym.agents.solvers.readout import readout_quality
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types import ConfigError

KUHN = make_game("kuhn")
EXAMPLE = Path(__file__).parents[3] / "examples" / "selfplay_kuhn.py"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_average_learns_kuhn_and_the_last_policy_need_not(seed):
    learnt = self_play(KUHN, seed=seed)
    start, end = learnt.curve[0], learnt.curve[-1]
    assert start == (0, pytest.approx(11 / 12), pytest.approx(11 / 12))  # uniform
    assert learnt.nash_conv == end[1] <= 0.10
    assert end[1] < end[2]
    measured = readout_quality(KUHN, learnt.average.policy).nash_conv
    assert measured == pytest.approx(learnt.nash_conv, abs=1e-9)
    # The roles' worth, without anybody telling: -1/18 and 1/18, in units of the largest return 2.
    assert learnt.baseline.read("kuhn", 0) == pytest.approx(-1 / 36, abs=0.06)
    assert learnt.baseline.read("kuhn", 1) == pytest.approx(1 / 36, abs=0.06)


def test_the_same_seed_learns_the_same_bits():
    config = SelfPlay(updates=20, pool_share=0.5, pool_every=5)
    first, again = (self_play(KUHN, config, seed=4, every=10) for _ in range(2))
    assert first == again
    assert [point[0] for point in first.curve] == [0, 10, 20]
    assert first.average != self_play(KUHN, config, seed=5).average


def test_the_gradient_is_the_expected_one():
    # Many games, one update: the logits move by the exact policy gradient of the uniform policy.
    config = SelfPlay(updates=1, games=400_000, learning_rate=1.0, entropy=0.0)
    tree = flatten(KUHN)
    learner = _Learner(tree, config, seed=0)
    plans = learner.plans()
    expected = np.zeros(len(learner.logits))
    for player, seat in enumerate(learner.form.seats):
        utility = learner.form.utilities(player, plans)
        behaviour = learner.policy()[seat.pairs]
        values = seat.evaluate(behaviour, utility)
        own = plans[player][1:] / behaviour
        expected[seat.pairs] = own * behaviour * (utility[1:] - values[seat.owner]) / 2.0
    learner.update()
    np.testing.assert_allclose(learner.logits, expected, atol=0.005)
    assert np.abs(expected).max() > 0.03


def test_entropy_alone_leads_back_to_uniform():
    learner = _Learner(flatten(KUHN), SelfPlay(games=512, entropy=1_000.0), seed=0)
    learner.logits[::2] = 0.05
    before = np.abs(learner.policy() - 0.5).max()
    learner.config = SelfPlay(games=512, entropy=1_000.0, learning_rate=0.001)
    learner.update()
    assert np.abs(learner.policy() - 0.5).max() < before


def test_the_baseline_takes_the_noise_of_a_constant_away():
    # Everybody earns 10 whatever happens, and a little for matching: without a baseline the 10
    # times who happened to be drawn drowns the rest.
    payoffs = [[[11.0, 10.0], [10.0, 11.0]]] * 2
    tree = flatten(make_game("matrix", payoffs=payoffs))
    spread = {}
    for decay in (0.95, None):
        config = SelfPlay(games=32, entropy=0.0, decay=decay, learning_rate=1.0)
        steps = []
        for seed in range(60):
            learner = _Learner(tree, config, seed)
            learner.update()  # nothing to subtract yet
            learner.logits[:] = 0.0
            learner.update()
            steps.append(learner.logits.copy())
        spread[decay] = float(np.std(steps, axis=0).mean())
    assert spread[0.95] < spread[None] / 5
    assert not self_play(KUHN, SelfPlay(updates=1, decay=None)).baseline.averages


def test_the_baseline_is_read_before_it_is_updated():
    # Everybody earns 1 always. Read first: the first batch is compared with 0, the second with 1.
    tree = flatten(make_game("matrix", payoffs=[[[1.0, 1.0], [1.0, 1.0]]] * 2))
    learner = _Learner(tree, SelfPlay(games=7, entropy=0.0), seed=0)
    learner.update()
    first = learner.logits.copy()
    assert np.abs(first).max() > 0.01
    learner.update()
    np.testing.assert_allclose(learner.logits, first, atol=1e-12)


def test_only_the_learning_seat_learns_against_the_pool():
    learner = _Learner(flatten(KUHN), SelfPlay(games=1, pool_share=1.0, entropy=0.0), seed=0)
    learner.update()  # one game: seat 0 against a snapshot
    moved = learner.logits != 0.0
    assert moved.any()
    assert set(learner.owner[moved].tolist()) == {0}
    assert learner.baseline.averages.keys() == {("kuhn", 0)}


def test_against_the_pool_one_seat_plays_what_it_learns_and_the_others_the_past(monkeypatch):
    learner = _Learner(flatten(KUHN), SelfPlay(games=4, pool_share=1.0), seed=0)
    learner.update()
    learner.logits[::2] = 0.3
    learner.logits[1::2] = 0.0
    past, now = learner.pool[0], learner.policy()
    assert np.all(past != now)
    profiles, play = [], learner.sampler.play

    def record(profile, games, rng):
        profiles.append((profile, games))
        return play(profile, games, rng)

    monkeypatch.setattr(learner.sampler, "play", record)
    learner.update()
    assert [games for _, games in profiles] == [2, 2]
    for seat, (profile, _) in enumerate(profiles):
        assert profile.tolist() == np.where(learner.owner == seat, now, past).tolist()


def test_the_pool_forgets_the_oldest():
    config = SelfPlay(games=4, pool_share=0.5, pool_every=1, pool_size=3)
    learner = _Learner(flatten(KUHN), config, seed=0)
    policies = []
    for _ in range(5):
        policies.append(learner.policy())
        learner.update()
    assert [p.tolist() for p in learner.pool] == [p.tolist() for p in policies[-3:]]


def test_three_players_learn_too():
    game = make_game("kuhn", players=3)
    learnt = self_play(game, SelfPlay(updates=300), seed=0)
    assert learnt.nash_conv < learnt.curve[0][1] / 2


def test_the_example_runs():
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=True, env=environment
    )
    lines = done.stdout.splitlines()
    first, last = (float(line.split()[1]) for line in (lines[1], lines[6]))
    assert first == pytest.approx(11 / 12, abs=1e-4)
    assert last <= 0.10


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("updates", 0, "updates must be at least 1, got 0"),
        ("games", 0, "games must be at least 1"),
        ("learning_rate", 0.0, "learning_rate must be more than 0"),
        ("entropy", -1.0, "entropy must be 0 or more"),
        ("pool_share", 1.5, "pool_share must be from 0 to 1, got 1.5"),
        ("pool_every", 0, "pool_every must be at least 1"),
    ],
)
def test_bad_settings_are_one_sentence(field, value, message):
    with pytest.raises(ConfigError, match=message):
        SelfPlay(**{field: value})


def test_a_curve_needs_a_stride():
    with pytest.raises(ConfigError, match="every must be at least 1, got 0"):
        self_play(KUHN, SelfPlay(updates=1), every=0)
