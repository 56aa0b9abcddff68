"""Impossible requests: what conflicts, and what shows it."""

from dataclasses import replace

import pytest

from envgym.envs.travel.conflicts import conflicts, floor, only
from envgym.envs.travel.facts import fact_of
from envgym.envs.travel.generate import travel_task
from envgym.envs.travel.report import check_report
from envgym.envs.travel.request import from_params
from envgym.envs.travel.solver import solve
from envgym.types import ToolError


def test_about_one_task_in_six_is_impossible(impossible):
    assert 8 <= len(impossible) <= 28


def test_conflicts_are_sound_and_minimal(impossible):
    for task_id, request in impossible:
        found = conflicts(request)
        assert found, task_id
        assert solve(request) is None, task_id
        for conflict in found:
            assert conflict.names <= set(request.constraints)
            assert conflict.facts
            for name in conflict.names:
                rest = conflict.names - {name}
                lifted = only(request, rest)
                if name == "budget":
                    lifted = replace(lifted, budget=10**9)
                assert not any(c.names <= rest for c in conflicts(lifted)), task_id


def test_solvable_requests_have_none(trip, short_trip):
    assert conflicts(trip.request) == ()
    assert conflicts(short_trip.request) == ()


def test_money(short_trip):
    """The floor is a lower bound of every plan, and a cent below it cannot be paid."""
    bare = only(short_trip.request, ())
    least, facts = floor(bare)
    assert least <= short_trip.solution.verdict.cost
    assert conflicts(replace(bare, budget=least)) == ()
    (found,) = conflicts(replace(bare, budget=least - 1))
    assert found.names == {"budget"}
    assert found.facts == facts
    code = bare.options[0]
    assert f"hotels/{code}" in facts
    assert any(fact.startswith(f"flights/{bare.origin}/{code}/") for fact in facts)
    assert any(fact.startswith(f"trains/{code}/{bare.origin}/") for fact in facts)


def test_houses(short_trip):
    request = replace(only(short_trip.request, ()), budget=10**9)
    code = request.options[0]
    houses = request.place.hotels(code)
    for rule in ("smoking", "parties", "children under 10", "visitors", "pets"):
        for kind in ("entire room", "private room", "shared room"):
            trial = replace(request, room_rule=rule, room_type=kind)
            fits = any(h.room_type == kind and rule not in h.forbids for h in houses)
            names = {name for c in conflicts(trial) for name in c.names}
            assert bool(names) is not fits
            if not fits:
                assert names <= {"room_rule", "room_type"}
                assert conflicts(trial)[0].facts == {f"hotels/{code}"}


def test_enough_cities_show_it(trip):
    """Two of n cities are visited: n - 1 without a fitting house are enough, whichever."""
    request = replace(only(trip.request, ()), budget=10**9)
    options = request.options
    trial = replace(request, room_type="shared room", min_stars=5)
    lacking = [
        code
        for code in options
        if not any(h.room_type == "shared room" and h.stars == 5 for h in trial.place.hotels(code))
    ]
    found = [c for c in conflicts(trial) if c.among]
    assert bool(found) is (len(lacking) >= len(options) - 1)
    for conflict in found:
        assert conflict.at_least == len(options) - 1
        area = f"cities/{request.destination}"
        assert conflict.certain == {area}
        some = sorted(conflict.among)[-conflict.at_least :]
        assert conflict.shown_by([area, *some])
        assert not conflict.shown_by([area, *some[1:]])
        assert not conflict.shown_by(some)


def test_the_way_home_shows_it_as_well(short_trip):
    """No journey of ten minutes exists either way: each direction alone is a proof."""
    request = replace(only(short_trip.request, ()), max_travel=10)
    ways = [c for c in conflicts(request) if c.names == {"max_travel"}]
    assert len(ways) == 2
    out, home = (sorted(c.facts) for c in ways)
    assert check_report(request, ["max_travel"], home, set(home)) == "supported"
    assert check_report(request, ["max_travel"], out, set(out)) == "supported"
    assert check_report(request, ["max_travel"], out[:1], set(out)) == "unsupported"
    a, b = request.origin, request.options[0]
    assert fact_of(request.place, f"drive/{b}/{a}") == fact_of(request.place, f"drive/{a}/{b}")


def test_reports(impossible):
    _, request = impossible[0]
    conflict = conflicts(request)[0]
    names, facts = sorted(conflict.names), sorted(conflict.facts)
    assert check_report(request, names, facts, set(facts)) == "supported"
    assert check_report(request, names, [f"[{f}]" for f in facts], set(facts)) == "supported"
    assert check_report(request, names, facts, set()) == "unsupported"
    assert check_report(request, names, facts[1:], set(facts)) == "unsupported"
    assert check_report(request, names, [*facts, "hotels/???"], set(facts)) == "unsupported"
    others = [name for name in request.constraints if name not in conflict.names]
    if others and not any(c.names == {others[0]} for c in conflicts(request)):
        assert check_report(request, others[:1], facts, set(facts)) == "wrong"
        assert check_report(request, [*names, others[0]], facts, set(facts)) == "wrong"


def test_rows_may_be_cited(world, short_trip):
    request = short_trip.request
    code = request.options[0]
    assert fact_of(request.place, f"H-{code}-1") == f"hotels/{code}"
    assert fact_of(request.place, f"r-{code}-2") == f"restaurants/{code}"
    date = request.place.date(3)
    ride = f"F-{request.origin}-{code}-1-{date:%m%d}"
    assert fact_of(request.place, ride) == f"flights/{request.origin}/{code}/{date}"
    assert fact_of(request.place, "anything else") == "anything else"


def test_bad_reports_cost_a_turn(short_trip):
    with pytest.raises(ToolError, match="unknown constraint 'weather'.*Nothing was reported"):
        check_report(short_trip.request, ["weather"], [], ())
    with pytest.raises(ToolError, match="at least one constraint"):
        check_report(short_trip.request, [], [], ())
    with pytest.raises(ToolError, match="at most 100"):
        check_report(short_trip.request, ["budget"], ["x"] * 101, ())


@pytest.mark.parametrize("kind", ["cuisines", "must_see", "max_travel", "budget"])
def test_kinds_that_occur(kind):
    for index in range(400):
        task = travel_task("train", index)
        if "infeasible" in task.tags:
            found = conflicts(from_params(task.params))
            if any(kind in conflict.names for conflict in found):
                return
    raise AssertionError(f"no conflict of {kind} in 400 tasks")
