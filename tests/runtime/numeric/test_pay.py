"""Programs over arrays pay what the books of single episodes pay."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import (
    Above,
    Clip,
    Potential,
    Power,
    Product,
    Program,
    ProgressDelta,
    Scale,
    Source,
    Sum,
)
from envgym.runtime.numeric.arrays import NUMPY, arrays
from envgym.runtime.numeric.pay import ArrayPay
from envgym.types import ConfigError

ROWS = 3
U, V = Source("u"), Source("v")
VISITS = Source("visits", lo=1.0)
OUTCOME = Source("outcome", "episode", 0.0, 1.0)
number = st.floats(-3, 3).map(lambda x: round(x, 3))
roots = st.sampled_from([U, V, VISITS, Power(VISITS, -0.5), Power(VISITS, 2.0)])


def grown(below):
    one = below
    return st.one_of(
        st.builds(Scale, one, number),
        st.builds(lambda a, b: Sum((a, b)), one, one),
        st.builds(lambda a, b: Product((a, b), name="both"), one, one),
        st.builds(lambda a, at, strict: Above(a, at, strict=strict), one, number, st.booleans()),
        st.builds(lambda a, lo, width: Clip(a, lo, lo + abs(width)), one, number, number),
        st.builds(ProgressDelta, one),
        st.builds(lambda a, gamma: Potential(a, gamma=gamma), one, st.sampled_from([1.0, 0.9])),
    )


trees = st.recursive(roots, grown, max_leaves=5)


@st.composite
def programs(draw):
    """Return a program whose nodes all have an array form."""
    parts = draw(st.lists(trees, min_size=1, max_size=3))
    parts += draw(st.sampled_from([[], [OUTCOME], [Scale(OUTCOME, 0.5)]]))
    try:
        program = Program("drawn", Sum(tuple(parts)) if len(parts) > 1 else parts[0])
        program.open({"u": 0.0, "v": 0.0, "visits": 1, "end": None})
    except ConfigError:
        return None  # a tree that no single environment pays either
    return program


record = st.fixed_dictionaries(
    {"u": number, "v": number, "visits": st.integers(1, 9), "outcome": st.floats(0, 1)}
)


@st.composite
def plays(draw):
    """Return per row a list of episodes; an episode is its records, reset's first."""
    rows = []
    for _ in range(ROWS):
        lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
        rows.append([draw(st.lists(record, min_size=n + 1, max_size=n + 1)) for n in lengths])
    return rows


def singly(program, episodes):
    """Return rewards step by step; a step that only resets pays 0."""
    paid = []
    for place, records in enumerate(episodes):
        if place:
            paid.append(0.0)
        first = {k: v for k, v in records[0].items() if k != "outcome"}
        books = program.open({**first, "end": None})
        for step, each in enumerate(records[1:], 1):
            last = step == len(records) - 1
            shown = each if last else {k: v for k, v in each.items() if k != "outcome"}
            paid.append(books.step({**shown, "end": "task" if last else None})[0])
    return paid


def together(program, rows, ar):
    """Return the same from one ``ArrayPay``, [steps][rows]."""
    pay = ArrayPay(program, ar, "test")
    place, step = [0] * len(rows), [0] * len(rows)
    current = [row[0][0] for row in rows]

    def batch(key):
        return ar.asarray(np.array([record[key] for record in current]))

    def evidence():
        return {key: batch(key) for key in ("u", "v", "visits", "outcome")}

    pay.open(evidence())
    paid, ended = [], [False] * len(rows)
    for _ in range(min(sum(len(e) for e in row) - 1 for row in rows)):
        waiting = list(ended)
        for i, row in enumerate(rows):
            if waiting[i]:
                place[i], step[i] = place[i] + 1, 0
            else:
                step[i] += 1
            current[i] = row[place[i]][step[i]]
            ended[i] = step[i] == len(row[place[i]]) - 1
        if any(waiting):
            pay.reopen(np.nonzero(waiting)[0], evidence())
        frozen = ar.asarray(np.array(waiting)) if any(waiting) else None
        rewards, parts = pay.step(evidence(), ar.asarray(np.array(ended)), frozen)
        paid.append(ar.numpy(rewards).tolist())
        total = sum(ar.numpy(part) for part in parts.values())
        assert np.allclose(total, ar.numpy(rewards))
        assert set(parts) == set(program.components)
    return paid


def agree(program, rows, ar, tolerance):
    alone = [singly(program, row) for row in rows]
    batch = together(program, rows, ar)
    assert batch
    for at, rewards in enumerate(batch):
        expected = [paid[at] for paid in alone]
        assert rewards == pytest.approx(expected, rel=tolerance, abs=tolerance)


@given(program=programs().filter(bool), rows=plays())
@settings(max_examples=150)
def test_arrays_agree_with_the_books(program, rows):
    agree(program, rows, NUMPY, 1e-9)


def test_a_step_that_only_resets_leaves_nested_deltas_alone():
    """Reset at 1, then 0 at the end: the potential pays -1, as a change from reset's 0 it is -1."""
    program = Program("r", ProgressDelta(Potential(U, gamma=0.9)))
    plain = {"u": 0.0, "v": 0.0, "visits": 1, "outcome": 0.0}
    begins = {**plain, "u": 1.0}
    agree(program, [[[plain, plain], [begins, plain]]] * ROWS, NUMPY, 1e-12)
    assert singly(program, [[begins, plain]]) == [-1.0]


@given(program=programs().filter(bool), rows=plays())
@settings(max_examples=40)
def test_tensors_agree_with_the_books(program, rows):
    agree(program, rows, arrays("torch", "float64", None, "test"), 1e-9)


def test_rewards_are_floats_and_nobody_elses_arrays():
    pay = ArrayPay(Program("r", VISITS), NUMPY, "test")
    evidence = {"visits": np.array([1, 2])}
    pay.open(evidence)
    rewards, _ = pay.step(evidence, np.array([False, False]), None)
    assert rewards.dtype == np.float64
    pay = ArrayPay(Program("r", U), NUMPY, "test")
    seen = {"u": np.array([0.5, 1.0])}
    pay.open(seen)
    rewards, _ = pay.step(seen, np.array([False, False]), None)
    rewards *= 0
    assert seen["u"].tolist() == [0.5, 1.0]


def test_frozen_rows_are_paid_nothing():
    pay = ArrayPay(Program("r", U + OUTCOME), NUMPY, "test")
    seen = {"u": np.array([0.5, 1.0]), "outcome": np.array([0.25, 0.25])}
    pay.open(seen)
    rewards, parts = pay.step(seen, np.array([True, True]), np.array([False, True]))
    assert rewards.tolist() == [0.75, 0.0]
    assert parts["u"].tolist() == [0.5, 0.0]


def test_the_potential_of_the_last_state_is_zero():
    pay = ArrayPay(Program("r", Potential(U, gamma=0.5)), NUMPY, "test")
    pay.open({"u": np.array([2.0])})
    steps = [(4.0, False, 0.0), (3.0, True, -4.0)]  # 0.5 * 4 - 2; at the end 0 - 4
    for value, ended, expected in steps:
        rewards, _ = pay.step({"u": np.array([value])}, np.array([ended]), None)
        assert rewards.tolist() == [expected]


def test_a_node_without_an_array_form_is_named():
    from envgym.rewards import Gate

    with pytest.raises(ConfigError, match="^Toy: reward 'r' uses 'gate' .*has no array form"):
        ArrayPay(Program("r", Gate(OUTCOME, U)), NUMPY, "Toy")
    with pytest.raises(ConfigError, match="has no array form"):
        ArrayPay(Program("r", Product((OUTCOME, OUTCOME), name="p")), NUMPY, "Toy")


def test_clip_takes_one_side():
    pay = ArrayPay(Program("r", Clip(U, hi=1.0)), NUMPY, "test")
    pay.open({"u": np.array([0.0])})
    assert pay.step({"u": np.array([5.0])}, np.array([False]), None)[0].tolist() == [1.0]
    assert math.isinf(Clip(U, hi=1.0).lo)
