from envgym.rewards import Bounds, ProgressDelta, Source

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
