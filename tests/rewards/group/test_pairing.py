import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source
from envgym.rewards.group.normalise import grpo
from envgym.rewards.group.pairing import Paired, pair_prompts, paired, pairing
from envgym.types import ConfigError

mixed = st.lists(st.sampled_from([0, 1]), min_size=2, max_size=8).filter(
    lambda v: 0 < sum(v) < len(v)
)


def test_cookbook_d7():
    assert paired([1, 0, 0, 0]).tolist() == [3, -1, -1, -1]
    assert paired([0, 1, 1, 1]).tolist() == [-3, 1, 1, 1]


@given(mixed)
def test_the_rarer_answer_gets_the_larger_advantage(correct):
    out = np.abs(paired(correct))
    right = np.asarray(correct) == 1
    rate = right.mean()
    if rate < 0.5:
        assert out[right].min() > out[~right].max()
    if rate > 0.5:
        assert out[~right].min() > out[right].max()


@given(mixed)
def test_right_answers_go_up_and_wrong_ones_down(correct):
    out = paired(correct)
    assert abs(out.sum()) < 1e-9
    assert all((a > 0) == (y == 1) for a, y in zip(out, correct, strict=True))


@given(mixed, st.sampled_from(["hard", "easy"]))
def test_dividing_by_the_std_would_cancel_the_weight(correct, role):
    assert grpo(paired(correct, role)) == pytest.approx(grpo(correct), abs=1e-4)


@pytest.mark.parametrize("correct", [[], [1], [0], [1, 1, 1], [0, 0]])
def test_l2_nothing_to_compare_gives_zeros(correct):
    assert paired(correct).tolist() == [0.0] * len(correct)


def test_l9_groups_and_masks():
    out = pairing([1, 0, 9, 0, 1, 1], [0, 0, 0, 1, 1, 1], mask=[1, 1, 0, 1, 1, 1])
    assert out.tolist() == [*paired([1, 0]), 0, *paired([0, 1, 1])]


def test_prompts_that_teach_nothing_are_in_no_pair():
    assert pair_prompts([0.0, 1.0]) == []
    assert pair_prompts([0.5, 0.75, 0.25]) == [(2, 1)]
    assert pair_prompts([]) == []
    assert pair_prompts([0.1, 0.2, 0.6, 0.9]) == [(0, 3), (1, 2)]
    assert pair_prompts([0.5, 1.0, 0.0]) == []
    assert pair_prompts([0.5, 0.9]) == [(0, 1)]


def test_a_common_answer_is_never_weighted_below_two():
    assert paired([1, 1, 1, 0], "hard").tolist() == [0.5, 0.5, 0.5, -1.5]
    assert paired([1, 0, 0, 0], "easy").tolist() == [1.5, -0.5, -0.5, -0.5]
    assert Paired(Source("outcome", "episode")).over([0.5, 1.0]) == (-1.0, 1.0)


def test_the_node_shares_the_kernel():
    node = Paired(Source("outcome", "episode", 0, 1), "easy")
    assert list(node.over([0.2, 0.9])) == paired([0, 1], "easy").tolist()
    assert node.formula == "paired(outcome, easy)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paired([0.5]), "must be 0 or 1"),
        (lambda: pair_prompts([2.0]), "rates must be in"),
        (lambda: Paired(Source("x", "episode"), "both"), "unknown value 'both'"),
        (lambda: paired([1], role="hardy"), "unknown role of a prompt 'hardy'"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
