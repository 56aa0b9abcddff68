import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.group.selection import (
    Selection,
    best_and_worst,
    drop_flat,
    dynamic_choice,
    split_by_gap,
    top_fraction,
    top_k,
)
from envgym.types import ConfigError

rows = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 1.0]), st.integers(0, 2), st.booleans()), max_size=10
)


def test_cookbook_d9():
    assert drop_flat([1, 1, 1, 0], [0, 0, 1, 1], split="train") == Selection(kept=(2, 3), total=4)
    assert best_and_worst([0.2, 0.9, 0.5, 0.1], [0] * 4, split="train").kept == (1, 3)
    assert top_k([0.2, 0.9, 0.5], 1, split="train").share == pytest.approx(1 / 3)
    assert dynamic_choice([1, 1, 0, 0], [30, 20, 9, 80], [0] * 4, split="train") == ((1, 3),)
    easy, hard = split_by_gap([1, 0.6], [0, 0.5], 0.5, split="train")
    assert (easy.kept, hard.kept) == ((0,), (1,))


SELECTORS = {
    "flat": lambda r, g, m: drop_flat(r, g, split="train", mask=m).kept,
    "ends": lambda r, g, m: best_and_worst(r, g, split="train", mask=m).kept,
    "top": lambda r, g, m: top_k(r, 3, split="train", mask=m).kept,
    "pairs": lambda r, g, m: dynamic_choice(r, [5.0] * len(r), g, split="train", mask=m),
}


@pytest.mark.parametrize("name", sorted(SELECTORS))
@given(rows, st.sampled_from([0.0, 7.0, float("nan"), float("inf")]))
def test_l9_what_is_masked_is_never_kept_and_changes_nothing(name, table, filler):
    returns, groups = [x for x, _, _ in table], [g for _, g, _ in table]
    mask = [m for _, _, m in table]
    kept = SELECTORS[name](returns, groups, mask)
    filled = [x if m else filler for x, _, m in table]
    assert SELECTORS[name](filled, groups, mask) == kept
    assert all(mask[i] for i in np.ravel(np.asarray(kept, dtype=int)))


@given(rows)
def test_every_kept_group_has_two_different_returns(table):
    returns, groups = [x for x, _, _ in table], [g for _, g, _ in table]
    kept = drop_flat(returns, groups, split="train")
    for group in {groups[i] for i in kept.kept}:
        inside = [i for i, g in enumerate(groups) if g == group]
        assert set(inside) <= set(kept.kept)
        assert len({returns[i] for i in inside}) > 1
    assert 0 <= kept.share <= 1


def test_small_groups_are_kept_once_and_pairs_need_a_gap():
    assert best_and_worst([0.5], [0], split="train").kept == (0,)
    assert best_and_worst([0.5, 0.2], [0, 0], 5, split="train").kept == (0, 1)
    assert dynamic_choice([1, 1], [3, 9], [0, 0], split="train") == ()
    assert dynamic_choice([1, 0.5], [3, 9], [0, 0], 0.5, split="train") == ()
    assert top_k([], 3, split="train") == Selection(kept=(), total=0)
    assert top_k([], 3, split="train").share == 0
    assert top_k([1, 2], 0, split="train").kept == ()


@pytest.mark.parametrize("split", ["test", "Test", "test-clean", "my_test", "eval", "held-out"])
def test_a_test_split_is_refused(split):
    calls = [
        lambda: drop_flat([1], [0], split=split),
        lambda: best_and_worst([1], [0], split=split),
        lambda: dynamic_choice([1], [1], [0], split=split),
        lambda: top_k([1], 1, split=split),
        lambda: top_fraction([1], 1.0, split=split),
        lambda: split_by_gap([1], [0], 0.5, split=split),
    ]
    for call in calls:
        with pytest.raises(ConfigError, match="is held out"):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drop_flat([1], [0], 0.0, split="train"), "threshold must be more than 0"),
        (lambda: best_and_worst([1], [0], 0, split="train"), "each must be a whole number"),
        (lambda: top_k([1], -1, split="train"), "k must be a whole number"),
        (lambda: top_k([1], True, split="train"), "k must be a whole number"),
        (lambda: top_k([1], 1, split=""), "split must name"),
        (lambda: dynamic_choice([1, 0], [1], [0, 0], split="train"), "one length per return"),
        (lambda: dynamic_choice([1], [np.nan], [0], split="train"), "lengths must be finite"),
        (lambda: split_by_gap([1], [0, 1], 0.5, split="train"), "must have one length"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_equal_returns_still_keep_two_ends():
    kept = best_and_worst([0.0, 0.0, 1.0, 1.0], [0] * 4, split="train").kept
    assert kept == (1, 2)  # ranks 1 and 4, the earlier of equals ranking higher
    assert best_and_worst([0.5] * 4, [0] * 4, split="train").kept == (0, 3)
