"""The attribution rules, one by one."""

from math import fsum

import pytest

from envgym.rewards import (
    Affine,
    Clip,
    Gate,
    Mean,
    OnInvalid,
    Program,
    ReduceMean,
    ReduceSum,
    Scale,
    Source,
    SpreadLast,
    SpreadUniform,
    Sum,
    par,
)
from envgym.rewards.settled import Note
from envgym.rewards.signal import InvalidSignal

STEPS, FINAL = ReduceSum(Source("x")), Source("final", "episode")


def settle(node, *xs, final=0.0):
    rows = [{"x": 0}, *({"x": x} for x in xs)]
    rows[-1]["final"] = final
    return node.settle(rows)


def test_linear_nodes_combine_attributions_whatever_the_signs():
    node = Sum((Scale(STEPS, -2.0), FINAL))
    assert settle(node, 1, -1, 0.5, final=1) == (0.0, (-2.0, 2.0, 0.0))
    assert settle(Mean((STEPS, FINAL)), 1, -1, final=1) == (0.5, (0.5, 0.0))


@pytest.mark.parametrize(
    ("node", "xs", "expected"),
    [
        # Identity: unchanged, mixed signs and all.
        (Clip(STEPS, -9, 9), (1, -0.5), (0.5, (1.0, -0.5))),
        # One sign: in proportion.
        (Clip(STEPS, 0, 1), (1, 3), (1.0, (0.25, 0.75))),
        (Clip(STEPS, 0, 1), (3, 0, 1), (1.0, (0.75, 0.0, 0.25))),
        (Clip(STEPS, -1, 0), (-3, 0, -1), (-1.0, (-0.75, 0.0, -0.25))),
        (Affine(STEPS, 1, 4), (-1, -1), (2.0, (1.0, 1.0))),
        # Mixed signs or nothing to be in proportion to: the last step.
        (Clip(STEPS, 0, 1), (-1, 3), (1.0, (0.0, 1.0))),
        (Clip(STEPS, 0, 0.5), (1, -0.25), (0.5, (0.0, 0.5))),
        (Affine(STEPS, 1, 4), (0, 0), (4.0, (0.0, 4.0))),
        # Products: the last step.
        (STEPS * STEPS, (1, 2), (9.0, (0.0, 9.0))),
    ],
)
def test_one_argument_maps_and_products(node, xs, expected):
    assert settle(node, *xs) == expected


def test_a_map_of_steps_keeps_the_notes_below_it():
    guarded = OnInvalid(Source("x", lo=0, hi=1), "neutral")
    rows = [{"x": 0}, {"x": 1}, {"x": None}]
    settled = Affine(guarded, 2.0).explain(rows)
    assert settled.attribution == (2.0, 1.0)
    assert settled.notes() == (Note(1, "x", "neutral"),)


def test_a_spread_moves_notes_to_the_last_event_and_forgets_the_old_series():
    guarded = OnInvalid(Source("x", lo=0, hi=1), "neutral")
    spread = SpreadUniform(ReduceSum(guarded))
    settled = spread.explain([{"x": 0}, {"x": None}, {"x": 1}, {"x": 1}])
    assert settled.attribution == pytest.approx((2.5 / 3,) * 3)
    assert settled.notes() == (Note(2, "x", "neutral"),)
    assert settle(SpreadLast(Source("x") + Source("x")), 1, 2) == (6.0, (0.0, 6.0))


def test_a_fold_of_steps_is_settled_per_event_under_its_label_with_its_notes():
    guarded = OnInvalid(Source("x", lo=0, hi=1), "neutral")
    node = SpreadUniform(FINAL) * guarded
    settled = node.explain([{"x": 0}, {"x": 0.25}, {"x": None, "final": 2.0}])
    assert settled.attribution == (0.25, 0.5)
    assert [part.component for part in settled.parts] == ["final*x"]
    assert settled.notes() == (Note(1, "x", "neutral"),)


def test_a_fold_of_episode_values_keeps_gates_and_notes():
    gated = Gate(FINAL > 0.5, FINAL, name="won")
    judged = OnInvalid(Source("judge", "episode", 0, 1), "neutral")
    settled = (gated * judged).explain([{}, {}, {"final": 1.0, "judge": None}])
    assert (settled.value, settled.attribution) == (0.5, (0.0, 0.5))
    assert [part.component for part in settled.parts] == ["won*judge"]
    assert settled.gates == (("won", True),)
    assert settled.notes() == (Note(1, "judge", "neutral"),)


def test_one_missing_answer_makes_a_fold_invalid():
    node = Source("x") * Source("y")
    state, value = node.step(node.init(), {"x": 0.5, "y": None})
    assert value is None
    assert node.step(state, {"x": 0.5, "y": 0.5})[1] == 0.25
    assert node.signal([{"x": 0, "y": 0}, {"x": 1, "y": None}]).reason == "reward:y"


def test_an_invalid_signal_says_its_reason():
    assert str(InvalidSignal("judge")) == "reward:judge"


def test_gates_pass_through_reductions_and_the_inner_gate_keeps_its_mark():
    inner = Gate(FINAL > 0.5, FINAL, name="inner")
    reduced = ReduceSum(SpreadLast(Gate(FINAL > 0.25, inner, name="outer")))
    settled = reduced.explain([{}, {}, {"final": 1.0}])
    assert settled.gates == (("outer", True), ("inner", True))
    assert [part.gate for part in settled.parts] == ["inner"]


def test_parts_that_nearly_cancel_are_not_blown_up():
    """A map of a tiny sum of large opposite parts books no part larger than the sum is wide."""
    program = Program("par", par(Source("r", "episode"), [Source("ref", "episode")]))
    last = {"r": 0.62, "ref": 0.6199999, "end": "task"}
    books = program.replay([{"end": None}, last])
    assert books.total == pytest.approx(0.500000025, abs=1e-12)
    assert max(abs(entry.value) for entry in books.ledger) <= 1.0


def test_without_an_event_nothing_is_attributed():
    assert FINAL.settle([{"final": 1.0}]) == (1.0, ())
    assert ReduceMean(Source("x")).settle([{"x": 1.0}]) == (0.0, ())


def test_l11_a_scaled_sum_is_rounded_once_as_in_stepping():
    node = Scale(Source("x") + Source("y"), 0.1)
    row = {"x": 0.1, "y": 0.3}
    assert 0.1 * (0.1 + 0.3) != 0.1 * 0.1 + 0.1 * 0.3
    assert node.settle([row, row])[1] == (0.1 * (0.1 + 0.3),)


@pytest.mark.parametrize("fold", [Sum, Mean])
def test_l11_folds_of_what_was_rounded_combine_what_was_rounded(fold):
    x, y = Source("x"), Source("y")
    node = fold((Scale(x + y, 0.1), x))
    rounded, apart = 0.1 * (0.1 + 0.6), (0.1 * 0.1, 0.1 * 0.6, 0.1)
    assert fsum((rounded, 0.1)) != fsum(apart)
    row = {"x": 0.1, "y": 0.6}
    assert node.settle([row, row])[1] == (node.combine([rounded, 0.1]),)
