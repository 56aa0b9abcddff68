import pickle
from copy import deepcopy

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hypothesis import given, settings
from hypothesis import strategies as st
from pettingzoo.test import api_test, seed_test
from pettingzoo.utils.conversions import aec_to_parallel

from envgym.runtime.games.aec import GameAEC
from envgym.runtime.games.registry import make_game
from envgym.types import ConfigError, Stream
from tests.runtime.games.coin_game import CoinGame
from tests.runtime.games.playing import GARBAGE, NAMES, legal_move, made, named, plain


def coin(**kwargs):
    return GameAEC(CoinGame(), **kwargs)


def play(env, choices, seed=None, reset=True):
    """Play with the words of ``choices``; return everything that could be seen, as bytes."""
    if reset:
        env.reset(seed=seed)
    seen = []
    for agent in env.agent_iter():
        seen.append((agent, pickle.dumps(env.last()), pickle.dumps(env.rewards)))
        env.step(move(env, choices))
    return seen


def move(env, choices):
    """Return a random legal action of the agent to move, None for one that has left."""
    return legal_move(env.last()[0], choices)


def totals(env, choices, seed=None):
    """Return the sum of what ``last`` paid each agent, and the final returns."""
    env.reset(seed=seed)
    paid = dict.fromkeys(env.agents, 0.0)
    for agent in env.agent_iter():
        paid[agent] += env.last(observe=False)[1]
        env.step(move(env, choices))
    return list(paid.values())


@plain
@pytest.mark.parametrize("name", NAMES)
def test_pettingzoo_api(name, capsys):
    game = made(name)
    api_test(GameAEC(game), num_cycles=60)


@plain
@pytest.mark.parametrize("name", NAMES)
def test_pettingzoo_seed(name):
    game = made(name)
    seed_test(lambda: GameAEC(game), num_cycles=60)


def test_all_at_once_games_convert():
    env = GameAEC(make_game("matrix"))
    assert env.metadata["is_parallelizable"]
    assert not GameAEC(make_game("kuhn")).metadata["is_parallelizable"]
    at_once = aec_to_parallel(env)
    observations, _ = at_once.reset(seed=0)
    assert set(observations) == {"player_0", "player_1"}
    _, rewards, ended, _, _ = at_once.step(dict.fromkeys(at_once.agents, 0))
    assert set(rewards) == set(observations)
    assert all(ended.values())


@pytest.mark.parametrize("name", NAMES)
def test_rewards_sum_to_the_returns(name):
    game = made(name)
    env = GameAEC(game)
    for seed in range(20):
        paid = totals(env, Stream(seed, "choices"), seed=seed)
        assert paid == pytest.approx(env.position.returns())
        assert env.position.current_player == -4
        assert env.agents == []


def test_known_episode():
    """Seed 0 deals heads: choices 1 and 1 win 1.0 for player 0, who is then paid 0.5 more."""
    env = coin()
    env.reset(seed=0)
    assert env.position.history == (0,)
    assert env.agent_selection == "player_0"
    first = env.observe("player_0")
    assert first["observation"].tolist() == [1, 0, -1, -1, -1]
    assert first["observation"].dtype == np.float32
    assert first["action_mask"].tolist() == [1, 1, 0]
    assert first["action_mask"].dtype == np.int8
    assert env.observe("player_1")["action_mask"].tolist() == [0, 0, 0]
    env.step(1)
    assert env.agent_selection == "player_1"
    assert env.observe("player_1")["observation"].tolist() == [1, -1, -1, -1, -1]
    env.step(np.int64(1))
    assert env.rewards == {"player_0": 1.0, "player_1": -1.0}
    assert env.last()[1:] == (-1.0, False, False, {})
    assert env.observe("player_1")["action_mask"].tolist() == [1, 0, 1]
    env.step(np.array(2))
    assert env.rewards == {"player_0": 0.5, "player_1": -0.5}
    assert env.agent_selection == "player_0"
    assert env.last()[1:] == (1.5, True, False, {})
    env.step(None)
    assert env.agents == ["player_1"]
    assert env.last()[1:] == (-0.5, True, False, {})  # the 1.0 was paid before its last step
    env.step(None)
    assert env.agents == []


def test_state_is_what_all_see():
    env = coin()
    env.reset(seed=0)
    assert env.state().tolist() == [[1, 0, -1, -1, -1], [1, -1, -1, -1, -1]]
    assert env.state_space.contains(env.state())


@pytest.mark.parametrize("action", GARBAGE, ids=named)
@pytest.mark.parametrize("offender", [0, 1])
def test_garbage_forfeits(action, offender):
    env = coin()
    env.reset(seed=0)
    if offender:
        env.step(0)
    env.step(action)
    name = f"player_{offender}"
    other = f"player_{1 - offender}"
    assert env.forfeit == name
    assert env.rewards == {name: -3.5, other: 0.0}
    assert env.infos == {name: {"forfeit": name}, other: {"forfeit": name}}
    assert env.terminations == {"player_0": True, "player_1": True}
    assert env.truncations == {"player_0": False, "player_1": False}
    for agent in env.agent_iter():
        observation, reward, *_ = env.last()
        assert env.observation_space(agent).contains(observation)
        assert not observation["action_mask"].any()
        assert reward == (-3.5 if agent == name else 0.0)
        env.step(None)
    env.reset()
    assert env.forfeit is None
    assert env.infos == {"player_0": {}, "player_1": {}}


def test_forfeit_after_payments():
    """Player 1 has won 1.0 when it forfeits: its total is -3.5, the other keeps its -1.0."""
    env = coin()
    env.reset(seed=0)
    env.step(0)
    env.step(1)
    assert env.rewards == {"player_0": -1.0, "player_1": 1.0}
    env.step(1)
    assert env.rewards == {"player_0": 0.0, "player_1": -4.5}


@pytest.mark.parametrize("name", NAMES)
def test_forfeits_never_pay(name):
    game = made(name)
    env = GameAEC(game)
    env.reset(seed=3)
    offender = env.agent_selection
    env.step(game.num_actions)
    assert env.rewards[offender] <= 0
    assert env.rewards[offender] <= game.utility[0] or game.utility[0] > 0
    assert all(env.rewards[agent] == 0 for agent in env.agents if agent != offender)


@pytest.mark.parametrize("name", NAMES)
def test_interleaving_changes_nothing(name):
    game = made(name)
    alone = [play(GameAEC(game), Stream(i, "choices"), seed=i) for i in range(64)]
    envs = [GameAEC(game) for _ in range(64)]
    choices = [Stream(i, "choices") for i in range(64)]
    seen = [[] for _ in envs]
    for i, env in enumerate(envs):
        env.reset(seed=i)
    order = Stream(0, "order")
    waiting = list(range(64))
    while waiting:
        i = order.choice(waiting)
        env = envs[i]
        seen[i].append((env.agent_selection, pickle.dumps(env.last()), pickle.dumps(env.rewards)))
        env.step(move(env, choices[i]))
        if not env.agents:
            waiting.remove(i)
    assert seen == alone


@given(seed=st.integers(0, 2**63 - 1))
def test_a_seed_fixes_the_episodes_that_follow(seed):
    runs = []
    for _ in range(2):
        env, choices = GameAEC(make_game("kuhn")), Stream(seed, "choices")
        runs.append([play(env, choices, seed if i == 0 else None) for i in range(4)])
    assert runs[0] == runs[1]


def test_unseeded_episodes_differ_and_work_first():
    env = GameAEC(make_game("kuhn"))
    env.reset()
    assert env.seed is not None
    deals = set()
    for _ in range(60):
        env.reset()
        deals.add(env.position.history)
    assert len(deals) == 6
    other = GameAEC(make_game("kuhn"))
    other.reset()
    assert other.seed != env.seed


def test_chance_has_its_probabilities():
    env = coin()
    env.reset(seed=5)
    heads = 0
    for _ in range(4000):
        env.reset()
        heads += env.position.history == (0,)
    assert heads / 4000 == pytest.approx(0.75, abs=4 * (0.1875 / 4000) ** 0.5)


@pytest.mark.parametrize("name", NAMES)
def test_spaces_hold_every_observation(name):
    game = made(name)
    env = GameAEC(game)
    spaces = {agent: env.observation_space(agent) for agent in env.possible_agents}
    env.reset(seed=1)
    choices = Stream(1, "choices")
    for _ in env.agent_iter():
        for agent, space in spaces.items():
            seen = env.observe(agent)
            assert space.contains(seen)
            assert env.observation_space(agent) is space
            moves = agent == env.agent_selection and not env.terminations[agent]
            assert bool(seen["action_mask"].any()) == moves
        env.step(move(env, choices))


def test_arrays_belong_to_the_caller():
    env = coin()
    env.reset(seed=0)
    before = env.observe("player_0")
    before["observation"][:] = 9
    before["action_mask"][:] = 9
    assert env.observe("player_0")["observation"].max() == 1
    assert env.observe("player_0")["action_mask"].max() == 1
    env.observe("player_1")["action_mask"][:] = 9
    assert env.observe("player_1")["action_mask"].max() == 0


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), cut=st.integers(0, 8))
def test_restore_repeats_the_rest(seed, cut):
    """The rest of this episode and the next, chance included, are the same from a snapshot."""
    game = make_game("leduc")
    env, choices = GameAEC(game), Stream(seed, "choices")
    env.reset(seed=seed)
    for _ in range(cut):
        if env.agents:
            env.step(move(env, choices))
    kept = env.snapshot()
    runs = []
    for target in (env, env, GameAEC(game)):
        target.restore(kept)
        assert target.agents == list(kept.agents)
        rest = Stream(seed, "rest")
        runs.append((play(target, rest, reset=False), play(target, rest)))
    assert runs[0] == runs[1] == runs[2]


def test_copies_and_pickles_continue():
    env = GameAEC(make_game("leduc"))
    env.reset(seed=2)
    env.step(1)
    twins = [deepcopy(env), pickle.loads(pickle.dumps(env)), env]
    runs = [play(twin, Stream(0, "rest"), reset=False) for twin in twins]
    assert runs[0] == runs[1] == runs[2]


def test_render():
    env = coin(render_mode="ansi")
    env.reset(seed=0)
    assert env.render() == "player 0 has seen (0,)"
    env.step(0)
    assert env.render() == "player 1 has seen ()"
    env.step(0)
    env.step(0)
    assert env.render() == "player 0 has seen (0, 0, 0, 0)"
    env.close()
    silent = coin()
    silent.reset()
    assert silent.render() is None


def test_errors():
    env = coin()
    for call in (lambda: env.step(0), env.last):
        with pytest.raises(ResetNeeded, match="call reset"):
            call()
    for call in (lambda: env.observe("player_0"), env.state, env.snapshot):
        with pytest.raises(ConfigError, match="call reset"):
            call()
    assert list(env.agent_iter()) == []
    env.reset(seed=np.int64(4))
    with pytest.raises(ConfigError, match="unknown agent 'player_2'; allowed: player_0, player_1"):
        env.observe("player_2")
    with pytest.raises(ConfigError, match="unknown agent 'red'"):
        env.action_space("red")
    with pytest.raises(ConfigError, match="seed must be an integer"):
        env.reset(seed=-1)
    with pytest.raises(ConfigError, match="render_mode must be None or 'ansi', got 'human'"):
        coin(render_mode="human")
    env.reset(seed=0)
    env.step(2)
    with pytest.raises(ValueError, match="player_0 has terminated: its only action is None, got 0"):
        env.step(0)
    env.step(None)
    env.step(None)
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step(None)
