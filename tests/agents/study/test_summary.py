"""Rows and pairs of a study from made-up totals: every number worked by hand."""

import numpy as np
import pytest

from envgym.agents.study.summary import pair, per_seed, row, rows_and_pairs
from envgym.agents.study.tally import Totals


def totals(expected, violation, shortfall=None, seeds=(0, 1), late=2, residual=(0.0, 0.0)):
    """Return totals of ten rounds each, the tail two of them."""
    sums = {
        "expected": np.array(expected, float),
        "violation": np.array(violation, float),
        "utility": np.array(expected, float) + 1,
        "infeasible": np.array([3.0, 4.0]),
        "a_residual": np.array(residual, float),
        "b_residual": np.array([-5.0, -6.0]),
        "help": np.array([5.0, 7.0]),
    }
    tails = dict(sums)
    if shortfall is not None:
        sums["shortfall"] = np.array(shortfall, float)
        tails["shortfall"] = np.array(shortfall, float) / 5
    return Totals(
        seeds=seeds,
        rounds=np.array([10, 10]),
        errors=np.array([0, 1]),
        sums=sums,
        tails=tails,
        tail_rounds=np.array([late, 2]),
        marks=np.array([1, 10]),
        curves={},
        paths={},
        pulls=np.zeros((2, 0), np.int64),
        seconds=1.5,
    )


def test_a_row_in_numbers():
    found = per_seed(
        [totals([4, 6], [1, 3], [0.02, 0.5], residual=(2, -3))], 10, ("a_residual", "b_residual")
    )
    made = row("ofs", found)
    assert made["agent"] == "ofs" and made["seeds"] == 2
    assert made["reward"] == pytest.approx(0.5) and made["reward_sd"] == pytest.approx(0.1 * 2**0.5)
    assert made["reward_interval"] == pytest.approx([0.4, 0.6])
    assert made["violation"] == 2.0 and made["violation_interval"] == [1.0, 3.0]
    # Tails are a fifth of the sums here, over two rounds: .002 and .05.
    assert made["gap"] == pytest.approx(0.026) and made["share_below"] == 0.5
    assert made["regret"] == pytest.approx(0.26)
    assert made["utility"] == pytest.approx(0.6)
    assert made["signed_violation"] == pytest.approx((2 - 3) / 2)
    assert made["infeasible"] == pytest.approx(0.35)
    assert made["errors"] == 1 and made["seconds"] == 1.5
    assert made["facts"]["help"] == pytest.approx(0.6)


def test_what_is_not_known_is_null():
    without = row("random", per_seed([totals([4, 6], [0, 0])], 10))
    assert without["gap"] is without["gap_interval"] is without["share_below"] is None
    assert without["regret"] is without["signed_violation"] is None
    early = row("random", per_seed([totals([4, 6], [0, 0], [1, 1], late=0)], 10))
    assert early["gap"] is None and early["regret"] == 1.0


def test_shards_stand_side_by_side_and_differences_are_paired():
    a = per_seed([totals([4, 6], [1, 3], [1, 1]), totals([5, 7], [1, 3], [1, 1])], 10)
    b = per_seed([totals([3, 5], [9, 9], [2, 2]), totals([4, 5], [9, 9], [2, 2])], 10)
    assert a.reward.tolist() == pytest.approx([0.4, 0.6, 0.5, 0.7]) and a.seconds == 3.0
    made = pair("a", "b", a, b)
    # Differences .1, .1, .1, .2: mean .125, sd .05, t = .125 / (.05 / 2).
    assert made["reward"] == pytest.approx(0.125) and made["reward_t"] == pytest.approx(5.0)
    assert made["violation"] == pytest.approx(-7.0)
    assert made["violation_interval"][0] >= -8.0 and made["violation_interval"][1] <= -6.0
    assert made["gap"] == pytest.approx(-0.1) and made["gap_t"] is None  # all equal
    rows, pairs = rows_and_pairs({"a": a, "b": b, "c": a})
    assert [each["agent"] for each in rows] == ["a", "b", "c"]
    named = [(each["agent"], each["other"]) for each in pairs]
    assert named == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairs[1]["reward"] == 0.0
