import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.selfplay import RoleBaseline
from envgym.types import ConfigError

returns = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


def fed(baseline, values, role=0):
    for value in values:
        baseline = baseline.update("kuhn", role, value)
    return baseline


def test_worked_numbers():
    # .95 * .05 * 1 + .05 * 3 = .1975; divided by 1 - .95**2 = .0975.
    plain = fed(RoleBaseline(bias_free=False), [1.0, 3.0])
    assert plain.read("kuhn", 0) == pytest.approx(0.1975)
    assert fed(RoleBaseline(), [1.0, 3.0]).read("kuhn", 0) == pytest.approx(0.1975 / 0.0975)


def test_reading_first_leaves_the_return_out():
    before = RoleBaseline()
    after = before.update("kuhn", 0, 1.0)
    assert before.read("kuhn", 0) == 0.0  # a value: updating changed nothing
    assert after.read("kuhn", 0) == pytest.approx(1.0)


@given(st.floats(-50, 50), st.integers(1, 200))
def test_constant_returns_are_known_at_once(value, count):
    assert fed(RoleBaseline(), [value] * count).read("kuhn", 0) == pytest.approx(value, abs=1e-9)


@given(returns)
def test_it_stays_within_what_went_in(values):
    found = fed(RoleBaseline(), values).read("kuhn", 0)
    assert min(values) - 1e-9 <= found <= max(values) + 1e-9


@given(returns, returns)
def test_roles_and_games_do_not_touch_each_other(first, second):
    mixed = RoleBaseline()
    for k in range(max(len(first), len(second))):
        if k < len(first):
            mixed = mixed.update("kuhn", 0, first[k])
        if k < len(second):
            mixed = mixed.update("kuhn", 1, second[k])
    assert mixed.read("kuhn", 0) == fed(RoleBaseline(), first).read("kuhn", 0)
    assert mixed.read("kuhn", 1) == fed(RoleBaseline(), second, role=1).read("kuhn", 1)
    assert mixed.read("leduc", 0) == 0.0


@given(returns, st.booleans())
def test_json_brings_it_back(values, bias_free):
    baseline = fed(RoleBaseline(0.9, bias_free), values)
    assert RoleBaseline.from_json(json.loads(json.dumps(baseline.to_json()))) == baseline


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RoleBaseline(1.0), "decay must be at least 0 and less than 1, got 1.0"),
        (lambda: RoleBaseline(-0.1), "decay must be at least 0"),
        (lambda: RoleBaseline().update("kuhn", 1, float("nan")), "role 1 in 'kuhn' must be finite"),
        (lambda: RoleBaseline.from_json({"decay": 0.5}), "this is no RoleBaseline"),
    ],
)
def test_bad_input_is_one_sentence(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
