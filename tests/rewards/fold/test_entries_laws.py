"""Laws L1, L3, L7 and L11 and the JSON round trip, for every transform and combinator at once."""

import json
import pickle
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import (
    BlendTuner,
    Copeland,
    Min,
    Program,
    ProgressDelta,
    ReduceSoftmin,
    SoftGate,
    Source,
    Variance,
    Welford,
    blend,
    carl,
    cascade,
    centred_log_sigmoid,
    clip_process,
    count_bonus,
    crf,
    difficulty_scaled,
    discounted_by,
    firm,
    heron,
    hrm,
    lagrangian,
    laser,
    length_cap,
    lower_bound,
    min_with_targets,
    pairwise_logit,
    par,
    partial_credit,
    ppo_c,
    preference,
    questioner,
    renorm,
    rlcr,
    search_llm,
    set_gain,
    soft_and,
    threshold_and,
    usefulness,
    user_variance,
    uwo,
    wco,
    weaver,
)

A, B, C = (Source(key, "episode", lo=0, hi=1) for key in "abc")
X, Y = Source("x", lo=0, hi=1), Source("y", lo=0, hi=1)
N = Source("n", "episode", lo=0)
VISITS = Source("visits", lo=1)

NODES = {
    "blend": blend(A, B, BlendTuner(((1.0, -0.5, 0.1),)).weights),
    "carl": carl(ProgressDelta(X), [Y], Y),
    "cascade": cascade([(A, -0.2), (B, -0.1)], C),
    "centred_log_sigmoid": centred_log_sigmoid(X, 0.3),
    "clip_process": clip_process(X, 0.4),
    "count_bonus": count_bonus(X, VISITS, 0.5, 0.1),
    "crf": crf(A, B, C, 0.6),
    "difficulty_scaled": difficulty_scaled(A, B),
    "discounted_by": discounted_by(X, Y),
    "firm": firm(A, B),
    "heron": heron([A, B, C], (0.25, 0.1, 0.0)),
    "hrm": hrm([A, B, C], (0.2, 0.5, 0.3), (0.5, 0.5)),
    "hrm, soft": hrm([A, B, C], (0.2, 0.5, 0.3), (0.5, 0.5), width=0.1),
    "lagrangian": lagrangian(A, [B, X], [0.3, 0.1]),
    "laser": laser(A, N, 0.5, "hybrid", well_formed=B),
    "length_cap": length_cap(N, 0.25, 0.75),
    "lower_bound": lower_bound(X, Y, 0.5),
    "min": Min((A, B, C)),
    "min_with_targets": min_with_targets([A, B], (0.5, 0.8)),
    "pairwise_logit": pairwise_logit(X),
    "par": par(A, [0.2, B], 2.0),
    "partial_credit": partial_credit(A, B, 4),
    "ppo_c": ppo_c(A, B, 0.4),
    "preference": preference([A, B, C], (0.2, 0.3, 0.5)),
    "questioner": questioner(A),
    "renorm": renorm(X, A),
    "rlcr": rlcr(A, B),
    "search_llm": search_llm([A, B], [C]),
    "search_llm, hard": search_llm([A, B], [C], hard=True, floor=0.2),
    "set_gain": set_gain("found", "sqrt"),
    "soft_and": soft_and([A, B], [0.2, 0.4]),
    "soft_gate": SoftGate(X, 0.5),
    "softmin": ReduceSoftmin(X),
    "standardised": Welford().updated([0.1, 0.4, 0.9]).standardise(X),
    "threshold_and": threshold_and([A, B], (0.5, 0.25)),
    "usefulness": usefulness(A, [B], [0.5], [2.0]),
    "user_variance": user_variance([A, B], [(1, 0), (0.5, 0.5)]),
    "uwo": uwo([A, B, C]),
    "variance": Variance((X, Y)),
    "wco": wco([A, B, C]),
    "weaver": weaver([A, B, C], (0.9, 0.6, 0.3), (0.2, 0.4, 0.6)),
}
share = st.floats(0, 1).map(lambda x: round(x, 3))
laws = settings(deadline=None, max_examples=25)
every = pytest.mark.parametrize("name", NODES)


@st.composite
def episodes(draw, invalid=False):
    length = draw(st.integers(1, 4))
    records, found = [], ()
    for index in range(length + 1):
        found = (*found, draw(st.sampled_from("pqr")))
        record = {"x": draw(share), "y": draw(share), "visits": index + 1, "found": found}
        record |= {"end": "task" if index == length else None}
        if invalid and draw(st.integers(0, 3)) == 0:
            record[draw(st.sampled_from(["x", "y", "found"]))] = None
        records.append(record)
    records[-1] |= {key: draw(share) for key in "abcn"}
    if invalid and draw(st.booleans()):
        records[-1][draw(st.sampled_from("abcn"))] = None
    return records


@every
@laws
@given(records=episodes())
def test_l1_values_and_attributions_stay_in_their_bounds(name, records):
    node = NODES[name]
    value, attribution = node.settle(records)
    assert isfinite(value)
    assert sum(attribution) == pytest.approx(value, abs=1e-9)
    assert node.total.lo - 1e-9 <= value <= node.total.hi + 1e-9
    if node.scope == "step":
        assert all(node.bounds.lo - 1e-9 <= a <= node.bounds.hi + 1e-9 for a in attribution)


@every
@laws
@given(records=episodes(), data=st.data())
def test_l3_raising_an_input_alone_keeps_the_declared_direction(name, records, data):
    program = Program(name, NODES[name])
    moved = sorted(key for key, way in program.monotone.items() if way != "none")
    if not moved:
        return
    key = data.draw(st.sampled_from(moved))
    at = len(records) - 1 if key in "abcn" else data.draw(st.integers(0, len(records) - 1))
    raised = [dict(record) for record in records]
    raised[at][key] += data.draw(share) * (1 - raised[at][key]) if key != "visits" else 1
    sign = 1 if program.monotone[key] == "up" else -1
    assert sign * (program.root.settle(raised)[0] - program.root.settle(records)[0]) >= -1e-9


@every
@laws
@given(records=episodes(invalid=True))
def test_l5_l7_the_ledger_recomputes_the_total_or_says_invalid(name, records):
    books = Program(name, NODES[name]).replay(records)
    if books.valid:
        assert books.total == pytest.approx(sum(books.settled), abs=1e-9)
    else:
        assert books.total is None and books.reason.startswith("reward:")


@every
@laws
@given(records=episodes())
def test_l11_stepping_equals_settling_and_the_state_survives_a_snapshot(name, records):
    node = NODES[name]
    if node.phase != "online":
        return
    state, _ = node.step(node.init(), records[0])
    series = []
    for record in records[1:]:
        state, value = node.step(pickle.loads(pickle.dumps(state)), record)
        series.append(value)
    assert tuple(series) == node.settle(records)[1]


@every
def test_programs_round_trip_through_json(name):
    program = Program(name, NODES[name])
    again = Program.from_spec(json.loads(json.dumps(program.spec(), allow_nan=False)))
    assert again == program
    assert str(again) == str(program)


def test_a_group_node_round_trips_too():
    program = Program("heron", Copeland((A, B), (0.1, 0.0)))
    assert Program.from_spec(json.loads(json.dumps(program.spec()))) == program
