"""Games by name: what is built in, what others add, and how to make either."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any

from envgym.runtime.registry import load_plugins
from envgym.types import ConfigError, MissingExtraError
from envgym.types.errors import unknown
from envgym.types.game import Game

BUILTIN: Mapping[str, str] = {
    "blotto": "envgym.envs.games.blotto:Blotto",
    "connect_four": "envgym.envs.games.connect_four:ConnectFour",
    "goofspiel": "envgym.envs.games.goofspiel:Goofspiel",
    "hex": "envgym.envs.games.hex:Hex",
    "kuhn": "envgym.envs.games.kuhn:Kuhn",
    "leduc": "envgym.envs.games.leduc:Leduc",
    "liars_dice": "envgym.envs.games.liars_dice:LiarsDice",
    "matrix": "envgym.envs.games.matrix:Matrix",
    "negotiation": "envgym.envs.games.negotiation:Negotiation",
    "repeated_matrix": "envgym.envs.games.repeated_matrix:RepeatedMatrix",
    "tic_tac_toe": "envgym.envs.games.tic_tac_toe:TicTacToe",
}
"""Names and where the classes live; strings, imported when a game is first made."""

TEAMS: Mapping[str, str] = {
    "paired": "envgym.envs.team.paired:PairedEnv",
    "relay": "envgym.envs.team.relay:RelayEnv",
}
"""Environments of several agents that are no games, by name."""

MARKETS: Mapping[str, str] = {"creator_market": "envgym.envs.bandits.creators.env"}
"""PettingZoo environments of ours that are no games, by name: modules with ``parallel_env``, ``env``
and ``action_names``."""

OPEN_SPIEL = "openspiel:"
"""Prefix of OpenSpiel's own games, such as "openspiel:leduc_poker(players=3)"."""

PETTINGZOO = "pettingzoo:"
"""Prefix of PettingZoo's own environments, such as "pettingzoo:classic.tictactoe_v3"."""

_added: dict[str, str] = {}


def register_game(name: str, entry_point: str) -> None:
    """Make a game of yours reachable by name.

    Args:
        name: such as "mylib/poker"; lower case, without a colon.
        entry_point: ``"package.module:Class"``, a class of the protocol
            ``envgym.types.game.Game`` whose arguments are keywords; imported when first made.

    Raises:
        ConfigError: the name is taken, or it or the entry point is malformed.
    """
    if not isinstance(name, str) or not name or ":" in name or name != name.lower():
        raise ConfigError(f"a game's name is lower case and without a colon, got {name!r}.")
    module, _, attribute = str(entry_point).partition(":")
    if not module or not attribute:
        raise ConfigError(f"game '{name}': expected 'package.module:Class', got {entry_point!r}.")
    if BUILTIN.get(name, _added.get(name, entry_point)) != entry_point:
        raise ConfigError(f"a game named '{name}' is registered already.")
    if name not in BUILTIN:
        _added[name] = entry_point


def game_names() -> list[str]:
    """Return the names of all games, those of installed packages included, sorted."""
    load_plugins()
    return sorted({*BUILTIN, *_added})


def is_game(name: str) -> bool:
    """Return whether ``name`` is a game's rather than an environment id's."""
    return name in BUILTIN or name in _added or name.startswith(OPEN_SPIEL) or name in game_names()


def is_team(name: str) -> bool:
    """Return whether ``name`` is that of an environment of several agents."""
    ours = name in TEAMS or name in MARKETS
    return ours or name.startswith(PETTINGZOO) or is_game(name)


def make_game(name: str, **params: Any) -> Game:
    """Return a game by name.

    Args:
        name: one of ``game_names()``, or ``"openspiel:GAME"``.
        params: the game's own arguments, such as ``players=3``.

    Raises:
        ConfigError: no such game or argument, or a value that is not allowed.
        MissingExtraError: OpenSpiel is asked for and not installed.

    >>> make_game("kuhn", players=3).num_actions
    2
    """
    if name.startswith(OPEN_SPIEL):
        return _open_spiel(name, params)
    return game_class(name, params)(**params)  # type: ignore[no-any-return]


def game_class(name: str, params: Mapping[str, Any] | None = None) -> Any:
    """Return the class behind a name; check the names of ``params`` against its arguments.

    Raises:
        ConfigError: no such game or argument, or a registered class that cannot be imported.
    """
    place = BUILTIN.get(name) or _added.get(name)
    if place is None:
        names = game_names()
        place = _added.get(name)
        if place is None:
            raise ConfigError(unknown("game", name, names))
    module, _, attribute = place.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except MissingExtraError:
        raise
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"game '{name}' is registered as '{place}', which cannot be imported: {error}."
        ) from error
    allowed = signature(found).parameters
    for key in params or ():
        if key not in allowed:
            raise ConfigError(unknown(f"argument of {name}", key, allowed))
    return found


@cache
def _need_pettingzoo() -> None:
    if find_spec("pettingzoo") is None:
        raise MissingExtraError("a PettingZoo environment", "games")


def make_aec(name: str, *, render_mode: str | None = None, **params: Any) -> Any:
    """Return a game, or one of ``MARKETS``, as a PettingZoo ``AECEnv`` with numeric spaces.

    ``envgym.as_text`` gives its text view. Arguments and errors as for ``make_game``;
    ``render_mode`` is None or "ansi".
    """
    if name in MARKETS:
        return market(name).env(render_mode=render_mode, **params)
    game = make_game(name, **params)
    _need_pettingzoo()
    from envgym.runtime.games.aec import GameAEC

    return GameAEC(game, render_mode=render_mode)


def make_parallel(name: str, *, render_mode: str | None = None, **params: Any) -> Any:
    """Return a game as a PettingZoo ``ParallelEnv`` with numeric spaces; see ``make_aec``."""
    if name in MARKETS:
        return market(name).parallel_env(render_mode=render_mode, **params)
    game = make_game(name, **params)
    _need_pettingzoo()
    from envgym.runtime.games.parallel import GameParallel

    return GameParallel(game, render_mode=render_mode)


def make_text(name: str, **arguments: Any) -> Any:
    """Return an environment of several agents in words: a game's text view, or a team's.

    Args:
        name: a game's name, or one of ``TEAMS`` or ``MARKETS``.
        arguments: the game's own and those of ``GameText``, or those of the team's class.

    Raises:
        ConfigError: no such name or argument, or a value that is not allowed.
        MissingExtraError: PettingZoo is not installed.
    """
    _need_pettingzoo()
    if name in TEAMS:
        found = team_class(name)
        allowed = (_options(TEAMS[name]) | _options(TEXT_ENV)) - {"agents", "spec"}
        for key in arguments:
            if key not in allowed:
                raise ConfigError(unknown(f"argument of {name}", key, allowed))
        return found(**arguments)
    if name in MARKETS:
        return import_module("envgym.interop.pettingzoo").named(name, market(name), arguments)
    if name.startswith(PETTINGZOO):
        # By name, because adapters live above this floor.
        adapter = import_module("envgym.interop.pettingzoo")
        return adapter.make(name.removeprefix(PETTINGZOO), **arguments)
    from envgym.runtime.games.text import GameText

    options = {k: arguments.pop(k) for k in text_options() if k in arguments}
    return GameText(make_game(name, **arguments), **options)


def market(name: str) -> Any:
    """Return the module behind a name of ``MARKETS``.

    Raises:
        MissingExtraError: PettingZoo is not installed.
    """
    _need_pettingzoo()
    return import_module(MARKETS[name])


def team_class(name: str) -> Any:
    """Return the class behind a name of ``TEAMS``."""
    module, _, attribute = TEAMS[name].partition(":")
    return getattr(import_module(module), attribute)


@cache
def text_options() -> frozenset[str]:
    """Return the arguments of every game's text view, beside the game's own."""
    return frozenset(_options("envgym.runtime.games.text:GameText") | _options(TEXT_ENV)) - {
        "game",
        "spec",
        "agents",
    }


TEXT_ENV = "envgym.runtime.multi.env:TeamEnv"


def _options(place: str) -> frozenset[str]:
    module, _, attribute = place.partition(":")
    found = signature(getattr(import_module(module), attribute)).parameters.values()
    return frozenset(p.name for p in found if p.kind is not p.VAR_KEYWORD)


def _open_spiel(name: str, params: Mapping[str, Any]) -> Game:
    if find_spec("pyspiel") is None:
        raise MissingExtraError(f"game '{name}'", "openspiel")
    # By name, because the adapter lives above this floor.
    adapter = import_module("envgym.interop.openspiel")
    return adapter.open_spiel_game(name.removeprefix(OPEN_SPIEL), **params)  # type: ignore[no-any-return]
