"""The laws of the reward algebra over random trees of depth 4 and less."""

import json
import pickle
from math import fsum, isfinite

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envgym.rewards import (
    Above,
    Affine,
    Clip,
    Constant,
    Curve,
    Dominance,
    DurationWeighted,
    Every,
    Gate,
    LookaheadDelta,
    Mean,
    Min,
    OnInvalid,
    Potential,
    Power,
    Product,
    Program,
    ProgressDelta,
    ReduceDiscounted,
    ReduceLast,
    ReduceMean,
    ReduceMin,
    ReduceSoftmin,
    ReduceSum,
    Scale,
    SoftGate,
    Source,
    SpreadLast,
    SpreadProgress,
    SpreadUniform,
    SpreadWeights,
    Sum,
    TurningPoints,
    Variance,
    Windows,
)
from envgym.rewards.signal import InvalidSignal

UNIT, SIGNED = Source("unit", lo=0, hi=1), Source("signed", lo=-1, hi=1)
FINAL = Source("final", "episode", -1, 1)
small = st.floats(-2, 2).map(lambda x: round(x, 3))
share = st.floats(0, 1).map(lambda x: round(x, 3))
names = st.sampled_from(["", "", "", "kept"])


def several(draw, grow, depth):
    return tuple(grow(draw, depth - 1) for _ in range(draw(st.integers(1, 3))))


def clipped(draw, below):
    lo, hi = sorted((draw(small), draw(small)))
    return Clip(below, lo, hi)


def guarded(draw, below):
    policies = ["floor", "neutral"] if below.bounds.finite else []
    return OnInvalid(below, draw(st.sampled_from(policies))) if policies else below


CURVES = {
    "abs": (-3, 3),
    "exp": (-3, 3),
    "floor": (-3, 3),
    "log": (0.01, 3),
    "log_sigmoid": (-9, 9),
    "logit": (0.01, 0.99),
    "reciprocal": (0.1, 3),
    "sigmoid": (-9, 9),
    "sqrt": (0, 3),
    "square": (-3, 3),
}
"""Shapes, with a domain in which one step of rounding stays small."""


def curved(draw, below):
    shape = draw(st.sampled_from(sorted(CURVES)))
    return Curve(Clip(below, *CURVES[shape]), shape)


SHAPED = {
    "curve": lambda draw, grow, d: curved(draw, grow(draw, d - 1)),
    "power": lambda draw, grow, d: Power(
        Clip(grow(draw, d - 1), 0.1, 2), draw(st.sampled_from([-1.0, 0.5, 1.0, 2.0]))
    ),
    "soft": lambda draw, grow, d: SoftGate(
        grow(draw, d - 1), draw(small), draw(st.sampled_from([0.05, 1.0]))
    ),
    "reaches": lambda draw, grow, d: Above(grow(draw, d - 1), draw(small), strict=False),
    "min": lambda draw, grow, d: Min(several(draw, grow, d)),
    "variance": lambda draw, grow, d: Variance(several(draw, grow, d)),
}
"""Maps and folds of any scope."""
ONLINE = {
    **{name: lambda draw, d, make=make: make(draw, online, d) for name, make in SHAPED.items()},
    "scale": lambda draw, d: Scale(online(draw, d - 1), draw(small), name=draw(names)),
    "affine": lambda draw, d: Affine(online(draw, d - 1), draw(small), draw(small)),
    "clip": lambda draw, d: clipped(draw, online(draw, d - 1)),
    "above": lambda draw, d: Above(online(draw, d - 1), draw(small)),
    "guard": lambda draw, d: guarded(draw, online(draw, d - 1)),
    "delta": lambda draw, d: ProgressDelta(online(draw, d - 1)),
    "potential": lambda draw, d: Potential(
        online(draw, d - 1), draw(share), draw(st.sampled_from(["zero", "keep"]))
    ),
    "sum": lambda draw, d: Sum(several(draw, online, d), name=draw(names)),
    "mean": lambda draw, d: Mean(several(draw, online, d)),
    "product": lambda draw, d: Product(several(draw, online, d)),
}


def online(draw, depth):
    """An online step node."""
    if depth == 0:
        return draw(st.sampled_from([UNIT, SIGNED]))
    return ONLINE[draw(st.sampled_from(sorted(ONLINE)))](draw, depth)


STEPWISE = {
    "online": online,
    "lookahead": lambda draw, d: LookaheadDelta(stepwise(draw, d - 1)),
    "last": lambda draw, d: SpreadLast(episodic(draw, d - 1)),
    "uniform": lambda draw, d: SpreadUniform(episodic(draw, d - 1)),
    "weights": lambda draw, d: SpreadWeights(
        episodic(draw, d - 1), draw(st.sampled_from([UNIT, Clip(SIGNED, 0, 1)]))
    ),
    "affine": lambda draw, d: Affine(stepwise(draw, d - 1), draw(small), draw(small)),
    "every": lambda draw, d: Every(episodic(draw, d - 1)),
    "turning": lambda draw, d: TurningPoints(online(draw, d - 1)),
    "progress": lambda draw, d: SpreadProgress(episodic(draw, d - 1), online(draw, d - 1)),
    "windows": lambda draw, d: Windows(online(draw, d - 1), (online(draw, d - 1),)),
    "duration": lambda draw, d: DurationWeighted(
        online(draw, d - 1), draw(st.sampled_from([UNIT, Clip(SIGNED, 0, 1)]))
    ),
}
EPISODIC = {
    **{name: lambda draw, d, make=make: make(draw, episodic, d) for name, make in SHAPED.items()},
    "r.softmin": lambda draw, d: ReduceSoftmin(
        stepwise(draw, d - 1), draw(st.sampled_from([0.1, 1.0]))
    ),
    "scale": lambda draw, d: Scale(episodic(draw, d - 1), draw(small), name=draw(names)),
    "affine": lambda draw, d: Affine(episodic(draw, d - 1), draw(small), draw(small)),
    "clip": lambda draw, d: clipped(draw, episodic(draw, d - 1)),
    "above": lambda draw, d: Above(episodic(draw, d - 1), draw(small)),
    "guard": lambda draw, d: guarded(draw, episodic(draw, d - 1)),
    "product": lambda draw, d: Product(several(draw, episodic, d)),
    "mean": lambda draw, d: Mean(several(draw, episodic, d)),
    "sum": lambda draw, d: Sum((episodic(draw, d - 1), tree(draw, d - 1)), name=draw(names)),
    "gate": lambda draw, d: Gate(
        episodic(draw, d - 1), tree(draw, d - 1), tree(draw, d - 1), name="gate"
    ),
    "r.sum": lambda draw, d: ReduceSum(stepwise(draw, d - 1)),
    "r.discounted": lambda draw, d: ReduceDiscounted(stepwise(draw, d - 1), draw(share)),
    "r.last": lambda draw, d: ReduceLast(stepwise(draw, d - 1)),
    "r.mean": lambda draw, d: ReduceMean(stepwise(draw, d - 1)),
    "r.min": lambda draw, d: ReduceMin(stepwise(draw, d - 1)),
}


def stepwise(draw, depth):
    """A step node, perhaps a terminal one."""
    if depth == 0:
        return online(draw, 0)
    return STEPWISE[draw(st.sampled_from(sorted(STEPWISE)))](draw, depth)


def episodic(draw, depth):
    """An episode node."""
    if depth == 0:
        return FINAL if draw(st.booleans()) else Constant(draw(small))
    return EPISODIC[draw(st.sampled_from(sorted(EPISODIC)))](draw, depth)


def tree(draw, depth):
    """Any node."""
    return (stepwise if draw(st.booleans()) else episodic)(draw, depth)


@st.composite
def grown(draw, grow):
    """A node of depth 0 to 4."""
    return grow(draw, draw(st.integers(0, 4)))


trees, onlines = grown(tree), grown(online)
programs = st.lists(trees, min_size=1, max_size=3).map(lambda t: Program("random", Sum(tuple(t))))


@st.composite
def episodes(draw, invalid=False):
    """Records of an ended episode of 1 to 5 events."""
    length = draw(st.integers(1, 5))
    records = []
    for index in range(length + 1):
        record = {"unit": draw(share), "signed": draw(small) / 2, "end": None}
        if invalid and draw(st.integers(0, 4)) == 0:
            record["unit"] = None
        if index == length:
            record["end"] = draw(st.sampled_from(["task", "budget"]))
            record["final"] = None if invalid and draw(st.booleans()) else draw(small) / 2
        records.append(record)
    return records


def near(a, b):
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


laws = settings(deadline=None, max_examples=100)


@laws
@given(trees, episodes())
def test_l1_values_stay_in_their_bounds(tree, records):
    for node in tree.walk():
        value, attribution = node.settle(records)
        slack = 1e-9 * max(1.0, *(abs(a) for a in attribution))
        assert node.total.lo - slack <= value <= node.total.hi + slack, node
        if node.scope == "step":
            assert all(node.bounds.lo - slack <= a <= node.bounds.hi + slack for a in attribution)


@laws
@given(trees, episodes())
def test_attributions_have_one_amount_per_event_and_sum_to_the_value(tree, records):
    for node in tree.walk():
        value, attribution = node.settle(records)
        assert len(attribution) == len(records) - 1
        scale = max(1.0, *(abs(a) for a in attribution))
        assert abs(value - fsum(attribution)) <= 1e-9 * scale, node


@laws
@given(programs, episodes(invalid=True))
def test_l2_no_signal_makes_a_number_that_is_not_finite(program, records):
    books = program.replay(records)
    assert all(isfinite(entry.value) and (entry.value != 0 or entry.note) for entry in books.ledger)
    if books.valid:
        assert isfinite(books.total)
    else:
        assert books.total is None
        assert books.reason.startswith("reward:")
        # No lump: what was paid was earned in the same event.
        assert all(entry.earned == entry.paid for entry in books.ledger)


@laws
@given(programs, episodes(), st.data())
def test_l3_raising_an_input_alone_keeps_the_declared_direction(program, records, data):
    moved = [key for key, way in program.monotone.items() if way != "none"]
    assume(moved)
    key = data.draw(st.sampled_from(sorted(moved)))
    at = len(records) - 1 if key == "final" else data.draw(st.integers(0, len(records) - 1))
    top = 1.0
    raised = [dict(record) for record in records]
    raised[at][key] = data.draw(st.floats(records[at][key], top))
    before, after = program.replay(records).total, program.replay(raised).total
    sign = 1 if program.monotone[key] == "up" else -1
    assert sign * (after - before) >= -1e-9 * max(1.0, abs(before))


@laws
@given(programs, episodes(invalid=True))
def test_l5_settled_equals_floats_plus_unpaid_and_l7_parts_recompute_them(program, records):
    books = program.open(records[0])
    floats = []
    for record in records[1:]:
        amount, parts = books.step(record)
        assert near(amount, fsum(parts.values()))
        assert set(parts) <= {e.component for e in books.ledger} | set(parts)
        floats.append(amount)
    unpaid = fsum(entry.value for entry in books.ledger if entry.paid is None)
    assert near(fsum(books.settled), fsum(floats) + unpaid)
    assert len(books.settled) == len(floats)
    for event, amount in enumerate(floats):
        assert near(amount, fsum(e.value for e in books.ledger if e.paid == event))
    if books.valid:
        assert near(books.total, fsum(floats))


@laws
@given(programs, episodes(invalid=True))
def test_l6_pure_and_the_state_survives_a_snapshot(program, records):
    plain = program.replay(records)
    books = program.open(records[0])
    for record in records[1:]:
        books = pickle.loads(pickle.dumps(books))
        books.step(record)
    assert books.ledger == plain.ledger
    assert (books.total, books.settled, books.reason) == (
        plain.total,
        plain.settled,
        plain.reason,
    )
    assert books.notes == plain.notes


@laws
@given(trees, episodes())
def test_l8_neutral_parameters_change_nothing(tree, records):
    value, attribution = tree.settle(records)
    always = Constant(1.0)
    neutral = [Scale(tree, 1.0), Affine(tree), Clip(tree), Sum((tree,)), Gate(always, tree)]
    for node in neutral:
        assert node.settle(records) == (value, attribution), node
    assert Mean((tree,)).settle(records)[0] == pytest.approx(value)
    assert Program("p", tree + Scale(tree, 0.0)).replay(records).total == pytest.approx(value)


@laws
@given(programs, st.lists(episodes(), min_size=1, max_size=3))
def test_l10_a_probe_leaves_rewards_bit_identical(program, runs):
    before = [program.replay(records).ledger for records in runs]
    Dominance().run(program, runs)
    assert [program.replay(records).ledger for records in runs] == before


@laws
@given(onlines, episodes(invalid=True))
def test_l11_stepping_a_prefix_equals_settling_it(node, records):
    state, _ = node.step(node.init(), records[0])
    series = []
    for index, record in enumerate(records[1:], start=2):
        state, value = node.step(state, record)
        series.append(value)
        settled, attribution = node.settle(records[:index])
        if None in series:
            assert settled is None
        else:
            assert attribution == tuple(series)


@laws
@given(onlines, episodes())
def test_l11_the_state_of_an_online_node_does_not_grow(node, records):
    state, _ = node.step(node.init(), records[0])
    sizes = []
    for record in records[1:] * 20:
        state, _ = node.step(state, {**record, "end": None})
        sizes.append(len(pickle.dumps(state)))
    # Numbers of other lengths make the pickle a little longer or shorter; records would add up.
    assert sizes[-1] <= sizes[0] + 9 * sum(1 for _ in node.walk())


@laws
@given(programs, episodes())
def test_phases_pay_online_parts_when_earned_and_terminal_parts_with_the_last_step(
    program, records
):
    books = program.replay(records)
    last = len(records) - 2
    online_names = {s.component for s in program.online}
    for entry in books.ledger:
        assert entry.paid in (entry.earned, last)
        if entry.component not in online_names:
            assert entry.paid == last


@laws
@given(programs)
def test_json_round_trip_text_and_comparison(program):
    again = Program.from_spec(json.loads(json.dumps(program.spec(), allow_nan=False)))
    assert again == program
    assert hash(again) == hash(program)
    assert str(again) == str(program)
    assert again.tree() == program.tree()
    assert again.needs == program.needs
    assert pickle.loads(pickle.dumps(program)) == program


@laws
@given(trees, episodes(invalid=True))
def test_explain_says_invalid_exactly_where_settle_does(tree, records):
    try:
        tree.explain(records)
    except InvalidSignal:
        assert tree.settle(records) == (None, ())
        assert tree.signal(records).valid is False
    else:
        assert tree.signal(records).valid
