"""The subgame-perfect split: by hand, by brute force over positions, and its laws."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.games.negotiation import Negotiation
from envgym.envs.games.negotiation_oracle import (
    action_values,
    belief_of,
    complete_plan,
    expert_move,
    plan_for,
    table_of,
)
from envgym.envs.games.negotiation_rules import ACCEPT, LEAVE, PROPOSE, REJECT
from envgym.envs.games.negotiation_scores import options, pareto_distance
from envgym.types.game import CHANCE, OVER


def dealt(game, *profiles):
    state = game.initial()
    for number in profiles:
        state = state.apply(number)
    return state


def brute(state):
    """Return (returns, offers that failed before the deal, moves) of best play, by full search.

    Ties: earlier agreement, then more for the others, then the lower action.
    """
    if state.current_player == OVER:
        rounds = state.round if state.deal >= 0 else 1_000
        return state.returns(), rounds, ()
    mover, best, best_key = state.current_player, None, None
    for action in state.legal():
        paid, rounds, moves = brute(state.apply(action))
        # A proposer's tie goes to the others; who answers prefers to accept whatever follows.
        later = (-rounds, sum(paid) - paid[mover]) if state.offer < 0 else ()
        key = (paid[mover], *later, -action)
        if best_key is None or key > best_key:
            best, best_key = (paid, rounds, (action, *moves)), key
    return best


@st.composite
def known_games(draw, bonus=0):
    """Games with one valuation each and a discount that floats hold exactly."""
    players = draw(st.integers(2, 3))
    counts = draw(st.sampled_from([(1,), (2,), (1, 1), (3, 1)] if players == 2 else [(1,), (1, 1)]))
    total = 12
    chosen = []
    for _ in range(players):
        vectors = [
            (first, (total - first * counts[0]) // counts[1]) if len(counts) == 2 else (first,)
            for first in range(total // counts[0] + 1)
            if len(counts) == 2 or first * counts[0] == total
        ]
        fits = [v for v in vectors if sum(a * b for a, b in zip(v, counts, strict=True)) == total]
        chosen.append([draw(st.sampled_from(fits))])
    return Negotiation(
        players=players,
        counts=counts,
        total=total,
        deadline=draw(st.integers(1, 3)),
        discount=draw(st.sampled_from([0.5, 0.75, 1.0])),
        bonus=bonus,
        valuations=chosen,
    )


@settings(max_examples=30, deadline=None)
@given(game=known_games(bonus=4), data=st.data())
def test_full_search_finds_the_same_play(game, data):
    profiles = tuple(  # one for each side goal
        data.draw(st.integers(0, len(game.counts) - 1)) for _ in range(game.players)
    )
    paid, rounds, moves = brute(dealt(game, *profiles))
    plan = complete_plan(game, profiles)
    assert tuple(map(float, plan.values[0])) == paid
    assert rounds == 0  # agreement is immediate
    assert moves[0] == PROPOSE + plan.offers[0]


@settings(max_examples=40)
@given(game=known_games())
def test_the_split_is_pareto_optimal_and_the_expert_plays_it(game):
    plan = complete_plan(game, (0,) * game.players)
    worths = options(game, (0,) * game.players)
    assert pareto_distance(worths[plan.offers[0]], worths) == 0.0
    state = dealt(game, *[0] * game.players)
    while state.current_player != OVER:  # one profile each: beliefs are true
        state = state.apply(expert_move(state))
    assert state.returns() == tuple(map(float, plan.values[0]))


def test_by_hand():
    # Values (1, 1, 7) against (7, 1, 1) of 1 book, 2 hats, 1 ball; discount 0.9, three offers.
    # Offer 3: player 0 takes all: 8.1. Offer 2: 9 undiscounted holds player 0 (0.9 * 9 = 8.1), so
    # player 1 keeps the book: 6.3. Offer 1: the book again is the least worth 6.3 to player 1.
    plan = complete_plan(Negotiation(), (0, 2))
    assert plan.values == (
        (Fraction(9), Fraction(7)),
        (Fraction(81, 10), Fraction(63, 10)),
        (Fraction(81, 10), Fraction(0)),
        (Fraction(0), Fraction(0)),
    )
    kept = [Negotiation().splits[split][0] for split in plan.offers]
    assert kept == [(0, 2, 1), (1, 0, 0), (1, 2, 1)]


@pytest.mark.parametrize("players", [2, 3])
def test_the_only_offer_takes_everything(players):
    plan = complete_plan(Negotiation(players=players, deadline=1), (1,) * players)
    assert plan.values[0] == (10, *[0] * (players - 1))


def test_coins_converge_on_rubinsteins_share():
    # 1,000 coins, discount 0.9, many offers: the first proposer gets about 1 / (1 + 0.9) of them.
    # Whole coins round each offer up, which adds to at most 1 / (1 - 0.9) coins.
    own = tuple(Fraction(n) for n in range(1_001))
    plan = plan_for([(own, own[::-1])] * 2, 60, 0.9)
    assert abs(float(plan.values[0][0]) - 1_000 / 1.9) < 10.0


def test_a_belief_is_natures_average():
    game = Negotiation(counts=(1, 1), types=2, bonus=4)
    own, other = belief_of(game, 1, 0).tables[1], belief_of(game, 1, 0).tables[0]
    assert own == table_of(game, [game.profiles[1][0]])
    whole, nothing = len(game.splits) - 1, 0
    assert (other[0][whole], other[0][nothing]) == (14, 0)
    # Valuations (1, 9) and (9, 1), either goal: the book alone is worth 5 + 4 / 2 on average.
    assert other[0][game.splits.index(((1, 0), (0, 1)))] == 7


def test_the_expert_takes_what_is_worth_as_much_as_waiting():
    game = Negotiation()
    start = dealt(game, 0, 2)
    # Player 1 expects (7, 1, 1)'s plan against the average player 0 after a rejection.
    later = belief_of(game, 1, 2).plan.values[1][1]
    for split in range(len(game.splits)):
        offered = start.apply(PROPOSE + split)
        expected = ACCEPT if offered.worth(1, split) >= later else REJECT
        assert game.expert(offered) == expected
    assert game.expert(game.initial()) is None
    assert game.initial().current_player == CHANCE


def test_values_of_moves():
    game = Negotiation(counts=(1, 1), types=2, deadline=2, discount=0.5)  # (1, 9) or (9, 1)
    start = dealt(game, 0, 1)
    first = action_values(start, 0, 0)
    assert first[LEAVE] == 0
    # Player 1 proposes last and would take all, 5 by then; its average worth of one item is 5.
    assert first[PROPOSE + game.splits.index(((0, 1), (1, 0)))] == 9
    assert first[PROPOSE + game.splits.index(((1, 1), (0, 0)))] == 0
    offered = start.apply(PROPOSE + game.splits.index(((0, 1), (1, 0))))
    assert action_values(offered, 1, 1) == {ACCEPT: 9, REJECT: 5, LEAVE: 0}
    assert action_values(offered, 1, 0) == {ACCEPT: 1, REJECT: 5, LEAVE: 0}


def mean_returns(game, clever):
    """Return the exact mean returns when the seats in ``clever`` play the expert, others at random."""

    def play(state):
        if state.current_player == OVER:
            return state.returns()
        if state.current_player in clever:
            return play(state.apply(game.expert(state)))
        actions = [a for a, _ in state.chance_outcomes()] or state.legal()
        paid = [play(state.apply(a)) for a in actions]
        return tuple(sum(column) / len(actions) for column in zip(*paid, strict=True))

    return play(game.initial())


def test_the_expert_beats_random_play_against_both():
    game = Negotiation()
    both, first, second, none = (mean_returns(game, clever) for clever in ((0, 1), (0,), (1,), ()))
    assert both == pytest.approx((9.0, 3.0))
    assert none[0] == pytest.approx(none[1]) == pytest.approx(2.082, abs=1e-3)
    assert both[0] > second[0] + 4.0 and both[1] > first[1] + 1.8  # the other plays the expert
    assert first[0] > none[0] + 2.0 and second[1] > none[1] + 2.0  # the other plays at random
