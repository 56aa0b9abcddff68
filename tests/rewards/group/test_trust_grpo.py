from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Bounds, Program, Source, score
from envgym.rewards.group.trust_grpo import TrustGRPO, thinking_weight, trust, trust_grpo
from envgym.types import ConfigError

RIGHT = Source("right", "episode", 0, 1)
THOUGHT = Source("thought", "episode", 0, 1)
rows = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 1.0]), st.floats(0, 1)), min_size=1, max_size=8
)


def test_cookbook_b15():
    gamma = trust([1, 0], [0.3, 0.5])
    assert gamma == pytest.approx(0.8187, abs=1e-4)
    assert thinking_weight(250) * gamma == pytest.approx(0.1490, abs=1e-4)
    out = trust_grpo([1, 0], [0.3, 0.5], 250)
    assert out == pytest.approx([1 + 0.1490 * 0.3, 0], abs=1e-4)


@given(rows)
def test_trust_is_between_one_over_e_and_one_or_zero_without_both_classes(rows):
    outcomes, thinking = zip(*rows, strict=True)
    gamma = trust(outcomes, thinking)
    both = len({y >= 0.5 for y in outcomes}) == 2
    assert (exp(-1) - 1e-12 <= gamma <= 1) if both else gamma == 0


@given(rows, st.floats(0, 1e5))
def test_the_range_and_that_the_term_vanishes(rows, step):
    outcomes, thinking = zip(*rows, strict=True)
    out = trust_grpo(outcomes, thinking, step)
    for y, x in zip(outcomes, out, strict=True):
        assert y <= x <= y + thinking_weight(step) + 1e-12
        assert x == y if y < 0.2 else True
    assert trust_grpo(outcomes, thinking, 1e6).tolist() == list(outcomes)


def test_l2_one_class_only_is_the_outcome():
    for outcomes in ([], [1], [1, 1], [0, 0, 0]):
        thinking = [0.9] * len(outcomes)
        assert trust_grpo(outcomes, thinking).tolist() == outcomes


@given(rows)
def test_the_node_shares_the_kernel_and_reports_the_trust(rows):
    node = TrustGRPO(RIGHT, THOUGHT, at=250)
    ends = [{"right": y, "thought": h, "end": "task"} for y, h in rows]
    result = score([[{"end": None}, end] for end in ends], Program("p", node))
    outcomes, thinking = zip(*rows, strict=True)
    assert [each.total for each in result] == trust_grpo(outcomes, thinking, 250).tolist()
    assert result.report == {node.key: {"trust": trust(outcomes, thinking)}}
    assert node.bounds == Bounds(0, 1 + thinking_weight(250))


def test_the_limits_belong_to_the_better_side():
    assert trust_grpo([0.2, 1.0, 0.0], [0.5, 1.0, 0.0])[0] == pytest.approx(0.35)
    assert trust_grpo([0.19, 1.0, 0.0], [0.5, 1.0, 0.0])[0] == 0.19
    assert trust([0.5, 0.0], [0.1, 0.3]) == pytest.approx(exp(-0.2))
    assert trust([0.4, 1.0], [0.3, 0.1]) == pytest.approx(exp(-0.2))
    assert trust([1.0, 0.0], [0.5, 0.1]) == 1.0
    assert trust_grpo([1.0, 0.0], [1.0, 0.0], start=0.0).tolist() == [1.0, 0.0]


def test_node_and_function_have_the_same_defaults():
    node = TrustGRPO(RIGHT, THOUGHT)
    ends = [{"right": y, "thought": 0.5, "end": "task"} for y in (0.2, 0.5, 1.0, 0.1)]
    result = score([[{"end": None}, end] for end in ends], Program("p", node))
    expected = trust_grpo([0.2, 0.5, 1.0, 0.1], [0.5] * 4)
    assert [each.total for each in result] == expected.tolist()
    assert str(node) == "trust_grpo(right, thought, 0.3, 0.2, 0.5)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trust_grpo([1], [1.5]), r"thinking scores must be in \[0, 1\]"),
        (lambda: trust_grpo([1], [0.5, 0.5]), "must have one length"),
        (lambda: trust_grpo([1], [0.5], -1), "step must be at least 0"),
        (lambda: trust_grpo([1], [0.5], float("inf")), "step must be at least 0, got inf"),
        (lambda: trust_grpo([1], [-0.5]), r"thinking scores must be in \[0, 1\]"),
        (lambda: TrustGRPO(RIGHT, Source("x", "episode", 0, 1.5)), r"thinking must be in \[0, 1\]"),
        (
            lambda: TrustGRPO(RIGHT, Source("x", "episode", -0.5, 1)),
            r"thinking must be in \[0, 1\]",
        ),
        (lambda: trust_grpo([1], [0.5], start=-1), "start must be at least 0"),
        (lambda: trust_grpo([1], [0.5], decay=0), "decay must be more than 0"),
        (lambda: TrustGRPO(RIGHT, Source("x", "episode")), r"thinking must be in \[0, 1\]; 'x'"),
        (lambda: TrustGRPO(RIGHT, THOUGHT, at=-1), "step must be at least 0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
