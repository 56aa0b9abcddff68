"""Alternating offers solved by backward induction, and the player who follows that plan.

Under complete information the talks after a failed offer depend only on how many offers failed, so
one pass from the last offer to the first solves a game of any size in deadline * splits steps.
Agreement is immediate: whatever would be agreed on later could be proposed now and is worth no
less to anybody, since no worth is negative and the discount is at most 1.

Arithmetic is exact (``Fraction``; the discount is read as its decimal digits), so that ties are
ties.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from envgym.envs.games.negotiation import Negotiation, NegotiationState
from envgym.envs.games.negotiation_rules import (
    ACCEPT,
    LEAVE,
    PROPOSE,
    REJECT,
    Profile,
    shares,
    worth,
)

Table = tuple[tuple[Fraction, ...], ...]
"""[place][split]: what a player gets by each split, by its place after the proposer."""


class Plan(NamedTuple):
    """What players who know all the tables do, offer by offer."""

    offers: tuple[int, ...]
    """Split proposed at each offer; it is accepted."""
    values: tuple[tuple[Fraction, ...], ...]
    """[deadline + 1][player]: discounted worth of the talks from each offer on; the last is 0."""


def plan_for(tables: Sequence[Table], deadline: int, discount: float) -> Plan:
    """Return the subgame-perfect plan of players with these worths.

    Formula: V_deadline = 0; at offer t the proposer picks, among the splits s with
             discount^t U_q(s) >= V_{t+1, q} for every other q, the one best for itself;
             V_t = discount^t U(s)
    Source:  backward induction on alternating offers (recalled)
    Ties:    an answer that changes nothing accepts; of splits equally good for the proposer the
             one with the largest sum for the others, then the lowest number. So the split is
             Pareto-optimal.

    Args:
        tables: per player what each split is worth to it.
        deadline: number of offers, 1 or more; offer t is player (t modulo players)'s.
        discount: factor per failed offer, above 0, at most 1.

    >>> own, rest = (Fraction(0), Fraction(1), Fraction(2)), (Fraction(2), Fraction(1), Fraction(0))
    >>> plan_for([(own, rest)] * 2, 2, 0.5).offers  # two coins: the first must leave one
    (1, 2)
    """
    players = len(tables)
    factor = Fraction(repr(discount))
    values = [(Fraction(0),) * players]
    offers: list[int] = []
    for t in reversed(range(deadline)):
        worths = [table[(p - t) % players] for p, table in enumerate(tables)]
        proposer, now, later = t % players, factor**t, values[-1]
        others = [p for p in range(players) if p != proposer]
        best, best_key = -1, (Fraction(-1), Fraction(-1))
        for i, own in enumerate(worths[proposer]):
            if own >= best_key[0] and all(now * worths[p][i] >= later[p] for p in others):
                key = (own, sum((worths[p][i] for p in others), Fraction(0)))
                if key > best_key:
                    best, best_key = i, key
        offers.append(best)
        values.append(tuple(now * worths[p][best] for p in range(players)))
    return Plan(tuple(reversed(offers)), tuple(reversed(values)))


def table_of(game: Negotiation, profiles: Sequence[Profile]) -> Table:
    """Return the worths of a player who may have any of ``profiles``, on average."""
    known: dict[Profile, int] = {}
    for profile in profiles:
        public = profile._replace(secret="")  # a secret is worth nothing
        known[public] = known.get(public, 0) + 1
    by_share = {
        share: Fraction(
            sum(times * worth(p, share, game.counts, game.bonus) for p, times in known.items()),
            len(profiles),
        )
        for share in shares(game.counts)
    }
    return tuple(
        tuple(by_share[split[place]] for split in game.splits) for place in range(game.players)
    )


@lru_cache(maxsize=1024)
def complete_plan(game: Negotiation, profiles: tuple[int, ...]) -> Plan:
    """Return the plan of players who know each other's profiles: the oracle split.

    Args:
        game: any negotiation.
        profiles: per player the number of its profile.

    >>> plan = complete_plan(Negotiation(), (0, 2))  # ball against book
    >>> [float(value) for value in plan.values[0]]
    [9.0, 7.0]
    """
    tables = [table_of(game, [game.profiles[p][i]]) for p, i in enumerate(profiles)]
    return plan_for(tables, game.deadline, game.discount)


def expected_tables(game: Negotiation, player: int, profile: int) -> list[Table]:
    """Return what ``player`` believes: its own worths exactly, the others' as nature's average.

    The belief is the prior at every position: moves of others change nothing in it, so the plan
    depends on the player's own profile alone. Others are taken to share it, which they do not; it
    is a strong simple player, not an equilibrium of the game with private profiles.
    """
    return [
        table_of(game, [game.profiles[p][profile]] if p == player else game.profiles[p])
        for p in range(game.players)
    ]


class Belief(NamedTuple):
    """One player's tables and the plan that follows from them."""

    tables: tuple[Table, ...]
    plan: Plan


def belief_of(game: Negotiation, player: int, profile: int) -> Belief:
    """Return the expectation of a player with this profile and its plan."""
    # Profiles that differ in the secret alone, which is the last to vary, believe the same.
    return _belief(game, player, profile - profile % max(1, game.secrets))


@lru_cache(maxsize=512)
def _belief(game: Negotiation, player: int, profile: int) -> Belief:
    tables = expected_tables(game, player, profile)
    return Belief(tuple(tables), plan_for(tables, game.deadline, game.discount))


def action_values(state: NegotiationState, player: int, profile: int) -> Mapping[int, Fraction]:
    """Return what ``player``, who moves, expects of each legal action if all then follow its plan.

    Only the public part of ``state`` is read; ``profile`` says what the player knows, so that an
    observer can ask for every profile that it might have. Worths are discounted.
    """
    game = state.game
    belief = belief_of(game, player, profile)
    now, later = Fraction(repr(game.discount)) ** state.round, belief.plan.values[state.round + 1]
    places = [(p - state.proposer) % game.players for p in range(game.players)]

    def after(split: int, answered: int) -> Fraction:
        """Return the player's worth of an offer that the players after ``answered`` still answer."""
        for p, place in enumerate(places):
            if place > answered and now * belief.tables[p][place][split] < later[p]:
                return later[player]
        return now * belief.tables[player][places[player]][split]

    if state.offer >= 0:
        return {
            ACCEPT: after(state.offer, places[player]),
            REJECT: later[player],
            LEAVE: Fraction(0),
        }
    return {LEAVE: Fraction(0)} | {PROPOSE + i: after(i, 0) for i in range(len(game.splits))}


def expert_move(state: NegotiationState) -> int | None:
    """Return the move of the current player's plan, from its infostate alone; None: nobody moves.

    An answer accepts where accepting is expected to pay at least as much as rejecting; a proposer
    proposes its plan's split, off the plan's path as well. It never leaves.
    """
    player = state.current_player
    if player < 0:
        return None
    profile = state.profiles[player]
    if state.offer < 0:
        return PROPOSE + belief_of(state.game, player, profile).plan.offers[state.round]
    values = action_values(state, player, profile)
    return ACCEPT if values[ACCEPT] >= values[REJECT] else REJECT
