"""Seven social questions: ranges, shifts, failures."""

import pytest

from envgym.agents.judges import FakeJudge, PolicyJudge, load_template
from envgym.agents.judges.social import social_grades, social_questions
from envgym.runtime.games.social import DIMENSIONS, SocialScores
from envgym.types import ConfigError


@pytest.mark.parametrize(("quality", "place"), [(0.0, 0), (0.3, 3), (1.0, 10)])
def test_answers_are_shifted_into_each_range(quality, place):
    grades = social_grades(FakeJudge(quality=lambda _: quality), "A: hello", "A")
    assert grades.failed == {}
    assert grades.scores.known == {name: lo + place for name, (lo, _, _) in DIMENSIONS.items()}


def test_a_failure_is_a_reason_and_never_a_number():
    grades = social_grades(FakeJudge(failures=1.0), "A: hello", "A", dimensions=["goal", "secret"])
    assert grades.scores == SocialScores()
    assert grades.failed == {"goal": "policy", "secret": "policy"}


def test_a_policy_is_asked_one_dimension_at_a_time(scripted):
    policy = scripted(lambda request: "No harm.\nSCORE: 9")
    grades = social_grades(
        PolicyJudge(policy), "A: hi", "Player 1", private="Keep 'amber'.", dimensions=["secret"]
    )
    assert grades.scores.secret == -1.0
    (request,) = policy.requests
    user = request.messages[1].content
    assert DIMENSIONS["secret"].asks in user
    assert "Player 1" in user and "Keep 'amber'." in user and "A: hi" in user


def test_questions_differ_by_dimension_and_hide_what_is_not_given():
    questions = social_questions("A: hi", "A")
    assert len({question.digest for question in questions}) == 7
    assert "only this participant knew" not in questions[0].messages()[1].content


def test_wrong_names_and_prompts_are_named():
    with pytest.raises(ConfigError, match="unknown social dimension 'gaol'.*Did you mean 'goal'"):
        social_questions("A: hi", "A", dimensions=["gaol"])
    with pytest.raises(ConfigError, match="kind 'grid' from 0 to 10, got 'pairwise'"):
        social_questions("A: hi", "A", template=load_template("pairwise"))
