import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, normalise, score
from envgym.rewards.group.absolute import anchored, anchored_advantages
from envgym.types import ConfigError

OUTCOME = Source("outcome", "episode", 0, 1)
values = st.lists(st.floats(0, 1).map(lambda x: round(x, 3)), min_size=1, max_size=6)


def totals(program, outcomes):
    ends = [{"outcome": x, "end": "task"} for x in outcomes]
    return [each.total for each in score([[{"end": None}, end] for end in ends], program)]


def test_cookbook_d11():
    program = Program("p", anchored(OUTCOME, 0.1, 0.5))
    assert totals(program, [1, 1]) == pytest.approx([0.05, 0.05])
    assert totals(program, [0, 0]) == pytest.approx([-0.05, -0.05])
    assert totals(program, [1, 0]) == pytest.approx([1, -1])


@given(values, st.floats(0, 2), st.floats(0, 1), st.sampled_from(["rloo", "grpo", "dr_grpo"]))
def test_node_and_array_agree(returns, weight, target, name):
    program = Program("p", anchored(OUTCOME, weight, target, name))
    out = anchored_advantages(returns, [0] * len(returns), weight, target, name)
    assert totals(program, returns) == pytest.approx(out, abs=1e-9)
    assert out.sum() == pytest.approx(len(returns) * weight * (np.mean(returns) - target), abs=1e-6)


@given(values)
def test_l8_weight_zero_is_the_estimator(returns):
    groups = [0] * len(returns)
    assert np.array_equal(anchored_advantages(returns, groups, 0.0), normalise(returns, groups))


def test_l9_masked_rollouts_get_zero():
    out = anchored_advantages([1, 1, float("nan")], [0, 0, 0], mask=[1, 1, 0])
    assert out == pytest.approx([0.05, 0.05, 0])


def test_bad_arguments_are_named():
    with pytest.raises(ConfigError, match="unknown estimator"):
        anchored_advantages([1], [0], estimator="x")
