"""Play: the function that plays one game, as the arena calls it."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from envgym.types.errors import ConfigError

PLAY = "envgym.agents.arena.play:play_one"
"""Plays on the text view; every real arena uses it."""


class Finished(Protocol):
    """What a game came to, by seat."""

    @property
    def returns(self) -> Sequence[float]:
        """What each seat won, in the game's own unit; not looked at where ``valid`` is False."""
        ...

    @property
    def forfeit_by(self) -> int | None:
        """The seat that lost by forfeit; None: the game was played out."""
        ...

    @property
    def valid(self) -> bool:
        """False: our side failed, and the returns mean nothing."""
        ...


class Play(Protocol):
    """Plays one game. Picklable, so that worker processes can be given it."""

    def __call__(
        self, game: str, params: Mapping[str, Any], seats: Sequence[str], seed: int
    ) -> Finished:
        """Return the finished game.

        Args:
            game: name of the game.
            params: its arguments.
            seats: a player's spec string per seat, such as "cfr:1000"; players are made where
                the game is played, and may be kept there for the next game.
            seed: of all chance of the game and of every seat's own; equal arguments, equal game.
        """
        ...


def load_play(place: str = PLAY) -> Play:
    """Return the function at ``module:name``.

    Raises:
        ConfigError: there is none.
    """
    module, _, name = place.partition(":")
    try:
        found: Play | None = getattr(import_module(module), name, None)
    except ModuleNotFoundError as missing:
        if not module.startswith(str(missing.name)):
            raise  # the module is there and lacks something itself
        found = None
    if found is None:
        raise ConfigError(f"there is no function '{place}' to play games with.")
    return found
