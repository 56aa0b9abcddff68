"""Social scores as late evidence of every agent of a recorded episode."""

import json

import pytest

import envgym
from envgym.agents.judges import FakeJudge, PolicyJudge, grade, grade_social, load_template
from envgym.rewards import Program, Source
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games.social import DIMENSIONS
from envgym.types import ConfigError, EvidenceError

GOAL = Program("goal", Source("judge.social.goal", "episode", 0, 10))
SECRETIVE = Program("secret", Source("judge.social.secret", "episode", -10, 0))


@pytest.fixture
def negotiated(tmp_path):
    """One recorded negotiation that both players talk through."""
    env = envgym.make_text("negotiation", secrets=2, record=tmp_path / "talks")
    env.reset(seed=1)
    for words in ("<think>zebra</think>Take the ball. ", "Fair enough. "):
        env.step(words + ("[[propose 1 1 0]]" if "ball" in words else "[[accept]]"))
    env.close()
    return tmp_path / "talks"


def by_agent(folder, program):
    return {score.episode.rpartition("@")[2]: score for score in rescore(folder, program)}


def test_each_agent_gets_its_scores_in_the_ranges_of_the_dimensions(negotiated):
    judge = FakeJudge(quality=lambda _: 0.7, label="same")
    done = grade_social(negotiated, judge)
    assert (done.key, done.answered, done.invalid, done.skipped) == ("judge.social", 2, {}, {})
    for episode in read_episodes(negotiated):
        for name, scale in DIMENSIONS.items():
            assert episode.records[-1][f"judge.social.{name}"] == scale.lo + 7
            assert episode.records[-1][f"judge.social.{name}.reason"] == ""
        assert {late.source for late in episode.late} == {
            f"{judge.name}/{load_template('social').tag}"
        }
        assert {late.agent for late in episode.late} == {episode.agent}
    assert [score.total for score in rescore(negotiated, GOAL)] == [7.0, 7.0]
    assert [score.total for score in rescore(negotiated, SECRETIVE)] == [-3.0, -3.0]
    assert verify(negotiated).ok


def test_the_judge_reads_all_messages_and_one_player_s_private_part(negotiated, scripted):
    policy = scripted(lambda request: "SCORE: 5")
    grade_social(negotiated, PolicyJudge(policy), dimensions=["goal"])
    first, second = (request.messages[1].content for request in policy.requests)
    for user in (first, second):
        assert "[player_0]\n    Take the ball. [[propose 1 1 0]]" in user
        assert "[player_1]\n    Fair enough. [[accept]]" in user
        assert "zebra" not in user
    words = [
        next(part for part in episode_text(negotiated, agent).split('"') if part.isalpha())
        for agent in ("player_0", "player_1")
    ]
    assert words[0] in first and words[1] not in first
    assert words[1] in second and words[0] not in second


def episode_text(folder, agent):
    """The line with the secret word that an agent was shown first."""
    view = next(e for e in read_episodes(folder) if e.agent == agent)
    shown = next(t for t in (view.obs, *(turn.obs for turn in view.turns)) if t is not None)
    return shown.partition("Secret word: ")[2]


def test_no_answer_is_invalid_and_asked_for_again(negotiated):
    assert grade_social(negotiated, FakeJudge(failures=1.0)).invalid == {"policy": 14}
    assert {score.valid for score in rescore(negotiated, GOAL)} == {False}
    judge = FakeJudge(quality=lambda _: 1.0)
    assert grade_social(negotiated, judge, redo="none").skipped == {"it was asked about": 2}
    assert grade_social(negotiated, judge).answered == 2
    assert grade_social(negotiated, judge).skipped == {"it has an answer": 2}
    assert [score.total for score in rescore(negotiated, GOAL)] == [10.0, 10.0]


def test_only_what_is_missing_is_asked(negotiated, scripted):
    grade_social(negotiated, FakeJudge(), dimensions=["goal"])
    policy = scripted(lambda request: "SCORE: 5")
    grade_social(negotiated, PolicyJudge(policy), dimensions=["goal", "secret"])
    assert len(policy.requests) == 2
    assert by_agent(negotiated, SECRETIVE)["player_1"].total == -5.0


def test_ungraded_episodes_say_what_is_missing(negotiated):
    with pytest.raises(EvidenceError, match=r"'judge\.social\.goal'"):
        rescore(negotiated, GOAL)


def test_plain_grading_reaches_every_agent_too(negotiated):
    done = grade(negotiated, FakeJudge(quality=lambda _: 0.5))
    assert done.answered == 2
    quality = Program("judged", Source("judge.quality", "episode", 0, 10))
    assert [score.total for score in rescore(negotiated, quality)] == [5.0, 5.0]


def test_episodes_of_one_agent_are_left_alone(tmp_path):
    env = envgym.make("envgym/GuessNumber-v0", record=tmp_path / "one").unwrapped
    env.reset(seed=0)
    env.step("[[50]]")
    env.close()
    before = (tmp_path / "one" / "episodes.jsonl").read_bytes()
    assert grade_social(tmp_path / "one", FakeJudge()).skipped == {"it has one agent": 1}
    assert (tmp_path / "one" / "episodes.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("given", "words"),
    [({"dimensions": ["gaol"]}, "Did you mean 'goal'"), ({"redo": "al"}, "Did you mean 'all'")],
)
def test_bad_arguments_are_named(negotiated, given, words):
    with pytest.raises(ConfigError, match=words):
        grade_social(negotiated, FakeJudge(), **given)


def test_lines_are_appended_whole(negotiated):
    file = negotiated / "episodes.jsonl"
    file.write_bytes(file.read_bytes().rstrip(b"\n"))  # a killed writer's last line
    grade_social(negotiated, FakeJudge())
    kinds = [json.loads(line)["kind"] for line in file.read_text().splitlines()]
    assert kinds.count("late") == 2
