"""TravelPlanner's metrics on a worked example, and the utility by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.travel.commonsense import CHECKS
from envgym.envs.travel.metrics import travel_metrics
from envgym.envs.travel.plan import NOTHING, Day
from envgym.envs.travel.utility import utility
from envgym.envs.travel.verdict import Verdict, judge


def verdict(plan, *, bad=(), hard=(), hard_bad=()):
    return Verdict(
        plan=plan,
        commonsense={name: "broken" if name in bad else "" for name in CHECKS},
        hard={name: "broken" if name in hard_bad else "" for name in hard},
        cost=0,
        utility=0.0,
    )


def test_worked_example(trip):
    """Four queries with 1, 3, 2 and 2 hard constraints.

    a passes everything; b breaks one of the eight rules and one of three constraints; c is not
    grounded, so that none of its two constraints count; d was never delivered.
    """
    plan = trip.solution.verdict.plan
    a = verdict(plan, hard=("budget",))
    b = verdict(
        plan, bad=("minimum_nights",), hard=("budget", "cuisines", "must_see"), hard_bad=("budget",)
    )
    c = verdict(plan, bad=("within_sandbox",), hard=("budget", "min_stars"))
    rows = [(a, 1), (b, 3), (c, 2), (None, 2)]
    found = travel_metrics(rows)
    assert found.delivery == 3 / 4
    assert found.commonsense_micro == (8 + 7 + 7) / (8 * 4)
    assert found.commonsense_macro == 1 / 4
    assert found.hard_micro == (1 + 2) / 8
    assert found.hard_macro == 1 / 4
    assert found.final_pass == 1 / 4
    ours = travel_metrics(rows, rules="all")
    assert ours.commonsense_micro == (12 + 11 + 11) / (12 * 4)


def test_our_rules_do_not_touch_travelplanners_metrics(trip):
    late = verdict(trip.solution.verdict.plan, bad=("opening_hours",), hard=("budget",))
    assert travel_metrics([(late, 1)]).final_pass == 1.0
    assert travel_metrics([(late, 1)], rules="all").final_pass == 0.0


def test_hard_constraints_need_a_complete_plan(trip):
    late = verdict(trip.solution.verdict.plan, bad=("complete_information",), hard=("budget",))
    found = travel_metrics([(late, 1)])
    assert (found.hard_micro, found.hard_macro, found.final_pass) == (0.0, 0.0, 0.0)
    assert late.hard_micro == 0.0
    assert not late.hard_macro


def test_bad_arguments(trip):
    with pytest.raises(ValueError, match="at least one result"):
        travel_metrics([])
    with pytest.raises(ValueError, match="'travelplanner' or 'all'"):
        travel_metrics([(None, 1)], rules="some")


names = st.sets(st.sampled_from(sorted(CHECKS)))


@given(st.lists(st.tuples(names, st.booleans()), min_size=1, max_size=6))
def test_macro_is_never_above_micro(trip, broken):
    rows = [
        (verdict(trip.solution.verdict.plan, bad=tuple(bad), hard=("budget",)) if sent else None, 1)
        for bad, sent in broken
    ]
    for rules in ("travelplanner", "all"):
        found = travel_metrics(rows, rules=rules)
        assert found.commonsense_macro <= found.commonsense_micro <= found.delivery
        assert found.final_pass <= min(found.commonsense_macro, found.hard_macro)


def test_utility_by_hand(short_trip):
    """Three days, two nights: stars / 8, classes / 18, and the share of money left."""
    request, plan = short_trip.request, short_trip.solution.verdict.plan
    stars = sum(day.hotel.stars - 1 for day in plan[:2])
    grades = sum(r.grade for day in plan for r in day.sights if r.city != request.origin)
    left = (request.budget - short_trip.solution.verdict.cost) / request.budget
    expected = 0.4 * stars / 8 + 0.4 * min(1, grades / 18) + 0.2 * left
    assert utility(request, plan) == pytest.approx(expected)
    assert utility(replace(request, budget=1), plan) == pytest.approx(expected - 0.2 * left)


@given(st.lists(st.sampled_from(["hotel", "sights", "meals"]), unique=True))
def test_utility_stays_in_range(trip, dropped):
    days = list(trip.days)
    for i, day in enumerate(days):
        if "hotel" in dropped:
            day = replace(day, accommodation=NOTHING)
        if "sights" in dropped:
            day = replace(day, attractions=NOTHING)
        if "meals" in dropped:
            day = replace(day, breakfast=NOTHING, lunch=NOTHING, dinner=NOTHING)
        days[i] = day
    found = judge(trip.request, days)
    assert 0.0 <= found.utility <= 1.0
    if "meals" not in dropped and dropped:
        assert found.utility <= trip.solution.verdict.utility + 0.2


def test_repeating_an_attraction_adds_nothing(trip):
    days = [
        Day(**{**vars(d), "attractions": f"{d.attractions}; {d.attractions}"}) for d in trip.days
    ]
    assert judge(trip.request, days).utility <= trip.solution.verdict.utility
