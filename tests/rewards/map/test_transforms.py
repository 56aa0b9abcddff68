"""Transforms of the cookbook that combine existing maps: B2, B4, B5, B6, B9, B17, B18."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import ReduceSum, Source
from envgym.rewards.map.clip_process import clip_process
from envgym.rewards.map.difficulty import difficulty_scaled, questioner
from envgym.rewards.map.lookahead_delta import LookaheadDelta
from envgym.rewards.map.par import par
from envgym.rewards.map.renorm import renorm
from envgym.rewards.map.soft_and import centred_log_sigmoid, reference_level, soft_and
from envgym.rewards.map.uncertainty import discounted_by, lower_bound, pairwise_logit
from envgym.types import ConfigError

UNIT = Source("x", lo=0, hi=1)
R = Source("r", "episode")
OUTCOME = Source("outcome", "episode", lo=0, hi=1)
unit, real = st.floats(0, 1), st.floats(-20, 20)


def rows(*xs, **last):
    records = [{"x": 0.0}, *({"x": x} for x in xs)]
    records[-1] = {**records[-1], **last}
    return records


def value(node, **last):
    return node.settle([dict.fromkeys(last, 0), last])[0]


# B2


def test_cookbook_b2():
    total, each = clip_process(UNIT, 0.85).settle(rows(0.9, 0.8, 0.95))
    assert each == pytest.approx((0, -0.05, 0))
    assert total == pytest.approx(-0.05)


@given(st.lists(unit, min_size=1, max_size=8), unit)
def test_clipped_process_scores_never_pay(scores, eta):
    node = clip_process(UNIT, eta)
    total, each = node.settle(rows(*scores))
    assert total <= 0
    assert all(-eta - 1e-12 <= y <= 0 for y in each)
    assert node.bounds.lo == pytest.approx(-eta)
    assert node.bounds.hi <= 0


@given(unit, st.integers(2, 6))
def test_cookbook_b3_a_loop_gains_with_raw_sums_only(score, repeats):
    once, loop = rows(score), rows(*[score] * repeats)
    gain = {
        "raw": ReduceSum(UNIT).settle(loop)[0] - ReduceSum(UNIT).settle(once)[0],
        "delta": LookaheadDelta(UNIT).settle(loop)[0] - LookaheadDelta(UNIT).settle(once)[0],
        "clip": clip_process(UNIT).settle(loop)[0] - clip_process(UNIT).settle(once)[0],
    }
    assert gain["raw"] == pytest.approx((repeats - 1) * score)
    assert gain["delta"] == pytest.approx(0, abs=1e-12)
    assert gain["clip"] <= 0


# B4


@pytest.mark.parametrize(("refs", "expected"), [([0.5], 0.8176), ([0.5, 1.5], 0.7200)])
def test_cookbook_b4(refs, expected):
    assert value(par(R, refs), r=2.0) == pytest.approx(expected, abs=1e-4)


@given(real, st.lists(real, min_size=1, max_size=4), st.floats(-5, 5), st.floats(0, 3))
def test_par_is_shift_invariant_and_increasing(r, refs, shift, more):
    plain = value(par(R, refs), r=r)
    assert value(par(R, [x + shift for x in refs]), r=r + shift) == pytest.approx(plain, abs=1e-9)
    assert value(par(R, refs), r=r + more) >= plain
    assert 0 <= plain <= 1


def test_par_is_one_half_at_its_reference_and_reads_references_from_evidence():
    assert value(par(R, [1.25]), r=1.25) == 0.5
    ref = Source("ref", "episode")
    assert value(par(R, [ref], k=2.0), r=2.0, ref=0.5) == pytest.approx(1 / (1 + math.exp(-3)))


def test_par_names_bad_arguments():
    with pytest.raises(ConfigError, match="at least one reference"):
        par(R, [])
    with pytest.raises(ConfigError, match="k must be more than 0, got 0"):
        par(R, [1.0], 0)
    with pytest.raises(ConfigError, match="'x' is step and 'r' episode"):
        par(R, [UNIT])


# B5


def test_cookbook_b5():
    assert reference_level([-1.0, 1.0]) == pytest.approx(1.036, abs=1e-3)
    assert value(centred_log_sigmoid(R, 1.036), r=1.0) == pytest.approx(-0.7115, abs=1e-3)
    both = soft_and([Source("a", "episode"), Source("b", "episode")], [0, 0])
    assert value(both, a=2.0, b=-1.0) == pytest.approx(-1.440, abs=1e-3)


@given(real, st.floats(0.1, 3), st.floats(0.1, 3))
def test_log_sigmoid_is_increasing_and_concave(r, low, high):
    node = centred_log_sigmoid(R)
    first = value(node, r=r + low) - value(node, r=r)
    second = value(node, r=r + low + low) - value(node, r=r + low)
    assert first >= second - 1e-9 and first >= 0
    assert value(node, r=r + high) <= 0


def test_the_weak_attribute_dominates_a_soft_and():
    both = soft_and([Source("a", "episode"), Source("b", "episode")], [0, 0])
    assert value(both, a=10.0, b=-3.0) < value(both, a=0.0, b=0.0)


def test_soft_and_and_levels_name_bad_arguments():
    with pytest.raises(ConfigError, match="1 attributes and 2 references"):
        soft_and([R], [0, 0])
    with pytest.raises(ConfigError, match="at least one reward"):
        reference_level([])
    with pytest.raises(ConfigError, match="all of them finite"):
        reference_level([math.nan])
    with pytest.raises(ConfigError, match="between 0 and 1, got 1.0"):
        reference_level([1.0], 1.0)


# B6


@pytest.mark.parametrize(("outcome", "expected"), [(1.0, 0.6), (0.0, -0.4)])
def test_cookbook_b6(outcome, expected):
    _, each = renorm(UNIT, OUTCOME).settle(rows(0.6, outcome=outcome))
    assert each == pytest.approx((expected,))


@given(st.lists(unit, min_size=1, max_size=6), st.sampled_from([0.0, 1.0]))
def test_renorm_has_the_sign_of_the_outcome(scores, outcome):
    node = renorm(UNIT, OUTCOME)
    _, each = node.settle(rows(*scores, outcome=outcome))
    assert all(y >= 0 if outcome else y <= 0 for y in each)
    assert (node.bounds.lo, node.bounds.hi) == (-1, 1)
    assert node.phase == "terminal"


def test_renorm_refuses_scores_outside_the_unit_interval():
    with pytest.raises(ConfigError, match=r"renorm.outcome must lie in \[0, 1\]; 'r'"):
        renorm(UNIT, R)


# B9


@pytest.mark.parametrize(("p", "expected"), [(0.25, 0.325), (0.5, 1.0)])
def test_cookbook_b9(p, expected):
    node = questioner(Source("p", "episode", lo=0, hi=1))
    assert value(node, p=p) == pytest.approx(expected, abs=1e-3)


@given(unit)
def test_the_questioner_earns_the_same_on_both_sides(p):
    node = questioner(Source("p", "episode", lo=0, hi=1))
    assert value(node, p=p) == pytest.approx(value(node, p=1 - p))
    assert value(node, p=p) in node.bounds


def test_difficulty_multiplies_and_is_checked():
    credit, hard = Source("c", "episode"), Source("h", "episode", lo=0)
    assert value(difficulty_scaled(credit, hard), c=0.5, h=1.5) == 0.75
    with pytest.raises(ConfigError, match="'c' may be negative"):
        difficulty_scaled(hard, credit)
    with pytest.raises(ConfigError, match="at least one difficulty"):
        difficulty_scaled(credit)
    with pytest.raises(ConfigError, match="sigma must be a positive number"):
        questioner(hard, sigma=0)


# B17


def test_cookbook_b17():
    score, u = Source("s", "episode", lo=0, hi=1), Source("u", "episode", lo=0)
    assert value(discounted_by(score, u), s=0.8, u=0.5) == pytest.approx(0.8 * math.exp(-0.5))
    assert value(lower_bound(score, u, 0.5), s=0.8, u=0.5) == pytest.approx(0.55)


@given(unit, st.floats(0, 50), st.floats(0, 5))
def test_more_uncertainty_never_pays_and_none_is_the_identity(s, u, more):
    score, spread = Source("s", "episode", lo=0, hi=1), Source("u", "episode", lo=0)
    for node in (discounted_by(score, spread), lower_bound(score, spread)):
        assert value(node, s=s, u=u + more) <= value(node, s=s, u=u) + 1e-12
        assert value(node, s=s, u=0.0) == s
        assert value(node, s=s, u=u) in node.bounds


def test_a_negative_score_is_not_paid_for_uncertainty():
    u = Source("u", "episode", lo=0)
    with pytest.raises(ConfigError, match="use lower_bound"):
        discounted_by(R, u)
    with pytest.raises(ConfigError, match=r"uncertainty must lie in \[0, inf\]; 'r'"):
        lower_bound(u, R)
    with pytest.raises(ConfigError, match="weight must be 0 or more"):
        lower_bound(R, u, -1)
    with pytest.raises(ConfigError, match="'r' is episode and 'x' step"):
        lower_bound(R, UNIT)
    assert value(lower_bound(R, u), r=-0.5, u=0.5) == -1.0


# B18


def test_cookbook_b18():
    p = Source("p", "episode", lo=0, hi=1)
    node = pairwise_logit(p)
    assert value(node, p=0.75) == pytest.approx(math.log(3))
    assert [value(node, p=x) for x in (0, 0.5, 1)] == pytest.approx([-4.6, 0.0, 4.6])


@given(unit, unit)
def test_pairwise_logit_is_monotone_and_antisymmetric(p, q):
    node = pairwise_logit(Source("p", "episode", lo=0, hi=1))
    low, high = sorted((p, q))
    assert value(node, p=low) <= value(node, p=high)
    assert value(node, p=p) == pytest.approx(-value(node, p=1 - p), abs=1e-6)


@pytest.mark.parametrize("limit", [0, 37, math.nan])
def test_pairwise_logit_names_a_bad_limit(limit):
    with pytest.raises(ConfigError, match="limit must be above 0 and at most 36"):
        pairwise_logit(R, limit)
