"""The torch twins of credit assignment are equal to the NumPy reference."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.agents.algos import credit_torch as twin
from envgym.rewards.credit.decs import decs_advantages
from envgym.rewards.credit.drpo import drpo_loss, drpo_weights
from envgym.rewards.credit.empg import empg_advantages
from envgym.rewards.credit.istar import istar_advantages, preference_loss
from envgym.rewards.credit.log_ratio import log_ratio_rewards
from envgym.rewards.credit.mira import potential_loss, value_loss
from envgym.rewards.credit.prime import prime_advantages, prime_loss
from envgym.rewards.credit.spa import spa_loss
from envgym.rewards.credit.steps import sum_by_step, to_tokens
from envgym.types import ConfigError

small = st.floats(-4, 4).map(lambda x: round(x, 2))
tables = hnp.arrays(float, (4, 5), elements=small)
logs = hnp.arrays(float, (4, 5), elements=st.floats(-6, 0).map(lambda x: round(x, 2)))
rows = hnp.arrays(float, 4, elements=small)
binary = hnp.arrays(float, 4, elements=st.sampled_from([0.0, 1.0]))
lengths = hnp.arrays(int, 4, elements=st.integers(0, 5))
labels = hnp.arrays(int, 4, elements=st.integers(0, 1))
places = hnp.arrays(int, (4, 5), elements=st.integers(-1, 3))
names = st.sampled_from(["grpo", "dr_grpo", "rloo"])


def mask_of(length):
    return np.arange(5)[None, :] < length[:, None]


def tensors(*arrays):
    return [torch.tensor(np.asarray(a)) for a in arrays]


def same(found, expected):
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-6, rtol=1e-6)


def spoil(values, mask):
    """Fill padding with what must not matter."""
    return np.where(mask, values, np.nan)


@given(logs, logs, lengths, places)
def test_tokens_and_steps(ours, theirs, length, steps):
    mask = mask_of(length)
    a, b, m, s = tensors(spoil(ours, mask), spoil(theirs, mask), mask, steps)
    tokens = log_ratio_rewards(ours, theirs, mask)
    same(twin.log_ratio_rewards(a, b, m), tokens)
    by_step = sum_by_step(tokens, steps, 4)
    same(twin.sum_by_step(torch.tensor(tokens), s, 4), by_step)
    same(twin.to_tokens(torch.tensor(by_step), s), to_tokens(by_step, steps))


@given(tables, rows, lengths, labels, names, hnp.arrays(bool, (4, 5)))
def test_istar(rewards, returns, length, groups, name, invalid):
    mask = mask_of(length)
    found = twin.istar_advantages(
        *tensors(spoil(rewards, mask), returns, mask, groups),
        invalid=torch.tensor(invalid),
        episode=name,
    )
    expected = istar_advantages(
        rewards, returns, mask, groups=groups, invalid=invalid, episode=name
    )
    same(found, expected)


@given(tables, binary, lengths, labels, st.booleans())
def test_prime(rewards, outcomes, length, groups, whiten):
    mask = mask_of(length)
    given_ = tensors(spoil(rewards, mask), outcomes, mask, groups)
    found = twin.prime_advantages(*given_, process=2.0, whiten=whiten)
    expected = prime_advantages(rewards, outcomes, mask, groups=groups, process=2.0, whiten=whiten)
    same(found, expected)
    same(twin.prime_loss(*given_[:3]), prime_loss(rewards, outcomes, mask))


@given(tables, rows, hnp.arrays(float, (4, 5), elements=st.floats(0, 3)), lengths, st.booleans())
def test_empg(table, row, entropies, length, centre):
    mask = mask_of(length)
    for advantages in (table, row):
        given_ = spoil(table, mask) if advantages is table else row
        found = twin.empg_advantages(*tensors(given_, spoil(entropies, mask), mask), centre=centre)
        same(found, empg_advantages(advantages, entropies, mask, centre=centre))


@given(rows, rows, tables, lengths)
def test_losses_of_reward_models(better, worse, progress, length):
    mask = mask_of(length)
    same(twin.preference_loss(*tensors(better, worse)), preference_loss(better, worse))
    found = twin.spa_loss(*tensors(spoil(progress, mask), better, mask))
    same(found, spa_loss(progress, better, mask))
    chances = 1 / (1 + np.exp(-better))
    found = twin.value_loss(*tensors(spoil(progress, mask), chances, mask))
    same(found, value_loss(progress, chances, mask))
    found = twin.potential_loss(*tensors(spoil(progress, mask), progress / 2, mask))
    same(found, potential_loss(progress, progress / 2, mask))


@given(rows, hnp.arrays(float, 4, elements=st.integers(1, 900)), hnp.arrays(bool, 4))
def test_decoupled_length(scores, length, correct):
    given_ = tensors(length, correct)
    same(twin.drpo_weights(*given_, scale=1000), drpo_weights(length, correct, scale=1000))
    found = twin.drpo_loss(torch.tensor(scores), *given_, scale=1000)
    same(found, drpo_loss(scores, length, correct, scale=1000))


@given(tables, lengths)
def test_decs(rewards, length):
    mask = mask_of(length)
    found = twin.decs_advantages(*tensors(spoil(rewards, mask), mask))
    same(found, decs_advantages(rewards, mask))


def test_losses_pass_gradients_the_right_way():
    scores = torch.tensor([-1.0, -2.0, -1.5], requires_grad=True)
    right = torch.tensor([True, True, False])
    twin.drpo_loss(scores, torch.tensor([100.0, 400.0, 200.0]), right, scale=1000.0).backward()
    assert scores.grad is not None
    assert scores.grad[0] < scores.grad[1] < 0 < scores.grad[2]
    assert -scores.grad[:2].sum() == pytest.approx(1.0)

    rewards = torch.zeros(2, 3, requires_grad=True)
    mask = torch.tensor([[True, True, False], [True, True, True]])
    twin.prime_loss(rewards, torch.tensor([1.0, 0.0]), mask).backward()
    assert rewards.grad is not None
    assert (rewards.grad[0] <= 0).all() and rewards.grad[0, 2] == 0
    assert (rewards.grad[1] > 0).all()

    better, worse = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    twin.preference_loss(better, worse).backward()
    assert better.grad == -0.5 and worse.grad == 0.5


def test_a_group_of_one_class_has_no_loss_and_no_gradient():
    scores = torch.tensor([-1.0, -2.0], requires_grad=True)
    loss = twin.drpo_loss(scores, torch.ones(2), torch.tensor([True, True]), scale=10.0)
    loss.backward()
    assert loss == 0.0 and scores.grad is not None and not scores.grad.any()


def test_equal_rewards_stay_silent_in_single_precision():
    alike = torch.full((3, 4), 0.3)
    mask = torch.ones(3, 4, dtype=torch.bool)
    groups = torch.zeros(3, dtype=torch.long)
    assert not twin.istar_advantages(alike, torch.full((3,), 0.3), mask, groups).any()
    assert not twin.prime_advantages(alike, torch.full((3,), 0.3), mask, groups).isnan().any()
    assert not twin.decs_advantages(alike, mask).any()
    nothing = torch.zeros(3, 4, dtype=torch.bool)
    assert not twin.empg_advantages(torch.ones(3), alike, nothing).any()


def test_unknown_estimators_are_refused():
    zeros = torch.zeros(2, 2)
    with pytest.raises(ConfigError, match="unknown estimator 'grop'"):
        twin.istar_advantages(
            zeros, zeros[0], zeros == 0, torch.zeros(2, dtype=torch.long), episode="grop"
        )


def test_no_gradient_flows_through_an_advantage():
    table = torch.tensor([[0.5, float("nan")], [1.0, 2.0]], requires_grad=True)
    mask = torch.tensor([[True, False], [True, True]])
    row, groups = torch.tensor([1.0, 0.0]), torch.zeros(2, dtype=torch.long)
    for found in (
        twin.istar_advantages(table, row, mask, groups),
        twin.prime_advantages(table, row, mask, groups),
        twin.empg_advantages(row, table, mask),
        twin.decs_advantages(table, mask),
    ):
        assert not found.requires_grad and found.isfinite().all()


def test_padding_reaches_no_gradient_of_a_reward_or_loss():
    ours = torch.tensor([[-0.5, float("inf")], [-1.0, -2.0]], requires_grad=True)
    theirs = torch.tensor([[-0.4, float("nan")], [-1.5, -1.0]])
    mask = torch.tensor([[True, False], [True, True]])
    labels = torch.tensor([1.0, 0.0])
    rewards = twin.log_ratio_rewards(ours, theirs, mask)
    steps = twin.sum_by_step(rewards, torch.where(mask, 0, -1), 1)
    for loss in (
        twin.prime_loss(rewards, labels, mask),
        twin.preference_loss(steps[:1, 0], steps[1:, 0]),
        twin.spa_loss(ours, labels, mask),
        twin.potential_loss(ours, theirs, mask),
        twin.value_loss(ours, labels, mask),
    ):
        (grad,) = torch.autograd.grad(loss, ours, retain_graph=True)
        assert grad.isfinite().all() and grad[0, 1] == 0 and grad[0, 0] != 0


@pytest.mark.parametrize("width", [0, 3])
def test_no_rollouts_are_as_in_the_reference(width):
    none, row = torch.zeros(0, width), torch.zeros(0)
    mask, groups = none > 0, row.long()
    assert twin.preference_loss(row, row) == preference_loss([], []) == 0.0
    assert twin.prime_loss(none, row, mask) == prime_loss(none, row) == 0.0
    assert twin.spa_loss(none, row, mask) == spa_loss(none, row) == 0.0
    assert twin.potential_loss(none, none, mask) == twin.value_loss(none, row, mask) == 0.0
    for found in (
        twin.istar_advantages(none, row, mask, groups),
        twin.prime_advantages(none, row, mask, groups),
        twin.empg_advantages(row, none, mask),
        twin.decs_advantages(none, mask),
    ):
        assert found.shape == (0, width)
