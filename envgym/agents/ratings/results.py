"""GameResult: one finished game as the ratings read it, and its pairs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class GameResult:
    """Who sat where in a game, and what each seat won.

    >>> game = GameResult(players=("a", "b"), returns=(1.0, -1.0))
    >>> [tuple(pair) for pair in game.pairs()]
    [('a', 'b', 1.0, 2.0)]
    """

    players: tuple[str, ...]
    """Ids by seat; an id may hold several seats, which are never compared with each other."""
    returns: tuple[float, ...]
    """By seat, in the game's own unit."""
    cluster: str = ""
    """Games of one cluster are not independent of each other: both seat orders of a pairing on
    one seed. "": a cluster of its own."""
    forfeit_by: str | None = None
    """Id of who lost by forfeit rather than by play."""
    valid: bool = True
    """False: our side failed; ratings leave the game out."""

    def __post_init__(self) -> None:
        if len(self.players) != len(self.returns):
            raise ConfigError(
                f"GameResult.returns must have one number per seat: {len(self.players)} players, "
                f"{len(self.returns)} returns."
            )
        if self.valid and not all(map(isfinite, self.returns)):
            raise ConfigError(f"GameResult.returns must be finite, got {self.returns!r}.")
        if self.forfeit_by is not None and self.forfeit_by not in self.players:
            raise ConfigError(
                f"GameResult.forfeit_by must be one of its players {', '.join(self.players)}, got "
                f"'{self.forfeit_by}'."
            )

    def pairs(self) -> Iterator["PairScore"]:
        """Yield every two seats with different ids, the earlier seat first."""
        for i, first in enumerate(self.players):
            for j in range(i + 1, len(self.players)):
                if self.players[j] != first:
                    margin = self.returns[i] - self.returns[j]
                    score = 0.5 if margin == 0 else float(margin > 0)
                    yield PairScore(first, self.players[j], score, margin)

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON-ready dict."""
        return {
            "players": list(self.players),
            "returns": list(self.returns),
            "cluster": self.cluster,
            "forfeit_by": self.forfeit_by,
            "valid": self.valid,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "GameResult":
        """Return what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is nothing of the kind.
        """
        forfeit = value["forfeit_by"]
        return cls(
            players=tuple(str(id) for id in value["players"]),
            returns=tuple(float(x) for x in value["returns"]),
            cluster=str(value["cluster"]),
            forfeit_by=None if forfeit is None else str(forfeit),
            valid=bool(value["valid"]),
        )


class PairScore(NamedTuple):
    """Two seats of one game compared."""

    first: str
    """Id in the earlier seat."""
    second: str
    score: float
    """Of the first: 1 won more than the second, 0.5 equally much, 0 less."""
    margin: float
    """Return of the first minus that of the second."""


def players_of(results: Sequence[GameResult], players: Sequence[str] | None = None) -> list[str]:
    """Return the ids to rate: ``players`` as given, else all that occur, sorted.

    Raises:
        ConfigError: fewer than two, one given twice, or a result with somebody else in it.
    """
    seen = sorted({id for game in results for id in game.players})
    ids = seen if players is None else list(players)
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise ConfigError(f"players must differ, '{twice}' is given twice.")
    if len(ids) < 2:
        raise ConfigError(
            f"ratings compare players: there must be two or more, got {', '.join(ids) or 'none'}."
        )
    stranger = next((id for id in seen if id not in set(ids)), None)
    if stranger is not None:
        raise ConfigError(f"a result has the player '{stranger}', who is not among the rated.")
    return ids


def counted(results: Sequence[GameResult], *, forfeits: bool = True) -> list[GameResult]:
    """Return the results that count: the valid ones, without forfeits if told so."""
    return [game for game in results if game.valid and (forfeits or game.forfeit_by is None)]
