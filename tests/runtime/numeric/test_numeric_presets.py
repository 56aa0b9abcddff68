"""The programs of numeric environments, each with numbers worked by hand."""

import pytest

from envgym.runtime.numeric.presets import numeric_presets

PRESETS = numeric_presets(
    price=2.0, tolerance=0.1, residuals=("gap", "floor"), multiplier=3.0, potential="value"
)


def fact(**more):
    plain = {
        "utility": 0.5,
        "violation": 0.0,
        "rounds": 0,
        "visits": 1,
        "progress": 0.0,
        "novelty": 0.0,
        "gap": 0.0,
        "floor": 0.0,
        "value": 0.0,
        "end": None,
    }
    return {**plain, **more}


def paid(name, *records, start=None):
    """Return what each event pays; the last one ends the episode."""
    books = PRESETS[name].open(fact(utility=0.0, **(start or {})))
    found = []
    for place, record in enumerate(records):
        last = place == len(records) - 1
        end = {"end": "task", "outcome": 0.75} if last else {}
        found.append(books.step({**record, **end})[0])
    return pytest.approx(found)


def test_utility_pays_each_round():
    assert paid("utility", fact(), fact(utility=-0.25)) == [0.5, -0.25]


def test_outcome_pays_at_the_end():
    assert paid("outcome", fact(), fact()) == [0.0, 0.75]


def test_dense_subtracts_the_price_of_violations():
    assert paid("dense", fact(), fact(violation=0.1)) == [0.5, 0.3]  # 0.5 - 2 * 0.1


def test_gated_pays_up_to_the_tolerance():
    assert paid("gated", fact(), fact(violation=0.1), fact(violation=0.1000001)) == [0.5, 0.5, 0.0]


def test_process_pays_shrinking_intervals_back_at_the_end():
    """0.2 and 0.3 as progress grows to 0.5; then the outcome minus what was lent."""
    found = paid("process", fact(progress=0.2), fact(progress=0.5), fact(progress=0.5))
    assert found == [0.2, 0.3, 0.75 - 0.5]


def test_count_adds_a_tenth_over_the_root_of_visits():
    rounds = [fact(rounds=k + 1, visits=n) for k, n in enumerate((1, 4, 16))]
    assert paid("count", *rounds) == [0.6, 0.55, 0.525]


def test_count_adds_nothing_for_a_turn_that_played_no_round():
    lost = fact(rounds=1, utility=0.0)
    assert paid("count", fact(rounds=1), lost, lost) == [0.6, 0.0, 0.0]


def test_distillation_adds_a_tenth_of_novelty():
    assert paid("distillation", fact(novelty=1.0), fact(novelty=0.3)) == [0.6, 0.53]


def test_lagrangian_subtracts_signed_residuals():
    """0.5 - 3 * (0.1 - 0.2) = 0.8: slack in one rule pays for another."""
    assert paid("lagrangian", fact(gap=0.1, floor=-0.2), fact(gap=0.1)) == [0.8, 0.2]


def test_potential_telescopes():
    """0.5 + (2 - 1), then 0.5 + (0 - 2): the state after the end is worth nothing."""
    found = paid("potential", fact(value=2.0), fact(value=9.0), start={"value": 1.0})
    assert found == [1.5, -1.5]


def test_what_a_family_lacks_is_no_preset():
    plain = numeric_presets()
    assert set(PRESETS) - set(plain) == {"lagrangian", "potential"}
    assert all(program.name == name for name, program in PRESETS.items())
