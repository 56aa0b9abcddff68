import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Bounds, Source
from envgym.rewards.group.mean import GroupMean, group_means
from envgym.types import ConfigError

values = st.lists(st.floats(-2, 2), min_size=1, max_size=8)


@given(values)
def test_everybody_gets_the_mean(returns):
    out = group_means(returns, [0] * len(returns))
    assert out == pytest.approx(np.mean(returns), abs=1e-12)
    assert len(set(out.tolist())) == 1
    assert GroupMean(Source("x", "episode")).over(returns) == tuple(out.tolist())


def test_l9_masked_rollouts_get_zero_and_do_not_count():
    assert group_means([1, 0, 9, 4], [0, 0, 0, 1], mask=[1, 1, 0, 1]).tolist() == [0.5, 0.5, 0, 4]
    assert group_means([], []).tolist() == []


def test_bounds_and_direction_are_those_of_the_child():
    node = GroupMean(Source("x", "episode", -1, 2))
    assert node.bounds == Bounds(-1, 2)
    assert node.directions() == ("up",)


def test_bad_arguments_are_named():
    with pytest.raises(ConfigError, match="group_means needs returns, groups and mask"):
        group_means([1], [0, 1])
