import json

import pytest

from envgym.agents.judges.fake import FakeJudge
from envgym.agents.reward_writers import History, MetaPolicy, first_prompt, judge_scores
from envgym.rewards.generated.pin import pin_for_group
from envgym.types import Candidate, ConfigError
from tests.agents.reward_writers.scripted import Script

START = first_prompt(["The range gets smaller.", "Few guesses."])
ATTEMPTS = {
    "Guess.": [(Candidate(id="a", records=[], instruction="Guess.", text="Trust me!"), 9.0)]
}


def points(*texts):
    return json.dumps({"points": texts})


def answers(text):
    if "You supervise" in text:
        return "It believed a claim."
    if "You write the points" in text:
        return points("A claim needs a tool's answer.")
    return "Merged: " + points("The range gets smaller.", "A claim needs  a tool's\nanswer.")


def test_cookbook_f5(tmp_path):
    script, history = Script(answers), History(tmp_path / "mpo.jsonl")
    meta = MetaPolicy(policy=script, every=2)
    meta.begin(history, START)
    made = meta.edit(START, ATTEMPTS, 1, history)
    assert made.body == "The range gets smaller.\nA claim needs a tool's answer."
    assert made.parent == START.version
    assert [r.messages[0].content.split(".")[0][:12] for r in script.asked] == [
        "You supervis",
        "You write th",
        "You keep the",
    ]
    assert "attempt 1, score 9:\nTrust me!" in script.asked[0].messages[1].content
    assert "It believed a claim." in script.asked[1].messages[1].content
    assert "-Few guesses." in history.diffs()[0]
    again = History(tmp_path / "mpo.jsonl")
    quiet = MetaPolicy(policy=Script([]), every=2)
    quiet.begin(again, START)
    assert quiet.edit(START, ATTEMPTS, 1, again) == made


def test_the_judge_scores_under_the_version_and_a_group_keeps_it():
    judge = FakeJudge(quality=lambda text: len(text) / 10)
    group = [Candidate(id=str(i), records=[], instruction="Guess.", text="x" * i) for i in (1, 5)]
    assert judge_scores(judge, START, group) == [1.0, 5.0]
    made = MetaPolicy(policy=Script(answers)).edit(START, ATTEMPTS, 9)
    assert judge_scores(judge, made, group) == [1.0, 5.0]
    pin = pin_for_group("g", START)
    with pytest.raises(ConfigError, match="pinned"):
        pin.allow(made)


@pytest.mark.parametrize(
    ("merged", "problem"),
    [
        ("I cannot.", "there is no point"),
        (points(*map(str, range(9))), "there are 9 points, at most 8"),
        (points("x" * 301), "301 characters"),
        (points("The range gets smaller.", "Few guesses."), "stay as they are"),
    ],
)
def test_a_merge_that_cannot_be_used_keeps_the_points(merged, problem):
    history = History()
    script = Script(lambda text: merged if "You keep" in text else answers(text))
    assert MetaPolicy(policy=script).edit(START, ATTEMPTS, 0, history) is START
    assert problem in history.steps["step 0"]["problem"]


def test_without_a_proposal_nothing_is_merged():
    script, history = Script(lambda text: "Nothing is wrong."), History()
    assert MetaPolicy(policy=script).edit(START, ATTEMPTS, 0, history) is START
    assert len(script.asked) == 2
    assert history.steps["step 0"]["problem"] == "no proposal could be read"


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ConfigError, match="every and most of 1 or more"):
        MetaPolicy(policy=Script([]), every=0)
    with pytest.raises(ConfigError, match="there is no point"):
        first_prompt([" "])
    with pytest.raises(ConfigError, match="no fields 'criteria' and 'transcript'"):
        first_prompt(["x"], "preference")
    with pytest.raises(ConfigError, match="is no prompt for rubric"):
        judge_scores(FakeJudge(), START, [], "rubric")
