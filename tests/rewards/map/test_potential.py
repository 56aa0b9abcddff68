import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Potential, Source
from envgym.types import ConfigError, EvidenceError

PHI = Source("phi", lo=0, hi=1)
unit = st.floats(0, 1)


def rows(*phis, end="task"):
    last = len(phis) - 1
    return [{"phi": p, "end": end if i == last else None} for i, p in enumerate(phis)]


def test_cookbook_b7():
    # The last state is final, so its own potential is not read: 0 in the cookbook, 0.9 here.
    _, shaped = Potential(PHI, 0.9).settle(rows(0, 0.3, 0.6, 0.9))
    assert shaped == pytest.approx((0.27, 0.24, -0.6))
    assert sum(0.9**t * f for t, f in enumerate(shaped)) == pytest.approx(0)


def test_without_the_terminal_zero_invariance_is_lost():
    kept = Potential(PHI, on_truncation="keep")
    assert kept.settle(rows(0, 0.5, 1, end="budget"))[0] == 1
    assert kept.settle(rows(0, 0.5, 1, end="task"))[0] == 0


@given(st.lists(unit, min_size=2, max_size=8), unit, st.sampled_from(["task", "budget"]))
def test_the_discounted_sum_depends_on_the_start_alone(phis, gamma, end):
    _, shaped = Potential(PHI, gamma).settle(rows(*phis, end=end))
    total = sum(gamma**t * f for t, f in enumerate(shaped))
    assert total == pytest.approx(-phis[0], abs=1e-9)


@given(st.lists(unit, min_size=1, max_size=5))
def test_a_loop_gains_nothing(phis):
    node = Potential(PHI)
    _, shaped = node.settle(rows(*phis, *reversed(phis), end=None))
    assert sum(shaped) == pytest.approx(0, abs=1e-9)


def test_an_external_cut_leaves_what_was_emitted():
    assert Potential(PHI).settle(rows(0, 0.5, 0.75, end=None))[0] == 0.75


def chain(shaped, terminal_zero, gamma=0.9):
    """Return the optimal actions of a 5-state chain by value iteration; both ends are final."""
    phi = [0.0, 0.2, 0.9, 0.1, 3.0] if shaped else [0.0] * 5
    phi[0] = 5.0 if shaped else 0.0
    value = [0.0] * 5
    best = {}
    for _ in range(200):
        for s in (1, 2, 3):
            gains = {}
            for move in (-1, 1):
                to = s + move
                final = to in (0, 4)
                ahead = 0.0 if final and terminal_zero else phi[to]
                pay = float(to == 4) + gamma * ahead - phi[s]
                gains[move] = pay + (0.0 if final else gamma * value[to])
            best[s] = max(gains, key=gains.get)
            value[s] = gains[best[s]]
    return best


def test_shaping_keeps_the_best_policy_only_with_the_terminal_zero():
    plain = chain(shaped=False, terminal_zero=True)
    assert chain(shaped=True, terminal_zero=True) == plain
    assert chain(shaped=True, terminal_zero=False) != plain


def test_bad_arguments_and_records_are_named():
    with pytest.raises(ConfigError, match=r"gamma must be 0 to 1, got 1.5"):
        Potential(PHI, 1.5)
    with pytest.raises(EvidenceError, match="lacks 'end'"):
        Potential(PHI).settle([{"phi": 0}, {"phi": 1}])


def test_a_difference_to_an_invalid_reset_is_invalid_at_the_end_too():
    for end in ("task", None):
        assert Potential(PHI).settle(rows(None, 0.5, end=end)) == (None, ())
    with pytest.raises(EvidenceError, match=r"^the record lacks 'end', which a potential needs\.$"):
        Potential(PHI).settle([{"phi": 0}, {"phi": 1}])
