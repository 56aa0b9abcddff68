import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.episodes.compare import first_difference, mask
from envgym.runtime.episodes.redact import REDACTED, redact, redacted

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_nothing_differs_from_itself(value):
    assert first_difference(value, value) is None


@given(values, values)
def test_a_difference_is_found_from_both_sides(one, other):
    found, back = first_difference(one, other), first_difference(other, one)
    assert (found is None) == (back is None)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a/b": {"c~": [1, 2]}}, {"a/b": {"c~": [1, 3]}}, ("/a~1b/c~0/1", "2", "3")),
        ({"a": True}, {"a": 1}, ("/a", "true", "1")),
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": 1}, {}, ("/a", "1", "nothing")),
        ({}, {"b": "x"}, ("/b", "nothing", '"x"')),
        ({"a": [1]}, {"a": {"b": 1}}, ("/a", "[1]", '{"b": 1}')),
    ],
)
def test_differences(one, other, found):
    assert first_difference(one, other) == found


def test_long_texts_are_shown_where_they_part():
    _, one, other = first_difference("x" * 500 + "A" + "y" * 500, "x" * 500 + "B" + "y" * 500)
    assert one == '..."' + "x" * 20 + "A" + "y" * 39 + '"...'
    assert "B" in other


def test_masks():
    line = {"obs": {"agent": "pid 12 at 09:00"}, "ev": {"agent": {"seconds": 3, "a/b": [1, 2]}}}
    seen = mask(line, ["/ev/agent/seconds", "/ev/agent/a~1b/1", "/no/such/place"], [r"pid \d+"])
    assert seen == {"obs": {"agent": " at 09:00"}, "ev": {"agent": {"a/b": [1, None]}}}
    assert line["ev"]["agent"]["seconds"] == 3


@pytest.mark.parametrize(
    "secret",
    [
        {"api_key": "x"},
        {"judge": {"OPENAI_API_KEY": "x"}},
        {"hf-token": "x"},
        {"deep": [{"password": "x"}]},
        {"agent": "openai:gpt@https://user:pw@host/v1"},
        {"note": "key sk-abcdefghijklmnop here"},
        {"header": "Bearer abcdefgh12345"},
        {"access_key": "AKIAABCDEFGHIJKLMNOP"},
        {"secrets": ["x"]},
        {"judge": "https://host/v1?model=a&token=abc"},
    ],
)
def test_secrets_are_redacted(secret):
    cleaned = redact(secret)
    assert redacted(cleaned)
    assert REDACTED in str(cleaned)
    assert not redacted(secret)


def test_what_only_looks_secret_stays():
    config = {"max_tokens": 5, "token": 7, "tokens": "words", "task": "keep a secret", "secret": ""}
    assert redact(config) == config
