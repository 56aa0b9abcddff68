"""Reference profiles: Kuhn by hand, the law of total expectation, what nobody reaches."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.solvers import reference as module
from envgym.agents.solvers.best_response import quality
from envgym.agents.solvers.reference import Reference, reference
from envgym.agents.solvers.sequences import chance_reach, chosen_pairs
from envgym.agents.solvers.table import uniform_profile
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten, walk
from envgym.types.game import OVER
from tests.agents.solvers.spiel_games import random_profile

PASS, BET = 0, 1
J, Q, K = 0, 1, 2


def at(*history, name="kuhn", **params):
    """The position after these actions; in Kuhn the first two are the cards."""
    state = make_game(name, **params).initial()
    for action in history:
        state = state.apply(action)
    return state


# Kuhn poker in equilibrium. The second player bluffs J and calls with Q a third of the time; so
# the first player's J is worth -1 whatever it does. Q passed: +1 against a J that does not bet
# (1/2 * 2/3), else -1, calling or not: -1/3; Q bet: J folds, K calls: (1 - 2) / 2. K passed:
# +2 or +1 against J, +1 against Q: (4/3 + 1) / 2 = 7/6; K bet: (1 + 4/3) / 2 = 7/6.
BY_HAND = [
    ((J, Q), (-1.0, -1.0)),
    ((J, K), (-1.0, -1.0)),
    ((Q, J), (-1 / 3, -1 / 2)),
    ((K, Q), (7 / 6, 7 / 6)),
    ((Q, K, PASS, BET), (-1.0, -1.0)),
    ((K, J, PASS, BET), (-1.0, 2.0)),
    ((J, K, PASS, BET), (-1.0, -2.0)),
    ((Q, K, BET), (-1.0, 2.0)),
    ((K, Q, BET), (-1.0, -1.0)),
    ((Q, J, BET), (-1.0, -2.0)),
    ((Q, J, PASS), (-1.0, -1.0)),
]


@pytest.mark.parametrize(("history", "expected"), BY_HAND)
def test_kuhn_by_hand(history, expected):
    found = reference(make_game("kuhn"))
    assert found.action_values(at(*history)) == pytest.approx(expected, abs=1e-6)
    regrets = found.regrets(at(*history))
    assert regrets == pytest.approx([max(expected) - value for value in expected], abs=1e-6)


def test_kuhn_values_by_hand():
    found = reference(make_game("kuhn"))
    assert found.nash_conv < 1e-9
    assert found.value(at(), 0) == pytest.approx(-1 / 18, abs=1e-9)
    assert found.value(at(), 1) == pytest.approx(1 / 18, abs=1e-9)
    for card, value in ((J, -1.0), (Q, -1 / 3), (K, 7 / 6)):
        assert found.value(at(card), 0) == pytest.approx(value, abs=1e-6)
        # It knows no more once the other has a card.
        assert found.value(at(card, (card + 1) % 3), 0) == pytest.approx(found.value(at(card), 0))
    # The other's card alone says nothing to it.
    assert found.value(at(Q), 1) == found.value(at(), 1)
    assert found.value(at(K, Q, BET, PASS), 0) == 1.0


@pytest.mark.parametrize(
    ("name", "params"),
    [("kuhn", {}), ("kuhn", {"players": 3}), ("leduc", {}), ("goofspiel", {}), ("matrix", {})],
)
def test_what_the_profile_plays_it_does_not_regret(name, params):
    game = make_game(name, **params)
    found, tree = reference(game), flatten(game)
    slack = max(2 * found.nash_conv, 1e-9)
    reach = reach_of(tree, found.profile)
    for node, state in enumerate(walk(game)):
        policy = found.policy(state)
        assert len(policy) == len(state.legal()) == len(found.action_values(state))
        if policy:
            assert sum(policy) == pytest.approx(1.0)
            assert min(found.regrets(state)) == 0.0
            loss = sum(p * x for p, x in zip(policy, found.regrets(state), strict=True))
            # The loss counts in NashConv by how often the node is reached.
            assert reach[node] * loss <= slack


def reach_of(tree, profile):
    pair = chosen_pairs(tree)
    reach = np.where(pair >= 0, np.append(profile, 0.0)[pair], tree.chance)
    for start, stop in zip(tree.level[1:-1], tree.level[2:], strict=True):
        reach[start:stop] *= reach[tree.parent[start:stop]]
    return reach


@cache
def entries(game, player):
    """Per node: whether a path enters an infostate of the player there, and how many before it."""
    tree, keys, entered, before = flatten(game), [], [], []
    for node, state in enumerate(walk(game)):
        parent, over = int(tree.parent[node]), state.current_player == OVER
        keys.append(state.infostate(player))
        entered.append(not over and (parent < 0 or keys[parent] != keys[node]))
        before.append(0 if parent < 0 else before[parent] + entered[parent])
    return np.array(entered), np.array(before)


@pytest.mark.parametrize(
    ("name", "params"),
    [("kuhn", {}), ("kuhn", {"players": 3}), ("goofspiel", {"cards": 3}), ("matrix", {})],
)
@given(seed=st.integers(0, 2**32), share=st.floats(0, 1))
@settings(max_examples=10)
def test_total_expectation_over_any_cut(name, params, seed, share):
    """The n-th infostates of a player, and the ends before them, average to its expectation."""
    game = make_game(name, **params)
    tree, states = flatten(game), list(walk(game))
    profile = share * random_profile(tree, seed) + (1 - share) * uniform_profile(tree)
    found, reach = Reference(tree, profile, "any"), reach_of(tree, profile)
    for player, expected in enumerate(quality(tree, profile).values):
        entered, before = entries(game, player)
        for depth in range(int(before.max()) + 1):
            nodes = np.flatnonzero(entered & (before == depth))
            total = sum(reach[n] * found.value(states[n], player) for n in nodes)
            ends = np.flatnonzero((tree.player == OVER) & (before <= depth))
            total += reach[ends] @ tree.returns[ends, player]
            assert total == pytest.approx(expected, abs=1e-9)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_action_values_average_to_the_value_of_the_infostate(seed):
    game = make_game("kuhn", players=3)
    tree = flatten(game)
    profile = 0.9 * random_profile(tree, seed) + 0.1 * uniform_profile(tree)
    found = Reference(tree, profile, "any")
    for state in walk(game):
        mover = state.current_player
        if mover >= 0:
            pairs = zip(found.policy(state), found.action_values(state), strict=True)
            assert sum(p * q for p, q in pairs) == pytest.approx(found.value(state, mover))


def test_where_the_others_never_go_they_might_have_come_from_anywhere():
    # The first player always bets; the second, with Q after a pass, sees J or K alike: a pass is
    # worth 0; a bet is called by both (the first player always bets): (2 - 2) / 2.
    tree = flatten(make_game("kuhn"))
    profile = np.tile([0.0, 1.0], 12)
    found = Reference(tree, profile, "maniac")
    assert found.action_values(at(J, Q, PASS)) == pytest.approx((0.0, 0.0))
    assert found.action_values(at(K, J, PASS)) == pytest.approx((-1.0, -2.0))
    assert found.value(at(J, Q, PASS), 1) == pytest.approx(0.0)


def test_answers_depend_on_the_infostate_alone():
    game = make_game("leduc")
    found, seen = reference(game), {}
    for state in walk(game):
        for player in range(2):
            if state.current_player >= -1:
                value = found.value(state, player)
                assert seen.setdefault((player, state.infostate(player)), value) == value


def test_solved_once_and_close():
    game = make_game("leduc")
    assert reference(game) is reference(make_game("leduc"))
    assert reference(game).nash_conv <= 1e-3
    assert reference(game).name == "pdcfr+:3000"
    assert reference(game).value(game.initial(), 0) == pytest.approx(-0.0856064, abs=1e-4)


def test_three_players_say_how_close_they_are():
    found = reference(make_game("kuhn", players=3))
    assert 0.0 <= found.nash_conv < 1e-5
    start = make_game("kuhn", players=3).initial()
    assert sum(found.value(start, player) for player in range(3)) == pytest.approx(0.0, abs=1e-12)


def test_a_game_that_is_too_large_has_none():
    assert reference(make_game("connect_four"), limit=1000) is None
    assert module.LIMIT >= 250_000


def test_nobody_moves_at_the_end_or_at_chance():
    found = reference(make_game("kuhn"))
    for state in (at(), at(K, Q, BET, PASS)):
        assert found.policy(state) == found.action_values(state) == found.regrets(state) == ()


def test_chance_is_in_the_weights():
    tree = flatten(make_game("kuhn"))
    assert chance_reach(tree)[tree.player == OVER].min() == pytest.approx(1 / 6)
