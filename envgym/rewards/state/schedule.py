"""Schedules: constants that change with training progress."""

from dataclasses import dataclass
from math import exp, isfinite

from envgym.types.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Schedule:
    """A number as a function of progress, in any unit from 0 up, usually training steps.

    Read it before the program is built: ``0.5 * steps`` becomes ``schedule(progress) * steps``.
    A program never changes while a group is compared.
    """

    def __call__(self, progress: float) -> float:
        """Return the number at this progress.

        Raises:
            ConfigError: for a negative or infinite progress.
        """
        if not (isfinite(progress) and progress >= 0):
            raise ConfigError(
                f"{type(self).__name__} needs a progress of 0 or more, got {progress!r}."
            )
        return self.at(progress)

    def at(self, progress: float) -> float:
        """Return the number at a progress that is known to be valid."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Exponential(Schedule):
    """A number that approaches another one, ever slower.

    Formula: end + (start - end) * exp(-progress / scale)
    Source:  cookbook B16 (seen: the annealing of B15, exp(-s / 500))
    Laws:    monotone; between start and end

    >>> round(0.3 * Exponential(scale=500)(250) / 0.3, 4)
    0.6065
    """

    scale: float
    """Progress after which a factor e of the difference is gone; more than 0."""
    start: float = 1.0
    """At 0."""
    end: float = 0.0
    """In the limit."""

    def __post_init__(self) -> None:
        _finite(self, self.scale, self.start, self.end)
        if self.scale <= 0:
            raise ConfigError(f"Exponential.scale must be more than 0, got {self.scale}.")

    def at(self, progress: float) -> float:
        """Return the number at this progress."""
        return self.end + (self.start - self.end) * exp(-progress / self.scale)


@dataclass(frozen=True, slots=True)
class Linear(Schedule):
    """A number on a straight line, then constant.

    Formula: start + (end - start) * min(progress / over, 1)
    Source:  cookbook B16 (recalled)
    Laws:    monotone; between start and end, exactly end from ``over`` on

    >>> [Linear(over=100, start=1.0, end=0.5)(p) for p in (0, 50, 300)]
    [1.0, 0.75, 0.5]
    """

    over: float
    """Progress at which the end is reached; more than 0."""
    start: float = 1.0
    """At 0."""
    end: float = 0.0
    """From ``over`` on."""

    def __post_init__(self) -> None:
        _finite(self, self.over, self.start, self.end)
        if self.over <= 0:
            raise ConfigError(f"Linear.over must be more than 0, got {self.over}.")

    def at(self, progress: float) -> float:
        """Return the number at this progress."""
        if progress >= self.over:
            return self.end
        return self.start + (self.end - self.start) * (progress / self.over)


@dataclass(frozen=True, slots=True)
class Stepwise(Schedule):
    """A criterion that is tightened, or loosened, at given points.

    Formula: values[k], k the number of points that progress has reached
    Source:  cookbook B16, progressive rule refinement (inferred: an IoU of 0.5, then 0.75)
    Laws:    monotone; one of the values

    >>> [Stepwise((0.5, 0.75), at_points=(1000,))(p) for p in (999, 1000)]
    [0.5, 0.75]
    """

    values: tuple[float, ...]
    """Rising or falling; one more than the points."""
    at_points: tuple[float, ...]
    """Rising, above 0; empty: a constant."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(map(float, self.values)))
        object.__setattr__(self, "at_points", tuple(map(float, self.at_points)))
        _finite(self, *self.values, *self.at_points)
        if len(self.values) != len(self.at_points) + 1:
            raise ConfigError(
                "Stepwise needs one value more than points, got "
                f"{len(self.values)} values and {len(self.at_points)} points."
            )
        if (
            list(self.at_points) != sorted(set(self.at_points))
            or min(self.at_points, default=1) <= 0
        ):
            raise ConfigError(
                f"Stepwise.at_points must rise and be above 0, got {list(self.at_points)}."
            )
        values = list(self.values)
        if values not in (sorted(values), sorted(values, reverse=True)):
            raise ConfigError(f"Stepwise.values must rise or fall throughout, got {values}.")

    def at(self, progress: float) -> float:
        """Return the number at this progress."""
        return self.values[sum(progress >= point for point in self.at_points)]


def _finite(schedule: Schedule, *numbers: float) -> None:
    if not all(map(isfinite, numbers)):
        raise ConfigError(f"{type(schedule).__name__} needs finite numbers, got {numbers}.")
