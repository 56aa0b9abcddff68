"""The torch twins of the group estimators equal the NumPy reference."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.algos import advantages_torch as twins
from envgym.rewards.group.amplified import amplified
from envgym.rewards.group.bnpo import bnpo
from envgym.rewards.group.normalise import normalise
from envgym.rewards.group.signed import nsr, psr, w_reinforce
from envgym.types import ConfigError

NAN = float("nan")
rows = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([0.0, 0.3, 1.0]), st.floats(0, 1).map(lambda x: round(x, 3))),
        st.integers(-1, 3),
        st.booleans(),
    ),
    max_size=16,
)
PAIRS = {
    "dr_grpo": (twins.dr_grpo, lambda r, g, m: normalise(r, g, "dr_grpo", mask=m)),
    "rloo": (twins.rloo, lambda r, g, m: normalise(r, g, "rloo", mask=m)),
    "grpo": (
        lambda r, g, m: twins.grpo(r, g, m, floor=1e-4),
        lambda r, g, m: normalise(r, g, "grpo", mask=m, floor=1e-4),
    ),
    "grpo sample, clamped": (
        lambda r, g, m: twins.grpo(r, g, m, floor=0.2, ddof=1, clamp=True),
        lambda r, g, m: normalise(r, g, "grpo", mask=m, floor=0.2, ddof=1, clamp=True),
    ),
    "reinforce_pp": (
        lambda r, g, m: twins.reinforce_pp(r, g, m, floor=1e-3),
        lambda r, g, m: normalise(r, g, "reinforce_pp", mask=m, floor=1e-3),
    ),
    "reinforce_pp_baseline": (
        lambda r, g, m: twins.reinforce_pp(r, g, m, baseline=True, floor=1e-3, ddof=1),
        lambda r, g, m: normalise(r, g, "reinforce_pp_baseline", mask=m, floor=1e-3, ddof=1),
    ),
    "bnpo": (twins.bnpo, lambda r, g, m: bnpo(r, g, mask=m)),
    "bnpo, mapped": (
        lambda r, g, m: twins.bnpo(r, g, m, lo=-1, hi=2),
        lambda r, g, m: bnpo(r, g, mask=m, lo=-1, hi=2),
    ),
    "amplify": (twins.amplify, lambda r, g, m: amplified(r, g, mask=m)),
    "amplify, soft": (
        lambda r, g, m: twins.amplify(r, g, m, baseline="soft", temperature=0.5, top=0.9),
        lambda r, g, m: amplified(r, g, mask=m, baseline="soft", temperature=0.5, top=0.9),
    ),
}
EACH = pytest.mark.parametrize("name", sorted(PAIRS))


@EACH
@settings(deadline=None, max_examples=60)
@given(table=rows)
def test_twin_equals_reference_and_l9_ignores_what_is_masked(name, table):
    twin, reference = PAIRS[name]
    mask = [m for _, _, m in table]
    returns = [x if m else NAN for x, _, m in table]
    groups = [g for _, g, _ in table]
    expected = reference(returns, groups, mask)
    got = twin(
        torch.tensor(returns, dtype=torch.float64),
        torch.tensor(groups, dtype=torch.int64),
        torch.tensor(mask, dtype=torch.bool),
    )
    assert got.dtype == torch.float64
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6, atol=1e-6)


@EACH
@settings(deadline=None, max_examples=30)
@given(table=rows, data=st.data())
def test_l4_the_order_of_the_rollouts_changes_nothing(name, table, data):
    twin, _ = PAIRS[name]
    order = torch.tensor(data.draw(st.permutations(range(len(table)))), dtype=torch.int64)
    returns = torch.tensor([x for x, _, _ in table], dtype=torch.float64)
    groups = torch.tensor([g for _, g, _ in table], dtype=torch.int64)
    plain, moved = twin(returns, groups, None), twin(returns[order], groups[order], None)
    np.testing.assert_allclose(moved.numpy(), plain[order].numpy(), atol=1e-9)


@EACH
@pytest.mark.parametrize("mask", [None, False, True])
def test_l2_degenerate_batches_in_single_precision(name, mask):
    twin, _ = PAIRS[name]
    for values in ([], [0.7], [0.7] * 3, [0.1] * 7):
        returns = torch.tensor(values)
        given = None if mask is None else torch.full((len(values),), mask)
        out = twin(returns, torch.zeros(len(values), dtype=torch.int64), given)
        assert out.dtype == torch.float32
        assert torch.all(out.abs() < 1e-6)


@pytest.mark.parametrize(
    ("positive", "negative", "reference"),
    [(1.0, 0.0, psr), (0.0, 1.0, nsr), (0.1, 1.0, w_reinforce)],
)
def test_signed_twins(positive, negative, reference):
    correct = [1.0, 0.0, 1.0]
    got = twins.w_reinforce(
        torch.tensor(correct, dtype=torch.float64), positive=positive, negative=negative
    )
    assert got.tolist() == reference(correct).tolist()
    masked = twins.w_reinforce(torch.tensor([NAN, 1.0]), torch.tensor([False, True]))
    assert masked.tolist() == pytest.approx([0.0, 0.1])


def test_no_gradient_flows_through_an_advantage():
    returns = torch.tensor([1.0, 0.0, 0.0], requires_grad=True)
    groups = torch.zeros(3, dtype=torch.int64)
    for name in PAIRS:
        assert not PAIRS[name][0](returns.detach(), groups, None).requires_grad
    assert not twins.rloo(returns, groups).requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r, g: twins.grpo(r[None], g), "rows of one length"),
        (lambda r, g: twins.rloo(r, g, torch.ones(5, dtype=torch.bool)), "a mask of shape"),
        (lambda r, g: twins.grpo(r, g, floor=0), "floor must be more than 0"),
        (lambda r, g: twins.grpo(r, g, ddof=3), "ddof must be 0 or 1"),
        (lambda r, g: twins.bnpo(r, g, lo=1), "lo must be less than hi"),
        (lambda r, g: twins.amplify(r, g, baseline="max"), "baseline must be 'mean' or 'soft'"),
        (
            lambda r, g: twins.amplify(r, g, baseline="soft", temperature=0),
            "temperature must be more than 0",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call(torch.tensor([1.0, 0.0]), torch.tensor([0, 0]))
