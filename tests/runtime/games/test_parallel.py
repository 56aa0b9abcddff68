import pickle

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hypothesis import given
from hypothesis import strategies as st
from pettingzoo.test import parallel_api_test, parallel_seed_test

from envgym.runtime.games.aec import GameAEC
from envgym.runtime.games.parallel import GameParallel, choices
from envgym.runtime.games.registry import make_game
from envgym.types import ConfigError, Stream
from tests.runtime.games.coin_game import CoinGame
from tests.runtime.games.playing import GARBAGE, NAMES, legal_move, made, named


def coin(**kwargs):
    return GameParallel(CoinGame(), **kwargs)


def per_seat(seed, game):
    return [Stream(seed, "choices", player) for player in range(game.players)]


def both_forms(game, seed):
    """Return final returns and history of both forms, every seat with its own choices."""
    env, words = GameAEC(game), per_seat(seed, game)
    env.reset(seed=seed)
    for agent in env.agent_iter():
        env.step(legal_move(env.last()[0], words[env.possible_agents.index(agent)]))
    at_once, words = GameParallel(game), per_seat(seed, game)
    seen, _ = at_once.reset(seed=seed)
    while at_once.agents:
        actions = {
            agent: legal_move(seen[agent], words[player])
            for player, agent in enumerate(at_once.possible_agents)
        }
        seen, *_ = at_once.step(actions)
    return [(e.position.history, e.position.returns()) for e in (env, at_once)]


@pytest.mark.parametrize("name", NAMES)
def test_pettingzoo_api(name, capsys):
    parallel_api_test(GameParallel(made(name)), num_cycles=60)


@pytest.mark.parametrize("name", NAMES)
def test_pettingzoo_seed(name):
    game = made(name)
    parallel_seed_test(lambda: GameParallel(game), num_cycles=60)


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_play_the_same_game(name):
    game = made(name)
    for seed in range(10):
        turn_by_turn, at_once = both_forms(game, seed)
        assert turn_by_turn == at_once


@pytest.mark.parametrize("name", NAMES)
def test_rewards_sum_to_the_returns(name):
    env = GameParallel(made(name))
    for seed in range(10):
        words = Stream(seed, "choices")
        seen, infos = env.reset(seed=seed)
        assert infos == {agent: {} for agent in env.possible_agents}
        paid = dict.fromkeys(env.possible_agents, 0.0)
        while env.agents:
            actions = {agent: legal_move(seen[agent], words) for agent in env.agents}
            seen, rewards, ended, cut, infos = env.step(actions)
            assert all(env.observation_space(agent).contains(seen[agent]) for agent in seen)
            assert set(ended.values()) == {not env.agents}
            assert not any(cut.values())
            for agent, reward in rewards.items():
                paid[agent] += reward
        assert list(paid.values()) == pytest.approx(env.position.returns())
        assert infos == {agent: {} for agent in env.possible_agents}


@pytest.mark.parametrize("name", NAMES)
def test_interleaving_changes_nothing(name):
    def steps(game, seed):
        env, words = GameParallel(game), Stream(seed, "choices")
        seen, infos = env.reset(seed=seed)
        yield pickle.dumps((seen, infos))
        while env.agents:
            result = env.step({agent: legal_move(seen[agent], words) for agent in env.agents})
            seen = result[0]
            yield pickle.dumps(result)

    game = made(name)
    alone = [list(steps(game, seed)) for seed in range(32)]
    running = {seed: steps(game, seed) for seed in range(32)}
    mixed, order = [[] for _ in range(32)], Stream(0, "order")
    while running:
        seed = order.choice(sorted(running))
        found = next(running[seed], None)
        if found is None:
            del running[seed]
        else:
            mixed[seed].append(found)
    assert mixed == alone


def test_known_episode():
    """Seed 0 deals heads: both choose 1, player 0 wins 1.0; then only player 1 moves."""
    env = coin()
    seen, _ = env.reset(seed=0)
    assert env.position.history == (0,)
    assert [seen[agent]["action_mask"].tolist() for agent in env.agents] == [[1, 1, 0]] * 2
    seen, rewards, ended, _, infos = env.step({"player_1": 1, "player_0": np.int8(1)})
    assert rewards == {"player_0": 1.0, "player_1": -1.0}
    assert ended == {"player_0": False, "player_1": False}
    assert infos == {"player_0": {}, "player_1": {}}
    assert [seen[agent]["action_mask"].tolist() for agent in env.agents] == [[0, 0, 0], [1, 0, 1]]
    assert seen["player_0"]["observation"].tolist() == [1, 0, 1, 1, -1]
    _, rewards, ended, _, _ = env.step({"player_0": "ignored", "player_1": 2})
    assert rewards == {"player_0": 0.5, "player_1": -0.5}
    assert ended == {"player_0": True, "player_1": True}
    assert env.agents == []


def test_choices_do_not_depend_on_each_other():
    state = CoinGame().initial().apply(0)
    assert choices(state) == {0: (0, 1), 1: (0, 1)}
    assert choices(state.apply(0)) == {1: (0, 1)}
    assert choices(state.apply(0).apply(0).apply(2)) == {}


@pytest.mark.parametrize("action", GARBAGE, ids=named)
def test_garbage_forfeits(action):
    env = coin()
    env.reset(seed=0)
    seen, rewards, ended, _, infos = env.step({"player_0": 0, "player_1": action})
    assert rewards == {"player_0": 0.0, "player_1": -3.5}
    assert infos == {"player_0": {"forfeit": "player_1"}, "player_1": {"forfeit": "player_1"}}
    assert all(ended.values())
    assert not any(seen[agent]["action_mask"].any() for agent in seen)
    assert env.agents == []
    assert env.forfeit == "player_1"
    assert env.position.history == (0,)


@given(first=st.sampled_from(GARBAGE), second=st.sampled_from(GARBAGE))
def test_every_offender_pays(first, second):
    env = coin()
    env.reset(seed=0)
    _, rewards, _, _, infos = env.step({"player_0": first, "player_1": second})
    assert rewards == {"player_0": -3.5, "player_1": -3.5}
    assert infos["player_1"] == {"forfeit": "player_0"}
    env.reset()
    assert env.forfeit is None


def test_no_action_is_a_forfeit_of_whoever_moves():
    env = GameParallel(make_game("tic_tac_toe"))
    env.reset(seed=0)
    _, rewards, *_ = env.step({"player_1": 4})
    assert rewards == {"player_0": -1.0, "player_1": 0.0}


def test_unseeded_episodes_go_on():
    env, other = GameParallel(make_game("kuhn")), GameParallel(make_game("kuhn"))
    env.reset()
    deals = []
    for form in (env, other):
        form.reset(seed=7)
        deals.append([form.position.history, *(_deal(form) for _ in range(30))])
    assert deals[0] == deals[1]
    assert len(set(deals[0])) == 6


def _deal(env):
    env.reset()
    return env.position.history


def test_errors_and_text():
    env = coin(render_mode="ansi")
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step({})
    env.reset(seed=0)
    assert env.render() == "player 0 has seen (0,)"
    with pytest.raises(ConfigError, match="step takes a mapping of agent to action, got list"):
        env.step([0, 0])
    with pytest.raises(ConfigError, match="unknown agent 'player_9'"):
        env.observation_space("player_9")
    env.step({})
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step({})
    env.close()
