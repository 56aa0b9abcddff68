import re
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.read.format_length import format_length
from envgym.rewards.read.grammar import Grammar, tag_names
from envgym.rewards.read.length import Length
from envgym.rewards.read.tag_format import TagFormat
from envgym.rewards.source import Source
from envgym.types import ConfigError, EvidenceError

WORDS = st.lists(st.sampled_from("abc"), max_size=6)
GRAMMARS = ["a", "a b", "a | b", "(a b)* c", "a+ b?", "(a | b c)+", "((a)* b)* c", "a (b | c?) a"]


def as_regex(text):
    return re.compile(re.sub(r"\s", "", text))


@given(st.sampled_from(GRAMMARS), WORDS)
def test_a_grammar_accepts_what_the_regular_expression_does(text, names):
    assert Grammar(text).accepts(names) == bool(as_regex(text).fullmatch("".join(names)))


def test_a_nested_repeat_takes_linear_time():
    node = TagFormat("((a*)* b?)* c")
    start = perf_counter()
    assert node.read({"message": "<a>x</a>" * 2000}) == 0
    assert perf_counter() - start < 5  # a backtracking matcher would never come back


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty alternative"),
        ("a |", "an empty alternative"),
        ("()", "an empty alternative"),
        ("(a", r"a '\(' without its '\)'"),
        ("a)", r"unexpected '\)'"),
        ("* a", r"nothing before '\*'"),
        ("a & b", "unexpected '&'"),
    ],
)
def test_what_is_no_grammar_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        TagFormat(text)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("<think>x</think><answer>4</answer>", 1),
        (" <think>x</think>\n\n<answer>4</answer>\n", 1),
        ("<think>1 < 2 and <b>bold</b></think><answer>4</answer>", 1),
        ("<answer>4</answer><think>x</think>", 0),
        ("<think>x</think>", 0),
        ("<think>x</think><answer></answer>", 0),
        ("<think>x</think><answer> \n</answer>", 0),
        ("<think>x</think> so <answer>4</answer>", 0),
        ("<think>x</think><answer>4</answer> bye", 0),
        ("<think>x<answer>4</answer></think>", 0),
        ("<think>x</think><answer>4", 0),
        ("x</think><answer>4</answer>", 0),
        ("<think>x</think><b>4</b><answer>4</answer>", 0),
        ("", 0),
        (None, None),
    ],
)
def test_format(message, expected):
    assert TagFormat("think answer").read({"message": message}) == expected


def test_loose_allows_text_but_no_stray_tags():
    node = TagFormat("think answer", loose=True)
    assert node.read({"message": "So: <think>x</think> hence <answer>4</answer>."}) == 1
    assert node.read({"message": "<think>x</think> </think> <answer>4</answer>"}) == 0
    assert tag_names("plain", frozenset({"a"}), loose=True) == []


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [("characters", "a b", 3), ("words", " a  b ", 2), ("lines", "a\nb", 2), ("items", (1, 2), 2)],
)
def test_length(unit, value, expected):
    assert Length("x", unit).read({"x": value}) == expected
    assert Length("x", unit).read({"x": None}) is None
    wrong = "text" if unit == "items" else (1,)
    with pytest.raises(EvidenceError, match="evidence 'x' must be"):
        Length("x", unit).read({"x": wrong})


def test_length_needs_a_key():
    with pytest.raises(ConfigError, match="Length.of must name"):
        Length("")
    assert Length("message", "words").formula == "words(message)"


FORM, LONG = Source("form", lo=0, hi=1), Source("n", lo=0)


def surrogate(form, n, **options):
    record = {"form": form, "n": n}
    return format_length(FORM, LONG, 100, **options).settle([record, record])[0]


def test_format_length_peaks_at_the_turn():
    assert surrogate(1, 50) == 2
    assert surrogate(1, 80, turn=0.8) == pytest.approx(2)
    assert surrogate(1, 0) == 1
    assert surrogate(1, 100) == surrogate(1, 500) == 0
    assert surrogate(0, 50) == 0


@given(st.floats(0, 300), st.floats(0, 300))
def test_format_length_rises_then_falls(a, b):
    a, b = sorted((a, b))
    low, high = surrogate(1, a), surrogate(1, b)
    assert 0 <= low <= 2
    if b <= 50:
        assert low <= high + 1e-12
    if a >= 50:
        assert low >= high - 1e-12


@pytest.mark.parametrize(
    ("options", "message"),
    [({"limit": 0}, "limit must be above 0"), ({"turn": 1}, r"turn must be in \(0, 1\)")],
)
def test_format_length_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        format_length(FORM, LONG, **{"limit": 100} | options)
