"""Spreads that only need evidence: progress, turning points, windows, durations, peaks."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, ProgressDelta, Source
from envgym.rewards.map.on_invalid import OnInvalid
from envgym.rewards.map.peak import Peak
from envgym.rewards.signal import InvalidSignal
from envgym.rewards.spec import from_spec, to_spec
from envgym.rewards.spread.duration import DurationWeighted
from envgym.rewards.spread.progress import SpreadProgress
from envgym.rewards.spread.turning_points import (
    TurningPoints,
    turning_points,
    turning_rewards,
)
from envgym.rewards.spread.windows import Windows, window_scores
from envgym.types import ConfigError

V = Source("v", lo=0, hi=1)
X = Source("x", lo=-1, hi=1)
FINAL = Source("final", "episode", -5, 5)
SECONDS = Source("s", lo=0)
unit = st.floats(0, 1).map(lambda x: round(x, 3))
signed = st.floats(-1, 1).map(lambda x: round(x, 3))
paths = st.lists(unit, min_size=2, max_size=8)


def rows(key, values, **last):
    made = [{key: v, "end": None} for v in values]
    made[-1].update(last, end="task")
    return made


NODES = [
    SpreadProgress(FINAL, X),
    TurningPoints(V),
    Windows(V, (X,)),
    DurationWeighted(X, SECONDS),
    Peak(X),
]


@pytest.mark.parametrize("node", NODES, ids=lambda n: n.kind)
def test_survives_json(node):
    assert from_spec(to_spec(node)) == node


@st.composite
def episodes(draw):
    length = draw(st.integers(2, 7))
    records = [
        {"v": draw(unit), "x": draw(signed), "s": draw(st.floats(0, 1e6)), "end": None}
        for _ in range(length)
    ]
    records[-1].update(final=draw(st.floats(-5, 5)), end="task")
    return records


@given(episodes())
def test_l1_l2_l5(records):
    for node in NODES:
        value, shares = node.settle(records)
        assert len(shares) == len(records) - 1
        assert value == pytest.approx(math.fsum(shares), abs=1e-9)
        for share in shares:
            assert math.isfinite(share)
            assert node.bounds.lo - 1e-9 <= share <= node.bounds.hi + 1e-9
        assert node.total.lo - 1e-9 <= value <= node.total.hi + 1e-9
        books = Program("p", node).replay(records)
        floats = math.fsum(e.value for e in books.ledger)
        assert books.total == pytest.approx(floats) == pytest.approx(math.fsum(books.settled))


# Turning points (E9).


def test_cookbook_e9():
    found = TurningPoints(V).settle(rows("v", (0.2, 0.1, 0.4, 0.5)))[1]
    assert found == pytest.approx((-0.1, 0.4, 0.1))
    assert turning_points([0.2, 0.1, 0.4, 0.5]) == [1]
    assert turning_rewards(np.array([0.2, 0.1, 0.4, 0.5])) == pytest.approx([-0.1, 0.4, 0.1])


@given(paths)
def test_without_a_turning_point_the_sum_is_the_whole_change(values):
    found = turning_rewards(values)
    if not turning_points(values):
        assert sum(found) == pytest.approx(values[-1] - values[0], abs=1e-9)
    for t, reward in enumerate(found):
        step, rest = values[t + 1] - values[t], values[-1] - values[t]
        assert reward == pytest.approx(rest if t in turning_points(values) else step, abs=1e-12)


@given(paths)
def test_turning_points_obey_the_three_signs(values):
    changes = [b - a for a, b in pairwise(values)]
    sign = lambda x: (x > 0) - (x < 0)  # noqa: E731
    goal = sign(values[-1] - values[0])
    for t in range(len(changes)):
        turned = (
            t > 0
            and sign(changes[t - 1]) != goal
            and sign(changes[t]) == goal
            and sign(values[-1] - values[t + 1]) == sign(changes[t])
        )
        assert turned == (t in turning_points(values))


@given(paths, st.integers(-3, 3))
def test_a_constant_added_to_the_values_changes_nothing(values, offset):
    grid = [round(v * 64) / 64 for v in values]
    moved = turning_rewards([v + offset for v in grid])
    assert moved == pytest.approx(turning_rewards(grid), abs=1e-12)


def test_an_unknown_value_makes_the_episode_invalid():
    records = rows("v", (0.2, None, 0.4))
    with pytest.raises(InvalidSignal) as raised:
        TurningPoints(V).explain(records)
    assert raised.value.node == "v"
    guarded = TurningPoints(OnInvalid(V, "floor")).explain(records)
    assert guarded.attribution == pytest.approx((-0.2, 0.4))
    assert [(note.event, note.policy) for note in guarded.notes()] == [(0, "floor")]


# Progress (E1).


@given(st.lists(signed, min_size=1, max_size=6), st.floats(-5, 5))
def test_progress_is_exact_whatever_the_estimate(estimate, final):
    value, shares = SpreadProgress(FINAL, X).settle(rows("x", [0, *estimate], final=final))
    assert value == final
    assert sum(shares) == pytest.approx(final, abs=1e-9)


@given(st.lists(signed, min_size=1, max_size=5))
def test_a_perfect_fit_is_left_alone(estimate):
    records = rows("x", [0, *estimate], final=sum(estimate))
    assert SpreadProgress(FINAL, X).settle(records)[1] == pytest.approx(estimate, abs=1e-9)


def test_replacements_are_noted_where_they_happened():
    guarded = SpreadProgress(OnInvalid(FINAL, "neutral"), OnInvalid(X, "neutral"))
    records = [{"x": x, "end": None} for x in (0.0, None, 0.5, 0.25)]
    records[-1].update(final=None, end="task")
    settled = guarded.explain(records)
    assert settled.attribution == pytest.approx((-0.25, 0.25, 0.0))
    assert sorted((n.event, n.node) for n in settled.notes()) == [(0, "x"), (2, "final")]


# Windows (E18).


@given(st.lists(unit, min_size=1, max_size=6))
def test_equal_or_lone_scores_are_unchanged(scores):
    records = rows("v", [0, *scores])
    assert Windows(V).settle(records)[1] == pytest.approx(scores)
    same = [{**r, "v": 0.25, "x": 0.25} for r in records]
    assert set(Windows(V, (X,)).settle(same)[1]) == {0.25}


def test_a_self_correction_is_not_punished():
    records = [
        {"v": 0.0, "x": None, "end": None},
        {"v": 0.2, "x": None, "end": None},
        {"v": 0.9, "x": 0.8, "end": "task"},
    ]
    assert Windows(V, (X,)).settle(records)[1] == pytest.approx((0.5, 0.85))


def test_a_missing_merged_score_is_invalid_where_the_window_is_whole():
    records = [{"v": 0.5, "x": None, "end": None}] * 3
    with pytest.raises(InvalidSignal):
        Windows(V, (X,)).explain(records)


@given(st.lists(unit, min_size=1, max_size=6), st.integers(1, 4))
def test_windows_average_every_span_that_contains_the_step(scores, width):
    def merged(first, after):
        return sum(scores[first:after]) / (after - first)

    found = window_scores(merged, len(scores), width)
    assert min(scores) - 1e-9 <= min(found) and max(found) <= max(scores) + 1e-9
    for t, value in enumerate(found):
        spans = [
            merged(a, a + k)
            for k in range(1, width + 1)
            for a in range(len(scores) - k + 1)
            if a <= t < a + k
        ]
        assert value == pytest.approx(sum(spans) / len(spans))


# Durations (E15).


@given(st.lists(st.tuples(signed, st.floats(0.1, 60)), min_size=1, max_size=6))
def test_durations_are_scale_free_and_exact_on_constants(pairs):
    records = [{"x": 0, "s": 0, "end": None}, *({"x": x, "s": s, "end": None} for x, s in pairs)]
    base = DurationWeighted(X, SECONDS).settle(records)[1]
    slower = [{**r, "s": r["s"] * 8} for r in records]
    assert DurationWeighted(X, SECONDS).settle(slower)[1] == pytest.approx(base, abs=1e-12)
    constant = [{**r, "x": 0.5} for r in records]
    assert sum(DurationWeighted(X, SECONDS).settle(constant)[1]) == pytest.approx(0.5 * len(pairs))
    even = [{**r, "s": 2.0} for r in records]
    assert DurationWeighted(X, SECONDS).settle(even)[1] == pytest.approx([x for x, _ in pairs])


def test_enormous_durations_stay_finite():
    records = [{"x": x, "s": s, "end": None} for x, s in ((0, 0), (0.5, 1e300), (0.5, 3e300))]
    assert DurationWeighted(X, SECONDS).settle(records)[1] == pytest.approx((0.25, 0.75))


# Peak (E13).


@given(st.lists(st.one_of(st.none(), unit), min_size=2, max_size=8))
def test_a_peak_never_falls_and_skips_what_is_unknown(values):
    node, state = Peak(V), Peak(V).init()
    seen: list[float] = []
    for record in rows("v", values):
        state, value = node.step(state, record)
        if record["v"] is None:
            assert value is None
        else:
            seen.append(record["v"])
            assert value == max(seen)


@given(paths)
def test_l11_and_only_news_pays(values):
    records = rows("v", values)
    node = ProgressDelta(Peak(V))
    assert node.settle(records)[0] == pytest.approx(max(values) - values[0], abs=1e-9)
    state, _ = node.step(node.init(), records[0])
    for event, record in enumerate(records[1:]):
        state, value = node.step(state, record)
        assert value == node.settle(records[: event + 2])[1][event] >= 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TurningPoints(FINAL), "online step value; 'final' is terminal"),
        (lambda: Peak(FINAL), "online step value; 'final' is terminal"),
        (lambda: Windows(V, (FINAL,)), "online step values; 'final' is terminal"),
        (lambda: SpreadProgress(FINAL, FINAL), "by must be a step value"),
        (lambda: DurationWeighted(FINAL, SECONDS), "of must be a step value"),
        (lambda: DurationWeighted(X, X), "never negative; 'x' is a step value in"),
        (lambda: window_scores(lambda a, b: 0.0, 1, 0), "width must be 1 or more"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
