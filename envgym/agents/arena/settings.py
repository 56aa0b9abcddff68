"""Settings: all that decides an arena's games, as its ledger states them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envgym.rewards.tournament.engine import Rules
from envgym.types.errors import ConfigError, unknown

FORMATS = ("round_robin", "swiss", "single", "seeded", "double", "sparse_bt")
"""Formats of an arena; of "anchor" only the games against one player would be left."""


SCORES = ("duplicate", "game")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an arena plays. Two equal settings play the same games."""

    game: str
    """Name of the game."""
    players: tuple[str, ...]
    """Spec strings, two or more; a repeated one is a player of its own."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the game, JSON."""
    seats: int = 2
    """Players of one game, 2 or more."""
    format: str = "round_robin"
    """round_robin, swiss, single, seeded, double or sparse_bt."""
    games: int = 10
    """Seeds per pairing, 1 or more; each is played once per rotation of the seats."""
    rounds: int = 0
    """Of swiss; 0: ceil(log2 N)."""
    degree: int = 4
    """Of sparse_bt: opponents of each player, at least 2."""
    seed: int = 0
    """Of all draws."""
    score: str = "duplicate"
    """What a comparison is: "duplicate", the seat orders of one seed together (who won more over
    them); "game", each game."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the play function was set to, JSON, such as {"illegal": "forfeit"}; only
    written down, so that a ledger is not continued under other options."""

    def __post_init__(self) -> None:
        if len(self.players) < 2:
            raise ConfigError(
                "an arena needs two or more players, got "
                f"{', '.join(self.players) or 'none'}; a player may be given twice."
            )
        if any(not spec for spec in self.players):
            raise ConfigError("a player of an arena is an empty text.")
        if self.format not in FORMATS:
            raise ConfigError(unknown("arena format", self.format, FORMATS))
        if self.score not in SCORES:
            raise ConfigError(unknown("arena score", self.score, SCORES))
        for name, least in (("seats", 2), ("games", 1), ("rounds", 0), ("degree", 2)):
            value = getattr(self, name)
            if value < least:
                raise ConfigError(f"arena.{name} must be {least} or more, got {value!r}.")
        for name in ("params", "options"):
            try:
                json.dumps(getattr(self, name))
            except (TypeError, ValueError):
                raise ConfigError(
                    f"arena.{name} must be JSON, got {getattr(self, name)!r}."
                ) from None

    @property
    def ids(self) -> dict[str, str]:
        """Id to spec, in the order given: the second cfr:1000 has the id cfr:1000#2."""
        return named(self.players)

    def rules(self) -> Rules:
        """Return the rules for the tournament engine; seeding is against the first player."""
        return Rules(
            format=self.format,  # type: ignore[arg-type]  # checked above
            anchor=next(iter(self.ids)),
            rounds=self.rounds,
            degree=self.degree,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON-ready dict."""
        return {
            "game": self.game,
            "params": dict(self.params),
            "seats": self.seats,
            "players": list(self.players),
            "format": self.format,
            "games": self.games,
            "rounds": self.rounds,
            "degree": self.degree,
            "seed": self.seed,
            "score": self.score,
            "options": dict(self.options),
        }


def named(specs: Sequence[str]) -> dict[str, str]:
    """Return id to spec: repeated specs are numbered from the second.

    >>> named(["cfr:1000", "random", "cfr:1000"])
    {'cfr:1000': 'cfr:1000', 'random': 'random', 'cfr:1000#2': 'cfr:1000'}
    """
    found: dict[str, str] = {}
    taken = set(specs)
    for spec in specs:
        id, number = spec, 1
        while id in found or (number > 1 and id in taken):
            number += 1
            id = f"{spec}#{number}"
        found[id] = spec
    return found
