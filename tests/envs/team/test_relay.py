"""The relay: who sees what, who is paid what, and what sly speakers earn."""

from statistics import fmean

import pytest

from envgym.envs.team.relay import call
from envgym.envs.team.relay_scripts import exploits, honest_trace, limited_answer
from envgym.envs.team.relay_trace import MASK
from envgym.envs.team.relay_world import problem_of
from envgym.rewards import Program, Source
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games.registry import make_text
from envgym.testing.games.kit import TEAM_LAWS, game_conformance
from envgym.types import ConfigError, Stream


@pytest.mark.parametrize("law", TEAM_LAWS)
def test_laws_of_several_agents(law):
    game_conformance("relay", laws=[law], spent="light")


def played(env, seed, style):
    """Play an episode in which ``style(agent, problem)`` writes every message."""
    env.reset(seed=seed)
    problem = problem_of(env.task)
    while not any(env.terminations.values()) and not any(env.truncations.values()):
        env.step(style(env.agent_selection, problem))
    return {agent: dict(env.latest_evidence(agent)) for agent in env.possible_agents}


def answers(speaker, listeners, trace="Ada has 7."):
    """A style: the speaker says an offset from the right answer, and so do the listeners."""

    def style(agent, problem):
        if agent == "speaker":
            return call("explain", trace=trace, answer=problem.answer + speaker)
        return call("answer", value=problem.answer + listeners[int(agent[-1])])

    return style


@pytest.mark.parametrize(
    ("speaker", "listeners", "outcomes"),
    [
        (0, (0, 0), (1.0, 1.0, 1.0)),
        (0, (0, 1), (0.75, 1.0, 0.0)),
        (0, (1, 1), (0.5, 0.0, 0.0)),
        (1, (1, 1), (0.5, 0.0, 0.0)),
        (1, (1, 0), (0.25, 0.0, 1.0)),
        (1, (2, 3), (0.0, 0.0, 0.0)),
    ],
)
def test_worked_outcomes(speaker, listeners, outcomes):
    env = make_text("relay", listeners=2)
    found = played(env, 3, answers(speaker, listeners))
    assert tuple(one["outcome"] for one in found.values()) == outcomes
    agreement = sum(x == speaker for x in listeners) / 2
    assert {one["agreement"] for one in found.values()} == {agreement}
    assert found["speaker"]["listeners_correct"] == listeners.count(0) / 2
    success = [env.report(agent)["success"] == "yes" for agent in env.possible_agents]
    assert success == [outcome == 1.0 for outcome in outcomes]
    env.close()


def test_listeners_may_be_paid_for_agreeing_and_correctness_weighs():
    env = make_text("relay", listeners=2, listener_reward="agreement", correctness=0.8)
    found = played(env, 3, answers(1, (1, 0)))
    assert [one["outcome"] for one in found.values()] == pytest.approx([0.1, 1.0, 0.0])
    env.close()


def test_listeners_see_the_question_and_their_part_alone():
    env = make_text("relay", keep_low=50, keep_high=50)
    env.reset(seed=1)
    problem = problem_of(env.task)
    assert "The speaker is at work." in env.observe("listener_1")
    env.step(call("explain", trace=f"alpha {problem.answer} gamma delta", answer=problem.answer))
    shown = env.observe("listener_0")
    assert problem.question in shown
    assert f"The speaker's first 2 words:\nalpha {MASK}" in shown
    assert "gamma" not in shown
    assert str(problem.answer) not in shown
    before = env.observe("listener_1")
    env.step("[[123456]]")
    assert env.agent_selection == "listener_1"
    assert env.observe("listener_1") == before  # nothing of the other's answer
    assert "123456" not in env.observe("speaker")
    assert env.latest_evidence("listener_0")["answer_leaked"] == 1
    assert env.latest_evidence("speaker")["answer_leaked"] == 3
    assert env.latest_evidence("speaker")["kept_words"] == 6
    env.close()


def test_parts_are_drawn_per_listener_within_bounds():
    env = make_text("relay", listeners=8, keep_low=30, keep_high=60)
    env.reset(seed=2)
    drawn = dict(env.state.percents)
    assert len(set(drawn.values())) > 1
    assert all(30 <= percent <= 60 for percent in drawn.values())
    env.reset(seed=2)
    assert env.state.percents == drawn
    env.close()


def test_roles_have_tools_of_their_own():
    env = make_text("relay")
    env.reset(seed=0)
    assert list(env.tools_of("speaker")) == ["explain"]
    assert list(env.tools_of("listener_2")) == ["answer"]
    env.step(call("answer", value=3))
    assert env.mistake is not None
    assert env.agent_selection == "speaker"
    env.close()


def test_the_oracle_team_wins_and_idle_or_random_ones_lose():
    env = make_text("relay")
    stream = Stream(0, "random relay")
    for seed in range(10):
        found = played(env, seed, lambda agent, _: env.oracle(agent))
        assert all(one["outcome"] == 1.0 for one in found.values())
        assert {env.report(agent)["success"] for agent in found} == {"yes"}
        for style in (lambda *_: "", lambda *_: "[[", lambda a, _: env.random_action(a, stream)):
            found = played(env, seed, style)
            assert all(one["outcome"] <= 0.1 for one in found.values())
            assert "yes" not in {env.report(agent)["success"] for agent in found}
    env.close()


def test_no_exploit_beats_an_honest_trace():
    """With listeners that can do three of five steps, what is read decides what is agreed."""
    env = make_text("relay", listeners=4)

    def mean(trace_of, count=60):
        def style(agent, problem):
            if agent == "speaker":
                trace, answer = trace_of(problem)
                return call("explain", trace=trace, answer=answer)
            return call("answer", value=limited_answer(problem, env.state.kept[agent].text, 3))

        runs = [played(env, seed, style)["speaker"] for seed in range(count)]
        return fmean(run["outcome"] for run in runs)

    honest = mean(lambda problem: (honest_trace(problem), problem.answer))
    names = exploits(problem_of(env.tasks.by_id("train/0")))
    sly = {name: mean(lambda problem, n=name: exploits(problem)[n]) for name in names}
    assert honest > 0.6
    assert all(honest > found + 0.05 for found in sly.values()), (honest, sly)
    env.close()


def test_a_wrong_answer_never_outpays_a_right_one_from_one_half_on():
    env = make_text("relay", listeners=2, correctness=0.5)
    right_alone = played(env, 0, answers(0, (1, 1)))["speaker"]["outcome"]
    wrong_agreed = played(env, 0, answers(1, (1, 1)))["speaker"]["outcome"]
    assert right_alone >= wrong_agreed
    env.close()


def test_recorded_verified_and_rescored_per_agent(tmp_path):
    env = make_text("relay", listeners=2, record=tmp_path / "relay", reward="dense")
    played(env, 3, answers(0, (0, 1)))
    env.close()
    assert verify(tmp_path / "relay").ok
    agreement = Program("agreement", Source("agreement", "episode", 0, 1))
    assert [score.total for score in rescore(tmp_path / "relay", agreement)] == [0.5] * 3
    assert [score.total for score in rescore(tmp_path / "relay", "outcome")] == [0.75, 1.0, 0.0]
    names = [episode.agent for episode in read_episodes(tmp_path / "relay")]
    assert names == ["speaker", "listener_0", "listener_1"]


def test_a_listener_s_forfeit_ends_the_episode():
    env = make_text("relay", listeners=2, illegal="forfeit")
    env.reset(seed=0)
    env.step(env.oracle("speaker"))
    env.step("no number")
    assert all(env.terminations.values())
    assert env.forfeited == "listener_0"
    assert env.latest_evidence("listener_1")["by_forfeit"]
    env.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"listeners": 9}, "listeners must be a whole number from 1 to 8, got 9"),
        ({"steps": 1}, "steps must be a whole number from 2 to 12, got 1"),
        ({"keep_low": 80}, r"keep_high must be at least keep_low \(80\), got 75"),
        ({"correctness": 1.0}, "correctness must be a number above 0 and below 1"),
        ({"listener_reward": "corect"}, "Did you mean 'correct'"),
        ({"split": "test"}, "split"),
        ({"stpes": 3}, "Did you mean 'steps'"),
    ],
)
def test_bad_arguments_are_named(given, words):
    with pytest.raises(ConfigError, match=words):
        make_text("relay", **given)
