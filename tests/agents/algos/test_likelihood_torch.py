"""The torch twins of likelihood rewards are equal to the NumPy reference."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.agents.algos import likelihood_torch as twin
from envgym.rewards.likelihood.contrast import density_ratio, follow_up
from envgym.rewards.likelihood.dro import dro_rewards, dro_signal
from envgym.rewards.likelihood.reference import reference_logprob, verifree
from envgym.rewards.likelihood.rlpr import mean_probability, rlpr_rewards
from envgym.rewards.likelihood.sar import perplexity, sar_rewards

logs = hnp.arrays(float, (3, 4), elements=st.floats(-6, 0).map(lambda x: round(x, 2)))
lengths = hnp.arrays(int, 3, elements=st.integers(1, 4))
chances = hnp.arrays(float, 3, elements=st.floats(0, 1))
doubts = hnp.arrays(float, 3, elements=st.floats(1, 50))


def same(found, expected):
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6, rtol=1e-6)


@given(logs, logs, lengths)
def test_readings_of_tokens(values, other, length):
    mask = np.arange(4)[None, :] < length[:, None]
    spoiled, m = torch.tensor(np.where(mask, values, np.nan)), torch.tensor(mask)
    for name, reference in (
        ("reference_logprob", reference_logprob),
        ("verifree", verifree),
        ("mean_probability", mean_probability),
        ("perplexity", perplexity),
    ):
        same(getattr(twin, name)(spoiled, m), reference(values, mask))
    weak = torch.tensor(np.where(mask, other, np.nan))
    for per_token in (True, False):
        found = twin.density_ratio(spoiled, weak, m, per_token=per_token)
        same(found, density_ratio(values, other, mask, per_token=per_token))


@given(logs, hnp.arrays(bool, 4).filter(np.any))
def test_dro(values, mask):
    spoiled = torch.tensor(np.where(mask[None, :], values, np.nan))
    for how in ("proportional", "squared"):
        found = twin.dro_rewards(spoiled, torch.tensor(mask), weighting=how)
        same(found, dro_rewards(values, mask, weighting=how))
    same(twin.dro_signal(spoiled, torch.tensor(mask)), dro_signal(values, mask))


@given(chances, chances, doubts, doubts)
def test_differences(given_, alone, blind, asked):
    same(twin.rlpr_rewards(*map(torch.tensor, (given_, alone))), rlpr_rewards(given_, alone))
    same(twin.sar_rewards(*map(torch.tensor, (blind, asked))), sar_rewards(blind, asked))
    found = twin.follow_up(*map(torch.tensor, (-blind, -asked)))
    same(found, follow_up(-blind, -asked))


def test_equal_traces_give_zeros_in_single_precision():
    alike = torch.full((5, 3), -0.3)
    assert not twin.dro_rewards(alike, torch.ones(3, dtype=torch.bool)).any()


def test_padding_reaches_no_gradient():
    for spoilt in (float("nan"), float("inf"), 1e30):
        logs = torch.tensor([[-0.5, spoilt], [-1.0, -2.0]], requires_grad=True)
        mask = torch.tensor([[True, False], [True, True]])
        for name in ("reference_logprob", "verifree", "mean_probability", "perplexity"):
            (grad,) = torch.autograd.grad(getattr(twin, name)(logs, mask).sum(), logs)
            assert grad.isfinite().all() and grad[0, 1] == 0 and grad[0, 0] != 0


def test_no_traces_and_no_tokens():
    none, kept = torch.zeros(0, 3), torch.ones(3, dtype=torch.bool)
    assert twin.dro_rewards(none, kept).shape == (0,)
    assert twin.dro_signal(none, kept) == dro_signal(none, kept) == 0.0
    assert twin.dro_signal(torch.zeros(2, 0), kept[:0]) == 0.0
