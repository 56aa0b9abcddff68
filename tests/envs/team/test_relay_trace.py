"""What a listener reads of a trace: so many words, without the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.team.relay_trace import MASK, kept_part

WORDS = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("percent", "kept"), [(0, ""), (9, ""), (10, "one"), (39, "one two three"), (100, WORDS)]
)
def test_words_are_kept_rounded_down(percent, kept):
    assert kept_part(WORDS, percent, 77) == (kept, len(kept.split()), 0)


@pytest.mark.parametrize(
    ("text", "answer", "shown"),
    [
        ("42 is it", 42, f"{MASK} is it"),
        ("so x=42.", 42, f"so x={MASK}."),
        ("answer42", 42, f"answer{MASK}"),
        ("it is 42.0 exactly", 42, f"it is {MASK} exactly"),
        ("-42", 42, f"-{MASK}"),
        ("1,024 or 1_024 or 1024", 1024, f"{MASK} or {MASK} or {MASK}"),
        ("042", 42, MASK),
        ("Forty-two, forty two", 42, f"{MASK}, {MASK}"),
        ("three hundred and five", 305, MASK),
        ("two thousand one hundred", 2100, MASK),
        ("142, 42.5, 420 and 4 2", 42, "142, 42.5, 420 and 4 2"),
        ("weight and seventy", 7, "weight and seventy"),
        ("two hundred", 2, "two hundred"),
        ("9" * 5000, 9, "9" * 5000),
        ("٤٢ in other digits", 42, f"{MASK} in other digits"),
    ],
)
def test_the_answer_is_masked_wherever_it_stands(text, answer, shown):
    kept = kept_part(text, 100, answer)
    assert kept.text == shown
    assert kept.leaks == shown.count(MASK)


def test_blanks_and_lines_of_the_trace_stay():
    assert kept_part("  a\n\n b  c ", 67, 1).text == "a\n\n b"


texts = st.text(max_size=60) | st.text("0123,._ -\n", max_size=60)


@given(texts, st.integers(0, 100), st.integers(-50, 40) | st.integers(100, 3000))
def test_laws_for_any_text(trace, percent, answer):
    kept = kept_part(trace, percent, answer)
    assert kept.words == len(trace.split()) * percent // 100
    assert kept_part(kept.text, 100, answer).leaks == 0  # nothing is left to mask
    assert MASK in trace or kept.leaks == kept.text.count(MASK)


@given(st.lists(st.sampled_from(["a", "bc", "d,", "7"]), max_size=30), st.integers(0, 100))
def test_what_is_kept_is_the_beginning(words, percent):
    kept = kept_part(" ".join(words), percent, 99)
    assert kept.text.split() == words[: kept.words]
