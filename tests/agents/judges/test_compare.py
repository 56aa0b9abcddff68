"""Judges as comparators of rollouts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.judges import FakeJudge, JudgeComparator, PolicyJudge, load_template
from envgym.types import Candidate, Comparator, ConfigError


def quality(text):
    return float(text.split("=")[1].split(" ")[0])


def member(name, value=0.5, text=None):
    text = f"q={value} {name}" if text is None else text
    return Candidate(id=name, records=(), instruction="Do it.", text=text)


GOOD, BAD = member("good", 0.8), member("bad", 0.3)


def test_cookbook_a10(scripted):
    def say(request):
        a_first = "Attempt A:\n<<< first" in request.messages[1].content
        assert a_first
        order = (
            request.messages[1].content.index("q=0.8"),
            request.messages[1].content.index("q=0.3"),
        )
        better_first = order[0] < order[1]
        a, b = (7, 6) if better_first else (6, 7)
        return f"PATH A: {a}\nPATH B: {b}\nANSWER A: {a}\nANSWER B: {b}"

    match = JudgeComparator(PolicyJudge(scripted(say))).compare([(GOOD, BAD)])[0]
    assert match.scores == (14.0, 12.0)
    assert (match.p, match.calls, match.agreed) == (1.0, 2, True)
    assert match.note == {}


def test_path_and_answer_weigh_as_in_arena(scripted):
    def say(request):
        return "PATH A: 10\nPATH B: 0\nANSWER A: 0\nANSWER B: 10"

    judge = PolicyJudge(scripted(say))
    one_way = JudgeComparator(judge, swap=False).compare([(GOOD, BAD)])[0]
    assert one_way.scores == (6.0, 4.0)
    assert (one_way.p, one_way.calls, one_way.agreed) == (1.0, 1, None)
    both = JudgeComparator(judge).compare([(GOOD, BAD)])[0]
    assert (both.p, both.scores, both.agreed) == (0.5, (10.0, 10.0), False)


@given(st.floats(-2, 2), st.floats(0, 0.5), st.integers(0, 99), st.booleans())
def test_it_is_antisymmetric_whatever_the_judge(bias, noise, seed, strict):
    judge = FakeJudge(quality=quality, bias=bias, noise=noise, cycles=0.3, seed=seed)
    for name in ("pairwise", "preference"):
        comparator = JudgeComparator(judge, template=load_template(name), strict=strict)
        there, back = comparator.compare([(GOOD, BAD), (BAD, GOOD)])
        assert there.p + back.p == 1.0
        assert there == back.swapped()


@given(st.floats(0.21, 2))
def test_a_judge_of_positions_alone_ties(bias):
    judge = FakeJudge(quality=lambda text: 0.5, bias=bias)
    for name in ("pairwise", "preference"):
        comparator = JudgeComparator(judge, template=load_template(name))
        match = comparator.compare([(GOOD, BAD)])[0]
        assert (match.p, match.agreed) == (0.5, False)


def test_one_order_keeps_the_bias_that_two_remove():
    judge = FakeJudge(quality=quality, bias=0.6)
    assert JudgeComparator(judge, swap=False).compare([(BAD, GOOD)])[0].p == 1.0
    assert JudgeComparator(judge).compare([(BAD, GOOD)])[0].p == 0.0
    assert JudgeComparator(judge, strict=True).compare([(BAD, GOOD)])[0].p == 0.5


def test_one_order_names_the_better_score():
    one_way = JudgeComparator(FakeJudge(quality=quality), swap=False)
    matches = one_way.compare([(GOOD, BAD), (BAD, GOOD), (GOOD, member("twin", 0.8))])
    assert [match.p for match in matches] == [1.0, 0.0, 0.5]
    assert [match.calls for match in matches] == [1, 1, 1]
    assert matches[1].scores == (3.0, 8.0)


def test_a_choice_scores_its_probability():
    prompt = load_template("preference")
    judge = FakeJudge(quality=quality)
    one_way = JudgeComparator(judge, template=prompt, swap=False)
    assert one_way.compare([(GOOD, BAD)])[0].scores == (1.0, 0.0)
    assert one_way.compare([(BAD, GOOD)])[0].scores == (0.0, 1.0)
    both = JudgeComparator(judge, template=prompt).compare([(GOOD, BAD)])[0]
    assert (both.scores, both.p) == ((2.0, 0.0), 1.0)


def test_a_missing_answer_makes_the_match_invalid_and_says_why():
    judge = FakeJudge(quality=quality, failures=1.0)
    match = JudgeComparator(judge).compare([(GOOD, BAD)])[0]
    assert (match.p, match.valid, match.calls) == (None, False, 2)
    assert match.note == {"reasons": ["policy", "policy"]}
    one_way = JudgeComparator(judge, swap=False).compare([(GOOD, BAD)])[0]
    assert (one_way.p, one_way.calls, one_way.note) == (None, 1, {"reasons": ["policy"]})


def test_a_stand_in_tie_is_noted(scripted):
    judge = PolicyJudge(scripted(lambda request: "?"), tries=2, tie_on_failure=True)
    match = JudgeComparator(judge).compare([(GOOD, BAD)])[0]
    assert (match.p, match.scores, match.calls) == (0.5, (10.0, 10.0), 2)
    assert match.note == {"reasons": ["parse", "parse"]}


def test_all_pairs_of_a_batch_go_to_the_judge_at_once(scripted):
    policy = scripted(lambda request: "PATH A: 1\nPATH B: 2\nANSWER A: 1\nANSWER B: 2")
    comparator = JudgeComparator(PolicyJudge(policy))
    pairs = [(GOOD, BAD), (BAD, GOOD), (GOOD, member("mid"))]
    assert len(comparator.compare(pairs)) == 3
    assert policy.sizes == [6]
    assert isinstance(comparator, Comparator)


def test_the_name_holds_judge_prompt_and_settings():
    judge = FakeJudge(seed=3)
    tag = load_template("pairwise").tag
    plain = JudgeComparator(judge)
    assert plain.name == f"fake:seed=3/{tag}"
    names = {
        plain.name,
        JudgeComparator(judge, strict=True).name,
        JudgeComparator(judge, swap=False).name,
        JudgeComparator(judge, path_weight=0.5).name,
        JudgeComparator(judge, reference="r").name,
        JudgeComparator(judge, criteria=["r"]).name,
        JudgeComparator(judge, template=load_template("preference")).name,
    }
    assert len(names) == 7


def test_errors():
    with pytest.raises(ConfigError, match="pairwise or choice; 'pointwise' is of the kind grid"):
        JudgeComparator(FakeJudge(), template=load_template("pointwise"))
    with pytest.raises(ConfigError, match="path_weight must be from 0 to 1, got 2"):
        JudgeComparator(FakeJudge(), path_weight=2)
    with pytest.raises(ConfigError, match="candidate 'x' has no transcript"):
        JudgeComparator(FakeJudge()).compare([(GOOD, member("x", text=""))])
