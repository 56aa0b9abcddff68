"""Promises made in talk, as typed statements that the moves keep or break.

Two forms are read, in any case, anywhere in a message:

    I promise to accept 1 book, 2 hats
    I promise to offer player 1 the share 1 ball

*accept*: from then on the speaker accepts every offer that gives it, kind by kind, at least this.
*offer*: the next proposal the speaker makes gives that player, kind by kind, at least this.
Kinds left out are 0. Anything else is talk: nobody is held to what cannot be checked.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from envgym.envs.games.base import replay
from envgym.envs.games.negotiation import Negotiation, NegotiationState
from envgym.envs.games.negotiation_rules import ACCEPT, LEAVE, PROPOSE, Share, read_share

Verdict = Literal["kept", "broken", "open"]

_PIECES = r"\d{1,3} [a-z]+(?:(?:,| and|, and) \d{1,3} [a-z]+)*"
_PROMISE = re.compile(
    rf"\bI promise to (?:accept (?P<own>{_PIECES})"
    rf"|offer player (?P<to>\d) the share (?P<given>{_PIECES}))",
    re.IGNORECASE,
)


class Promise(NamedTuple):
    """One promise."""

    kind: Literal["accept", "offer"]
    player: int
    """Who promised."""
    to: int
    """Who gets the share: the speaker itself for "accept"."""
    share: Share
    """The least that player is to get."""
    at: int
    """Public moves made when it was said, the one that came with it included."""


class Promises(NamedTuple):
    """How many promises were kept and broken, and how many never came to the test."""

    kept: int
    broken: int
    open: int

    @property
    def ratio(self) -> float | None:
        """Kept as a part of the tested ones, from 0 to 1; None: none was tested."""
        tested = self.kept + self.broken
        return self.kept / tested if tested else None


def read_promises(game: Negotiation, player: int, message: str, at: int) -> tuple[Promise, ...]:
    """Return the promises in one message, in order; whatever cannot be read is none.

    Args:
        game: the negotiation it was said in.
        player: who said it.
        message: any text.
        at: public moves made so far, the one that came with the message included.

    >>> read_promises(Negotiation(), 1, "Fair. I promise to accept 2 hats.", 3)[0].share
    (0, 2, 0)
    """
    found: list[Promise] = []
    kinds = len(game.counts)
    for match in _PROMISE.finditer(message):
        share = read_share(match["own"] or match["given"], kinds)
        to = player if match["to"] is None else int(match["to"])
        if share is None or to >= game.players:
            continue
        found.append(Promise("accept" if match["own"] else "offer", player, to, share, at))
    return tuple(found)


def verdict(state: NegotiationState, promise: Promise) -> Verdict:
    """Return whether a promise was kept by the moves of ``state``.

    accept: broken by rejecting or leaving at an offer of at least the share; kept if there were
    such offers and each was accepted. offer: broken by a next proposal that gives less, or by
    leaving before it; kept by one that gives enough. open: neither happened.
    """
    tested = False
    position = replay(state.game, state.profiles)
    for count, action in enumerate(state.moves):
        mover = position.current_player
        if count >= promise.at and mover == promise.player:
            if promise.kind == "accept" and position.offer >= 0:
                if _covers(position.share(mover, position.offer), promise.share):
                    if action != ACCEPT:
                        return "broken"
                    tested = True
            elif promise.kind == "offer" and action == LEAVE:
                return "broken"
            elif promise.kind == "offer" and action >= PROPOSE:
                given = position.share(promise.to, action - PROPOSE)
                return "kept" if _covers(given, promise.share) else "broken"
        position = position.apply(action)
    return "kept" if tested else "open"


def promise_keeping(state: NegotiationState, promises: Iterable[Promise]) -> Promises:
    """Return the counts over all of ``promises``; laws: they add up to their number."""
    verdicts = [verdict(state, promise) for promise in promises]
    return Promises(verdicts.count("kept"), verdicts.count("broken"), verdicts.count("open"))


def _covers(share: Share, least: Share) -> bool:
    return all(n >= m for n, m in zip(share, least, strict=True))
