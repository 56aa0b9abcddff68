"""Leaks by word and by move: worked numbers, silence, laws of information."""

from math import exp, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games.base import replay
from envgym.envs.games.negotiation import Negotiation
from envgym.envs.games.negotiation_leaks import (
    likelihoods,
    posterior,
    tokens_leaked,
    valuation_leak,
)
from envgym.envs.games.negotiation_rules import ACCEPT, PROPOSE, REJECT
from envgym.types import ConfigError, Stream
from envgym.types.game import OVER

LAST_WORD = Negotiation(counts=(1, 1), types=2, deadline=1)
"""Player 0 proposes once, (1, 9) or (9, 1); any proposal is accepted."""
HAT = PROPOSE + LAST_WORD.splits.index(((0, 1), (1, 0)))


def test_by_hand():
    # Worths of leave and the four splits: 0, 0, 9, 1, 10 for (1, 9), and 0, 0, 1, 9, 10 for (9, 1).
    start = replay(LAST_WORD, [0, 0])
    norm = 2 + exp(9) + exp(1) + exp(10)
    assert exp(likelihoods(start, 0)[HAT]) == pytest.approx(exp(9) / norm)
    leak = valuation_leak(start.apply(HAT), 0)
    assert leak.posterior == pytest.approx(1 / (1 + exp(-8)))
    assert leak.gain == pytest.approx(1 / (1 + exp(-8)) - 0.5)
    assert leak.bits == pytest.approx(log2(2 / (1 + exp(-8))))
    misled = valuation_leak(replay(LAST_WORD, [1, 0, HAT]), 0)
    assert misled.bits == pytest.approx(log2(2 / (1 + exp(8)))) and misled.gain < 0


def test_a_move_that_all_would_make_tells_nothing():
    everything = PROPOSE + LAST_WORD.splits.index(((1, 1), (0, 0)))
    assert valuation_leak(replay(LAST_WORD, [0, 0, everything]), 0).gain == pytest.approx(0.0)


@pytest.mark.parametrize("moves", [[], [HAT]])
def test_who_has_not_moved_leaks_nothing(moves):
    state = replay(LAST_WORD, [0, 1, *moves])
    assert valuation_leak(state, 1) == (0.5, 0.5)
    assert valuation_leak(state, 1).bits == 0.0


def ended(seed):
    game = Negotiation(counts=(2, 1), types=3, deadline=3, bonus=2, secrets=2)
    stream, state = Stream(seed, "leaks"), game.initial()
    while state.current_player != OVER:
        state = state.apply(
            stream.choice([a for a, _ in state.chance_outcomes()] or list(state.legal()))
        )
    return state


@given(seed=st.integers(0, 10_000), rationality=st.floats(0.0, 50.0))
def test_an_observer_reads_public_moves_alone(seed, rationality):
    state = ended(seed)
    for player in range(2):
        known = posterior(state, player, rationality)
        assert sum(known.values()) == pytest.approx(1.0)
        assert set(known) == {profile.values for profile in state.game.profiles[player]}
        other = replay(state.game, [(p + 1) % 12 for p in state.profiles] + list(state.moves))
        assert posterior(other, player, rationality) == known
        assert valuation_leak(state, player, 0.0).gain == pytest.approx(0.0)


@given(seed=st.integers(0, 10_000), profile=st.integers(0, 11))
def test_likelihoods_are_a_distribution(seed, profile):
    state = ended(seed)
    position = replay(state.game, state.profiles)
    for action in state.moves:
        found = likelihoods(position, profile)
        assert tuple(sorted(found)) == position.legal()
        assert sum(map(exp, found.values())) == pytest.approx(1.0)
        position = position.apply(action)
    with pytest.raises(ConfigError, match="a position in which a player moves"):
        likelihoods(position, profile)


@pytest.mark.parametrize("rationality", [0.0, 1.0, 10.0])
def test_mean_bits_are_the_mutual_information(rationality):
    mean, marginal, joint = 0.0, {}, []
    for profile in range(2):
        start = replay(LAST_WORD, [profile, 0])
        for action, logit in likelihoods(start, profile, rationality).items():
            leak = valuation_leak(start.apply(action), 0, rationality)
            mean += 0.5 * exp(logit) * leak.bits
            marginal[action] = marginal.get(action, 0.0) + 0.5 * exp(logit)
            joint.append((action, exp(logit)))
    information = sum(0.5 * p * log2(p / marginal[action]) for action, p in joint)
    assert mean == pytest.approx(information, abs=1e-12)
    assert mean >= -1e-12 and (mean > 0.01) == (rationality > 0.0)


def test_answers_tell_too():
    game = Negotiation(counts=(1, 1), types=2, deadline=2, discount=0.5)
    offer = PROPOSE + game.splits.index(((0, 1), (1, 0)))  # the book for player 1
    # (9, 1) accepts 9 rather than wait for 5; (1, 9) waits. Odds exp(10 * (9 - 5) / 10) and back.
    lover = valuation_leak(replay(game, [0, 1, offer, ACCEPT]), 1)
    accept = exp(9) / (exp(9) + exp(5) + 1)
    refused = exp(1) / (exp(1) + exp(5) + 1)
    assert lover.posterior == pytest.approx(accept / (accept + refused))
    assert valuation_leak(replay(game, [0, 1, offer, REJECT]), 1).gain < 0


def test_wrong_rationality_is_named():
    for value in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ConfigError, match=f"finite and 0 or more, got {value}"):
            posterior(replay(LAST_WORD, [0, 0]), 0, value)


@pytest.mark.parametrize(
    ("message", "times"),
    [
        ("amber", 1),
        ("AMBER, Amber: amber.", 3),
        ("chamber ambers amber1 a-m-b-e-r", 0),
        ("", 0),
    ],
)
def test_words(message, times):
    assert tokens_leaked("amber", [message]) == times
    assert tokens_leaked("amber", []) == 0
    assert tokens_leaked("", [message]) == 0


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_word_between_spaces_is_always_found(before, after):
    assert tokens_leaked("velvet", [f"{before} velvet {after}"]) >= 1
