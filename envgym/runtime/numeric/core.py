"""What a numeric family writes: its rules over arrays, and the same rules for one episode."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

import gymnasium
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from envgym.runtime.numeric.arrays import Arrays
from envgym.runtime.numeric.noise import Noise
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem

State = dict[str, Any]
"""Arrays of a batch by name, each [B, ...]. "t" is the kernel's: int64 [B], rounds played."""

Facts = dict[str, Any]
"""What one round was like: a value, or an array [B, ...], per declared step evidence of the family;
always ``utility``, ``expected`` and ``violation``. ``over`` (bool) ends an episode early."""


class Scalar(Protocol):
    """One running episode on plain numbers: the same rules as the core's, without arrays.

    Draws in the order in which the core draws for one row, so that equal generators give equal
    numbers. Mutable and picklable.
    """

    t: int
    """Rounds played."""

    def start(self, rng: Generator) -> None:
        """Draw the world and begin at round 0."""
        ...

    def observe(self) -> Any:
        """Return a fresh observation of the single observation space."""
        ...

    def mask(self) -> NDArray[Any] | None:
        """Return which actions are valid now, bool [A]; None: all."""
        ...

    def advance(self, action: Any, rng: Generator) -> Facts:
        """Play one round with a valid action, count ``t``, and return what it was like."""
        ...

    def reveal(self, action: Any, facts: Facts) -> tuple[Outcome, ...]:
        """Return what that round revealed, with numbers in place of arrays."""
        ...


@dataclass(frozen=True, kw_only=True)
class Core:
    """The parameters of one numeric environment, and its rules as pure functions over arrays.

    Subclasses are frozen dataclasses; their fields are the environment's arguments, each with a
    string that says unit, range and meaning. ``check`` refuses bad ones.
    """

    stream: ClassVar[str]
    """Fixed name of the family's random streams."""

    horizon: int = 1000
    """Rounds per episode, 1 to 10,000,000."""

    def __post_init__(self) -> None:
        whole(self, "horizon", 1, 10_000_000)
        self.check()

    @property
    def where(self) -> str:
        """The class's name without "Core", for messages."""
        return type(self).__name__.removesuffix("Core")

    def check(self) -> None:
        """Refuse bad parameters.

        Raises:
            ConfigError: naming the field, its value and what is allowed.
        """

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters by name."""
        return {spec.name: getattr(self, spec.name) for spec in fields(self)}

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        """Of a single environment: Box, or a Dict of Boxes."""
        raise NotImplementedError

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        """Of a single environment: Discrete, MultiDiscrete or Box."""
        raise NotImplementedError

    @property
    def problem(self) -> Problem:
        """What a learner may know."""
        raise NotImplementedError

    def scalar(self) -> Scalar:
        """Return a new episode on the scalar path, to be started."""
        raise NotImplementedError

    def start(self, batch: int, noise: Noise, ar: Arrays) -> State:
        """Return the state of ``batch`` new episodes, their worlds drawn; all but "t"."""
        raise NotImplementedError

    def observe(self, state: State, ar: Arrays) -> Any:
        """Return the observation: [B, ...], or a dict of such arrays."""
        raise NotImplementedError

    def mask(self, state: State, ar: Arrays) -> Any:
        """Return which actions are valid, bool [B, A]; None: all of them, always."""
        return None

    def advance(self, state: State, action: Any, noise: Noise, ar: Arrays) -> tuple[State, Facts]:
        """Return the next state (all but "t") and the facts of one round of valid actions.

        Must not change ``state``.
        """
        raise NotImplementedError

    def reveal(self, before: State, action: Any, facts: Facts, ar: Arrays) -> tuple[Outcome, ...]:
        """Return what the round played in state ``before`` revealed.

        By default itself, at once: its action, utility, and the facts that ``problem.residuals``
        names.
        """
        residuals = tuple(facts[name] for name in self.problem.residuals)
        return (Outcome(before["t"], action, facts["utility"], residuals),)

    def opening(self) -> Mapping[str, Any]:
        """Return the family's own step evidence at reset; numbers that are not known yet are 0."""
        return {}

    @property
    def lost(self) -> Iterable[str]:
        """Step evidence of its own that is 0 where a turn was lost, beside rewards and residuals.

        What a program pays per round belongs here, or nonsense after a good round would be paid
        like it.
        """
        return ()

    def oracle(self) -> Mapping[str, Any]:
        """Return what the oracle knows, shown in ``info["oracle"]`` where it was asked for."""
        return {}

    def worth(self, facts: Facts, ar: Arrays) -> Any:
        """Return what rounds count for the outcome, float64 [B]: their utility by default."""
        return facts["utility"]

    def worth_one(self, facts: Facts) -> float:
        """Return the same for the facts of one round on the scalar path."""
        return float(facts["utility"])

    def outcome(self, mean: float) -> float:
        """Return the outcome of an episode, 0 to 1, from its mean worth per round of the horizon."""
        problem = self.problem
        return min(1.0, max(0.0, (mean - problem.low) / (problem.high - problem.low)))

    def outcomes(self, mean: Any, ar: Arrays) -> Any:
        """Return ``outcome`` of a batch, float64 [B]; override it beside ``outcome`` for speed."""
        if type(self).outcome is not Core.outcome:
            values = [self.outcome(float(each)) for each in ar.numpy(mean)]
            return ar.asarray(np.asarray(values, dtype=np.float64))
        low, high = self.problem.low, self.problem.high
        return ar.xp.clip((mean - low) / (high - low), 0.0, 1.0)


def reveal_one(scalar: Any, action: Any, facts: Facts, residuals: tuple[str, ...]) -> Outcome:
    """Return the round just played as an ``Outcome`` of plain numbers, for ``Scalar.reveal``."""
    values: tuple[Any, ...] = tuple(facts[name] for name in residuals)
    if isinstance(action, np.ndarray):
        action = tuple(action.tolist())
    return Outcome(scalar.t - 1, action, facts["utility"], values)


def whole(core: Core, name: str, low: int, high: int) -> None:
    """Refuse a field that is no integer from ``low`` to ``high``."""
    value = getattr(core, name)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or not low <= value <= high
    ):
        raise ConfigError(
            f"{core.where}: {name} must be an integer from {low:,} to {high:,}, got {value!r:.80}."
        )
    object.__setattr__(core, name, int(value))


def real(core: Core, name: str, low: float, high: float) -> None:
    """Refuse a field that is no finite number from ``low`` to ``high``."""
    value = getattr(core, name)
    ok = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not ok or not low <= value <= high:
        raise ConfigError(
            f"{core.where}: {name} must be a number from {low:g} to {high:g}, got {value!r:.80}."
        )
    object.__setattr__(core, name, float(value))


def choice(core: Core, name: str, allowed: tuple[Any, ...]) -> None:
    """Refuse a field that is none of ``allowed``."""
    from envgym.runtime.settings import check_choice

    check_choice(core.where, name, getattr(core, name), allowed)
