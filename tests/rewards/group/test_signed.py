import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.group.signed import nsr, psr, signed, w_reinforce
from envgym.types import ConfigError

OUTCOME = Source("outcome", "episode", 0, 1)
verdicts = st.lists(st.sampled_from([0, 1]), max_size=8)


def value(node, outcome):
    return node.settle([{}, {"outcome": outcome}])[0]


def test_cookbook_d6():
    assert w_reinforce([1, 0]) == pytest.approx([0.1, -1])
    assert psr([1, 0]).tolist() == [1, 0]
    assert nsr([1, 0]).tolist() == [0, -1]


@given(verdicts)
def test_nsr_never_pushes_a_correct_sample_and_psr_never_a_wrong_one(correct):
    for y, n, p in zip(correct, nsr(correct), psr(correct), strict=True):
        assert (n == 0) if y else (p == 0)


@given(verdicts, st.floats(0, 2))
def test_l8_lambda_one_is_plus_and_minus_one_and_zero_is_nsr(correct, weight):
    assert w_reinforce(correct, 1.0).tolist() == [1.0 if y else -1.0 for y in correct]
    assert w_reinforce(correct, 0.0).tolist() == nsr(correct).tolist()
    out = w_reinforce(correct, weight)
    assert all(a == (weight if y else -1) for a, y in zip(out, correct, strict=True))


@given(verdicts)
def test_node_and_array_agree(correct):
    programs = {
        psr: signed(OUTCOME, 1, 0),
        nsr: signed(OUTCOME, 0, 1),
        w_reinforce: signed(OUTCOME, 0.1),
    }
    for kernel, node in programs.items():
        assert [value(node, y) for y in correct] == kernel(correct).tolist()


def test_it_needs_no_group():
    program = Program("w", signed(OUTCOME, 0.1))
    assert program.phase == "terminal"
    won = [{"end": None}, {"outcome": 1.0, "end": "task"}]
    assert score([won], program)[0].total == 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: psr([0.5]), "correct must be 0 or 1, got 0.5; threshold"),
        (lambda: nsr([float("nan")]), "must be finite"),
        (lambda: w_reinforce([1], -1), "positive must be a finite weight"),
        (lambda: signed(OUTCOME, negative=float("inf")), "negative must be a finite weight"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
