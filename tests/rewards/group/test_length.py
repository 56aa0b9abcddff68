import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Bounds, Program, Source, score
from envgym.rewards.group.length import GroupLength, kimi_length, normalised_length
from envgym.types import ConfigError

rows = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 500)), min_size=1, max_size=8)
KERNELS = pytest.mark.parametrize("kernel", [kimi_length, normalised_length])
RIGHT, TOKENS = Source("right", "episode", 0, 1), Source("tokens", "episode", lo=0)


def test_cookbook_b10_kimi():
    out = kimi_length([1, 1, 0, 0], [100, 300, 100, 300])
    assert out == pytest.approx([1.2, 0.8, 0, -0.2])


def test_cookbook_b10_normalised():
    # Two correct lengths lie one population std from their mean: sigmoid(-1) and sigmoid(1).
    out = normalised_length([1, 1, 0], [100, 300, 50])
    assert out == pytest.approx([1 - 0.4 * 0.26894, 1 - 0.4 * 0.73106, 0], abs=1e-4)


@KERNELS
@given(rows)
def test_a_correct_answer_beats_a_wrong_one_and_shorter_correct_ones_earn_more(kernel, rows):
    correct, lengths = zip(*rows, strict=True)
    out = kernel(correct, lengths)
    right = [(n, r) for y, n, r in zip(correct, lengths, out, strict=True) if y]
    wrong = [r for y, r in zip(correct, out, strict=True) if not y]
    assert all(r > w for _, r in right for w in wrong)
    assert all(w <= 0 for w in wrong)
    for n, r in right:
        assert all(r >= other for m, other in right if m > n)


@KERNELS
@given(rows, st.data())
def test_l4_permutation(kernel, rows, data):
    order = data.draw(st.permutations(rows))
    before = dict(zip(rows, kernel(*zip(*rows, strict=True)).tolist(), strict=True))
    after = dict(zip(order, kernel(*zip(*order, strict=True)).tolist(), strict=True))
    assert before == after


@KERNELS
def test_l2_degenerate_groups(kernel):
    assert kernel([], []).tolist() == []
    assert kernel([0, 0], [5, 5]).tolist() == [0, 0]
    assert kernel([1, 0], [5, 5], 0.0).tolist() == [1, 0]


def test_equal_lengths():
    assert kimi_length([1, 0], [5, 5]).tolist() == [1, 0]
    assert normalised_length([1, 1, 0], [5, 5, 9]).tolist() == [0.8, 0.8, 0]
    assert normalised_length([1], [5]).tolist() == [0.8]
    assert np.all(np.isfinite(normalised_length([1, 1], [1, 10**9])))


def test_node_and_function_have_the_same_defaults():
    ends = [{"right": y, "tokens": n, "end": "task"} for y, n in ((1, 10), (1, 30), (0.5, 99))]
    for form, kernel in (("kimi", kimi_length), ("normalised", normalised_length)):
        node = GroupLength(RIGHT, TOKENS, form)
        result = score([[{"end": None}, end] for end in ends], Program("p", node))
        assert [each.total for each in result] == kernel([1, 1, 0], [10, 30, 99]).tolist()
        assert str(node) == f"{form}_length(right, tokens, 0.4)"
    assert GroupLength(RIGHT, TOKENS).bounds == Bounds(-0.2, 1.2)
    assert GroupLength(RIGHT, TOKENS, "normalised").bounds == Bounds(0, 1)


def test_bad_arguments_are_named():
    with pytest.raises(ConfigError, match=r"weight must be in \[0, 1\), got 1"):
        kimi_length([1], [5], 1.0)
    with pytest.raises(ConfigError, match=r"weight must be in \[0, 1\)"):
        GroupLength(RIGHT, TOKENS, weight=-0.1)
    with pytest.raises(ConfigError, match="must have one length"):
        kimi_length([1], [5, 6])
    with pytest.raises(ConfigError, match="must be 0 or 1"):
        normalised_length([0.5], [5])
