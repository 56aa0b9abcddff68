"""How good a negotiation's end was, by arithmetic alone; no judge is asked.

What is measured: for each player how much of what it could hope for it got, and for all together
how much was left on the table. ``negotiation_leaks`` and ``negotiation_promises`` measure what was
given away and what was kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from envgym.envs.games.base import replay
from envgym.envs.games.negotiation import Negotiation, NegotiationState
from envgym.envs.games.negotiation_oracle import complete_plan
from envgym.types import ConfigError
from envgym.types.game import OVER

Worths = tuple[int, ...]
"""Per player, before any discount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The figures of one finished negotiation."""

    deal: bool
    """Whether there is one."""
    rounds: int
    """Offers that failed."""
    worths: Worths
    """Per player what its share is worth to it, before the discount; zeros without a deal."""
    returns: tuple[float, ...]
    """Per player what it was paid: discounted worth."""
    scores: tuple[float, ...]
    """Per player from 0 to 1: ``own_score``."""
    pareto_distance: float
    """From 0 to 1: ``pareto_distance`` of the split, delay not counted."""
    nash_ratio: float
    """From 0 to 1: ``nash_ratio`` of the split, delay not counted."""
    oracle: tuple[float, ...]
    """Per player what it would be paid if all knew each other's profiles and played the
    subgame-perfect plan; a yardstick, neither a lower nor an upper bound."""


def options(game: Negotiation, profiles: Sequence[int]) -> tuple[Worths, ...]:
    """Return what each split of the pile is worth to each player, in the order of the actions.

    Args:
        game: any negotiation.
        profiles: per player the number of its profile. The proposer is player 0; as a set the
            worths are the same whoever proposes.
    """
    state = replay(game, profiles)
    return tuple(
        tuple(state.worth(p, i) for p in range(game.players)) for i in range(len(game.splits))
    )


def best_worths(worths: Sequence[Worths]) -> Worths:
    """Return per player the best attainable worth among all splits.

    >>> best_worths([(0, 10), (6, 3), (10, 0)])
    (10, 10)
    """
    return tuple(max(column) for column in zip(*worths, strict=True))


def own_score(paid: float, best: float) -> float:
    """Return paid / best, from 0 to 1: what one got of the most it could have got.

    Args:
        paid: the discounted return, 0 to best.
        best: the best attainable worth, above 0: a deal at the first offer with the best split.

    >>> own_score(6.0, 10.0)
    0.6
    """
    if not best > 0:
        raise ConfigError(f"own_score needs a best attainable worth above 0, got {best}.")
    return paid / best


def pareto_distance(won: Sequence[float], worths: Sequence[Worths]) -> float:
    """Return how much all could have gained together with nobody losing, from 0 to 1.

    Formula: max over splits s with U_p(s) >= U_p for every p of mean_p (U_p(s) - U_p) / best_p
    Source:  games 4.6 names the figure; this definition is ours
    Laws:    0 iff no split is better for somebody and worse for nobody; no deal: the largest
             mean of U_p / best_p

    Args:
        won: per player what it got.
        worths: what each split is worth, from ``options``.

    >>> pareto_distance((3, 3), [(0, 10), (6, 4), (3, 3), (10, 0)])
    0.2
    """
    best = best_worths(worths)
    gains = [
        sum((u - w) / b for u, w, b in zip(split, won, best, strict=True)) / len(won)
        for split in worths
        if all(u >= w for u, w in zip(split, won, strict=True))
    ]
    return max(gains, default=0.0)


def nash_product(won: Sequence[float]) -> float:
    """Return the product of the worths; the threat point, no deal, is 0 for everybody.

    >>> nash_product((6, 4))
    24
    """
    return prod(won)


def nash_ratio(won: Sequence[float], worths: Sequence[Worths]) -> float:
    """Return the Nash product as a part of the largest one, from 0 to 1; 1 where that is 0.

    >>> round(nash_ratio((3, 3), [(0, 10), (6, 4), (3, 3), (10, 0)]), 3)
    0.375
    """
    largest = max(nash_product(split) for split in worths)
    return nash_product(won) / largest if largest else 1.0


def outcome(state: NegotiationState) -> Outcome:
    """Return the figures of a finished negotiation.

    Raises:
        ConfigError: it is not over.
    """
    if state.current_player != OVER:
        raise ConfigError("outcome needs a finished negotiation; this one still goes on.")
    game, deal = state.game, state.deal
    worths = options(game, state.profiles)
    best = best_worths(worths)
    won = tuple(state.worth(p, deal) if deal >= 0 else 0 for p in range(game.players))
    paid = state.returns()
    return Outcome(
        deal=deal >= 0,
        rounds=state.round,
        worths=won,
        returns=paid,
        scores=tuple(own_score(r, b) for r, b in zip(paid, best, strict=True)),
        pareto_distance=pareto_distance(won, worths),
        nash_ratio=nash_ratio(won, worths),
        oracle=tuple(float(v) for v in complete_plan(game, state.profiles).values[0]),
    )
