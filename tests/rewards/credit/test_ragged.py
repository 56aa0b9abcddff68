"""Ragged arrays: padding, checks, and the sums other files build on."""

import numpy as np
import pytest

from envgym.rewards.credit.ragged import (
    last_step,
    members,
    on_last_step,
    pad,
    row,
    standardised,
    table,
    to_go,
)
from envgym.types import ConfigError


def test_rows_are_padded_at_the_end():
    values, mask = pad([[1.0], [], [2.0, 3.0]])
    assert values.tolist() == [[1, 0], [0, 0], [2, 3]]
    assert mask.sum(axis=1).tolist() == [1, 0, 2]
    assert pad([])[0].shape == (0, 0)


def test_padding_may_hold_anything():
    values, _ = table("x", [[1.0, np.nan]], [[True, False]])
    assert values.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: table("x", [1.0]), r"x must have the shape \[G, T\], got \(1,\)"),
        (lambda: table("x", [[1.0]], [[True, True]]), r"x has the shape \(1, 1\), its mask"),
        (lambda: table("x", [[np.inf]]), "x must be finite where its mask is True"),
        (lambda: row("x", [[1.0]]), "x must be one row"),
        (lambda: row("x", [1.0], 2), "x must be one row of 2"),
        (lambda: row("x", [np.nan]), "x must be finite"),
        (lambda: members("x", [0], 2), "x needs one group label per row"),
    ],
)
def test_wrong_shapes_and_numbers_are_refused(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_last_steps_of_ragged_rows():
    mask = np.array([[True, True, False], [False, False, False], [False, True, True]])
    assert last_step(mask).tolist() == [1, -1, 2]
    found = on_last_step(np.array([5.0, 6.0, 7.0]), mask)
    assert found.tolist() == [[0, 5, 0], [0, 0, 0], [0, 0, 7]]
    assert last_step(np.zeros((2, 0), bool)).tolist() == [-1, -1]


def test_degenerate_groups_are_zeros():
    alike = np.full((2, 2), 0.1)
    for mask in (np.ones((2, 2), bool), np.zeros((2, 2), bool), np.eye(2, dtype=bool)):
        assert not standardised(alike, mask).any()
    assert members("x", None, 0) == []
    assert to_go(np.array([[1.0, 2.0]])).tolist() == [[3.0, 2.0]]


@pytest.mark.parametrize(
    ("ddof", "floor", "expected"),
    [(0, 0.0, [-1.2247, 0.0, 1.2247]), (1, 0.0, [-1, 0, 1]), (1, 1.0, [-0.5, 0, 0.5])],
)
def test_standardised_over_what_counts(ddof, floor, expected):
    values = np.array([[1.0, 2.0], [3.0, 99.0]])
    mask = np.array([[True, True], [True, False]])
    found = standardised(values, mask, ddof=ddof, floor=floor)
    assert found[mask] == pytest.approx(expected, abs=1e-4)
    assert found[1, 1] == 0.0
