import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.episodes.decode import LineError, big, decode, integer
from envgym.runtime.episodes.encode import encode
from envgym.types import EpisodeFileError, Record

MAX = 2**53

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def expected(value):
    """The schema's form of a plain JSON value."""
    if isinstance(value, bool) or value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX else str(value)
    if isinstance(value, dict):
        return {key: expected(item) for key, item in value.items()}
    return [expected(item) for item in value]


@given(st.dictionaries(st.text(), values, max_size=5))
def test_any_json_value_comes_back(line):
    data = encode(line)
    assert data.endswith(b"\n")
    assert b"\n" not in data[:-1]
    assert json.loads(data) == expected(line)


@given(st.integers())
def test_integers_of_any_size_come_back(number):
    written = json.loads(encode({"n": [number]}))["n"][0]
    assert isinstance(written, int) == (abs(number) <= MAX)
    assert integer(written) == number
    assert big(written) == number


@pytest.mark.parametrize("text", ["17", "+9007199254740993", "9007199254740992", "12 34", "", "-"])
def test_texts_that_are_no_quoted_integer_stay_texts(text):
    assert big(text) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_unfinite_numbers_name_their_field(value):
    with pytest.raises(EpisodeFileError, match=r"field '/ev/agent/a~1b/1': .* finite"):
        encode({"kind": "e", "ev": {"agent": {"a/b": (0.0, value)}}})


def test_words_that_look_like_unfinite_numbers_are_texts():
    line = {"obs": {"agent": 'NaN, "Infinity" and :1234567890123456789'}}
    assert json.loads(encode(line)) == line


def test_only_calls_forgive_what_json_cannot_hold():
    deep: list = []
    for _ in range(400):
        deep = [deep]
    hostile = {"a": math.nan, "b": -math.inf, "c": deep, "d": 16**6000, "e": "\ud800", "f": {1}}
    args = json.loads(encode({"calls": {"agent": [{"name": "x", "args": hostile}]}}))
    args = args["calls"]["agent"][0]["args"]
    assert (args["a"], args["b"]) == ("nan", "-inf")
    assert "nested deeper" in json.dumps(args["c"])
    assert args["d"].startswith("0x1000")
    assert args["e"] == "\ufffd" * len(args["e"])
    with pytest.raises(EpisodeFileError, match="field '/ev': expected a JSON value, got object"):
        encode({"ev": object()})


def test_numpy_records_and_tuples():
    line = {"ev": Record(a=np.int64(3), b=np.float32(0.5), c=np.bool_(True), d=(1, (2, "x")))}
    assert json.loads(encode(line)) == {"ev": {"a": 3, "b": 0.5, "c": True, "d": [1, [2, "x"]]}}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"kind": "e", "ep": "a"}, "field 'e' is missing"),
        (
            {"kind": "late", "ep": "a", "e": 1.5, "agent": "agent", "ev": {}, "source": "s"},
            "'e': exp",
        ),
        ({"kind": "cut", "ep": 3, "e": 0, "cause": "x"}, "field 'ep': expected a text, got 3"),
        ({"kind": "what"}, "expected one of head, reset, e, late, cut, end, block, got 'what'"),
        ({"kind": "block", "eps": []}, "field 'e0' is missing from this 'block' line"),
        ({"kind": "head", "v": 2, "ep": "a"}, "field 'v': expected schema version 1, got 2"),
        ({"hello": 1}, "not an episode line"),
        ([1, 2], "not an episode line"),
    ],
)
def test_bad_lines_name_the_field(line, sentence):
    with pytest.raises(LineError, match=sentence):
        decode(json.dumps(line).encode())


def test_bad_fields_inside_objects_are_named():
    end = {
        "kind": "end", "ep": "a", "cause": "task", "valid": True, "reason": None,
        "success": {"agent": True}, "returns": {"agent": 1.0},
        "ledger": [["agent", "c", 0, 0, "1", None, None]],
    }  # fmt: skip
    with pytest.raises(LineError, match="field 'ledger/0/4': expected a finite number, got '1'"):
        decode(json.dumps(end).encode())
    with pytest.raises(LineError, match="field 'cause': expected one of task, budget"):
        decode(json.dumps({**end, "cause": "bored"}).encode())
    with pytest.raises(LineError, match="field 'success/agent': expected true or false"):
        decode(json.dumps({**end, "success": {"agent": 1}}).encode())
    with pytest.raises(LineError, match="not JSON"):
        decode(b'{"kind":"end","returns":{"agent":NaN}}')
    with pytest.raises(LineError, match="not JSON"):
        decode(b"\xff\xfe\x00")


def test_a_field_of_a_later_minor_version_is_left_unread():
    assert decode(b'{"kind":"cut","ep":"a","e":0,"cause":"seconds","mood":1}').e == 0
