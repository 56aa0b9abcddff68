"""Combinators that gate: C3, C4, C5, C6, C7, C13, C15."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Clip, Program, ProgressDelta, Source, g_ra
from envgym.rewards.fold.carl import carl
from envgym.rewards.fold.cascade import cascade
from envgym.rewards.fold.firm import firm
from envgym.rewards.fold.hrm import hrm
from envgym.rewards.fold.partial_credit import partial_credit
from envgym.rewards.fold.search_llm import search_llm
from envgym.rewards.fold.targets import min_with_targets, threshold_and
from envgym.types import ConfigError

unit = st.floats(0, 1)


def units(keys):
    return [Source(key, "episode", lo=0, hi=1) for key in keys]


def value(node, keys, xs):
    return node.settle([{}, dict(zip(keys, xs, strict=True))])[0]


def raised(xs, which, up):
    return tuple(max(x, up) if k == which else x for k, x in enumerate(xs))


# C3

LINES = units("abc")


def gated(xs, **options):
    return value(search_llm(LINES, units("u"), **options), "abcu", xs)


def test_cookbook_c3():
    assert gated((1, 0.9, 0.8, 0.7)) == pytest.approx(0.627, abs=1e-3)
    assert gated((1, 0.9, 0, 0.7), delta=1e-3) == pytest.approx(0.068, abs=1e-3)
    assert gated((1, 0.9, 0, 1), delta=1e-3) == pytest.approx(0.0965, abs=1e-3)
    assert gated((1, 0.9, 0, 1)) == pytest.approx(0.0097, abs=1e-3)
    assert gated((1, 0.9, 0, 1), hard=True) == 0


@given(st.tuples(*[unit] * 4), st.integers(0, 3), unit, st.booleans())
def test_gated_mean_is_monotone_and_below_both_factors(xs, which, up, hard):
    here = gated(xs, hard=hard)
    assert gated(raised(xs, which, up), hard=hard) >= here - 1e-12
    assert here <= xs[3] + 1e-12
    geometric = math.prod(max(b, 1e-6) for b in xs[:3]) ** (1 / 3)
    assert here <= geometric + 1e-9
    node = search_llm(LINES, units("u"), hard=hard)
    assert here in node.bounds and node.bounds.lo >= 0 and node.bounds.hi <= 1


def test_gated_mean_names_bad_arguments():
    with pytest.raises(ConfigError, match="a bottom line and a behaviour"):
        search_llm([], units("u"))
    with pytest.raises(ConfigError, match=r"must lie in \[0, 1\]; 'z'"):
        search_llm([Source("z", "episode")], units("u"))
    with pytest.raises(ConfigError, match="delta must be above 0"):
        search_llm(LINES, units("u"), delta=0)


# C4

SHOP = units("fcpt")
WEIGHTS, MARKS = (0.1, 0.5, 0.3, 0.1), (0.5, 0.5, 0.5)


def test_cookbook_c4():
    assert value(hrm(SHOP, WEIGHTS, MARKS), "fcpt", (1, 0.4, 0.9, 0.9)) == pytest.approx(0.3)


@given(st.tuples(*[unit] * 4), st.integers(0, 3), unit, st.sampled_from([0.0, 0.05, 0.2]))
def test_hrm_is_monotone_and_bounded(xs, which, up, width):
    node = hrm(SHOP, WEIGHTS, MARKS, width=width)
    here = value(node, "fcpt", xs)
    assert value(node, "fcpt", raised(xs, which, up)) >= here - 1e-12
    assert -1e-12 <= here <= 1 + 1e-12
    assert node.bounds.lo == 0 and here - 1e-12 <= node.bounds.hi <= 1 + 1e-12


@given(st.tuples(unit, unit), st.tuples(unit, unit))
def test_nothing_above_a_failed_level_counts_or_is_read(one, other):
    node = hrm(SHOP, WEIGHTS, MARKS)
    assert value(node, "fcpt", (1, 0.4, *one)) == value(node, "fcpt", (1, 0.4, *other))
    assert value(node, "fcpt", (1, 0.4, None, None)) == pytest.approx(0.3)


@given(unit)
def test_a_soft_hierarchy_closes_too(score):
    node = hrm(SHOP[:2], (0.5, 0.5), (0.5,), width=0.05)
    assert value(node, "fc", (0.25, score)) == 0.125
    assert value(node, "fc", (0.75, score)) == pytest.approx(0.375 + 0.5 * score)


def test_l8_marks_at_zero_are_the_weighted_sum():
    xs = (0.1, 0.2, 0.3, 0.4)
    plain = sum(w * x for w, x in zip(WEIGHTS, xs, strict=True))
    assert value(hrm(SHOP, WEIGHTS, (0, 0, 0)), "fcpt", xs) == pytest.approx(plain)


def test_hrm_names_bad_arguments():
    with pytest.raises(ConfigError, match="4 levels, 4 weights and 2 marks"):
        hrm(SHOP, WEIGHTS, (0.5, 0.5))
    with pytest.raises(ConfigError, match="weights must be 0 or more"):
        hrm(SHOP, (0.1, -1, 0.3, 0.1), MARKS)
    with pytest.raises(ConfigError, match="'x' is a step value"):
        hrm([Source("x", lo=0, hi=1)], (1,), ())


# C5


@pytest.mark.parametrize(("base", "bonus", "expected"), [(0.9, 0.5, 0.72), (0.1, 1.0, 0.1)])
def test_cookbook_c5(base, bonus, expected):
    assert value(firm(*units("eb")), "eb", (base, bonus)) == pytest.approx(expected)


@given(unit, unit, unit)
def test_firm_never_exceeds_its_base_and_a_lazy_answer_earns_nothing(base, bonus, weight):
    node = firm(*units("eb"), weight)
    assert 0 <= value(node, "eb", (base, bonus)) <= base + 1e-12
    assert value(node, "eb", (0.0, bonus)) == 0
    assert value(firm(*units("eb"), 0.0), "eb", (base, bonus)) == base
    assert node.directions() == ("up", "up")


def test_firm_names_bad_arguments():
    with pytest.raises(ConfigError, match="weight must be 0 to 1, got 2"):
        firm(*units("eb"), 2)
    with pytest.raises(ConfigError, match="'z' has"):
        firm(Source("z"), Source("y"))


# C6

ROUTE, COMFORT = Source("route", lo=0, hi=1), Source("comfort", lo=0, hi=1)
CRASH = Source("crash", lo=0, hi=1)


def drive(*steps):
    return [dict(zip(("route", "comfort", "safe", "crash"), s, strict=True)) for s in steps]


def test_cookbook_c6():
    node = carl(ProgressDelta(ROUTE), [COMFORT])
    assert node.settle(drive((0, 1, 1, 0), (0.05, 0.5, 1, 0)))[0] == pytest.approx(0.025)


@given(unit, unit, unit)
def test_carl_without_progress_pays_nothing_and_penalties_commute(comfort, safe, crash):
    safety = Source("safe", lo=0, hi=1)
    one = carl(ProgressDelta(ROUTE), [COMFORT, safety], CRASH)
    two = carl(ProgressDelta(ROUTE), [safety, COMFORT], CRASH)
    still = drive((0.5, 1, 1, 0), (0.5, comfort, safe, crash))
    moving = drive((0, 1, 1, 0), (0.5, comfort, safe, crash))
    assert one.settle(still)[0] == -crash
    assert one.settle(moving)[0] == pytest.approx(two.settle(moving)[0])
    assert one.phase == "online"


@given(st.lists(st.tuples(unit, unit), min_size=1, max_size=6))
def test_carl_pays_no_loop_of_progress(seen):
    node = carl(ProgressDelta(ROUTE), [COMFORT])
    there_and_back = drive((0, 1, 1, 0), *((x, p, 1, 0) for x, p in seen), (0, 0.5, 1, 0))
    assert node.settle(there_and_back)[0] <= 1e-12
    assert set(node.directions()) == {"up"}


def test_carl_does_not_halve_the_cost_of_an_unsafe_step_back():
    node = carl(ProgressDelta(ROUTE), [COMFORT])
    amounts = node.settle(drive((0, 1, 1, 0), (0.5, 1, 1, 0), (0, 0.5, 1, 0)))[1]
    assert amounts == (0.5, -0.5)
    assert str(carl(ROUTE, [COMFORT], CRASH).bounds) == "[-1, 1]"


def test_carl_names_bad_arguments():
    with pytest.raises(ConfigError, match=r"carl.penalties must lie in \[0, 1\]"):
        carl(ROUTE, [Source("z")])
    with pytest.raises(ConfigError, match=r"carl.terminal must lie in \[0, inf\]"):
        carl(ROUTE, [], Source("z"))


# C7

VISUAL = Source("visual", "episode", lo=0, hi=5)


def webgen(static=-0.2, build=-0.1):
    checks = [
        (node, c) for node, c in zip(units(["static", "build"]), (static, build), strict=True)
    ]
    func, cot = units(["func", "cot"])
    return cascade(checks, VISUAL + 1.0 * func + 0.5 * cot)


def test_cookbook_c7():
    last = {"static": 1, "build": 1, "visual": 3.5, "func": 1, "cot": 1}
    assert webgen().settle([{}, last])[0] == 5.0
    assert webgen().settle([{}, {**last, "build": 0}])[0] == -0.1
    assert webgen().settle([{}, {**last, "static": 0}])[0] == -0.2


def test_later_stages_are_not_read_when_an_earlier_one_fails():
    asked = []

    class Judge(dict):
        def __getitem__(self, key):
            asked.append(key)
            return super().__getitem__(key)

    record = Judge(static=0, build=1, visual=None, func=1, cot=1)
    assert webgen().settle([{}, record])[0] == -0.2
    assert asked == ["static"]


def test_a_later_failure_always_pays_more():
    monotone = Program("web", webgen()).monotone
    assert monotone == dict.fromkeys(["static", "build", "visual", "func", "cot"], "up")
    with pytest.raises(ConfigError, match=r"stages\[0\]: the constant -0.1 must be below .*-0.1"):
        webgen(-0.1, -0.1)
    with pytest.raises(ConfigError, match=r"stages\[1\]: the constant 0 must be below"):
        webgen(-0.2, 0)


def test_l8_no_stages_is_the_final_score():
    assert cascade([], VISUAL) is VISUAL


# C13


def test_cookbook_c13():
    two = units("ab")
    assert value(min_with_targets(two, (0.5, 1.0)), "ab", (0.9, 0.75)) == 0.75
    assert value(min_with_targets(two, (0.5, 0.25)), "ab", (0.9, 0.75)) == 1.0
    assert value(threshold_and(two, (0.5, 0.5)), "ab", (0.5, 0.49)) == 0


@given(st.tuples(unit, unit), st.integers(0, 1), unit)
def test_targets_are_monotone_and_stop_paying(xs, which, up):
    for node in (min_with_targets(units("ab"), (0.5, 0.5)), threshold_and(units("ab"), (0.5, 0.5))):
        assert value(node, "ab", raised(xs, which, up)) >= value(node, "ab", xs)
        assert value(node, "ab", (1.0, 1.0)) == value(node, "ab", (0.5, 0.5)) == 1
        assert value(node, "ab", xs) in node.bounds


def test_targets_name_bad_arguments():
    with pytest.raises(ConfigError, match="2 channels and 1 targets"):
        min_with_targets(units("ab"), (1,))
    with pytest.raises(ConfigError, match="targets must be positive"):
        min_with_targets(units("a"), (0,))
    with pytest.raises(ConfigError, match="0 channels and 0 marks"):
        threshold_and([], [])


# C15


def test_cookbook_c15():
    node = partial_credit(*units("rs"), prints=4)
    assert value(node, "rs", (1.0, 1.0)) == 1.0
    assert value(node, "rs", (0.0, 0.5)) == pytest.approx(0.2)


@given(unit, unit, st.integers(1, 20))
def test_prints_never_reach_half_of_the_real_metric(real, share, prints):
    node = partial_credit(*units("rs"), prints=prints)
    assert value(node, "rs", (min(real, 0.999), share)) < 0.5
    assert value(node, "rs", (1.0, share)) == 1.0


def test_partial_credit_names_bad_arguments():
    with pytest.raises(ConfigError, match="prints must be 1 or more"):
        partial_credit(*units("rs"), prints=0)
    with pytest.raises(ConfigError, match="reached must be an episode's share"):
        partial_credit(units("r")[0], Source("z", "episode"), prints=1)
    with pytest.raises(ConfigError, match="most must be from 0 to mark"):
        partial_credit(*units("rs"), prints=1, most=2.0)


# C2, the ordering check

LADDER = Source("ladder", "episode", -1, 1)
RUNGS = (-1.0, -0.5, 0.0, 1.0)


@given(st.sampled_from(RUNGS), st.sampled_from(RUNGS), st.tuples(st.floats(0, 2), st.floats(0, 2)))
def test_cookbook_c2_ordering_check(one, other, steps):
    sums = Source("steps", "episode", 0, 2)
    below_the_gap = g_ra([LADDER, Clip(sums, hi=0.4)], [-0.5])
    loose = g_ra([LADDER, sums], [-0.5])
    records = [[{}, {"ladder": r, "steps": s}] for r, s in zip((one, other), steps, strict=True)]
    low, high = (below_the_gap.settle(r)[0] for r in records)
    if one < other:
        assert low < high
    failing, passing = [{}, {"ladder": 0.0, "steps": 2.0}], [{}, {"ladder": 1.0, "steps": 0.2}]
    assert loose.settle(failing)[0] > loose.settle(passing)[0]
    assert below_the_gap.settle(failing)[0] < below_the_gap.settle(passing)[0]


def test_gates_are_named_in_order():
    node = hrm(SHOP, WEIGHTS, MARKS)
    whole = {"f": 1, "c": 1, "p": 1, "t": 1}
    assert node.explain([{}, whole]).gates == (("hrm", True), ("hrm.2", True), ("hrm.3", True))
    stages = [(level, c) for level, c in zip(units("abc"), (-0.3, -0.2, -0.1), strict=True)]
    last = {"a": 1, "b": 1, "c": 0, "visual": 1}
    gates = cascade(stages, VISUAL).explain([{}, last]).gates
    assert gates == (("cascade", True), ("cascade.2", True), ("cascade.3", False))
