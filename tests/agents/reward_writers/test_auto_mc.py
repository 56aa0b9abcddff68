import pytest

from envgym.agents.reward_writers import History, auto_mc_reward
from envgym.agents.reward_writers.auto_mc import misjudged
from envgym.rewards.generated.code import from_code
from envgym.types import ConfigError
from tests.agents.reward_writers.scripted import TASK, Script, code

BAD = code("-record['progress']")
GOOD = code("-0.05 * record['turn']")
YES = '{"accept": true, "reasons": []}'
NO = 'I object: {"accept": false, "reasons": ["it pays for failing"]}'


def roles(answers):
    """Return a policy that answers each role from its own list."""
    lists = {role: iter(each) for role, each in answers.items()}

    def answer(text):
        for role, mark in (
            ("critic", "You review"),
            ("analyser", "You read what"),
            ("designer", "You are the designer"),
        ):
            if mark in text:
                return next(lists[role])
        raise AssertionError(text)

    return Script(answer)


def test_cookbook_f3(grade):
    script = roles(
        {
            "designer": [BAD, GOOD],
            "critic": [YES, YES],
            "analyser": ["It pays for failing.", "Fine."],
        }
    )
    done = auto_mc_reward(script, task=TASK, grade=grade, iterations=2)
    assert done.best.body in GOOD
    assert done.best.fitness == 1.0
    third = next(r for r in script.asked if "It pays for failing." in r.messages[1].content)
    assert "You are the designer" in third.messages[0].content
    assert "correlation with the task metric" in third.messages[1].content


def test_what_the_critic_refuses_is_not_run(grade):
    script = roles({"designer": [BAD, GOOD], "critic": [NO, YES], "analyser": ["Fine."]})
    history = History()
    done = auto_mc_reward(script, task=TASK, grade=grade, iterations=1, history=history)
    assert done.best.body in GOOD
    refused = history.steps["iteration 0 design 0"]
    assert refused["problem"] == "it pays for failing"
    assert refused["reward"]["checks"] == []
    assert "it pays for failing" in script.asked[2].messages[1].content


def test_static_faults_need_no_critic(grade):
    script = roles(
        {"designer": [code("record['progres']"), GOOD], "critic": [YES], "analyser": ["Fine."]}
    )
    done = auto_mc_reward(script, task=TASK, grade=grade, iterations=1)
    assert done.best.body in GOOD
    assert "unknown key of the record 'progres'" in script.asked[1].messages[1].content


def test_an_unreadable_critic_stops_nobody_and_hard_ones_give_up(grade):
    done = auto_mc_reward(
        roles({"designer": [GOOD], "critic": ["Hm."], "analyser": ["Fine."]}),
        task=TASK,
        grade=grade,
        iterations=1,
    )
    assert done.best.body in GOOD
    never = auto_mc_reward(
        roles({"designer": [GOOD] * 2, "critic": [NO] * 2}),
        task=TASK,
        grade=grade,
        iterations=1,
        reviews=2,
    )
    assert never.best is None


def test_it_goes_on_from_its_history(grade, tmp_path):
    path = tmp_path / "mc.jsonl"
    answers = {"designer": [BAD, GOOD], "critic": [YES, YES], "analyser": ["a", "b"]}
    done = auto_mc_reward(
        roles(answers), task=TASK, grade=grade, iterations=2, history=History(path)
    )
    assert (
        auto_mc_reward(Script([]), task=TASK, grade=grade, iterations=2, history=History(path)).best
        == done.best
    )


def test_the_analyser_reads_the_worst_judged_first(grade, schema):
    bad = from_code(BAD.split("```")[1].removeprefix("python\n"), schema)
    texts = misjudged(bad, grade, 3)
    assert len(texts) == 3
    assert texts[0].startswith("result ")
    assert '"progress"' in texts[0]
    assert "solved" not in texts[0]


def test_numbers_out_of_range_are_refused(grade):
    with pytest.raises(ConfigError, match="iterations, reviews and shown"):
        auto_mc_reward(Script([]), task=TASK, grade=grade, iterations=0)
