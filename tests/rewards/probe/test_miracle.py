import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.miracle import MiracleSteps, truncated
from envgym.types import ConfigError


def test_cookbook_h5():
    """Of four right answers one scored below .5 and one was known before the derivation."""
    report = MiracleSteps().run([True] * 4, [0.9, 0.4, 0.8, 0.5], [False, False, True, False])
    assert report.metric == 0.5
    assert report.detail == {"correct": 4.0, "unsound": 0.25, "already_right": 0.25}
    assert not report.passed


scores = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(scores, st.data())
def test_better_rubric_scores_never_make_more_miracles(rubric, data):
    higher = [data.draw(st.floats(x, 1)) for x in rubric]
    right = [True] * len(rubric)
    assert MiracleSteps().run(right, higher).metric <= MiracleSteps().run(right, rubric).metric


def test_wrong_and_unknown_answers_do_not_count():
    report = MiracleSteps().run([False, True, True], [0.0, None, 0.9])
    assert (report.metric, report.passed) == (0.0, True)
    assert report.notes == ("left out, as nothing is known of them: 1 of 2 answers",)
    none = MiracleSteps().run([False], [0.0])
    assert not none.passed


def test_early_answers_are_asked_for():
    cases = [("2 + 3?", "it is 5\nbecause\n5"), ("2 + 2?", "two and two\nmake\n4")]

    def last_word(asked):
        return [trace.split()[-1] if trace else None for _, trace in asked]

    report = MiracleSteps().ask(cases, ["5", "4"], last_word)
    assert report.detail["already_right"] == 0.5
    weak = MiracleSteps().ask(cases, ["5", "4"], last_word, rubric=[0.9, 0.1])
    assert weak.metric == 1.0


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=9), st.floats(0, 1))
def test_a_cut_trace_never_shows_the_last_line(lines, share):
    cut = truncated("\n".join(lines), share)
    kept = cut.split("\n") if cut else []
    assert kept == lines[: len(kept)]
    assert len(kept) < len(lines)
    assert kept or len(lines) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MiracleSteps().run([True]), "got neither"),
        (lambda: MiracleSteps().run([True], [0.5, 0.5]), "one rubric score"),
        (lambda: MiracleSteps(limit=2), "limit must be 0 to 1"),
        (lambda: truncated("a", 2), "share must be 0 to 1"),
        (lambda: MiracleSteps().ask([("q", "t")], [], lambda asked: ["a"]), "one right answer"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
