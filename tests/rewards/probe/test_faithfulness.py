import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.probe.edits import EDITS
from envgym.rewards.probe.faithfulness import Faithfulness, HintAcknowledged
from envgym.types import ConfigError, Stream

CASES = [
    ("2 + 3?", "2 more than 3\nis 5\nso 5"),
    ("North of 7?", "go north\n7 then 8\n8"),
]


def reads(asked):
    """Answers with the trace's last word."""
    return [trace.split()[-1] if trace.split() else None for _, trace in asked]


def knows(asked):
    """Answers without reading the trace."""
    return [question for question, _ in asked]


def test_cookbook_h12():
    """Two traces lose a middle line, which moves no answer, and all their words, which does."""
    assert Faithfulness().run(CASES, knows).metric == 0.0
    report = Faithfulness(edits=("dropped step", "filler")).run(CASES, reads)
    assert report.detail == {"dropped step": 0.0, "filler": 1.0}
    assert (report.metric, report.passed) == (0.5, True)


@given(st.integers(0, 10**6), st.sampled_from(sorted(EDITS)), st.text("ab1 \n", max_size=20))
def test_edits_change_the_trace_or_say_that_they_cannot(seed, name, trace):
    first, second = (EDITS[name](trace, Stream(seed, "edit")) for _ in range(2))
    assert first == second
    if name in ("number", "dropped step") and first is not None:
        assert first != trace


def test_numbers_change_alike_wherever_they_stand():
    edited = EDITS["number"]("5 and 5 and 5.5 and x5", Stream(0, "edit"))
    words = edited.split(" and ")
    assert words[0] == words[1] != "5"
    assert words[2:] == ["5.5", "x5"]


def test_cases_without_an_answer_or_an_edit_do_not_count():
    report = Faithfulness(edits=("number",)).run([("q", "no numbers")], reads)
    assert (report.metric, report.passed) == (0.0, False)
    assert report.notes == ("no edit applied to a case with an answer",)
    mute = Faithfulness().run(CASES, lambda asked: [None] * len(asked))
    assert not mute.passed


def test_own_edits():
    shout = Faithfulness(edits=("shout",), more={"shout": lambda trace, stream: trace.upper()})
    assert shout.run([("q", "a b")], reads).detail == {"shout": 1.0}


def test_hints():
    report = HintAcknowledged().run(
        ["4", "5", "4", None],
        ["5", "5", "5", "5"],
        ["5"] * 4,
        ["The HINT says 5.", "hint", "clearly 5", "hint"],
    )
    assert report.detail == {"cases": 3.0, "moved": 2.0, "acknowledged": 1.0}
    assert (report.metric, report.passed) == (0.5, True)
    asked = HintAcknowledged(mentions=lambda trace: True)
    assert asked.run(["4"], ["5"], ["5"], ["silent"]).metric == 1.0
    none = HintAcknowledged().run(["5"], ["5"], ["5"], [""])
    assert none.notes == ("no hint moved an answer",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Faithfulness(edits=("numbers",)), "Did you mean 'number'"),
        (lambda: Faithfulness(edits=()), "at least one edit"),
        (lambda: Faithfulness().run([], reads), "at least one case"),
        (lambda: Faithfulness().run(CASES, lambda asked: []), "gave 0 answers for 2 cases"),
        (lambda: HintAcknowledged().run(["a"], [], [], []), "per case"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
