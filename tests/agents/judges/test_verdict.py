"""Verdicts as values and as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.judges import Verdict
from envgym.types import ConfigError

finite = st.floats(allow_nan=False, allow_infinity=False)
reasons = st.sampled_from(["timeout", "parse", "cut", "context", "policy"])
verdicts = st.builds(
    Verdict,
    values=st.lists(st.none() | finite, min_size=1, max_size=4).map(tuple),
    reason=st.none() | reasons,
    text=st.text(),
    probabilities=st.none() | st.lists(finite, max_size=3).map(tuple),
    spread=st.none() | finite,
    calls=st.integers(0, 10),
) | st.builds(Verdict, reason=reasons, text=st.text())


@given(verdicts)
def test_json_and_back(verdict):
    found = Verdict.from_json(json.loads(json.dumps(verdict.to_json())))
    assert found == verdict
    assert found.calls == verdict.calls


def test_calls_and_time_are_no_part_of_the_answer():
    assert Verdict(values=(1.0,), calls=1, seconds=2.0) == Verdict(values=(1.0,), calls=3)


def test_several_values_are_not_one():
    with pytest.raises(ConfigError, match="has 2 values"):
        _ = Verdict(values=(1.0, 2.0)).value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "must be a JSON object"),
        ({"values": None}, "must give a reason"),
        ({"values": [1], "reason": "bored"}, "known word or null, got 'bored'"),
        ({"values": 1}, "values must be a list of numbers"),
        ({"values": ["1"]}, "finite numbers, got '1'"),
        ({"values": [True]}, "finite numbers, got True"),
        ({"values": [float("nan")]}, "finite numbers, got nan"),
        ({"values": [10**400]}, "finite numbers, got 1000"),
        ({"values": [1], "spread": "x"}, "spread must hold finite numbers"),
        ({"values": [1], "probabilities": [None]}, "probabilities must hold finite numbers"),
        ({"values": [1], "calls": "x"}, "calls must be a whole number"),
        ({"values": [1], "text": 3}, "its text a string"),
    ],
)
def test_wrong_json_is_one_sentence(data, message):
    with pytest.raises(ConfigError, match=message):
        Verdict.from_json(data)
