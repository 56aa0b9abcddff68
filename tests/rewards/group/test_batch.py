import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.group.batch import batch, by_label
from envgym.types import ConfigError

labels = st.lists(st.integers(-2, 3), max_size=12)


@given(labels, st.booleans())
def test_every_position_is_in_the_part_of_its_label_in_order(given_, words):
    names = np.array([f"g{x}" for x in given_] if words else given_, dtype=str if words else int)
    parts = by_label(names)
    assert len(parts) == len(set(names.tolist()))
    assert sorted(i for part in parts for i in part) == list(range(len(names)))
    assert [names[part[0]] for part in parts] == sorted(set(names.tolist()))
    for part in parts:
        assert len(set(names[part].tolist())) == 1
        assert part.tolist() == sorted(part.tolist())


def test_masked_rollouts_are_in_no_group():
    given_ = batch([1.0, np.nan, 2.0, 3.0], [7, 9, 7, 5], [1, 0, 1, 1], "test")
    assert [part.tolist() for part in given_.each()] == [[3], [0, 2]]
    assert list(batch([np.nan], [0], [False], "test").each()) == []


def test_a_rollout_without_a_label_is_refused_unless_it_is_masked():
    with pytest.raises(ConfigError, match="a group's label is NaN"):
        list(batch([1.0, 2.0], [0.0, np.nan], None, "test").each())
    given_ = batch([1.0, 2.0], [0.0, np.nan], [True, False], "test")
    assert [part.tolist() for part in given_.each()] == [[0]]
