"""The step API of several agents, over a pot that three of them fill."""

from math import inf

import pytest
from gymnasium.error import ResetNeeded

from envgym import ConfigError
from envgym.types import EvidenceError
from tests.runtime.multi.pot import AGENTS, PotEnv


@pytest.fixture
def pot():
    made = []

    def make(**arguments):
        made.append(PotEnv(**arguments))
        made[-1].reset(seed=4)
        return made[-1]

    yield make
    for env in made:
        env.close()


def say(env, *messages):
    """Step; let those who are out leave."""
    for message in messages:
        env.step(message)
        while env.agents and env.terminations[env.agent_selection]:
            env.step(None)


def test_one_event_pays_everybody(pot):
    env = pot(reward="gold")
    assert env.agent_selection == "ann"
    env.step("put(2)")
    assert env.rewards == dict.fromkeys(AGENTS, 2.0)
    assert env.agent_selection == "bob"
    observation, reward, terminated, truncated, info = env.last()
    assert (reward, terminated, truncated) == (2.0, False, False)
    assert observation == "bob: luck 667, gold 2."
    assert info["turn"] == 0
    assert info["calls"] == ()
    assert env.infos["ann"]["calls"] == ({"name": "put", "args": {"gold": 2}},)
    assert env.observe("ann") == "You put 2.\n\nann: luck 667, gold 2."


def test_who_left_is_paid_on_paper_only(pot):
    """bob leaves at event 1; the 3 of event 2 are earned by his decision and never paid."""
    env = pot(reward="gold")
    env.step("put(2)")
    env.step("leave()")
    assert env.terminations == {"ann": False, "bob": True, "cas": False}
    assert env.agent_selection == "bob"
    env.step(None)
    assert env.agents == ["ann", "cas"]
    assert env.agent_selection == "cas"
    env.step("put(3)")
    assert env.rewards == {"ann": 3.0, "cas": 3.0}
    assert set(env.infos) == {"ann", "cas"}
    env.step("done()")
    bob = env.report("bob")
    assert [(e.earned, e.paid, e.value) for e in bob["ledger"]] == [(0, 0, 2.0), (2, None, 3.0)]
    assert bob["step_rewards"] == (5.0,)
    assert bob["success"] == "yes"
    assert env.report("ann")["step_rewards"] == (5.0, 0.0)
    assert env.report("cas")["step_rewards"] == (5.0,)
    assert env.total == dict.fromkeys(AGENTS, 5.0)


def test_a_terminal_lump_of_who_left_is_unpaid_too(pot):
    env = pot()
    say(env, "put(2)", "leave()", "done()")
    assert [(e.paid, e.value) for e in env.report("bob")["ledger"]] == [(None, 2.0)]
    assert [(e.paid, e.value) for e in env.report("ann")["ledger"]] == [(2, 2.0)]
    assert env.report("bob")["success"] == "no"


def test_a_forfeit_may_leave_the_others_playing(pot):
    env = pot(illegal="retry:1,forfeit", reward="gold")
    env.step("steal()")
    assert env.mistake == "Stealing is not allowed."
    assert "you have one try left" in env.observe("ann")
    env.step("nonsense")
    assert env.truncations["ann"]
    env.step(None)
    assert env.agents == ["bob", "cas"]
    say(env, "put(1)", "done()")
    assert env.forfeited == "ann"
    for agent in AGENTS:
        evidence = env.latest_evidence(agent)
        assert evidence["forfeited"] == (agent == "ann")
        assert evidence["by_forfeit"] == (agent != "ann")
    counted = env.latest_evidence("ann")
    assert (counted["invalid"], counted["format_errors"], counted["retries"]) == (1, 1, 1)


def test_retries_count_per_decision(pot):
    env = pot(illegal="retry:1,forfeit")
    say(env, "steal()", "put(1)", "steal()", "put(1)", "put(1)", "steal()", "put(1)")
    assert env.forfeited is None
    assert env.latest_evidence("ann")["retries"] == 2
    assert env.latest_evidence("bob")["retries"] == 1


def test_a_random_move_is_the_same_every_time(pot):
    told = []
    for _ in range(2):
        env = pot(illegal="random")
        env.step("steal()")
        told.append((env.state.gold, env.observe("ann")))
    assert told[0] == told[1]
    assert told[0][0] > 0
    assert "A random move was made for you." in told[0][1]


def test_programs_per_agent(pot):
    env = pot(reward={"ann": "gold", "bob": "outcome"})
    assert {agent: p.name for agent, p in env.programs.items()} == {
        "ann": "gold",
        "bob": "outcome",
        "cas": "outcome",
    }
    env.step("put(2)")
    assert env.rewards == {"ann": 2.0, "bob": 0.0, "cas": 0.0}
    env.step("done()")
    assert env.rewards == {"ann": 0.0, "bob": 2.0, "cas": 2.0}


def test_our_failure_makes_the_episode_invalid_for_all(pot):
    env = pot(reward="gold")
    say(env, "put(3)", "put(3)")
    env.step("crash()")
    assert env.truncations == dict.fromkeys(AGENTS, True)
    assert env.terminations == dict.fromkeys(AGENTS, False)
    assert str(env.failure) == "table: it broke"
    for agent in AGENTS:
        report = env.report(agent)
        assert (report["valid"], report["end"], report["invalid_reason"], report["success"]) == (
            False,
            "invalid",
            "table",
            None,
        )
        assert env.infos[agent]["valid"] is False
        assert "does not count" in env.observe(agent)
    assert env.total == dict.fromkeys(AGENTS, None)
    env.reset(seed=4)
    assert env.state.gold == 0


def test_an_exception_of_ours_propagates_and_the_episode_is_gone(pot, monkeypatch):
    env = pot()
    monkeypatch.setattr(env, "facts", lambda agent: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        env.step("put(1)")
    with pytest.raises(ResetNeeded):
        env.step("put(1)")


def test_the_budget_counts_all_messages(pot):
    env = pot(max_turns=4, reward="gold")
    say(env, "put(3)", "steal()", "put(3)")
    assert not any(env.truncations.values())
    env.step("put(1)")
    assert env.truncations == dict.fromkeys(AGENTS, True)
    assert env.report("cas")["end"] == "budget"
    assert env.total["ann"] == 7.0


def test_a_budget_in_the_very_event_of_the_end_is_no_budget(pot):
    env = pot(max_turns=1)
    env.step("done()")
    assert env.report("ann")["end"] == "task"


def test_long_observations_are_cut(pot):
    env = pot(max_obs_chars=200)
    env.state.luck = "x" * 500
    env._shown = {}
    assert len(env.observe("ann")) <= 200
    assert env.observation_space("ann").contains(env.observe("ann"))


def test_the_same_seed_gives_the_same_episode(pot):
    assert pot().observe("ann") == pot().observe("ann")
    env = pot()
    env.reset(seed=5)
    assert env.observe("ann") != pot().observe("ann")


def test_without_a_seed_one_is_drawn_and_told(pot):
    env = pot()
    env.reset()
    seed = env.infos["ann"]["seed"]
    shown = env.observe("ann")
    env.reset(seed=seed)
    assert env.observe("ann") == shown


def test_asking_changes_nothing(pot):
    env = pot()
    env.step("put(1)")
    assert env.observe("ann") == env.observe("ann")
    assert env.observe("cas") == "cas: luck 667, gold 1."


@pytest.mark.parametrize("value", [None, 7, b"put(1)", ["put(1)"]])
def test_actions_are_text(pot, value):
    with pytest.raises(ConfigError, match="action"):
        pot().step(value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"reward": "gold_rush"}, "Did you mean 'gold'"),
        ({"reward": {"ann": "gold", "bop": "gold"}}, "unknown agent in reward 'bop'.*mean 'bob'"),
        ({"max_turns": 0}, "max_turns"),
        ({"max_obs_chars": 10}, "max_obs_chars must be 200 or more, got 10"),
        ({"illegal": "noop"}, "illegal 'noop': pot has no move that does nothing"),
        ({"render_mode": "human"}, "render_mode"),
        ({"record_evidence": "nedded"}, "Did you mean 'needed'"),
        ({"record_evidence": ["gould"]}, "Did you mean 'gold'"),
    ],
)
def test_bad_arguments_are_told(arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        PotEnv(**arguments)


def test_evidence_that_is_missing_is_told():
    from envgym.rewards import Program, Source

    program = Program("silver", Source("silver", "episode", -inf, inf))
    with pytest.raises(EvidenceError, match="silver"):
        PotEnv(reward=program)


def test_the_seat_of_a_policy(pot):
    env = pot()
    seat = env.seat("bob")
    assert (seat.seat, seat.agent, seat.unwrapped, seat.possible_agents) == (
        1,
        "bob",
        seat,
        list(AGENTS),
    )
    assert seat.oracle() == "put(3)"
    with pytest.raises(AttributeError):
        _ = seat.game
