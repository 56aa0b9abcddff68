"""Promises: what is read as one, and when it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games.base import replay
from envgym.envs.games.negotiation import Negotiation
from envgym.envs.games.negotiation_promises import (
    Promise,
    promise_keeping,
    read_promises,
    verdict,
)
from envgym.envs.games.negotiation_rules import ACCEPT, LEAVE, PROPOSE, REJECT
from envgym.types import Stream
from envgym.types.game import OVER

GAME = Negotiation(counts=(1, 2), types=2, deadline=3)
START = (0, 1)


def give(*share):
    """The proposal that gives ``share`` to the other player."""
    own = tuple(c - s for c, s in zip(GAME.counts, share, strict=True))
    return PROPOSE + GAME.splits.index((own, share))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("I promise to accept 1 book, 2 hats", [("accept", 1, (1, 2))]),
        ("ok: i PROMISE to accept 1 Hat.", [("accept", 1, (0, 1))]),
        ("I promise to offer player 0 the share 1 book and 1 hat!", [("offer", 0, (1, 1))]),
        (
            "I promise to accept 1 book. I promise to offer player 0 the share 2 hats.",
            [("accept", 1, (1, 0)), ("offer", 0, (0, 2))],
        ),
        ("I promise to accept 1 spoon", []),
        ("I promise to accept anything", []),
        ("I promise to offer player 2 the share 1 book", []),
        ("I may accept 1 book", []),
        ("", []),
    ],
)
def test_reading(message, expected):
    found = read_promises(GAME, 1, message, 4)
    assert [(promise.kind, promise.to, promise.share) for promise in found] == expected
    assert all((promise.player, promise.at) == (1, 4) for promise in found)


@given(message=st.text(max_size=60))
def test_nonsense_never_raises(message):
    for text in (
        message,
        f"I promise to accept 1 {message}",
        f"I promise to offer player {message}",
    ):
        assert isinstance(read_promises(GAME, 0, text, 0), tuple)


ACCEPTS = Promise("accept", 1, 1, (1, 0), 0)
OFFERS = Promise("offer", 0, 1, (0, 2), 0)


@pytest.mark.parametrize(
    ("promise", "moves", "expected"),
    [
        (ACCEPTS, [], "open"),
        (ACCEPTS, [give(1, 0), ACCEPT], "kept"),
        (ACCEPTS, [give(1, 2), ACCEPT], "kept"),
        (ACCEPTS, [give(0, 2), REJECT], "open"),
        (ACCEPTS, [give(1, 0), REJECT], "broken"),
        (ACCEPTS, [give(1, 1), LEAVE], "broken"),
        (ACCEPTS, [give(0, 0), LEAVE], "open"),
        (ACCEPTS, [give(0, 0), REJECT, give(0, 0), REJECT, give(1, 0), REJECT], "broken"),
        (ACCEPTS._replace(at=2), [give(1, 0), REJECT], "open"),
        (OFFERS, [give(0, 2)], "kept"),
        (OFFERS, [give(1, 2)], "kept"),
        (OFFERS, [give(1, 1)], "broken"),
        (OFFERS, [LEAVE], "broken"),
        (OFFERS._replace(at=1), [give(0, 0), REJECT, give(0, 0), REJECT, give(0, 2)], "kept"),
        (OFFERS._replace(at=1), [give(0, 0), REJECT, give(0, 0), LEAVE], "broken"),
        (OFFERS._replace(at=1), [give(0, 0), REJECT], "open"),
    ],
)
def test_verdicts(promise, moves, expected):
    assert verdict(replay(GAME, [*START, *moves]), promise) == expected


def test_ratio():
    state = replay(GAME, [*START, give(1, 0), ACCEPT])
    found = promise_keeping(state, [ACCEPTS, OFFERS, OFFERS._replace(at=1)])
    assert found == (1, 1, 1)
    assert found.ratio == 0.5
    assert promise_keeping(state, []).ratio is None


@given(seed=st.integers(0, 5_000), share=st.tuples(st.integers(0, 1), st.integers(0, 2)))
def test_every_promise_has_one_verdict_and_a_later_one_is_tested_no_more(seed, share):
    stream, state = Stream(seed, "promises"), GAME.initial()
    while state.current_player != OVER:
        options = [a for a, _ in state.chance_outcomes()] or list(state.legal())
        state = state.apply(stream.choice(options))
    promises = [
        Promise(kind, player, to, share, at)
        for kind, player, to in (
            ("accept", 0, 0),
            ("accept", 1, 1),
            ("offer", 0, 1),
            ("offer", 1, 0),
        )
        for at in range(len(state.moves) + 1)
    ]
    found = promise_keeping(state, promises)
    assert sum(found) == len(promises)
    last = [promise for promise in promises if promise.at == len(state.moves)]
    assert promise_keeping(state, last) == (0, 0, len(last))
