"""SeatEnv: Gymnasium's checks, the same deals, opponents, forfeits."""

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

from envgym import ConfigError, Stream
from envgym.envs.games.kuhn import Kuhn
from envgym.envs.games.seat_env import SeatEnv
from envgym.runtime.games.aec import GameAEC
from envgym.runtime.games.reference import reference_of
from envgym.runtime.games.registry import make_game


def play(env, seed, stream):
    """Return (everything seen, total) of one episode of random legal moves."""
    seen, info = env.reset(seed=seed)
    lines, total, done = [(seen["observation"].tobytes(), info)], 0.0, info["final"] != ()
    while not done:
        action = stream.choice(np.flatnonzero(seen["action_mask"]).tolist())
        seen, reward, done, truncated, info = env.step(action)
        assert not truncated and (seen["action_mask"].any() != done)
        lines.append((seen["observation"].tobytes(), reward, info))
        total += reward
    return lines, total


@pytest.mark.parametrize(
    "name", ["kuhn", "leduc", "tic_tac_toe", "connect_four", "matrix", "blotto"]
)
def test_gymnasium_check(name):
    check_env(SeatEnv(name), skip_render_check=True)


@pytest.mark.parametrize("name", ["kuhn", "leduc", "goofspiel", "tic_tac_toe"])
def test_rewards_sum_to_the_return_and_nothing_is_cut(name):
    env, stream = SeatEnv(name), Stream(0, "test", name)
    for seed in range(60):
        lines, total = play(env, seed, stream)
        assert total == pytest.approx(lines[-1][-1]["final"][env.seat])


@given(seed=st.integers(0, 2**63 - 1))
def test_a_seed_is_an_episode(seed):
    env = SeatEnv("leduc", seat="random")
    once = play(env, seed, Stream(seed, "test"))
    play(env, 1, Stream(0, "test"))
    assert play(env, seed, Stream(seed, "test")) == once


@pytest.mark.parametrize("seed", range(8))
def test_deals_are_those_of_the_other_forms(seed):
    env, aec = SeatEnv("kuhn", seat=0), GameAEC(Kuhn())
    env.reset(seed=seed)
    aec.reset(seed=seed)
    assert env.position.history == aec.position.history


def test_seats():
    rotating = SeatEnv("kuhn", params={"players": 3}, seat="rotate")
    assert [rotating.reset(seed=k)[1]["seat"] for k in (4, 5, 6)] == [1, 2, 0]
    assert [rotating.reset()[1]["seat"] for _ in range(3)] == [1, 2, 0]
    drawn = SeatEnv("kuhn")
    assert {drawn.reset(seed=k)[1]["seat"] for k in range(20)} == {0, 1}
    assert SeatEnv("kuhn", seat=1).reset(seed=0)[1]["seat"] == 1


def test_an_illegal_action_is_a_forfeit():
    for action in (7, -1, None, "bet", np.float64(0.0)):
        env = SeatEnv("kuhn", seat=0)
        env.reset(seed=0)
        seen, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated) == (-2.0, True, False)
        assert info == {"seat": 0, "forfeit": True, "final": (-2.0, 0.0)}
        assert not seen["action_mask"].any()
        with pytest.raises(ResetNeeded):
            env.step(0)


def test_no_step_before_reset():
    for act in (lambda env: env.step(0), lambda env: env.position, lambda env: env.action_masks()):
        with pytest.raises(ResetNeeded):
            act(SeatEnv("kuhn"))


def test_opponents_choose():
    asked = []

    def always_bet(state):
        asked.append(state.current_player)
        return 1

    env = SeatEnv("kuhn", seat=1, opponent=always_bet)
    env.reset(seed=0)
    assert asked == [0] and env.position.history[2:] == (1,)
    assert env.action_masks().tolist() == [True, True]


def test_the_experts_value_in_kuhn():
    """Against the reference nobody does better than the game's value, -1/18 for player 0."""
    for opponent in ("expert", reference_of(Kuhn())):
        env, stream = SeatEnv("kuhn", seat=0, opponent=opponent), Stream(1, "test")
        totals = [play(env, seed, stream)[1] for seed in range(1500)]
        error = np.std(totals) / len(totals) ** 0.5
        assert np.mean(totals) < -1 / 18 + 3 * error


def test_an_expert_of_a_large_game_never_loses_noughts_and_crosses():
    env, stream = SeatEnv("tic_tac_toe", seat="rotate", opponent="expert"), Stream(0, "test")
    assert all(play(env, seed, stream)[1] <= 0.0 for seed in range(100))


def test_rendering_shows_this_seat_only():
    env = SeatEnv("kuhn", seat=1, render_mode="ansi")
    env.reset(seed=0)
    assert env.render() == env.position.text(1)
    assert SeatEnv("kuhn").render() is None


@pytest.mark.parametrize(
    ("kwargs", "sentence"),
    [
        ({"game": "kuhm"}, "unknown game 'kuhm'"),
        ({"seat": 2}, "seat must be from 0 to 1, 'random' or 'rotate', got 2"),
        ({"seat": True}, "seat must be"),
        ({"seat": "left"}, "seat must be"),
        ({"opponent": "oracel"}, "unknown opponent 'oracel'"),
        ({"opponent": 3}, "opponent must be 'random', 'expert'"),
        ({"render_mode": "human"}, "unknown render_mode 'human'"),
        ({"game": Kuhn(), "params": {"players": 2}}, "params belong to a game"),
    ],
)
def test_bad_arguments(kwargs, sentence):
    with pytest.raises(ConfigError, match=sentence):
        SeatEnv(**kwargs)


def test_a_game_without_an_expert_says_so():
    env = SeatEnv(make_game("goofspiel", cards=8), seat=1, opponent="expert")
    with pytest.raises(ConfigError, match="goofspiel has no expert"):
        env.reset(seed=0)


@pytest.mark.parametrize("players", [2, 3])
def test_a_game_that_ends_before_the_seat_moves_has_one_step(players):
    env, early = SeatEnv("negotiation", params={"players": players}, seat=players - 1), 0
    for seed in range(60):
        seen, info = env.reset(seed=seed)
        if info["final"]:
            early += 1
            assert not seen["action_mask"].any()
            _, reward, done, truncated, after = env.step(0)
            assert (reward, done, truncated) == (info["final"][players - 1], True, False)
            assert after == {**info, "forfeit": False}
            with pytest.raises(ResetNeeded):
                env.step(0)
    assert early > 0


def test_what_the_others_moves_brought_before_the_first_is_paid_with_it():
    def first_asks_for_all(state):
        return state.legal()[-1]

    env = SeatEnv("repeated_matrix", seat=1, opponent=first_asks_for_all)
    for seed in range(5):
        _, info = env.reset(seed=seed)
        total, done = 0.0, bool(info["final"])
        while not done:
            _, reward, done, _, info = env.step(env.position.legal()[0])
            total += reward
        assert total == pytest.approx(info["final"][1])


def test_an_action_may_be_an_array_without_axes():
    """Stable-Baselines3's ``predict`` gives one where a single environment is asked."""
    told = []
    for action in (1, np.int64(1), np.array(1), np.array(1, np.int32)):
        env = SeatEnv("kuhn", seat=0)
        env.reset(seed=1)
        told.append(env.step(action)[1:])
    assert told == [told[0]] * 4
    assert not told[0][-1]["forfeit"]


@pytest.mark.parametrize("action", [np.array([1]), np.array(1.0), np.array("1"), 1.0, None, "1"])
def test_what_is_no_integer_forfeits(action):
    env = SeatEnv("kuhn", seat=0)
    env.reset(seed=1)
    assert env.step(action)[-1]["forfeit"]
