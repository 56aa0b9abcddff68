"""The step API of several agents, over a pot that three of them fill."""

from dataclasses import replace
from math import inf

import pytest
from gymnasium.error import ResetNeeded

from envgym import ConfigError
from envgym.runtime.multi.recording import TeamRecorder
from envgym.types import EvidenceError, InfraError
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


def test_a_failure_while_the_last_event_is_written_down_voids_it(tmp_path, monkeypatch):
    """The game was over and paid by then; what was paid stays told, the episode does not count."""
    env = PotEnv(reward="gold", record=tmp_path / "run")
    env.reset(seed=4)
    say(env, "put(2)")
    whole = TeamRecorder.event
    failures = [InfraError("disk", "full")]

    def event(self, line):
        if failures:
            raise failures.pop()
        whole(self, line)

    env.state.turn, env.state.gold, env.state.over = 1, 5, True
    monkeypatch.setattr(TeamRecorder, "event", event)
    env.step("put(3)")
    assert env.rewards == env.paid == dict.fromkeys(AGENTS, 6.0)
    assert env.ended == dict.fromkeys(AGENTS, "truncated")
    assert env.terminations == dict.fromkeys(AGENTS, False)
    assert env.truncations == dict.fromkeys(AGENTS, True)
    assert env.total == dict.fromkeys(AGENTS, None)
    for agent in AGENTS:
        report = env.report(agent)
        assert (report["end"], report["invalid_reason"]) == ("invalid", "disk")
        assert "(disk)" in env.observe(agent)
    env.close()


def test_a_world_that_cannot_be_seen_any_more_is_told_of_all_the_same(tmp_path, monkeypatch):
    env = PotEnv(record=tmp_path / "run")
    env.reset(seed=4)
    say(env, "put(2)", "leave()")

    def see(agent):
        raise InfraError("table", "it broke")

    monkeypatch.setattr(env, "see", see)
    env.step("done()")
    assert env.report("bob")["invalid_reason"] == "table"
    for agent in AGENTS:
        assert env.observe(agent) == "The environment failed (table); this episode does not count."
    env.close()


def test_there_is_no_report_before_the_end(pot):
    env = pot()
    env.step("done()")
    assert env.report("ann")["end"] == "task"
    env.reset(seed=4)
    with pytest.raises(ResetNeeded, match="no episode of 'ann' has ended"):
        env.report("ann")


def test_a_snapshot_after_somebody_left_goes_on_with_the_right_agent(pot):
    env = pot(reward="gold")
    say(env, "put(2)")
    env.step("leave()")
    assert env.agent_selection == "bob"  # who is out takes its last step first
    other = pot(reward="gold")
    other.restore(env.snapshot())
    for each in (env, other):
        each.step(None)
        assert each.agent_selection == "cas"
        say(each, "put(3)", "done()")
        assert each.total == dict.fromkeys(AGENTS, 5.0)


def test_a_reset_forgets_who_was_to_be_asked_next(pot):
    env = pot()
    env.step("put(2)")
    env.step("leave()")
    env.reset(seed=4)
    env.step("leave()")
    env.step(None)
    assert env.agent_selection == "bob"


@pytest.mark.parametrize("arguments", [{"illegal": "random"}, {"max_turns": 5}])
def test_a_snapshot_of_other_arguments_is_refused(pot, arguments):
    kept = pot().snapshot()
    other = pot(**arguments)
    with pytest.raises(ConfigError, match="this is a snapshot of pot, this environment is pot {"):
        other.restore(kept)
    other.step("put(1)")  # untouched
    pot(render_mode="ansi").restore(kept)


def test_late_evidence_replaces_nothing_and_belongs_to_somebody(pot):
    env = pot()
    with pytest.raises(ConfigError, match="cannot replace the kernel's 'turn'"):
        env.note("ann", {"turn": 3}, "judge")
    with pytest.raises(ConfigError, match="unknown agent 'bop'.*mean 'bob'"):
        env.note("bop", {"taste": 0.5}, "judge")


@pytest.mark.parametrize(
    ("key", "words"), [("turn", "evidence 'turn', twice"), ("calls", "which names the transcript")]
)
def test_a_key_that_is_taken_is_refused(monkeypatch, key, words):
    taken = replace(PotEnv.declares[0], key=key)
    monkeypatch.setattr(PotEnv, "declares", (*PotEnv.declares, taken))
    with pytest.raises(ConfigError, match=words):
        PotEnv()


def test_evidence_that_was_not_declared_is_refused_at_the_reset(monkeypatch):
    monkeypatch.setattr(PotEnv, "facts", lambda self, agent: {"gold": 0.0, "silver": 0.0})
    with pytest.raises(ConfigError, match="missing nothing, undeclared ..silver"):
        PotEnv().reset(seed=4)
