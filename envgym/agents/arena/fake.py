"""FakePlay: games whose outcome is drawn from known strengths; for tests and simulations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any

from envgym.types.errors import ConfigError
from envgym.types.stream import Stream


@dataclass(frozen=True, slots=True)
class FakeGame:
    """A finished game without moves."""

    returns: tuple[float, ...]
    forfeit_by: int | None = None
    valid: bool = True


@dataclass(frozen=True, kw_only=True)
class FakePlay:
    """Draws results by Davidson's model, or plays rock, paper, scissors; knows no game.

    Formula: two seats: win, draw and loss as e^(d/2), nu, e^(-d/2), d the gap of strengths plus
             ``first_move``; more: one seat, with chances as e^strength, wins 1, the
             others lose 1 / (P - 1) each
    Source:  ours
    Laws:    deterministic in seats and seed

    >>> play = FakePlay(strength={"a": 50.0, "b": 0.0})
    >>> play("leduc", {}, ["b", "a"], 7).returns
    (-1.0, 1.0)
    """

    strength: Mapping[str, float]
    """Logits, by spec."""
    first_move: float = 0.0
    """Logits that the first seat is worth."""
    draw: float = 0.0
    """nu, 0 or more."""
    cycle: tuple[str, ...] = ()
    """Specs in a circle: of two in it the one that comes shortly before always beats the other."""
    forfeits: Mapping[str, float] = field(default_factory=dict)
    """Chance that a spec forfeits a game, 0 to 1."""
    failures: float = 0.0
    """Share of games that are invalid."""

    def __call__(
        self, game: str, params: Mapping[str, Any], seats: Sequence[str], seed: int
    ) -> FakeGame:
        """Return the finished game."""
        for spec in seats:
            if spec not in self.strength and spec not in self.cycle:
                raise ConfigError(f"FakePlay.strength has no value for the player '{spec}'.")
        draws = Stream(seed, "fake play", game, *seats)
        size = len(seats)
        if draws.uniform() < self.failures:
            return FakeGame((0.0,) * size, valid=False)
        for seat, spec in enumerate(seats):
            if draws.uniform() < self.forfeits.get(spec, 0.0):
                rest = 1.0 / (size - 1)
                found = tuple(-1.0 if k == seat else rest for k in range(size))
                return FakeGame(found, forfeit_by=seat)
        if size == 2:
            return FakeGame(self._duel(seats[0], seats[1], draws))
        return FakeGame(self._crowd(seats, draws))

    def _duel(self, first: str, second: str, draws: Stream) -> tuple[float, float]:
        if first in self.cycle and second in self.cycle:
            ahead = (self.cycle.index(second) - self.cycle.index(first)) % len(self.cycle)
            won = 0.0 if ahead in (0, len(self.cycle) / 2) else 1.0
            return (won, -won) if 2 * ahead < len(self.cycle) else (-won, won)
        half = (self._of(first) - self._of(second) + self.first_move) / 2.0
        win, loss = exp(half), exp(-half)
        u = draws.uniform() * (win + self.draw + loss)
        value = 1.0 if u < win else -1.0 if u < win + loss else 0.0
        return value, -value

    def _crowd(self, seats: Sequence[str], draws: Stream) -> tuple[float, ...]:
        odds = [exp(self._of(spec) + (self.first_move if k == 0 else 0.0)) for k, spec in
                enumerate(seats)]  # fmt: skip
        u, winner = draws.uniform() * sum(odds), 0
        while winner < len(odds) - 1 and u >= odds[winner]:
            u -= odds[winner]
            winner += 1
        rest = -1.0 / (len(seats) - 1)
        return tuple(1.0 if k == winner else rest for k in range(len(seats)))

    def _of(self, spec: str) -> float:
        return self.strength.get(spec, 0.0)
