import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.group.grpo_lambda import grpo_lambda, mastered
from envgym.types import ConfigError

RIGHT, SHORT = Source("right", "episode", 0, 1), Source("short", "episode", 0, 2)
verdicts = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=6)


def totals(outcomes, threshold=0.5):
    program = Program("p", grpo_lambda(RIGHT, SHORT, threshold))
    ends = [{"right": x, "short": 1.5 * x, "end": "task"} for x in outcomes]
    return [each.total for each in score([[{"end": None}, end] for end in ends], program)]


def test_cookbook_b10_grpo_lambda():
    assert totals([1, 1, 0]) == [1.5, 1.5, 0]
    assert totals([1, 0, 0]) == [1, 0, 0]
    assert totals([1, 0]) == [1.5, 0]


@given(verdicts)
def test_l8_threshold_zero_is_the_length_reward_and_above_one_the_outcome(outcomes):
    assert totals(outcomes, 0.0) == [1.5 * x for x in outcomes]
    assert totals(outcomes, 1.1) == outcomes


def test_the_batch_form_keeps_the_top_fraction():
    assert mastered([0.2, 1.0, 0.7, 0.1], 0.5) == (1, 2)
    assert mastered([0.5] * 100, 0.29) == tuple(range(29))
    assert mastered([], 0.5) == ()
    with pytest.raises(ConfigError, match=r"fraction must be in \[0, 1\]"):
        mastered([0.1], 1.5)
