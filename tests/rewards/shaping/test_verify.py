import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import (
    GroupNormalised,
    Potential,
    Program,
    ProgressDelta,
    ReduceSum,
    Source,
    cap,
)
from envgym.rewards.shaping.chain import PHI, chain_shapings, five_state_chain
from envgym.rewards.shaping.mdp import FiniteMDP, Outcome, from_table
from envgym.rewards.shaping.verify import verify_shaping
from envgym.types import ConfigError, EvidenceError

WON = Source("won", "episode", lo=0, hi=1)
PROGRESS = Source("progress", lo=0, hi=1)
WIDE = Source("phi", lo=-10, hi=10)
phis = st.tuples(*[st.floats(-10, 10).map(lambda x: round(x, 2))] * 5)
few = settings(max_examples=30, deadline=None)


@few
@given(phis, st.sampled_from([0.5, 0.9, 0.99]), st.sampled_from([0.0, 0.2]))
def test_cookbook_b7_any_potential_keeps_the_optimal_policy(phi, gamma, slip):
    chain = five_state_chain(gamma, slip=slip, phi=phi)
    report = verify_shaping(chain, WON, WON + Potential(WIDE, gamma))
    assert report.exact and report.regret == 0


@few
@given(phis, st.integers(1, 6), st.sampled_from([0.9, 1.0]))
def test_b7_a_potential_is_right_on_truncation_too(phi, horizon, gamma):
    chain = five_state_chain(gamma, horizon, phi=phi)
    assert verify_shaping(chain, WON, WON + Potential(WIDE, gamma)).exact


def test_b7_without_the_terminal_zero_the_policy_changes():
    report = verify_shaping(five_state_chain(), WON, WON + ProgressDelta(WIDE))
    assert not report.keeps
    assert (report.best_return, report.shaped_return) == (pytest.approx(0.9), 0.0)
    assert report.changes[0].state == 2
    assert report.changes[0].optimal == ("right",)
    assert report.changes[0].shaped == ("left",)


def test_b7_a_potential_kept_at_a_budget_pays_for_stalling():
    chain = five_state_chain(1.0, 3, phi=(0, 0, 9, 0, 0))
    kept = verify_shaping(chain, WON, WON + Potential(WIDE, 1.0, "keep"))
    assert not kept.keeps
    assert kept.shaped_return == 0
    assert verify_shaping(chain, WON, WON + Potential(WIDE, 1.0)).exact


def test_a_potential_with_another_discount_than_the_trainer_changes_it():
    chain = five_state_chain(0.9, phi=(0, 0, 10, 0, 0))
    assert not verify_shaping(chain, WON, WON + Potential(WIDE, 1.0)).keeps
    assert verify_shaping(chain, WON, WON + Potential(WIDE, 0.9)).exact


def test_the_bundled_shapings_and_what_they_cost():
    programs = chain_shapings()
    outcome = programs.pop("outcome")
    chain = five_state_chain(horizon=6)
    reports = {name: verify_shaping(chain, outcome, p) for name, p in programs.items()}
    assert {name for name, r in reports.items() if not r.keeps} == {
        "potential_without_terminal_zero",
        "raw_sum",
        "loose_gate",
    }
    assert reports["potential"].exact
    assert reports["capped_gate"].exact
    assert reports["raw_sum"].regret == pytest.approx(0.9 - 0.9**5)
    assert reports["raw_sum"].shaped_return == pytest.approx(0.9**5)
    assert all(r.regret == 0 for r in reports.values() if r.keeps)


def test_a_raw_progress_sum_makes_an_endless_episode_wait_for_ever():
    report = verify_shaping(five_state_chain(), WON, WON + PROGRESS)
    assert not report.keeps
    assert report.shaped_return == 0
    assert [c.state for c in report.changes] == [3]


def test_a_program_that_pays_for_failing_fast_is_found():
    hurry = WON - 0.5 * Source("position", lo=0, hi=4)
    report = verify_shaping(five_state_chain(), WON, hurry)
    assert not report.keeps
    assert "left" in report.changes[0].shaped


def brute_force(chain, program, horizon):
    """Best discounted return over all plans of a chain without slips."""
    best = -float("inf")
    for plan in itertools.product(("left", "right", "wait"), repeat=horizon):
        state, records = chain.start, [{**chain.reset, "end": None}]
        for time, action in enumerate(plan):
            outcome = chain.check(state, action)[0]
            ends = outcome.final or time + 1 == horizon
            end = ("task" if outcome.final else "budget") if ends else None
            records.append({**outcome.evidence, "end": end})
            state = outcome.state
            if ends:
                break
        settled = program.replay(records).settled
        best = max(best, sum(chain.gamma**t * x for t, x in enumerate(settled)))
    return best


@pytest.mark.parametrize(
    "name", ["outcome", "potential", "raw_sum", "capped_gate", "lookahead_delta"]
)
def test_values_equal_a_brute_force_search(name):
    chain = five_state_chain(horizon=4)
    program = chain_shapings()[name]
    report = verify_shaping(chain, program, program)
    assert report.exact
    assert report.best_return == pytest.approx(brute_force(chain, program, 4))


def test_an_action_that_only_wins_sometimes_is_weighed():
    report = verify_shaping(five_state_chain(0.9, slip=0.2), WON, WON)
    # V2 = 0.9 (0.8 V3 + 0.2 V1), V3 = 0.9 (0.8 + 0.2 V2) and V1 = 0.9 * 0.8 V2, the last pay
    # undiscounted in its own event: solved by hand.
    v2 = 0.9 * 0.8 * 0.8 / (1 - 0.9 * 0.8 * 0.9 * 0.2 - 0.9 * 0.2 * 0.9 * 0.8)
    assert report.best_return == pytest.approx(v2)


def test_what_a_program_remembers_is_part_of_the_decision():
    once = WON + cap(ReduceSum(PROGRESS), 0.5)
    report = verify_shaping(five_state_chain(horizon=4), WON, once)
    assert report.decisions > 16
    plain = verify_shaping(five_state_chain(horizon=4), WON, WON)
    assert plain.decisions < 16


def test_lost_ties_are_not_changes():
    # Both ends pay alike: going either way is optimal until a potential-free bonus decides.
    table = {0: {"a": [(1.0, 1, 1.0, True)], "b": [(1.0, 2, 1.0, True)]}}
    mdp = from_table(table, 0)
    pay = Source("reward")
    bonus = 0.001 * Source("state", lo=0, hi=2)
    report = verify_shaping(mdp, pay, pay + bonus)
    assert report.keeps and not report.exact
    assert report.lost_ties == 1


def test_a_table_of_transitions_is_read():
    table = {
        0: {"safe": [(1.0, 1, 0.4, True)], "risk": [(0.5, 2, 1.0, True), (0.5, 3, 0.0, True)]},
    }
    report = verify_shaping(
        from_table(table, 0, 0.9), Source("outcome", "episode"), Source("reward")
    )
    assert report.exact
    assert report.best_return == 0.5


def test_the_report_says_it_in_words():
    kept = verify_shaping(five_state_chain(), Program("win", WON), Program("same", WON))
    assert str(kept) == (
        "same keeps the optimal policy of win: base return 0.9 of 0.9, 3 decisions."
    )
    changed = str(verify_shaping(five_state_chain(), WON, WON + ProgressDelta(WIDE)))
    assert changed.splitlines()[1] == "  state 2: best right, shaped left, costs 0.171"
    many = str(verify_shaping(five_state_chain(horizon=6), WON, WON + ProgressDelta(WIDE)))
    assert many.splitlines()[-1].startswith("  and ")


def test_what_cannot_be_verified_is_said():
    chain = five_state_chain()
    with pytest.raises(ConfigError, match='"shaped" is a group program'):
        verify_shaping(chain, WON, GroupNormalised(WON))
    with pytest.raises(ConfigError, match="looks at whole episodes; give the FiniteMDP a horizon"):
        verify_shaping(chain, WON, WON + ReduceSum(PROGRESS))
    with pytest.raises(ConfigError, match="more than 10 decisions"):
        verify_shaping(five_state_chain(horizon=6), WON, WON + ReduceSum(PROGRESS), max_states=10)
    with pytest.raises(EvidenceError, match="lacks evidence 'tests'"):
        verify_shaping(chain, WON, WON + Source("tests"))


@pytest.mark.parametrize("scope", ["step", "episode"])
def test_an_invalid_signal_has_no_optimal_policy(scope):
    def outcomes(state, action):
        return (Outcome(1.0, 1, {"judge": None}, final=True),)

    mdp = FiniteMDP(0, {"judge": 0.0}, lambda s: ("go",), outcomes)
    with pytest.raises(ConfigError, match="'judge' could not answer"):
        verify_shaping(mdp, Source("judge", scope), Source("judge", scope))


def test_bad_processes_are_named():
    def half(state, action):
        return (Outcome(0.5, 1, {"won": 1}, final=True),)

    with pytest.raises(ConfigError, match="sum to 0.5, not to 1"):
        verify_shaping(FiniteMDP(0, {"won": 0}, lambda s: ("go",), half), WON, WON)
    with pytest.raises(ConfigError, match="state 0 is not final and has no actions"):
        verify_shaping(FiniteMDP(0, {"won": 0}, lambda s: (), half), WON, WON)
    with pytest.raises(ConfigError, match="gamma must be below 1 without a horizon"):
        five_state_chain(1.0)
    with pytest.raises(ConfigError, match="gamma must be 0 to 1"):
        five_state_chain(1.5)
    with pytest.raises(ConfigError, match="horizon must be 1 or more"):
        five_state_chain(horizon=0)
    with pytest.raises(ConfigError, match="slip must be from 0"):
        five_state_chain(slip=0.5)
    with pytest.raises(ConfigError, match="five numbers, got 2"):
        five_state_chain(phi=PHI[:2])
