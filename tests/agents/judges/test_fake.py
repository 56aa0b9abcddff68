"""The computing judge does what its settings say."""

from math import sqrt
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.judges import FakeJudge, load_template
from envgym.agents.judges.answers import read_answer
from envgym.types import ConfigError

POINT, PAIR, CHOICE = (load_template(name) for name in ("pointwise", "pairwise", "preference"))


def quality(text):
    return float(text.split("=")[1].split(" ")[0])


def points(count, value="q=0.5"):
    return [POINT.ask(instruction="i", transcript=f"{value} {place}") for place in range(count)]


def pair(template, first, second):
    return template.ask(instruction="i", first=first, second=second)


settings = st.fixed_dictionaries(
    {
        "noise": st.floats(0, 1),
        "bias": st.floats(-1, 1),
        "length": st.floats(-0.1, 0.1),
        "cycles": st.floats(0, 1),
        "failures": st.floats(0, 0.5),
        "seed": st.integers(0, 2**40),
    }
)


@given(settings, st.permutations(range(6)))
def test_answers_follow_from_content_and_seed_alone(options, order):
    questions = [
        *points(2),
        pair(PAIR, "a", "b"),
        pair(CHOICE, "a", "b"),
        load_template("principle").ask(instruction="i", transcript="t", principle="p"),
        load_template("rubric").ask(instruction="i", transcript="t", criteria=["a", "b"]),
    ]
    answers = FakeJudge(**options).judge(questions)
    mixed = FakeJudge(**options).judge([questions[place] for place in order])
    assert mixed == [answers[place] for place in order]
    for question, answer in zip(questions, answers, strict=True):
        if answer.values is None:
            assert answer.reason == "policy"
        else:
            assert read_answer(question, answer.text) == answer.values


def test_quality_is_spread_over_the_grid():
    judge = FakeJudge(quality=quality)
    values = [judge.judge(points(1, f"q={q}"))[0].value for q in (-1, 0, 0.34, 1, 2)]
    assert values == [0.0, 0.0, 3.0, 10.0, 10.0]
    assert judge.judge([pair(PAIR, "q=0.2 a", "q=0.8 b")])[0].values == (2.0, 8.0, 2.0, 8.0)
    assert judge.judge([pair(CHOICE, "q=0.2 a", "q=0.8 b")])[0].value == 0.0


def test_noise_has_the_spread_it_was_given():
    values = [v.value for v in FakeJudge(quality=quality, noise=0.1, seed=2).judge(points(2000))]
    assert fmean(values) == pytest.approx(5.0, abs=4 / sqrt(2000))
    # Rounding to whole numbers adds a twelfth to the variance.
    assert pstdev(values) == pytest.approx(sqrt(1 + 1 / 12), rel=0.06)


def test_position_bias_favours_what_is_shown_first():
    judge = FakeJudge(quality=quality, bias=0.3)
    assert judge.judge([pair(PAIR, "q=0.4 a", "q=0.5 b")])[0].values == (7.0, 5.0, 7.0, 5.0)
    assert judge.judge([pair(PAIR, "q=0.5 b", "q=0.4 a")])[0].values == (8.0, 4.0, 8.0, 4.0)


def test_length_bias_counts_doublings_beyond_a_thousand_characters():
    judge = FakeJudge(quality=quality, length=0.1)
    short = judge.judge(points(1, "q=0.5 " + "x" * 100))[0].value
    long = judge.judge(points(1, "q=0.5 " + "x" * 8000))[0].value
    assert (short, long) == (5.0, 8.0)


def test_cycles_are_antisymmetric_and_really_cycle():
    judge = FakeJudge(quality=quality, cycles=1.0)
    names = [f"q={place / 12} {place}" for place in range(12)]
    beats = {}
    for a in names:
        for b in names:
            if a != b:
                first, second, *_ = judge.judge([pair(PAIR, a, b)])[0].values
                beats[a, b] = first > second
    assert all(beats[a, b] != beats[b, a] for a, b in beats)
    assert any(
        beats[a, b] and beats[b, c] and beats[c, a]
        for a in names
        for b in names
        for c in names
        if len({a, b, c}) == 3
    )
    calm = FakeJudge(quality=quality).judge([pair(PAIR, names[0], names[11])])[0].values
    assert calm[0] < calm[1]


def test_the_failure_rate_is_met():
    verdicts = FakeJudge(failures=0.25, seed=1).judge(points(2000))
    failed = [v for v in verdicts if v.values is None]
    assert len(failed) / 2000 == pytest.approx(0.25, abs=0.04)
    assert all(v.reason == "policy" for v in failed)


def test_a_rubric_sees_each_criterion_on_its_own():
    rubric = load_template("rubric")
    values = (
        FakeJudge(seed=3)
        .judge(
            [rubric.ask(instruction="i", transcript="t", criteria=[f"c{n}" for n in range(40)])]
        )[0]
        .values
    )
    assert set(values) == {0.0, 1.0}


def test_the_name_tells_settings_apart():
    assert FakeJudge().name == "fake"
    assert FakeJudge(noise=0.25, seed=7).name == "fake:noise=0.25,seed=7"
    assert FakeJudge(quality=quality).name == "fake:quality=quality"
    assert FakeJudge(quality=quality, label="utility").name == "fake:quality=utility"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"failures": 1.5}, "failures must be from 0 to 1, got 1.5"),
        ({"cycles": -0.1}, "cycles must be from 0 to 1"),
        ({"noise": -1}, "noise must be 0 or more"),
        ({"noise": float("nan")}, "noise must be 0 or more"),
        ({"bias": float("inf")}, "bias must be finite"),
    ],
)
def test_settings_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        FakeJudge(**options)
