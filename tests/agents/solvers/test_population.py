import numpy as np
import pytest

from envgym.agents.solvers.best_response import measure
from envgym.agents.solvers.level_form import LevelForm
from envgym.agents.solvers.mixtures import fastest_form, mixed_profile, respond, uniform_plans
from envgym.agents.solvers.population import Population
from envgym.agents.solvers.sequences import sequences
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten


def random_plans(form, rng):
    seats = form.seats
    return [seat.plan(seat.normalise(rng.random(len(seat.pairs)))) for seat in seats]


@pytest.mark.parametrize("players", [2, 3])
def test_payoffs_are_the_values_of_the_profiles(players):
    form = LevelForm(sequences(flatten(make_game("kuhn", players=players))))
    rng = np.random.default_rng(0)
    population = Population(form)
    for _ in range(2):
        population.add(random_plans(form, rng))
    assert {tensor.shape for tensor in population.payoffs} == {(3,) * players}
    for choice in np.ndindex(*(3,) * players):
        plans = [population.plans[p][k] for p, k in enumerate(choice)]
        values = measure(form, plans).values
        assert [tensor[choice] for tensor in population.payoffs] == pytest.approx(values, abs=1e-12)


def test_the_mixtures_value_is_the_mixture_of_the_values():
    form = fastest_form(sequences(flatten(make_game("kuhn"))))
    rng = np.random.default_rng(1)
    population = Population(form)
    for _ in range(3):
        population.add(random_plans(form, rng))
    row, column = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4))
    mixed = population.mixture([row, column])
    value = measure(form, mixed).values[0]
    assert value == pytest.approx(row @ population.payoffs[0] @ column, abs=1e-12)
    # The behaviour that realises the mixture has the same plans.
    behaviour = form.game.plans(mixed_profile(form.game, mixed))
    for a, b in zip(mixed, behaviour, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_a_response_shares_ties_evenly():
    form = fastest_form(sequences(flatten(make_game("kuhn"))))
    tree, plans = form.game.tree, uniform_plans(form.game)
    value, plan = respond(form, 1, plans)
    # Worth 1/4 + 1/6 to player 1 against uniform play (OpenSpiel's 0.416667).
    assert value == pytest.approx(5 / 12)
    seat = form.seats[1]
    shares = dict(zip(seat.pairs.tolist(), seat.normalise(plan[1:]).tolist(), strict=True))

    def at(key):
        start = int(tree.offset[tree.infoset_index[1, key]])
        return [shares[start], shares[start + 1]]

    # Knave: fold to a bet (-1 against -2); after a pass, bet, because half of the hands fold.
    assert at("J:b") == [1.0, 0.0]
    assert at("K:b") == [0.0, 1.0]
    assert at("Q:b") == [0.0, 1.0]
    # Everything is a tie against somebody who never lets player 1 decide anything.
    nothing = [np.zeros_like(plans[0]), plans[1]]
    nothing[0][0] = 1.0
    _, plan = respond(form, 1, nothing)
    np.testing.assert_allclose(plan, plans[1])
