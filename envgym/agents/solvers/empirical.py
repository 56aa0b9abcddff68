"""Exploitability of an agent that can only be watched: from what it did in played episodes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.mixtures import fastest_form, mixed_nash_conv
from envgym.agents.solvers.sequences import Floats, Ints, chosen_pairs, sequences
from envgym.agents.solvers.table import PolicyTable, from_profile
from envgym.runtime.games.tree import GameTree, flatten
from envgym.types.errors import ConfigError
from envgym.types.game import Game
from envgym.types.stream import derive


class Watched(NamedTuple):
    """One episode of the agent that is judged."""

    history: tuple[int, ...]
    """``State.history``: every action, chance's included; an episode that broke off counts up to
    there."""
    seats: tuple[int, ...]
    """The seats that the agent held; what others did is not looked at."""


@dataclass(frozen=True, eq=False)
class Observed:
    """The agent's D decisions in E episodes, as places in a profile of the tree."""

    tree: GameTree
    episodes: int
    held: tuple[int, ...]
    """[P] in how many episodes the agent held each seat."""
    episode: Ints
    """[D] 0 to E - 1."""
    pair: Ints
    """[D]"""

    def counts(self, weight: NDArray[np.int64] | None = None) -> Floats:
        """Return how often each action was chosen; ``weight`` [E] counts an episode repeatedly."""
        each = None if weight is None else weight[self.episode]
        found = np.bincount(self.pair, each, int(self.tree.offset[-1]))
        return found.astype(np.float64)

    def only(self, episodes: Ints) -> "Observed":
        """Return the decisions of some episodes; ``held`` stays that of all of them."""
        place = np.full(self.episodes, -1, dtype=np.int64)
        place[episodes] = np.arange(len(episodes))
        kept = place[self.episode] >= 0
        return Observed(
            self.tree, len(episodes), self.held, place[self.episode[kept]], self.pair[kept]
        )


@dataclass(frozen=True)
class EmpiricalExploitability:
    """Exploitability of the *empirical* policy, an estimate of the agent's own."""

    exploitability: float
    """NashConv / players of the shares in which the agent chose, in the game's unit."""
    low: float
    """Lower end of the bootstrap interval."""
    high: float
    """Upper end."""
    confidence: float
    episodes: int
    decisions: int
    visited: tuple[int, ...]
    """Per seat, information sets in which the agent was seen to choose."""
    infosets: tuple[int, ...]
    """Per seat, information sets in the game."""
    visits: dict[tuple[int, str], int]
    """Decisions seen, by (player, infostate); those never seen are absent and played uniformly."""
    policy: PolicyTable
    """The empirical policy."""


def observe(game: Game, episodes: Iterable[Watched]) -> Observed:
    """Return the agent's decisions.

    Raises:
        ConfigError: no episode, an unknown seat, a seat the agent never held, or a history that
            the game does not have.
    """
    tree = flatten(game)
    first, count = tree.first_child.tolist(), tree.num_children.tolist()
    action, player = tree.action.tolist(), tree.player.tolist()
    place = chosen_pairs(tree).tolist()
    held = [0] * game.players
    where, what = [], []
    total = 0
    for number, (history, seats) in enumerate(episodes):
        total += 1
        for seat in set(seats):
            if not 0 <= seat < game.players:
                raise ConfigError(
                    f"episode {number}: seats must be 0 to {game.players - 1}, got {seat!r}."
                )
            held[seat] += 1
        node = 0
        for step, move in enumerate(history):
            start = first[node]
            moves = action[start : start + count[node]]
            if move not in moves:
                raise ConfigError(
                    f"episode {number}: action {step} of the history is {move}; '{game.name}' "
                    f"allows {moves or 'none'} there."
                )
            child = start + moves.index(move)
            if player[node] in seats:
                where.append(number)
                what.append(place[child])
            node = child
    for seat, times in enumerate(held):
        if not times:
            raise ConfigError(
                f"exploitability needs episodes of the agent in every seat; seat {seat} of "
                f"'{game.name}' has none."
            )
    return Observed(
        tree, total, tuple(held), np.array(where, dtype=np.int64), np.array(what, dtype=np.int64)
    )


def empirical_exploitability(
    game: Game,
    episodes: Iterable[Watched],
    *,
    confidence: float = 0.95,
    resamples: int = 200,
    seed: int = 0,
) -> EmpiricalExploitability:
    """Return the exact exploitability of the policy that the episodes show.

    Formula: sigma(a | I) = count(I, a) / count(I), uniform where count(I) = 0; NashConv(sigma) /
             players by exact best responses; interval: percentiles over ``resamples`` bootstrap
             samples of whole episodes
    Source:  games 4.8 (designed here)

    **A plug-in estimate, no bound.** A best response also exploits the noise of few visits, so it
    is biased upwards while visits are few; where the agent was never seen, uniform play stands in
    for what it would do. The interval shows the sampling noise of what was seen, not these two.
    ``exploitability_lower_bound`` errs on one side only.

    Args:
        game: a game small enough to flatten.
        episodes: of the agent, with every seat held in at least one.
        confidence: of the interval, between 0 and 1.
        resamples: bootstrap samples, 1 or more.
        seed: of the bootstrap.

    Raises:
        ConfigError: an argument or an episode that is not allowed; see ``observe``.
    """
    check_bootstrap(confidence, resamples)
    seen = observe(game, episodes)
    form = fastest_form(sequences(seen.tree))
    counts = seen.counts()
    visits = infoset_visits(seen.tree, counts)
    spread = [
        _exploitability(form, seen.counts(weight))
        for weight in bootstrap_weights(seen.episodes, resamples, seed)
    ]
    low, high = np.quantile(spread, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    profile = form.game.profile(empirical_behaviours(form, counts))
    players = range(game.players)
    return EmpiricalExploitability(
        exploitability=_exploitability(form, counts),
        low=float(low),
        high=float(high),
        confidence=confidence,
        episodes=seen.episodes,
        decisions=len(seen.pair),
        visited=tuple(int(np.sum(visits[seen.tree.infoset_player == p] > 0)) for p in players),
        infosets=tuple(int(np.sum(seen.tree.infoset_player == p)) for p in players),
        visits={
            key: int(times)
            for key, times in zip(seen.tree.infoset_index, visits, strict=True)
            if times
        },
        policy=from_profile(seen.tree, profile, "empirical"),
    )


def empirical_behaviours(form: Form, counts: Floats) -> list[Floats]:
    """Return each seat's shares, uniform where nothing was seen."""
    return [seat.normalise(counts[seat.pairs]) for seat in form.seats]


def infoset_visits(tree: GameTree, counts: Floats) -> Floats:
    """Return [I] the decisions seen in each information set."""
    if not len(tree.infoset_key):
        return np.zeros(0)
    return np.asarray(np.add.reduceat(counts, tree.offset[:-1]))


def bootstrap_weights(episodes: int, resamples: int, seed: int) -> Iterable[NDArray[np.int64]]:
    """Yield how often each episode is drawn, ``resamples`` times."""
    rng = Generator(PCG64(derive(seed, "exploitability", "bootstrap")))
    for _ in range(resamples):
        yield np.bincount(rng.integers(episodes, size=episodes), minlength=episodes)


def check_bootstrap(confidence: float, resamples: int) -> None:
    """Refuse a confidence outside (0, 1) and a number of resamples below 1.

    Raises:
        ConfigError: either.
    """
    if not 0.0 < confidence < 1.0:
        raise ConfigError(f"confidence must be between 0 and 1, got {confidence!r}.")
    if resamples < 1:
        raise ConfigError(f"resamples must be at least 1, got {resamples!r}.")


def _exploitability(form: Form, counts: Floats) -> float:
    plans = behaviour_plans(form, empirical_behaviours(form, counts))
    return mixed_nash_conv(form, plans) / len(plans)


def behaviour_plans(form: Form, behaviours: Sequence[Floats]) -> list[Floats]:
    """Return each seat's plan."""
    return [seat.plan(played) for seat, played in zip(form.seats, behaviours, strict=True)]
