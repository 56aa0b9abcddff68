"""The engine: plays a format's rounds against a comparison, and ranks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from envgym.rewards.tournament.anchor import anchor
from envgym.rewards.tournament.confidence import confidence, cyclic_triads
from envgym.rewards.tournament.double import double
from envgym.rewards.tournament.elimination import seeded, single
from envgym.rewards.tournament.outcome import Outcome, Pairing, Schedule, Tiers, judged
from envgym.rewards.tournament.ranking import Played, Ranking
from envgym.rewards.tournament.round_robin import round_robin
from envgym.rewards.tournament.seats import Seats
from envgym.rewards.tournament.shares import mean_ranks, standardised, values_of
from envgym.rewards.tournament.sparse_bt import Graph, sparse_bt
from envgym.rewards.tournament.swiss import swiss
from envgym.rewards.tournament.ties import results_of, shared
from envgym.types.compare import Match
from envgym.types.errors import ConfigError, unknown

Format = Literal["anchor", "round_robin", "swiss", "single", "seeded", "double", "sparse_bt"]

Compare = Callable[[Sequence[tuple[str, str]]], Sequence[Match]]
"""Pairs of ids, each pair sorted, to one match per pair, in order."""

_ANCHORED = ("anchor", "seeded")
_HALVES = ("round_robin", "swiss", "sparse_bt")
"""Formats that count a tie as half a point, instead of deciding it by seed or lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a tournament is played."""

    format: Format = "seeded"
    """anchor, round_robin, swiss, single, seeded, double or sparse_bt."""
    margin: float = 0.0
    """Scores at most this far apart are a tie, in the comparator's unit (p and 1 - p where it
    gives no scores)."""
    anchor: str = ""
    """Id for the formats anchor and seeded; "" or an id that is not there: the lowest id."""
    rounds: int = 0
    """Of swiss; 0: ceil(log2 N)."""
    degree: int = 4
    """Of sparse_bt: matches of each rollout, at least 2."""
    graph: Graph = "random"
    """Of sparse_bt: "random" or "ring"."""
    prior: float = 1.0
    """Of sparse_bt: precision of the Gaussian prior on strengths."""
    budget: int = 0
    """Judge calls at most; 0: no limit. A match is asked while ``price`` calls are left; the
    rest stays unanswered and the ranking says ``exhausted``."""
    price: int = 2
    """Judge calls that a match is expected to cost: two for both orders. What it did cost
    counts, so only retries can exceed the budget."""

    def __post_init__(self) -> None:
        if self.format not in get_args(Format):
            raise ConfigError(unknown("tournament format", self.format, get_args(Format)))
        if self.graph not in get_args(Graph):
            raise ConfigError(unknown("graph of sparse_bt", self.graph, get_args(Graph)))
        if not 0 <= self.margin < float("inf"):
            raise ConfigError(
                f"tournament.margin must be 0 or more and finite, got {self.margin!r}."
            )
        if not 0 < self.prior < float("inf"):
            raise ConfigError(
                f"tournament.prior must be more than 0 and finite, got {self.prior!r}."
            )
        if self.degree < 2:
            raise ConfigError(
                "tournament.degree must be at least 2, or the graph falls apart; got "
                f"{self.degree}."
            )
        for name in ("rounds", "budget", "price"):
            if getattr(self, name) < 0:
                raise ConfigError(
                    f"tournament.{name} must be 0 or more, got {getattr(self, name)}."
                )

    def schedule(self, seats: Seats) -> Schedule:
        """Return the format at work."""
        schedules: dict[str, Callable[[Seats], Schedule]] = {
            "anchor": anchor,
            "round_robin": round_robin,
            "swiss": swiss(self.rounds),
            "single": single,
            "seeded": seeded,
            "double": double,
            "sparse_bt": sparse_bt(self.degree, self.graph, self.prior),
        }
        return schedules[self.format](seats)


def run_tournament(
    ids: Sequence[str], compare: Compare, rules: Rules | None = None, *, seed: int = 0
) -> Ranking:
    """Return the ranking of a group's rollouts.

    The matches of a round go to ``compare`` in one batch. A pair that meets again is not asked
    again: its answer counts a second time. An unanswered match is no match: in a bracket the
    better seed goes on and the other leaves without a loss, ahead of that round's losers.

    Args:
        ids: of the rollouts, distinct; their order changes nothing.
        compare: says which of two is better; see ``Compare``.
        rules: format, margin, budget and so on; None: a seeded elimination without a margin.
        seed: of the draws, together with the ids.

    Raises:
        ConfigError: for a repeated id, or a comparison that does not answer every pair.

    >>> quality = {"a": 0.1, "b": 0.9, "c": 0.4}
    >>> from envgym.rewards.tournament.exact import by_value
    >>> run_tournament(list(quality), by_value(quality)).order
    ('b', 'c', 'a')
    """
    rules = rules or Rules()
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if list(ids).count(id) > 1)
        raise ConfigError(f"two rollouts of a tournament have the id '{twice}'; ids must differ.")
    names = sorted(ids)
    base = names.index(rules.anchor) if rules.anchor in names else 0
    seats = Seats(ids=names, seed=seed, anchor=base)
    arena = _Arena(names, compare, rules)
    order = arena.play(rules.schedule(seats)) if names else []
    return _ranking(rules, seats, arena, order)


class _Arena:
    """Asks the comparison, never twice about a pair, within a budget."""

    def __init__(self, ids: Sequence[str], compare: Compare, rules: Rules) -> None:
        self.ids = ids
        self.compare = compare
        self.rules = rules
        self.played: list[Played] = []
        self.outcomes: dict[Pairing, Outcome] = {}
        """Of every answered pair, the lower player first."""
        self.orders: list[int] = []
        """Per answered pair, in how many orders it was asked."""
        self.agreements: list[bool] = []
        self.calls = 0
        self.exhausted = False
        self._known: dict[Pairing, Match] = {}

    def play(self, schedule: Schedule) -> Tiers:
        """Play all rounds and return the order."""
        number = 0
        try:
            games = next(schedule)
            while True:
                games = schedule.send(self.round(number, games))
                number += 1
        except StopIteration as end:
            order: Tiers = end.value
            return order

    def round(self, number: int, games: Sequence[Pairing]) -> list[Outcome | None]:
        """Return the outcomes of one round; None for what was not answered."""
        keys = [(a, b) if a < b else (b, a) for a, b in games]
        fresh = self._ask([key for key in dict.fromkeys(keys) if key not in self._known])
        found: list[Outcome | None] = []
        for (a, b), key in zip(games, keys, strict=True):
            match = self._known.get(key)
            asked = key in fresh
            fresh.discard(key)
            seen = None if match is None else match if key == (a, b) else match.swapped()
            outcome = None if seen is None else judged((a, b), seen, self.rules.margin)
            found.append(outcome)
            self.played.append(
                Played(
                    round=number,
                    first=self.ids[a],
                    second=self.ids[b],
                    result="unanswered" if outcome is None else outcome.verdict,
                    p=None if seen is None else seen.p,
                    scores=None if seen is None else seen.scores,
                    calls=match.calls if match is not None and asked else 0,
                    agreed=None if seen is None else seen.agreed,
                    asked=asked,
                )
            )
        return found

    def _ask(self, keys: Sequence[Pairing]) -> set[Pairing]:
        """Ask about the pairs that the budget allows and return them."""
        if self.rules.budget and self.rules.price:
            allowed = max(self.rules.budget - self.calls, 0) // self.rules.price
            self.exhausted = self.exhausted or len(keys) > allowed
            keys = keys[:allowed]
        if not keys:
            return set()
        matches = self.compare([(self.ids[a], self.ids[b]) for a, b in keys])
        if len(matches) != len(keys):
            raise ConfigError(
                f"a comparison must answer every pair: it was asked {len(keys)} and gave "
                f"{len(matches)} matches."
            )
        for key, match in zip(keys, matches, strict=True):
            if not isinstance(match, Match):
                raise ConfigError(f"a comparator must return Matches, got {match!r}.")
            self._known[key] = match
            self.calls += match.calls
            outcome = judged(key, match, self.rules.margin)
            if outcome is not None:
                self.outcomes[key] = outcome
                self.orders.append(1 if match.agreed is None else 2)
                if match.agreed is not None:
                    self.agreements.append(match.agreed)
        return set(keys)


def _ranking(rules: Rules, seats: Seats, arena: _Arena, order: Tiers) -> Ranking:
    outcomes = list(arena.outcomes.values())
    results = results_of(outcomes)
    # Who has no answered match has no rank; alone there is nothing to answer.
    ranked = results.keys() if len(seats) > 1 else {0}
    kept = [[i for i in tier if i in ranked] for tier in order]
    tiers = shared([tier for tier in kept if tier], results, rules.format in _HALVES)
    ranks = mean_ranks(tiers)
    players = sorted(ranks)
    q = values_of([ranks[i] for i in players])
    advantages = standardised(q)
    return Ranking(
        format=rules.format,
        anchor=seats.ids[seats.anchor] if rules.format in _ANCHORED and len(seats) else None,
        ranks=_named(seats, ranks),
        q=_named(seats, dict(zip(players, q, strict=True))),
        advantages=_named(seats, dict(zip(players, advantages, strict=True))),
        matches=tuple(arena.played),
        byes=tuple((number, seats.ids[player]) for number, player in seats.byes),
        calls=arena.calls,
        disagreement=(
            arena.agreements.count(False) / len(arena.agreements) if arena.agreements else None
        ),
        confidence=confidence(ranks, outcomes, arena.orders),
        triads=cyclic_triads(len(seats), outcomes),
        exhausted=arena.exhausted,
    )


def _named(seats: Seats, values: Mapping[int, float]) -> dict[str, float | None]:
    return {id: values.get(i) for i, id in enumerate(seats.ids)}
