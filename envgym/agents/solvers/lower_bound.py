"""A lower bound of exploitability from played episodes, for an agent that can only be watched."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from envgym.agents.solvers.empirical import (
    Observed,
    Watched,
    behaviour_plans,
    bootstrap_weights,
    check_bootstrap,
    empirical_behaviours,
    infoset_visits,
    observe,
)
from envgym.agents.solvers.level_form import Form
from envgym.agents.solvers.mixtures import fastest_form, respond
from envgym.agents.solvers.sequences import Floats, Seat, sequences
from envgym.runtime.games.tree import GameTree
from envgym.types.errors import ConfigError
from envgym.types.game import Game
from envgym.types.stream import derive


@dataclass(frozen=True)
class ExploitabilityLowerBound:
    """How much one particular opponent wins for sure; a better one may win more."""

    lower_bound: float
    """What the opponent won on the second half, 0 if negative; the game's unit. Before that 0 at
    most the agent's exploitability on average over episodes, but not in every sample."""
    confident_lower_bound: float
    """Lower end of the one-sided bootstrap interval, 0 or more: the number to claim."""
    confidence: float
    learnt_on: int
    """Episodes from which the opponent was computed."""
    judged_on: int
    """Other episodes, on which it was valued."""
    unseen: tuple[int, ...]
    """Per seat, information sets that the second half never shows: counted at their worst."""


def exploitability_lower_bound(
    game: Game,
    episodes: Iterable[Watched],
    *,
    confidence: float = 0.95,
    resamples: int = 200,
    seed: int = 0,
) -> ExploitabilityLowerBound:
    """Return what a best response learnt on one half of the episodes wins on the other half.

    Formula: halves by a seeded shuffle; b_p a best response to the first half's shares; value of
             b_p against the second half's shares, the agent doing its best against b_p wherever
             the second half never saw it; the two seats' values, summed and halved; 0 if negative
    Source:  games 4.8 (designed here): sample splitting, so that the opponent cannot exploit the
             noise of the episodes that judge it
    Laws:    expectation at most the agent's exploitability before negatives become 0 (inferred:
             shares in different information sets are uncorrelated given that they were seen);
             tends to it as episodes show every information set that matters. Measured in Kuhn,
             three agents, 60 to 1,000 episodes, 60 samples each: the confident bound lay above
             the truth in 0 to 7 % of samples, at confidence .95

    Args:
        game: two players, returns that sum to 0, small enough to flatten.
        episodes: of the agent, at least 2, with both seats held.
        confidence: of the one-sided interval, between 0 and 1.
        resamples: bootstrap samples of the second half, 1 or more.
        seed: of the split and the bootstrap.

    Raises:
        ConfigError: another kind of game, too few episodes, or an argument that is not allowed.
    """
    check_bootstrap(confidence, resamples)
    if game.players != 2 or not game.zero_sum:
        raise ConfigError(
            f"exploitability_lower_bound is for 2 players whose returns sum to 0, not for "
            f"'{game.name}'; take empirical_exploitability, which is an estimate."
        )
    seen = observe(game, episodes)
    if seen.episodes < 2:
        raise ConfigError("exploitability_lower_bound needs at least 2 episodes, got 1.")
    rng = Generator(PCG64(derive(seed, "exploitability", "split")))
    order = rng.permutation(seen.episodes).astype(np.int64)
    half = seen.episodes // 2
    first, second = seen.only(np.sort(order[:half])), seen.only(np.sort(order[half:]))
    form = fastest_form(sequences(seen.tree))
    shown = behaviour_plans(form, empirical_behaviours(form, first.counts()))
    opponents = [respond(form, player, shown)[1] for player in range(2)]
    # The opponent stays, so what it can earn from each of the agent's moves is computed once.
    earned = [
        form.utilities(agent, [opponents[1 - agent] if p != agent else shown[p] for p in range(2)])
        for agent in range(2)
    ]
    counts = second.counts()
    spread = [
        _won(form, seen.tree, earned, second.counts(weight))
        for weight in bootstrap_weights(second.episodes, resamples, seed)
    ]
    return ExploitabilityLowerBound(
        lower_bound=max(0.0, _won(form, seen.tree, earned, counts)),
        confident_lower_bound=max(0.0, float(np.quantile(spread, 1.0 - confidence))),
        confidence=confidence,
        learnt_on=first.episodes,
        judged_on=second.episodes,
        unseen=_unseen(second, counts),
    )


def _won(form: Form, tree: GameTree, earned: list[Floats], counts: Floats) -> float:
    """Return half of what the opponents of the two seats win together, in the game's unit."""
    seen = infoset_visits(tree, counts) > 0
    behaviours = empirical_behaviours(form, counts)
    # Returns sum to 0: what the agent loses is what its opponent wins.
    lost = -sum(
        best_where_unseen(seat, behaviour, utility, seen[seat.infosets])
        for seat, behaviour, utility in zip(form.seats, behaviours, earned, strict=True)
    )
    return float(lost) / 2.0


def best_where_unseen(
    seat: Seat, behaviour: Floats, utility: Floats, seen: NDArray[np.bool_]
) -> float:
    """Return what a player earns that is bound where it was ``seen`` [I] and free elsewhere.

    Args:
        seat: the player's sequences.
        behaviour: [n] what it does where it is bound.
        utility: [n + 1] what its sequences earn, as from ``Form.utilities``.
        seen: [I] in the seat's order.
    """
    utility = utility.copy()
    for level in reversed(seat.levels):
        values = utility[level.sequences]
        bound = np.add.reduceat(values * behaviour[level.pairs], level.starts)
        free = np.maximum.reduceat(values, level.starts)
        here = np.where(seen[level.infosets], bound, free)
        if level.groups is not None:
            here = np.add.reduceat(here, level.groups)
        utility[level.targets] += here
    return float(utility[0])


def _unseen(seen: Observed, counts: Floats) -> tuple[int, ...]:
    empty = infoset_visits(seen.tree, counts) == 0
    return tuple(int(np.sum(empty & (seen.tree.infoset_player == p))) for p in range(2))
