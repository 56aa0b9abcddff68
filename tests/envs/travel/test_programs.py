"""The terminal reward as a program: the formula, its gates, the presets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.travel.programs import (
    HIGHEST_FAILURE,
    LOWEST_SUCCESS,
    outcome_of,
    travel_presets,
)
from envgym.rewards import Program

share = st.floats(0, 1)


def evidence(**given_):
    base = {
        "delivered": True,
        "grounded": True,
        "scored": True,
        "commonsense_micro": 1.0,
        "hard_micro": 1.0,
        "final_pass": True,
        "utility_ratio": 1.0,
        "verdict_supported": False,
    }
    return {**base, **given_}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, 1.0),
        ({"utility_ratio": 0.0}, 0.9),
        ({"final_pass": False, "commonsense_micro": 11 / 12}, 0.1 + 0.275 + 0.3 + 0.1),
        ({"scored": False, "commonsense_micro": 10 / 12}, 0.1 + 0.25),
        ({"grounded": False, "scored": False}, 0.1),
        ({"delivered": False}, 0.0),
        ({"delivered": False, "verdict_supported": True}, 1.0),
        ({"verdict_supported": True, "grounded": False, "scored": False}, 0.1),
    ],
)
def test_worked_numbers(given_, expected):
    assert outcome_of(evidence(**given_)) == pytest.approx(expected, abs=1e-12)


@given(st.booleans(), st.booleans(), st.booleans(), share, share, st.booleans(), share)
def test_formula(delivered, grounded, scored, micro, hard, passed, ratio):
    found = outcome_of(
        evidence(
            delivered=delivered,
            grounded=grounded,
            scored=scored,
            commonsense_micro=micro,
            hard_micro=hard,
            final_pass=passed,
            utility_ratio=ratio,
        )
    )
    expected = delivered * (
        0.1 + grounded * 0.3 * micro + scored * (0.3 * hard + 0.2 * passed + 0.1 * ratio)
    )
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0.0 <= found <= 1.0


@given(share, share)
def test_a_failure_never_reaches_a_success(micro, ratio):
    """One of twelve rules, or one of up to eight constraints, is missed."""
    missed_rule = min(micro, 11 / 12)
    fail = max(
        outcome_of(evidence(final_pass=False, commonsense_micro=missed_rule, utility_ratio=ratio)),
        outcome_of(evidence(final_pass=False, hard_micro=7 / 8, utility_ratio=ratio)),
    )
    assert fail <= HIGHEST_FAILURE + 1e-12
    assert outcome_of(evidence(utility_ratio=ratio)) >= LOWEST_SUCCESS


@pytest.mark.parametrize("name", ["outcome", "dense", "gated", "process"])
def test_presets_round_trip_through_json(name):
    program = travel_presets()[name]
    assert program.name == name
    assert Program.from_spec(program.spec()) == program
    assert program.bounds.finite


def records(*shares, **final):
    rows = [{"progress": x, "end": None} for x in shares]
    rows[-1] = {**rows[-1], **evidence(**final), "end": "task"}
    return rows


def test_what_the_presets_pay():
    won = records(0.0, 0.25, 0.5, 1.0)
    lost = records(0.0, 0.25, 0.5, 1.0, final_pass=False, hard_micro=0.5, utility_ratio=0.5)
    totals = {
        name: (program.replay(won).total, program.replay(lost).total)
        for name, program in travel_presets().items()
    }
    fail = 0.1 + 0.3 + 0.15 + 0.05
    assert totals["outcome"] == pytest.approx((1.0, fail))
    assert totals["dense"] == pytest.approx((2.0, 1.0 + fail))
    # The gate opens for successes only, and pays less than the gap between the two.
    assert totals["gated"] == pytest.approx((1.0 + 0.4 * (LOWEST_SUCCESS - HIGHEST_FAILURE), fail))
    assert totals["process"] == pytest.approx((1.0, fail))
