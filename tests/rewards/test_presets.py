import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Source, charge, standard_presets
from envgym.types import ConfigError


def rows(*progress, outcome, end="task", errors=0):
    last = len(progress) - 1
    return [
        {"progress": p, "turn": t, "errors": errors * t, "end": None}
        if t < last
        else {"progress": p, "turn": t, "errors": errors * t, "outcome": outcome, "end": end}
        for t, p in enumerate(progress)
    ]


def totals(records, **options):
    return {n: p.replay(records).total for n, p in standard_presets(**options).items()}


def test_a_win_and_a_loss_under_all_four():
    win, loss = rows(0, 0.5, 1, outcome=1), rows(0, 0.5, 0.75, outcome=0)
    assert totals(win) == {"outcome": 1, "dense": 2, "gated": 1.4, "process": 1}
    assert totals(loss) == {"outcome": 0, "dense": 0.75, "gated": 0, "process": 0}


def test_the_potential_of_the_final_state_is_zero_after_a_budget_too():
    assert totals(rows(0, 0.5, 0.75, outcome=0, end="budget"))["process"] == 0


def test_costs_are_charged_in_dense_and_gated_only():
    records = rows(0, 0.25, 0.25, outcome=1, errors=1)
    paid = totals(records, turn_cost=0.0625, error_cost=0.125)
    assert paid == {"outcome": 1, "dense": 0.875, "gated": 0.875, "process": 1}


unit = st.floats(0, 1)
many = st.lists(unit, min_size=2, max_size=6)


@given(many, many, st.floats(0, 0.4), st.floats(0.6, 1), st.floats(0, 2))
def test_gated_never_lets_a_failure_outrank_a_success(lost, won, failure, success, cost):
    options = {"gate": -1.0, "gap": success - failure, "turn_cost": cost}
    options["outcome"] = Source("outcome", "episode", 0, 1)
    below = totals(rows(*lost, outcome=failure), **options)["gated"]
    assert below < totals(rows(*won, outcome=success), **options)["gated"]


@given(many, st.floats(0, 1))
def test_process_leaves_the_order_of_policies_as_the_outcome_has_it(progress, outcome):
    paid = totals(rows(*progress, outcome=outcome))
    assert paid["process"] == pytest.approx(outcome - progress[0], abs=1e-9)


def test_the_gated_lump_keeps_its_components_and_its_turns():
    books = standard_presets(gap=9, turn_cost=0.125)["gated"].replay(rows(0, 0.5, 1, outcome=1))
    assert books.settled == (0.375, 1.375)
    assert {e.component: e.gate for e in books.ledger} == {
        "outcome": None,
        "progress": "gate",
        "turn_cost": "gate",
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: standard_presets(gap=0), "gap must be more than 0, got 0"),
        (lambda: standard_presets(turn_cost=-1), "price of 'turn' must be 0 or more, got -1"),
        (lambda: standard_presets(outcome=Source("x")), "'x' must be a Source of scope 'episode'"),
        (lambda: charge("turn", float("nan"), name="t"), "must be 0 or more"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
