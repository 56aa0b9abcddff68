from math import exp, inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import (
    Above,
    Affine,
    Bounds,
    Clip,
    Curve,
    LookaheadDelta,
    OnInvalid,
    Power,
    ReduceSum,
    Scale,
    Source,
    SpreadUniform,
    cap,
)
from envgym.types import ConfigError

X = Source("x", lo=0, hi=1)


def rows(*xs):
    return [{"x": 0}, *({"x": x} for x in xs)]


def test_cookbook_b1_affine_then_clip():
    node = Clip(Affine(X, 2.0, -1.0), -0.5, 0.5)
    assert node.settle(rows(0.1, 0.6, 0.9))[1] == pytest.approx((-0.5, 0.2, 0.5))
    assert node.bounds == Bounds(-0.5, 0.5)


def test_cookbook_b2_clip_of_process_rewards():
    node = Clip(Affine(X, shift=-0.85), hi=0.0)
    assert node.settle(rows(0.9, 0.8, 0.95))[1] == pytest.approx((0, -0.05, 0))
    assert node.bounds == Bounds(-0.85, 0)


def test_clip_limits_each_step_or_the_sum():
    assert Clip(X, hi=0.5).settle(rows(1, 1))[0] == 1.0
    assert Clip(ReduceSum(X), hi=0.5).settle(rows(1, 1))[0] == 0.5


def test_above_is_strict():
    assert Above(X, 0.5).settle(rows(0.5, 0.51))[1] == (0.0, 1.0)
    assert Above(X, 0.5, strict=False).settle(rows(0.49, 0.5))[1] == (0.0, 1.0)
    assert Above(X, float("-inf")).bounds == Bounds(1, 1)


def test_directions_follow_the_sign():
    assert Scale(X, -1.0).directions() == ("down",)
    assert Affine(X, 2.0).directions() == ("up",)


@pytest.mark.parametrize(("policy", "value"), [("floor", 0.0), ("neutral", 0.5)])
@pytest.mark.parametrize("scope", ["step", "episode"])
def test_on_invalid_replaces_by_declared_bounds(scope, policy, value):
    node = OnInvalid(Source("x", scope, 0, 1), policy)
    assert node.settle(rows(None))[0] == value
    assert node.settle(rows(0.75))[0] == 0.75


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Clip(X, 1.0, 0.0), "Clip.lo must not exceed hi, got 1.0 and 0.0"),
        (lambda: OnInvalid(Source("x"), "floor"), "'floor' needs a lower bound"),
        (lambda: OnInvalid(Source("x", lo=0), "neutral"), "'neutral' needs finite bounds"),
        (lambda: OnInvalid(X, "flor"), "Did you mean 'floor'"),
        (lambda: Scale(X, float("inf")), "Scale.factor must be finite, got inf"),
        (lambda: Scale(1.0, 2.0), "Scale.of must be a reward node, got 1.0"),
        (lambda: Scale(X, 2.0, name=3), "Scale.name must be text, got 3"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


POSITIVE = Source("p", lo=0.5, hi=4)
DIRECTIONS = [
    (Above(X, 0.5), "up"),
    (Affine(X, 0.5, 1.0), "up"),
    (Affine(X, 0.0, 1.0), "up"),
    (Affine(X, -0.5, 1.0), "down"),
    (Clip(X, 0.2, 0.8), "up"),
    (Curve(POSITIVE, "abs"), "none"),
    (Curve(POSITIVE, "reciprocal"), "down"),
    (Curve(POSITIVE, "sqrt"), "up"),
    (OnInvalid(X), "up"),
    (Power(POSITIVE, -0.5), "down"),
    (Power(POSITIVE, 0.0), "up"),
    (Power(POSITIVE, 0.5), "up"),
    (Scale(X, 0.0), "up"),
    (Scale(X, -0.5), "down"),
]


@pytest.mark.parametrize(("node", "direction"), DIRECTIONS)
@given(st.floats(0, 1), st.floats(0, 1))
def test_l3_a_map_moves_as_it_declares(node, direction, one, other):
    assert node.directions() == (direction,)
    below = node.of.bounds
    ends = sorted((one, other))
    low, high = (node.value(min(below.lo + t * (below.hi - below.lo), below.hi)) for t in ends)
    if direction != "none":
        assert low <= high if direction == "up" else low >= high
    assert low in node.bounds


def test_sigmoids_are_exact_far_out_where_exp_would_overflow():
    far = Source("x", lo=-1000, hi=1000)
    assert [Curve(far, "sigmoid").value(x) for x in (-800.0, 0.0, 800.0)] == [0.0, 0.5, 1.0]
    for x in (-2.0, -0.5, 0.5, 2.0):
        assert Curve(far, "sigmoid").value(x) == pytest.approx(1 / (1 + exp(-x)))
        assert Curve(far, "log_sigmoid").value(x) == pytest.approx(-log(1 + exp(-x)))
    assert [Curve(far, "log_sigmoid").value(x) for x in (-800.0, 800.0)] == [-800.0, 0.0]


def test_cap_is_a_clip_from_above():
    assert cap(X, 0.5, name="bonus") == Clip(X, hi=0.5, name="bonus")
    assert cap(X, 0.5).label == "x"


@pytest.mark.parametrize(("policy", "value"), [("floor", 0.0), ("neutral", 0.5)])
def test_what_stands_in_is_noted_where_it_stands(policy, value):
    final = OnInvalid(Source("x", "episode", 0, 1), policy).explain(rows(1, None))
    assert (final.attribution, final.notes()) == ((0.0, value), ((1, "x", policy),))
    spread = OnInvalid(SpreadUniform(Source("x", "episode", 0, 1)), policy).explain(rows(1, None))
    assert spread.attribution == (value, value)
    assert spread.notes() == ((0, "x", policy), (1, "x", policy))
    assert [part.component for part in spread.parts] == ["x"]
    node = OnInvalid(X, policy)
    assert node.hits(node.init()) == ()


@pytest.mark.parametrize(
    ("exponent", "bounds"),
    [(2.0, (1, inf)), (0.5, (1, inf)), (0.0, (1, 1)), (-1.0, (0, 1))],
)
def test_a_power_knows_its_limit_at_infinity(exponent, bounds):
    assert Power(Source("n", lo=1), exponent).bounds == Bounds(*bounds)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Power(Source("x", lo=-1), 0.5),
            "Power.of must be 0 or more for exponent 0.5; 'x' has [-1, inf], so clip it first.",
        ),
        (
            lambda: Power(X, -0.5),
            "Power.of must be above 0 for exponent -0.5; 'x' has [0, 1], so clip it first.",
        ),
        (
            lambda: Curve(Source("x", lo=0, hi=2), "logit"),
            "Curve.shape 'logit' needs values in [4.94066e-324, 1]; 'x' has [0, 2], so clip it"
            " first.",
        ),
        (
            lambda: Curve(Source("x", lo=-1, hi=9), "sqrt"),
            "Curve.shape 'sqrt' needs values in [0, inf]; 'x' has [-1, 9], so clip it first.",
        ),
        (lambda: Clip(X, inf, inf), "Clip.lo must not exceed hi, got inf and inf."),
        (lambda: Clip(X, -inf, -inf), "Clip.lo must not exceed hi, got -inf and -inf."),
    ],
)
def test_a_value_outside_the_domain_is_refused_in_one_sentence(make, message):
    with pytest.raises(ConfigError) as caught:
        make()
    assert str(caught.value) == message


def test_exponents_at_the_edge_of_the_domain():
    assert Power(X, 0.0).value(0.0) == 1.0
    assert Power(Source("x", lo=1e-12, hi=1), -1.0).bounds.lo == 1.0
    with pytest.raises(ConfigError, match="must be 0 or more for exponent 0;"):
        Power(Source("x", lo=-1), 0.0)


def test_lookahead_keeps_the_notes_below_it():
    settled = LookaheadDelta(OnInvalid(X, "neutral")).explain(rows(1, None))
    assert settled.attribution == (0.5, 0.5)
    assert settled.notes() == ((1, "x", "neutral"),)
