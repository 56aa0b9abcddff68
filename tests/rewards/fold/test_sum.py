from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Bounds, Mean, Min, ProgressDelta, ReduceSum, Scale, Source, Sum

STEP, FINAL = Source("x", lo=0, hi=1), Source("final", "episode", 0, 1)


def test_step_values_stay_step_values_and_enter_an_episode_value_as_their_sum():
    assert (STEP + STEP).scope == "step"
    mixed = STEP + FINAL
    assert mixed.scope == "episode"
    assert mixed.settle([{"x": 0}, {"x": 1}, {"x": 0.5, "final": 1}]) == (2.5, (1.0, 1.5))


def test_bounds_know_that_deltas_telescope():
    assert (ProgressDelta(STEP) + FINAL).bounds == Bounds(-1, 2)


def test_minus_prints_as_minus():
    assert str(FINAL - 0.1 * STEP) == "final - 0.1*x"
    assert str(-FINAL) == "-final"


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_l11_folds_of_steps_settle_to_the_bit_as_they_step(xs):
    parts = tuple(Source(key, lo=0, hi=1) for key in "abc")
    row = dict(zip("abc", xs, strict=True))
    tenth = Scale(Sum(parts), 0.1)
    mixed = (tenth, *parts)  # rounded as a whole, unlike the sum of its parts
    nodes = (tenth, Sum(mixed), Mean(mixed), Mean(parts, (1, 6, 15)), Min(mixed))
    for node in nodes:
        stepped = node.step(node.init(), row)[1]
        assert node.settle([row, row, row])[1] == (stepped, stepped)


def test_the_lowest_episode_value_keeps_its_turns():
    low, high = ReduceSum(STEP), FINAL
    rows = [{"x": 0}, {"x": 0.25}, {"x": 0.25, "final": 1}]
    assert Min((high, low)).settle(rows) == (0.5, (0.25, 0.25))


def test_the_lowest_step_value_is_found_per_event():
    other = Source("y", lo=0, hi=1)
    rows = [{"x": 0, "y": 0}, {"x": 0.25, "y": 1}, {"x": 1, "y": 0.5}]
    assert Min((STEP, other)).settle(rows) == (0.75, (0.25, 0.5))
