"""EMPG: advantages modulated by entropy (E8)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from envgym.rewards.credit.empg import empg_advantages, empg_gains, min_max
from envgym.types import ConfigError

entropies = hnp.arrays(float, (3, 4), elements=st.floats(0, 3).map(lambda x: round(x, 3)))
advantages = hnp.arrays(float, (3, 4), elements=st.floats(-2, 2).map(lambda x: round(x, 3)))
lengths = hnp.arrays(int, 3, elements=st.integers(0, 4))


def mask_of(length):
    return np.arange(4)[None, :] < length[:, None]


def test_cookbook_e8():
    found = empg_advantages([1.0], [[0.2, 0.8, 0.5]], centre=False)
    assert found[0] == pytest.approx([1.556, 0.620, 0.922], abs=1e-3)
    centred = empg_advantages([1.0], [[0.2, 0.8, 0.5]])
    assert centred[0] == pytest.approx(found[0] - found[0].mean())


@given(entropies, lengths)
def test_mean_gain_is_one(doubt, length):
    mask = mask_of(length)
    gains = empg_gains(min_max(np.where(mask, doubt, 0.0), mask), mask)
    if mask.any():
        assert gains[mask].mean() == pytest.approx(1.0)
    assert (gains[mask] > 0).all() and not gains[~mask].any()


@given(advantages, entropies, lengths)
def test_l8_no_modulation_is_the_identity(gain, doubt, length):
    mask = mask_of(length)
    found = empg_advantages(gain, doubt, mask, k=0.0, zeta=0.0, centre=False)
    np.testing.assert_allclose(found, np.where(mask, gain, 0.0), atol=1e-12)


@given(advantages, entropies)
def test_the_gain_keeps_the_sign(gain, doubt):
    found = empg_advantages(gain, doubt, zeta=0.0, centre=False)
    np.testing.assert_array_equal(np.sign(found), np.sign(gain))


@given(advantages, entropies, lengths)
def test_l9_and_centring(gain, doubt, length):
    mask = mask_of(length)
    found = empg_advantages(gain, doubt, mask)
    assert found.sum() == pytest.approx(0.0, abs=1e-9)
    spoiled = [np.where(mask, x, np.nan) for x in (gain, doubt)]
    np.testing.assert_array_equal(empg_advantages(*spoiled, mask), found)


@given(advantages, entropies, lengths)
def test_the_bonus_is_capped_and_never_paid_at_the_end(gain, doubt, length):
    mask = mask_of(length)
    plain = empg_advantages(gain, doubt, mask, zeta=0.0, centre=False)
    bonus = empg_advantages(gain, doubt, mask, centre=False) - plain
    assert (bonus >= -1e-12).all() and (bonus <= 0.1 + 1e-12).all()
    for i, n in enumerate(length):
        if n:
            assert bonus[i, n - 1] == pytest.approx(0.0, abs=1e-12)


def test_equal_entropies_change_nothing_but_the_bonus():
    found = empg_advantages([[1.0, 2.0]], [[0.7, 0.7]], zeta=0.0, centre=False)
    assert found.tolist() == [[1.0, 2.0]]


def test_unlike_shapes_are_refused():
    with pytest.raises(ConfigError, match=r"its mask \(1, 3\)"):
        empg_advantages([[1.0]], [[0.2, 0.8, 0.5]])
    with pytest.raises(ConfigError, match="entropies must be finite"):
        empg_advantages([1.0], [[np.nan]])
