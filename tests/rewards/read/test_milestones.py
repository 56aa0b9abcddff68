import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, ProgressDelta
from envgym.rewards.read.milestones import Milestones, progress_labels
from envgym.types import ConfigError, EvidenceError

K = 4
rows = st.lists(st.tuples(*[st.booleans()] * K), min_size=2, max_size=7)


def series(seen, **options):
    return Milestones("done", K, **options).settle([{"done": row} for row in seen])[1]


def test_cookbook_a2():
    assert series([(0, 0, 0, 0), (1, 0, 1, 0)]) == (0.5,)
    assert progress_labels([2, 4], 4, 4).tolist() == [0, 0.125, 0.25, 0.375, 0.5]


@given(rows)
def test_the_latch_never_falls_and_keeps_what_was_reached(seen):
    found = series(seen)
    assert all(a <= b for a, b in itertools.pairwise(found))
    assert found[-1] == sum(any(column) for column in zip(*seen, strict=True)) / K


@given(rows, st.permutations(range(K)))
def test_unordered_milestones_may_be_permuted(seen, order):
    permuted = [tuple(row[k] for k in order) for row in seen]
    assert series(permuted) == series(seen)


@given(rows)
def test_ordered_counts_a_prefix_and_never_more(seen):
    ordered = series(seen, ordered=True)
    assert all(a <= b for a, b in zip(ordered, series(seen), strict=True))
    reached = 0
    for row in seen:
        while reached < K and row[reached]:
            reached += 1
    assert ordered[-1] == reached / K


@given(rows)
def test_paying_the_change_pays_each_milestone_once(seen):
    node = ProgressDelta(Milestones("done", K))
    records = [{"done": row} for row in seen]
    paid = node.settle(records)[0]
    assert paid == pytest.approx(series(seen)[-1] - sum(seen[0]) / K)


def test_ordered_waits_for_the_first():
    assert series([(0,) * 4, (0, 1, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0)], ordered=True) == (
        0,
        0.25,
        0.5,
    )


def test_a_predicate_that_cannot_answer_makes_the_score_invalid():
    program = Program("m", Milestones("done", 2))
    books = program.replay(
        [{"done": (False, False), "end": None}, {"done": (True, None), "end": "task"}]
    )
    assert books.total is None
    assert series([None, (1, 0, 0, 0)]) == (0.25,)  # reset's value is discarded
    assert Milestones("done", 2).settle([{"done": (0, 0)}, {"done": None}]) == (None, ())


def test_bad_input():
    with pytest.raises(EvidenceError, match="'done' must hold 4 bools"):
        series([(0,) * 4, (1, 0)])
    with pytest.raises(EvidenceError, match="'done' must hold 4 bools"):
        series([(0,) * 4, (1, 0, 0, 7)])
    with pytest.raises(ConfigError, match=r"count must be 1 or more, got 0"):
        Milestones("done", 0)
    assert Milestones("done", 2).read({"done": (True, False)}) == 0.5


@given(st.data())
def test_labels_never_fall_and_pass_through_the_completions(data):
    length = data.draw(st.integers(1, 12))
    reached = data.draw(st.lists(st.integers(1, length), unique=True, max_size=5))
    labels = progress_labels(reached, 5, length)
    assert labels.shape == (length + 1,)
    assert np.all(np.diff(labels) >= 0)
    for j, time in enumerate(sorted(reached), start=1):
        assert labels[time] == pytest.approx(j / 5)
    if reached:
        assert labels[-1] == pytest.approx(len(reached) / 5)
        assert progress_labels(reached[::-1], 5, length).tolist() == labels.tolist()


def test_label_edges():
    assert progress_labels([], 3, 2).tolist() == [0, 0, 0]
    assert progress_labels([0, 2], 2, 2).tolist() == [0.5, 0.75, 1]
    assert progress_labels([2, 2], 2, 4).tolist() == [0, 0.5, 1, 1, 1]
    with pytest.raises(ConfigError, match="indices from 0 to 2"):
        progress_labels([3], 3, 2)
    with pytest.raises(ConfigError, match="at most count completions"):
        progress_labels([1, 2], 1, 2)
