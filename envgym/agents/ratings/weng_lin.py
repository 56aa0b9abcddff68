"""Weng-Lin ratings: games of many seats, teams and ranks, by the library openskill."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from envgym.agents.ratings.results import GameResult, counted, players_of
from envgym.types.errors import ConfigError, MissingExtraError, unknown

Model = Literal["plackett_luce", "bradley_terry_full", "thurstone_mosteller_full"]


@dataclass(frozen=True, slots=True)
class Skill:
    """A player's skill as a normal distribution; a newcomer has mu 25 and sigma 25 / 3."""

    mu: float
    sigma: float

    @property
    def ordinal(self) -> float:
        """mu - 3 sigma: what the skill is at least, almost surely."""
        return self.mu - 3.0 * self.sigma

    def interval(self, width: float = 1.959964) -> tuple[float, float]:
        """Return mu -/+ ``width`` sigma; 95 % by default."""
        return self.mu - width * self.sigma, self.mu + width * self.sigma


def weng_lin(
    results: Sequence[GameResult],
    *,
    model: Model = "plackett_luce",
    players: Sequence[str] | None = None,
) -> dict[str, Skill]:
    """Return every player's skill after the games in the order given.

    Formula: a Bayesian update per game from the ranks of its seats (equal returns share a rank);
             the teams of a game are its ids, an id with several seats counting with its best
    Source:  Weng and Lin, A Bayesian approximation method for online ranking, JMLR 12, 2011
             (recalled), as the library openskill implements it
    Laws:    online: the order of the games matters, a little

    Args:
        results: in the order played; invalid ones are left out.
        model: plackett_luce, bradley_terry_full or thurstone_mosteller_full.
        players: ids to rate, two or more; None: all that occur.

    Raises:
        ConfigError: an unknown model, or fewer than two players.
        MissingExtraError: openskill is not installed.
    """
    if model not in get_args(Model):
        raise ConfigError(unknown("model of Weng-Lin", model, get_args(Model)))
    ids = players_of(results, players)
    system = _system(model)
    known: dict[str, Any] = {id: system.rating() for id in ids}
    for game in counted(results):
        best: dict[str, float] = {}
        for id, won in zip(game.players, game.returns, strict=True):
            best[id] = max(best.get(id, won), won)
        if len(best) < 2:
            continue
        values = list(best.values())
        ranks = [float(sum(other > value for other in values)) for value in values]
        after = system.rate([[known[id]] for id in best], ranks=ranks)
        for id, team in zip(best, after, strict=True):
            known[id] = team[0]
    return {id: Skill(float(found.mu), float(found.sigma)) for id, found in known.items()}


def _system(model: Model) -> Any:
    try:
        from openskill import models
    except ModuleNotFoundError as missing:
        raise MissingExtraError("Weng-Lin ratings", "games") from missing
    systems = {
        "plackett_luce": models.PlackettLuce,
        "bradley_terry_full": models.BradleyTerryFull,
        "thurstone_mosteller_full": models.ThurstoneMostellerFull,
    }
    return systems[model]()
