"""All laws of games by name, and the calls that run them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from envgym.runtime.games.registry import game_class, is_team
from envgym.testing.games import (
    books,
    determinism,
    endings,
    episodes,
    hostility,
    illegal,
    numeric,
    proof,
    protocol,
    secrets,
    views,
)
from envgym.testing.games.subject import GameSubject
from envgym.types import ConfigError
from envgym.types.errors import unknown

GameLaw = Callable[[GameSubject], None]

_OF_GAMES: tuple[GameLaw, ...] = (
    numeric.aec_api,
    numeric.aec_seeds,
    numeric.parallel_api,
    numeric.parallel_seeds,
    protocol.positions_are_sound,
    protocol.positions_are_immutable,
    protocol.logs_grow,
    protocol.rules_are_told,
    secrets.views_are_decided,
    secrets.nothing_leaks,
    views.outcomes_add_up,
    hostility.moves_are_read,
    proof.proved,
    proof.inaction_loses,
)
_OF_ALL: tuple[GameLaw, ...] = (
    views.spaces_and_infos,
    books.books_balance,
    books.rewards_per_agent,
    secrets.thoughts_stay_private,
    illegal.retries_change_nothing,
    illegal.forfeits_pay_nobody,
    illegal.random_moves_help_out,
    illegal.noop_only_where_there_is_one,
    endings.budgets_truncate,
    endings.order_of_calls,
    endings.snapshot_restore,
    determinism.same_seed_same_bytes,
    determinism.any_interleaving,
    determinism.other_processes,
    determinism.no_global_randomness,
    hostility.hostile_messages,
    hostility.bulky_messages,
    episodes.record_verify,
    episodes.record_rescore,
    proof.oracle_only_looks,
)

TEAM_LAWS: Mapping[str, GameLaw] = {law.__name__: law for law in _OF_ALL}
"""Laws of every environment of several agents in words, by name."""
GAME_LAWS: Mapping[str, GameLaw] = {law.__name__: law for law in (*_OF_GAMES, *_OF_ALL)}
"""Laws of games, by name, in the order in which ``game_conformance`` runs them."""


def game_conformance(
    name: str, *, laws: Iterable[str] | None = None, spent: str = "full", **params: Any
) -> None:
    """Check a game, or an environment of several agents, against the laws.

    Args:
        name: as for ``envgym.make_game``, or a team environment's.
        laws: names from ``GAME_LAWS``; None: all that apply.
        spent: how much is sampled: "full", "usual" or "light".
        params: arguments for every instance, for example ``players=3``.

    Raises:
        LawError: the first broken law, as one sentence.
        ConfigError: there is no such name, argument or law.
    """
    if not is_team(name):
        game_class(name)  # which says what there is
    subject = GameSubject(name, params, spent)
    known = GAME_LAWS if subject.is_game else TEAM_LAWS
    for law in known if laws is None else laws:
        if law not in known:
            raise ConfigError(unknown("law", law, known))
        known[law](subject)
