"""PAIRED on Quest: one world for both players, regret, and who is paid what."""

from statistics import fmean, stdev

import pytest

from envgym.envs.quest import QuestEnv
from envgym.envs.team.paired_design import BOUNDS, Design, random_design, reference_design
from envgym.envs.team.paired_evidence import ANTAGONIST, PROTAGONIST, Score, regret
from envgym.rewards import Program, Source
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games.registry import make_text
from envgym.testing.games.kit import TEAM_LAWS, game_conformance
from envgym.types import ConfigError, Stream, ToolError


@pytest.mark.parametrize("law", TEAM_LAWS)
def test_laws_of_several_agents(law):
    game_conformance("paired", laws=[law], spent="light", protagonist_plays=2)


def designed(**changes):
    """A designer's message: a small field, changed as asked."""
    design = {
        "width": 3, "height": 3, "goal": "exit", "doors": 0, "containers": 0, "objects": 0,
        "openness": 100, "world": 0, **changes,
    }  # fmt: skip
    given = ", ".join(f"{k}={v!r}" for k, v in design.items())
    return f"design({given})"


def played(env, seed, styles, design=None):
    """Play an episode: "oracle", "random", "idle" or "learner" per agent.

    Who idles only looks; a learner's every other command, by chance, is a random one.
    """
    env.reset(seed=seed)
    stream = Stream(seed, "paired tests")
    while not any(env.terminations.values()) and not any(env.truncations.values()):
        agent = env.agent_selection
        style = styles.get(agent, "oracle")
        if agent == "designer" and design is not None:
            env.step(design)
        elif style == "oracle" or (style == "learner" and stream.chance(1, 2)):
            env.step(env.oracle(agent))
        else:
            env.step(env.random_action(agent, stream) if style != "idle" else "look")
    return {agent: dict(env.latest_evidence(agent)) for agent in env.possible_agents}


def score(*outcomes, plays=None):
    return Score(plays=plays or len(outcomes), outcomes=list(outcomes))


@pytest.mark.parametrize(
    ("antagonist", "protagonist", "expected"),
    [
        ((1.0,), (0.0,), 1.0),
        ((1.0,), (1.0,), 0.0),
        ((0.0,), (1.0,), -1.0),
        ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0, 0.0), 0.75),
    ],
)
def test_regret_is_the_best_minus_the_mean(antagonist, protagonist, expected):
    scores = {ANTAGONIST: score(*antagonist), PROTAGONIST: score(*protagonist)}
    assert regret(scores, None) == expected
    assert regret(scores, PROTAGONIST) == 0.0
    assert regret({**scores, PROTAGONIST: score(plays=1)}, None) == 0.0


def test_what_each_role_is_paid():
    env = make_text("paired", protagonist_plays=2)
    found = played(env, 0, {"protagonist": "idle"}, designed())
    assert [one["outcome"] for one in found.values()] == [1.0, 1.0, 0.0]
    assert [one["stake"] for one in found.values()] == [1.0, 1.0, -1.0]
    assert {one["regret"] for one in found.values()} == {1.0}
    assert [env.report(agent)["success"] for agent in found] == ["yes", "yes", "no"]
    found = played(env, 0, {"antagonist": "idle"}, designed())
    assert [one["outcome"] for one in found.values()] == [-1.0, 0.0, 1.0]
    assert [one["stake"] for one in found.values()] == [-1.0, -1.0, 1.0]
    found = played(env, 0, {}, designed())
    assert [one["outcome"] for one in found.values()] == [0.0, 1.0, 1.0]
    assert [one["plays"] for one in found.values()] == [3, 1, 2]
    env.close()


def test_both_players_read_what_quest_shows_of_one_world():
    env = make_text("paired", turns=20)
    env.reset(seed=0)
    env.step(designed(doors=1, world=7))
    quest = QuestEnv(max_turns=20)
    params = {
        "world": 7, "width": 3, "height": 3, "goal": "exit", "doors": 1, "containers": 0,
        "objects": 0, "openness": 100, "min_steps": 2, "max_steps": 20,
    }  # fmt: skip
    for player in ("antagonist", "protagonist"):
        text, info = quest.reset(seed=9, options={"task": {"id": "same", "params": params}})
        assert env.agent_selection == player
        assert env.observe(player) == text
        done = False
        while not done:
            command = quest.oracle()
            text, _, done, _, info = quest.step(command)
            assert env.oracle(player) == command
            env.step(command)
            assert env.observe(player) == text
            assert env.latest_evidence(player)["progress"] == info["evidence"]["progress"]
            assert env.latest_evidence(player)["steps_left"] == info["evidence"]["steps_left"]
    assert env.latest_evidence("designer")["optimal"] == info["evidence"]["optimal"]
    env.close()
    quest.close()


def test_impossible_commands_cost_a_turn_and_no_commands_are_asked_again():
    env = make_text("paired", turns=12, illegal="retry:1,forfeit")
    env.reset(seed=0)
    env.step(designed())
    for _ in range(11):
        env.step("open fridge")
        assert env.mistake is None
        assert env.agent_selection == "antagonist"
    env.step("dance")
    assert env.mistake.startswith("Unknown command")
    assert env.agent_selection == "antagonist"
    env.step("take moon")
    assert env.agent_selection == "protagonist"
    env.step("dance")
    env.step("dance")
    assert env.forfeited == "protagonist"
    found = {agent: env.latest_evidence(agent) for agent in env.possible_agents}
    assert [one["outcome"] for one in found.values()] == [0.0, 0.0, 0.0]
    assert [one["stake"] for one in found.values()] == [0.0, 0.0, -1.0]
    env.close()


def test_a_forfeit_pays_no_more_than_playing_badly():
    env = make_text("paired", illegal="forfeit")
    env.reset(seed=0)
    env.step("no design")
    assert env.latest_evidence("designer")["outcome"] == -1.0
    assert env.latest_evidence("designer")["design.width"] is None
    env.reset(seed=0)
    env.step(designed())
    env.step("dance")
    assert env.latest_evidence("designer")["outcome"] == 0.0
    assert env.latest_evidence("antagonist")["stake"] == -1.0
    env.close()


def test_designs_without_a_world_are_refused():
    env = make_text("paired")
    env.reset(seed=0)
    env.step(designed(goal="store"))
    assert "There is no such world" in env.mistake
    assert "containers" in env.mistake
    env.step(designed(width=9))
    assert "width" in env.mistake
    assert env.agent_selection == "designer"
    env.step(designed())
    assert env.agent_selection == "antagonist"
    env.close()


def test_designs_have_worlds_within_the_commands_of_a_play():
    stream = Stream(0, "designs")
    for turns in (12, 30):
        reference_design(stream).check(turns)
        for _ in range(5):
            design = random_design(stream, turns)
            design.check(turns)
            assert all(lo <= getattr(design, n) <= hi for n, (lo, hi) in BOUNDS.items())
    with pytest.raises(ToolError, match="no such world"):
        Design(
            width=2, height=2, goal="any", doors=0, containers=0, objects=0, openness=0, world=0
        ).check(30)


def test_each_oracle_beats_random_play_by_three_standard_errors():
    """The proof "reference": one seat by its oracle, and by random play beside the same others.

    Random play solves next to no world, so the designer is tried against a protagonist that errs
    every other time.
    """
    env = make_text("paired", turns=30)
    rows = {
        "designer": ({"protagonist": "learner"}, {"protagonist": "learner", "designer": "random"}),
        "antagonist": ({"protagonist": "random"}, dict.fromkeys(("antagonist", "protagonist"), "random")),
        "protagonist": ({}, {"protagonist": "random"}),
    }  # fmt: skip
    for agent, (expert, usual) in rows.items():
        gaps = [
            played(env, seed, expert)[agent]["outcome"] - played(env, seed, usual)[agent]["outcome"]
            for seed in range(25)
        ]
        assert fmean(gaps) > 3 * stdev(gaps) / 5, agent
        idle = [played(env, seed, {**usual, agent: "idle"})[agent] for seed in range(5)]
        assert agent == "designer" or all(one["outcome"] == 0.0 for one in idle)
    env.close()


def test_recorded_verified_and_rescored_per_agent(tmp_path):
    env = make_text("paired", record=tmp_path / "paired")
    played(env, 0, {"protagonist": "idle"})
    env.close()
    assert verify(tmp_path / "paired").ok
    stake = Program("stake", Source("stake", "episode", -1, 1))
    assert [one.total for one in rescore(tmp_path / "paired", stake)] == [1.0, 1.0, -1.0]
    views = list(read_episodes(tmp_path / "paired"))
    assert len(views[0].decisions) == 1
    assert views[0].records[-1]["design.goal"] == "store"


def test_rewards_may_differ_by_role():
    reward = {"designer": "regret", "antagonist": "regret", "protagonist": "outcome"}
    env = make_text("paired", reward=reward)
    played(env, 0, {"protagonist": "idle"})
    assert dict(env.total) == {"designer": 1.0, "antagonist": 1.0, "protagonist": 0.0}
    env.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"turns": 5}, "turns must be a whole number from 12 to 200, got 5"),
        ({"protagonist_plays": 0}, "protagonist_plays must be a whole number from 1 to 8"),
        ({"observation": "relationl"}, "Did you mean 'relational'"),
        ({"hint": 1}, "hint must be True or False"),
        ({"plays": 2}, "unknown argument of paired 'plays'"),
    ],
)
def test_bad_arguments_are_named(given, words):
    with pytest.raises(ConfigError, match=words):
        make_text("paired", **given)
