"""OpenSpiel's games in words: recorded, run again, scored, and the same under the same seed."""

import pytest

from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games.registry import make_aec, make_text
from envgym.testing.games.trace import play
from envgym.types import ConfigError

GAMES = [
    "openspiel:tiny_hanabi",
    "openspiel:kuhn_poker(players=3)",
    "openspiel:goofspiel(num_cards=3,imp_info=True)",
    "openspiel:tic_tac_toe",
    "openspiel:first_sealed_auction",
]
EVERY = pytest.mark.parametrize("name", GAMES)


@EVERY
def test_recorded_verified_rescored(name, tmp_path):
    env = make_text(name, record=tmp_path / "run", reward="dense")
    traces = [play(env, seed, "mixed") for seed in range(4)]
    env.close()
    assert all(trace.over for trace in traces)
    episodes = list(read_episodes(tmp_path / "run"))
    agents = env.possible_agents
    assert [e.agent for e in episodes] == agents * 4
    assert {e.head.env for e in episodes} == {env.game.name}
    report = verify(tmp_path / "run")
    assert report.ok and report.episodes == 4, report
    live = make_text(name, reward="outcome")
    scores = rescore(tmp_path / "run", "outcome")
    for seed, trace in enumerate(traces):
        play(live, seed, trace.messages)
        place = seed * len(agents)
        assert [s.total for s in scores[place : place + len(agents)]] == list(live.total.values())


@EVERY
def test_the_seed_decides_the_episode(name):
    first, second = make_text(name), make_text(name)
    digests = [play(first, seed, "random").digest for seed in range(6)]
    assert digests == [play(second, seed, "random").digest for seed in range(6)]
    assert digests[::-1] == [play(first, seed, "random").digest for seed in range(5, -1, -1)]


def test_different_seeds_deal_differently():
    env = make_text("openspiel:kuhn_poker")
    shown = set()
    for seed in range(20):
        env.reset(seed=seed)
        shown.add(env.observe("player_0"))
    assert len(shown) == 3


@pytest.mark.parametrize("name", ["openspiel:kuhn_poker", "openspiel:tiny_hanabi"])
def test_the_numeric_form_deals_the_same(name):
    text, numeric = make_text(name), make_aec(name)
    for seed in range(8):
        text.reset(seed=seed)
        numeric.reset(seed=seed)
        while text.agents and not text.terminations[text.agent_selection]:
            assert text.agent_selection == numeric.agent_selection
            position = text.position
            move = position.legal()[0]
            text.step(f"[[{position.action_text(move)}]]")
            numeric.step(move)
        assert text.returns() == numeric.position.returns()


def test_arguments_stand_in_the_name():
    env = make_text("openspiel:kuhn_poker", players=3)
    assert env.name == "openspiel:kuhn_poker(players=3)" and len(env.possible_agents) == 3
    with pytest.raises(ConfigError, match="unknown OpenSpiel game 'kuhn_pokr'"):
        make_text("openspiel:kuhn_pokr")
