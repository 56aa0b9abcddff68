"""Thought-level process rewards (E10)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.credit.ragged import pad
from envgym.rewards.credit.thoughts import thought_rewards, thoughts
from envgym.types import ConfigError

verdicts = st.lists(st.booleans(), min_size=1, max_size=8)


def test_known_runs():
    assert thoughts([True, True, False, True]) == ((0, 2), (2, 3), (3, 4))
    assert thoughts([]) == ()
    found = thought_rewards([[1, 1, 0, 1]], [0.0])
    assert found[0] == pytest.approx([1 / 12, 1 / 12, 0, 1 / 6])


@given(verdicts)
def test_runs_cover_every_step_once(correct):
    runs = thoughts(correct)
    assert [t for first, after in runs for t in range(first, after)] == list(range(len(correct)))
    for first, after in runs:
        assert len(set(correct[first:after])) == 1


@given(st.lists(verdicts, min_size=1, max_size=3), st.data())
def test_splitting_a_step_changes_no_return(group, data):
    outcomes = data.draw(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=len(group), max_size=len(group))
    )
    whole = thought_rewards(*with_mask(group, outcomes))
    who = data.draw(st.integers(0, len(group) - 1))
    at = data.draw(st.integers(0, len(group[who]) - 1))
    split = [list(row) for row in group]
    split[who].insert(at, split[who][at])
    parts = thought_rewards(*with_mask(split, outcomes))
    np.testing.assert_allclose(parts.sum(axis=1), whole.sum(axis=1), atol=1e-12)


def with_mask(group, outcomes):
    values, mask = pad(group)
    return values, outcomes, mask


@given(st.lists(verdicts, min_size=1, max_size=4), st.floats(0, 2))
def test_the_process_part_is_capped_and_fades_with_success(group, weight):
    values, mask = pad(group)
    zero, one = np.zeros(len(group)), np.ones(len(group))
    found = thought_rewards(values, zero, mask, weight=weight).sum(axis=1)
    assert ((found >= 0) & (found <= weight + 1e-9)).all()
    solved = thought_rewards(values, one, mask, weight=weight)
    np.testing.assert_allclose(solved.sum(axis=1), 1.0)
    fixed = thought_rewards(values, one, mask, weight=weight, adaptive=False).sum(axis=1)
    np.testing.assert_allclose(fixed, 1.0 + found, atol=1e-9)


def test_l8_l9_and_bad_input():
    plain = thought_rewards([[1, 0]], [1.0], weight=0.0)
    assert plain.tolist() == [[0.0, 1.0]]
    padded = thought_rewards([[1, np.nan]], [0.0], [[True, False]])
    assert padded.tolist() == [[0.5, 0.0]]
    assert thought_rewards(np.zeros((0, 2)), []).shape == (0, 2)
    with pytest.raises(ConfigError, match="weight must be 0 or more"):
        thought_rewards([[1]], [0.0], weight=-1.0)
    with pytest.raises(ConfigError, match="outcomes must be 0 to 1"):
        thought_rewards([[1]], [2.0])
