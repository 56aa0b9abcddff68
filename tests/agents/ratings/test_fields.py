"""Hodge split, Nash averaging, alpha-rank: what a field of players looks like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_spiel.python.egt import alpharank

from envgym.agents.ratings.alpha_rank import alpha_rank
from envgym.agents.ratings.hodge import hodge
from envgym.agents.ratings.nash_averaging import nash_average
from envgym.types import ConfigError

RPS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
numbers = st.integers(0, 2**32 - 1)


def antisymmetric(seed, size, whole=False):
    a = np.random.Generator(np.random.PCG64(seed)).normal(size=(size, size))
    a = np.round(a) if whole else a
    return a - a.T


def test_rps_is_cyclic_and_a_rating_is_transitive():
    split = hodge(RPS)
    assert split.share == 0.0 and split.rating == pytest.approx(np.zeros(3))
    assert split.residual == pytest.approx(3.0) and split.freedom == 1
    rating = np.array([2.0, -0.5, -1.5])
    split = hodge(rating[:, None] - rating[None, :])
    assert split.share == pytest.approx(1.0) and split.rating == pytest.approx(rating)
    assert hodge(np.zeros((3, 3))).share == 1.0


@pytest.mark.parametrize("size", [3, 5, 9])
def test_saturated_orders_have_the_share_of_the_docstring(size):
    flow = np.sign(np.arange(size)[None, :] - np.arange(size)[:, None])
    assert hodge(flow).share == pytest.approx(2 * (size + 1) / (3 * size))


@given(numbers, st.integers(2, 7), st.floats(0.1, 10))
def test_the_two_parts_are_orthogonal_and_scale_free(seed, size, scale):
    flow = antisymmetric(seed, size)
    rng = np.random.Generator(np.random.PCG64(seed))
    weight = np.triu(rng.integers(0, 4, (size, size)).astype(float), 1)
    weight += weight.T
    split = hodge(flow, weight)
    assert np.sum(weight * split.transitive * split.cyclic) == pytest.approx(0.0, abs=1e-8)
    assert (weight * split.cyclic).sum(axis=1) == pytest.approx(np.zeros(size), abs=1e-8)
    assert hodge(scale * flow, weight).share == pytest.approx(split.share, abs=1e-9)
    assert 0.0 <= split.share <= 1.0


def test_parts_that_never_met_have_their_own_zero():
    flow = np.zeros((4, 4))
    flow[0, 1], flow[1, 0], flow[2, 3], flow[3, 2] = 1.0, -1.0, 3.0, -3.0
    split = hodge(flow, (flow != 0).astype(float))
    assert split.rating == pytest.approx([0.5, -0.5, 1.5, -1.5]) and split.freedom == 0


def test_nash_known_values():
    assert nash_average(RPS).mixture == pytest.approx(np.full(3, 1 / 3), abs=1e-9)
    best = nash_average([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
    assert best.mixture == pytest.approx([1, 0, 0]) and best.skill == pytest.approx([0, -1, -2])
    # Rock, paper, scissors won by 1, 2, 3: weights are the amounts of the match between the others.
    uneven = np.array([[0.0, 1.0, -2.0], [-1.0, 0.0, 3.0], [2.0, -3.0, 0.0]])
    assert nash_average(uneven).mixture == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=1e-9)
    # Two equal players above a third: even, although each alone is an equilibrium too.
    twins = nash_average([[0, 0, 1], [0, 0, 5], [-1, -5, 0]])
    assert twins.mixture == pytest.approx([0.5, 0.5, 0.0]) and twins.skill[2] == pytest.approx(-3)
    assert nash_average(np.zeros((2, 2))).mixture.tolist() == [0.5, 0.5]


def test_nash_where_an_outsider_binds():
    # Both twins are unbeaten, but an outsider beats the first by 2 and loses to the second by 1:
    # two thirds on the second at least.
    a = np.array([[0.0, 0.0, -2.0], [0.0, 0.0, 1.0], [2.0, -1.0, 0.0]])
    found = nash_average(a)
    assert found.mixture == pytest.approx([1 / 3, 2 / 3, 0.0], abs=1e-6)


@given(numbers, st.integers(2, 7), st.booleans())
@settings(max_examples=40, deadline=None)
def test_nobody_beats_the_mixture_and_copies_change_no_skill(seed, size, whole):
    a = antisymmetric(seed, size, whole)
    found = nash_average(a)
    assert found.mixture.sum() == pytest.approx(1.0) and np.all(found.mixture >= 0)
    assert np.max(a @ found.mixture) < 1e-8 * max(1.0, np.abs(a).max())
    assert np.all(found.skill[found.mixture > 1e-6] == 0.0)
    if not whole:  # real numbers without ties: the equilibrium is unique
        copied = [*range(size), seed % size]
        again = nash_average(a[np.ix_(copied, copied)])
        assert again.skill[:size] == pytest.approx(found.skill, abs=1e-6)
        assert again.skill[-1] == pytest.approx(found.skill[seed % size], abs=1e-6)


@given(numbers, st.integers(3, 6))
@settings(max_examples=15, deadline=None)
def test_no_mixture_on_the_face_has_more_entropy(seed, size):
    a = np.sign(antisymmetric(seed, size, whole=True))
    p = nash_average(a).mixture

    def entropy(q):
        return -float(np.sum(q * np.log(np.maximum(q, 1e-300))))

    rng = np.random.Generator(np.random.PCG64(seed))
    for _ in range(10):
        # Another equilibrium, and every mixture on the way to it.
        from scipy.optimize import linprog

        found = linprog(
            rng.normal(size=size), A_ub=a, b_ub=np.zeros(size), A_eq=np.ones((1, size)), b_eq=[1.0]
        )
        for share in (1e-3, 0.1, 0.5, 1.0):
            assert entropy((1 - share) * p + share * found.x) <= entropy(p) + 1e-7


def moves(found, choices):
    """Fixation probabilities, as OpenSpiel returns them: without the chance to be drawn."""
    rho = found.transition * choices
    np.fill_diagonal(rho, 0.0)
    return rho


def test_alpha_rank_known_values():
    found = alpha_rank(RPS)
    assert found.mass == pytest.approx(np.full(3, 1 / 3))
    assert found.transition[0] == pytest.approx([0.5, 0.5, 0.0], abs=1e-8)
    # A strategy better than all keeps everything.
    assert alpha_rank([[0, 1], [-1, 0]], epsilon=1e-12).mass == pytest.approx([1, 0], abs=1e-9)
    # Matching pennies: the four profiles in a circle.
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    both = alpha_rank([pennies, -pennies])
    assert both.mass == pytest.approx(np.full(4, 0.25)) and both.shape == (2, 2)
    assert both.marginal(0) == pytest.approx([0.5, 0.5])


@given(numbers, st.integers(2, 6), st.sampled_from([0.01, 0.3, 2.0]))
@settings(max_examples=20, deadline=None)
def test_one_population_as_in_openspiel(seed, size, alpha):
    m = np.random.Generator(np.random.PCG64(seed)).uniform(-1, 1, (size, size))
    theirs = alpharank.compute([m], m=20, alpha=alpha, use_local_selection_model=True)
    ours = alpha_rank(m, alpha=alpha, population=20)
    assert moves(ours, size - 1) == pytest.approx(theirs[0], abs=1e-12)
    assert ours.mass == pytest.approx(theirs[2], abs=1e-8)


@given(numbers, st.sampled_from([(2, 2), (2, 3), (2, 2, 3)]))
@settings(max_examples=20, deadline=None)
def test_several_populations_as_in_openspiel(seed, shape):
    rng = np.random.Generator(np.random.PCG64(seed))
    tables = [rng.uniform(-1, 1, shape) for _ in shape]
    theirs = alpharank.compute(tables, m=10, alpha=1.5)
    ours = alpha_rank(tables, alpha=1.5, population=10)
    assert moves(ours, sum(shape) - len(shape)) == pytest.approx(theirs[0], abs=1e-12)
    assert ours.mass == pytest.approx(theirs[2], abs=1e-8)
    limit = alpharank.compute(tables, m=10, alpha=1.0, use_inf_alpha=True, inf_alpha_eps=0.05)
    ours = alpha_rank(tables, epsilon=0.05)
    assert ours.mass == pytest.approx(limit[2], abs=1e-8)


@given(numbers, st.integers(2, 6))
def test_strong_selection_is_stable_and_tends_to_the_limit(seed, size):
    m = antisymmetric(seed, size)
    strong = alpha_rank(m, alpha=1e6)
    assert strong.mass.sum() == pytest.approx(1.0)
    # Logarithms of chances reach 1e8 here, which doubles hold to about 1e-8.
    assert strong.mass @ strong.transition == pytest.approx(strong.mass, abs=1e-6)
    assert alpha_rank(m + 7.0, alpha=3.0).mass == pytest.approx(alpha_rank(m, alpha=3.0).mass)
    assert alpha_rank(m, alpha=0.0).mass == pytest.approx(np.full(size, 1 / size))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: hodge(np.zeros((2, 3))), "square matrix, got the shape"),
        (lambda: hodge(np.ones((2, 2))), r"flow\[j, i\] = -flow"),
        (lambda: hodge(RPS, -np.ones((3, 3))), "weight must be symmetric"),
        (lambda: nash_average(np.ones((2, 2))), r"payoff\[j, i\] = -payoff"),
        (lambda: nash_average(np.zeros(3)), "square matrix"),
        (lambda: alpha_rank(RPS, alpha=-1.0), "alpha must be 0 or more"),
        (lambda: alpha_rank(RPS, population=1), "population must be 2 or more"),
        (lambda: alpha_rank(RPS, epsilon=0.5), "epsilon must be more than 0"),
        (lambda: alpha_rank(np.zeros((2, 3))), "must be a square matrix"),
        (lambda: alpha_rank([RPS, RPS, RPS]), "an axis per player"),
        (lambda: alpha_rank([[1.0], [1.0, 2.0]]), "arrays of numbers of one shape"),
        (lambda: alpha_rank([[float("nan")]]), "finite and not empty"),
    ],
)
def test_bad_input_is_one_sentence(make, said):
    with pytest.raises(ConfigError, match=said):
        make()
