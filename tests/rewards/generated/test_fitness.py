import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.generated.fitness import correlation, rank_correlation, ranking
from envgym.types import ConfigError

numbers = st.lists(st.integers(-50, 50), min_size=2, max_size=8)


@st.composite
def pairs(draw):
    values = draw(numbers)
    truth = draw(st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values)))
    return [float(v) for v in values], [float(t) for t in truth]


@given(pairs())
def test_ranking_sees_order_alone(pair):
    values, truth = pair
    fit = ranking(values, truth)
    assert ranking([3 * v + 1 for v in values], truth) == fit
    assert ranking([v**3 for v in values], truth) == fit
    if fit is None:
        assert len(set(truth)) == 1
    else:
        assert 0.0 <= fit <= 1.0
        assert ranking([-v for v in values], truth) == pytest.approx(1 - fit)
        assert ranking(truth, truth) == 1.0


@given(pairs())
def test_an_invalid_value_never_helps(pair):
    values, truth = pair
    fit = ranking(values, truth)
    for i in range(len(values)):
        holed = [None if j == i else v for j, v in enumerate(values)]
        assert fit is None or ranking(holed, truth) <= fit


@given(pairs())
def test_correlations_keep_their_range_and_ignore_scale(pair):
    values, truth = pair
    for measure in (correlation, rank_correlation):
        r = measure(values, truth)
        if r is None:
            assert len(set(values)) == 1 or len(set(truth)) == 1
        else:
            assert -1.0 <= r <= 1.0
            assert measure([2 * v + 5 for v in values], truth) == pytest.approx(r, abs=1e-9)
            assert measure([-v for v in values], truth) == pytest.approx(-r, abs=1e-9)


def test_worked_numbers():
    assert ranking([1, 2, 2, 0], [0, 1, 0, 1]) == (1 + 0.5 + 0 + 0) / 4
    assert correlation([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)
    assert rank_correlation([1, 2, 2, 8], [1, 2, 3, 4]) == pytest.approx(0.9486833)
    assert correlation([1e308, -1e308], [1, 0]) == pytest.approx(1.0)


def test_little_is_none_and_wrong_is_refused():
    assert ranking([], []) is None
    assert correlation([1.0], [1.0]) is None
    assert correlation([1.0, None, 3.0], [None, 1.0, 2.0]) is None
    with pytest.raises(ConfigError, match="one true value per episode"):
        ranking([1.0], [])
    with pytest.raises(ConfigError, match="finite numbers"):
        correlation([float("inf"), 1.0], [0.0, 1.0])
