"""From logits to tokens: known values and laws."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.sampling import Sampling, pick, points
from envgym.types import ConfigError

LOGITS = torch.tensor([[math.log(1), math.log(2), math.log(5), math.log(8)]])


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), [1 / 16, 2 / 16, 5 / 16, 8 / 16]),
        (Sampling(temperature=0.5), [1 / 94, 4 / 94, 25 / 94, 64 / 94]),
        (Sampling(top_k=2), [0, 0, 5 / 13, 8 / 13]),
        (Sampling(top_k=99), [1 / 16, 2 / 16, 5 / 16, 8 / 16]),
        (Sampling(top_p=0.5), [0, 0, 0, 1]),
        (Sampling(top_p=0.51), [0, 0, 5 / 13, 8 / 13]),
        (Sampling(top_k=3, top_p=0.9), [0, 2 / 15, 5 / 15, 8 / 15]),
        (Sampling(temperature=0.0), [0, 0, 0, 1]),
    ],
)
def test_known_distributions(sampling, expected):
    got = sampling.log_probs(LOGITS).exp()[0].tolist()
    assert got == pytest.approx(expected, abs=1e-6)


@given(
    st.lists(st.floats(-30, 30), min_size=2, max_size=40),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from([Sampling(), Sampling(top_k=1), Sampling(top_p=0.3), Sampling(temperature=0)]),
)
def test_only_possible_tokens_are_picked(logits, point, sampling):
    table = sampling.log_probs(torch.tensor([logits]))
    token = int(pick(table, torch.tensor([point], dtype=torch.float64)))
    assert 0 <= token < len(logits)
    assert math.isfinite(float(table[0, token]))


def test_pick_inverts_the_cumulative_distribution():
    table = Sampling().log_probs(LOGITS).repeat(5, 1)
    where = torch.tensor([0.0, 0.06, 0.07, 0.49, 0.999], dtype=torch.float64)
    assert pick(table, where).tolist() == [0, 0, 1, 2, 3]


def test_points_are_uniform_and_pinned():
    drawn = points(4000, 7, "policy", "sampling", "agent", 0)
    assert drawn.dtype == np.float64
    assert 0.0 <= drawn.min() < drawn.max() < 1.0
    assert drawn.mean() == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(points(3, 7, "policy", "sampling", "agent", 0), drawn[:3])
    assert not np.array_equal(points(3, 7, "policy", "sampling", "agent", 1), drawn[:3])


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"temperature": -1.0}, "temperature must be 0 or more, got -1"),
        ({"temperature": math.nan}, "temperature must be 0 or more, got nan"),
        ({"top_k": 0}, "top_k must be at least 1 or None, got 0"),
        ({"top_p": 0.0}, "top_p must be above 0 and at most 1 or None, got 0"),
    ],
)
def test_bad_fields(fields, complaint):
    with pytest.raises(ConfigError, match=complaint):
        Sampling(**fields)
