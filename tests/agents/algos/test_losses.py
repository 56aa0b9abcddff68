"""Losses: known values, laws, and the torch twin."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.algos import losses_torch, ppo_clip, token_weights, weighted_logprob

logs = st.floats(-8, 0)
triples = st.lists(st.tuples(logs, logs, st.floats(-3, 3)), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.0, 2.0, -2.0),  # on policy: minus the advantage
        (1.5, 1.0, -1.28),  # risen too far: capped
        (0.5, 1.0, -0.5),  # fallen although good: full gradient
        (0.5, -1.0, 0.8),  # fallen too far: capped
        (1.5, -1.0, 1.5),  # risen although bad: full gradient
    ],
)
def test_ppo_clip_known_values(ratio: float, advantage: float, expected: float) -> None:
    assert ppo_clip([np.log(ratio)], [0.0], [advantage])[0] == pytest.approx(expected)


@given(triples)
def test_twin_is_equal_to_the_reference(rows) -> None:
    new, old, gain = (np.array(column) for column in zip(*rows, strict=True))
    tensors = [torch.tensor(a, dtype=torch.float64) for a in (new, old, gain)]
    np.testing.assert_allclose(
        losses_torch.ppo_clip(*tensors).numpy(), ppo_clip(new, old, gain), atol=1e-6
    )
    np.testing.assert_allclose(
        losses_torch.weighted_logprob(tensors[0], tensors[2]).numpy(),
        weighted_logprob(new, gain),
        atol=1e-6,
    )


def test_no_gradient_beyond_the_clip() -> None:
    new = torch.tensor([0.5, -0.5, 0.5, -0.5], requires_grad=True)
    gain = torch.tensor([1.0, -1.0, -1.0, 1.0])
    losses_torch.ppo_clip(new, torch.zeros(4), gain).sum().backward()
    assert new.grad is not None
    assert (new.grad[:2] == 0).all()
    assert (new.grad[2:] != 0).all()


@given(triples)
def test_k3_is_never_negative_and_zero_for_equal_policies(rows) -> None:
    new = torch.tensor([r[0] for r in rows], dtype=torch.float64)
    old = torch.tensor([r[1] for r in rows], dtype=torch.float64)
    assert (losses_torch.k3(new, old) >= -1e-12).all()
    assert (losses_torch.k3(new, new) == 0).all()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=10))
def test_weights_of_a_batch_sum_to_one(lengths) -> None:
    counts = np.array(lengths)
    for kind in ("token_global", "sequence_mean"):
        total = float((token_weights(lengths, kind) * counts).sum())
        assert total == pytest.approx(1.0 if counts.any() else 0.0)


def test_constant_gives_every_token_the_same_weight_whatever_the_lengths() -> None:
    assert token_weights([1, 99], "constant", constant=10).tolist() == [0.05, 0.05]
