"""One call for every solver: a game, an algorithm, a number of iterations."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, signature
from typing import Any, Literal, NamedTuple, get_args

from envgym.agents.solvers.best_response import Quality, quality
from envgym.agents.solvers.level_form import Form, LevelForm
from envgym.agents.solvers.minimise import Minimiser, Schedule
from envgym.agents.solvers.rules.rule import Rule
from envgym.agents.solvers.sequence_form import SequenceForm
from envgym.agents.solvers.sequences import Sequences, sequences
from envgym.agents.solvers.table import PolicyTable, from_profile
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types.errors import ConfigError, unknown
from envgym.types.game import Game

ALGORITHMS: dict[str, str] = {
    "aod": "envgym.agents.solvers.rules.asymmetric:Aod",
    "cfr": "envgym.agents.solvers.rules.plain:Cfr",
    "cfr+": "envgym.agents.solvers.rules.plain:CfrPlus",
    "dcfr": "envgym.agents.solvers.rules.discounted:Dcfr",
    "dcfr-before": "envgym.agents.solvers.rules.discounted:DcfrBefore",
    "fp": "envgym.agents.solvers.fictitious_play:fictitious_play",
    "lcfr": "envgym.agents.solvers.rules.discounted:Lcfr",
    "lp": "envgym.agents.solvers.solve:linear_program",
    "mccfr": "envgym.agents.solvers.mccfr:mccfr",
    "pcfr+": "envgym.agents.solvers.rules.predictive:PcfrPlus",
    "pdcfr+": "envgym.agents.solvers.rules.predictive:PdcfrPlus",
    "psro": "envgym.agents.solvers.psro:psro",
    "vad": "envgym.agents.solvers.rules.volatility:Vad",
}
"""Names and where they live, imported at first use: a ``Rule``, or a function
``f(game, iterations, *, every, **options) -> Solution``."""

FormName = Literal["sequence", "level"]


class Point(NamedTuple):
    """One measurement of a run, in the game's unit."""

    iteration: int
    exploitability: float
    """Of the average policy: NashConv / players."""
    current: float
    """Of the policy of the last iteration."""


@dataclass(frozen=True)
class Solution:
    """What a solver found and how it got there; equal runs are equal, whatever time they took."""

    algorithm: str
    iterations: int
    average: PolicyTable
    """The policy to use: the average of all iterations for regret minimisers."""
    current: PolicyTable
    """The last iterate, which need not converge."""
    quality: Quality
    """Values and best responses of ``average``, in the game's unit."""
    curve: tuple[Point, ...]
    schedule: str = ""
    """Who updates when; "" where the algorithm knows no such thing."""
    note: str = ""
    """What does not hold in this game, such as a guarantee; "" if nothing is to be said."""
    seconds: float = field(default=0.0, compare=False)
    """Wall time of the iterations alone, measuring not counted."""

    @property
    def game(self) -> str:
        """The game's name."""
        return self.average.game

    @property
    def params(self) -> Mapping[str, Any]:
        """The game's arguments."""
        return self.average.params

    @property
    def nash_conv(self) -> float:
        """What all players together could gain by deviating from ``average``, each alone."""
        return self.quality.nash_conv

    @property
    def exploitability(self) -> float:
        """NashConv / players of ``average``."""
        return self.quality.exploitability

    @property
    def values(self) -> tuple[float, ...]:
        """Expected return of each player under ``average``."""
        return self.quality.values

    @property
    def iterations_per_second(self) -> float:
        """Iterations per second of wall time; 0 where nothing was timed."""
        return self.iterations / self.seconds if self.seconds > 0.0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the result without the tables."""
        return {
            "game": self.game,
            "params": dict(self.params),
            "algorithm": self.algorithm,
            "schedule": self.schedule,
            "iterations": self.iterations,
            "exploitability": self.exploitability,
            "nash_conv": self.nash_conv,
            "values": list(self.values),
            "gains": list(self.quality.gains),
            "welfare": self.quality.welfare,
            "iterations_per_second": self.iterations_per_second,
            "note": self.note,
            "curve": [point._asdict() for point in self.curve],
        }


def solve(
    game: Game | str,
    algorithm: str = "cfr+",
    iterations: int = 1000,
    *,
    schedule: Schedule | None = None,
    every: int | None = None,
    form: FormName | None = None,
    **options: Any,
) -> Solution:
    """Return what an algorithm makes of a game.

    Args:
        game: a game, or the name of one with its default parameters.
        algorithm: one of ``ALGORITHMS``.
        iterations: how many, 1 or more; the horizon of rules with a warm-up.
        schedule: "alternating" (default) or "simultaneous", for regret minimisers.
        every: measure after this many iterations, 1 or more; None: at 1, 2, 5, 10, 20, 50, ...
            The end is always measured.
        form: "sequence" (two players, needs SciPy) or "level" (any number); None: sequence where
            it can be. They agree to rounding.
        options: the algorithm's own, such as ``gamma`` of "dcfr" or ``warmup`` of "vad".

    Raises:
        ConfigError: an unknown name, option or schedule, a number out of range, or a game that is
            too large or does not suit the algorithm.
        MissingExtraError: the algorithm needs a library that is not installed.
    """
    if isinstance(game, str):
        game = make_game(game)
    found = find_algorithm(algorithm)
    if iterations < 1:
        raise ConfigError(f"solve.iterations must be 1 or more, got {iterations}.")
    if every is not None and every < 1:
        raise ConfigError(f"solve.every must be 1 or more, got {every}.")
    if schedule is not None and schedule not in get_args(Schedule):
        raise ConfigError(unknown("schedule", schedule, get_args(Schedule)))
    is_rule = isinstance(found, type) and issubclass(found, Rule)
    _check_options(algorithm, found, options)
    if is_rule:
        return _minimise(game, algorithm, found, iterations, schedule, every, form, options)
    if schedule is not None or form is not None:
        given = "schedule" if schedule is not None else "form"
        raise ConfigError(f"algorithm '{algorithm}' takes no {given}; regret minimisers do.")
    result = found(game, iterations, every=every, **options)
    assert isinstance(result, Solution)
    return result


def find_algorithm(name: str) -> Any:
    """Return the ``Rule`` or function of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in ALGORITHMS:
        raise ConfigError(unknown("algorithm", name, ALGORITHMS))
    module, _, attribute = ALGORITHMS[name].partition(":")
    return getattr(import_module(module), attribute)


def checkpoints(iterations: int, every: int | None = None) -> list[int]:
    """Return the iterations to measure after, ascending, the last one included.

    >>> checkpoints(60), checkpoints(5, 2)
    ([1, 2, 5, 10, 20, 50, 60], [2, 4, 5])
    """
    if every is not None:
        found = set(range(every, iterations + 1, every))
    else:
        powers = range(len(str(iterations)))
        found = {k * 10**p for p in powers for k in (1, 2, 5) if k * 10**p <= iterations}
    return sorted({*found, iterations})


def guarantee_note(game: Game) -> str:
    """Return what averaging does not promise in this game; "" for two-player zero-sum games."""
    if game.players == 2 and game.zero_sum:
        return ""
    what = f"has {game.players} players" if game.players != 2 else "is not zero-sum"
    return (
        f"'{game.name}' {what}: regret minimisation has no guarantee to reach a Nash equilibrium "
        "there; NashConv says how close it came."
    )


def linear_program(game: Game, iterations: int, *, every: int | None = None) -> Solution:
    """Return the exact equilibrium of a two-player zero-sum game, whatever ``iterations`` says.

    Raises:
        ConfigError: the game is another kind.
        MissingExtraError: SciPy is not installed.
    """
    from envgym.agents.solvers.lp import equilibrium

    tree = flatten(game)
    start = time.perf_counter()
    _, profile = equilibrium(tree)
    seconds = time.perf_counter() - start
    table, found = from_profile(tree, profile, "lp"), quality(tree, profile)
    point = Point(1, found.exploitability, found.exploitability)
    return Solution("lp", 1, table, table, found, (point,), seconds=seconds)


def _minimise(
    game: Game,
    algorithm: str,
    rule: type[Rule],
    iterations: int,
    schedule: Schedule | None,
    every: int | None,
    form: FormName | None,
    options: Mapping[str, Any],
) -> Solution:
    tree = flatten(game)
    parts = sequences(tree)
    unit = parts.scale if rule.normalised else 1.0
    loop = Minimiser(_form(parts, form, unit), rule(parts, iterations, **options))
    loop.schedule = schedule or "alternating"
    curve: list[Point] = []
    seconds = 0.0
    for stop in checkpoints(iterations, every):
        start = time.perf_counter()
        while loop.done < stop:
            loop.iterate()
        seconds += time.perf_counter() - start
        average, current = quality(tree, loop.average()), quality(tree, loop.current())
        curve.append(Point(stop, average.exploitability, current.exploitability))
    name = f"{algorithm}:{iterations}"
    return Solution(
        algorithm=algorithm,
        iterations=iterations,
        average=from_profile(tree, loop.average(), name),
        current=from_profile(tree, loop.current(), f"{name} (last iterate)"),
        quality=average,
        curve=tuple(curve),
        schedule=loop.schedule,
        note=guarantee_note(game),
        seconds=seconds,
    )


def _form(parts: Sequences, form: FormName | None, unit: float) -> Form:
    if form is None:
        two = len(parts.seats) == 2 and find_spec("scipy") is not None
        form = "sequence" if two else "level"
    if form not in get_args(FormName):
        raise ConfigError(unknown("form", form, get_args(FormName)))
    return SequenceForm(parts, unit) if form == "sequence" else LevelForm(parts, unit)


def option_defaults(found: Any) -> dict[str, Any]:
    """Return an algorithm's own options and their defaults."""
    return {
        p.name: p.default
        for p in signature(found).parameters.values()
        if p.kind is Parameter.KEYWORD_ONLY and p.name != "every"
    }


def _check_options(algorithm: str, found: Any, options: Mapping[str, Any]) -> None:
    known = option_defaults(found)
    for name, value in options.items():
        if name not in known:
            raise ConfigError(unknown(f"{algorithm} option", name, known))
        default = known[name]
        if isinstance(default, bool):
            good, what = isinstance(value, bool), "true or false"
        elif isinstance(default, float):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            # Powers of the iteration beyond this leave the range of floats.
            good, what = number and abs(value) <= 20.0, "a number from -20 to 20"
        elif isinstance(default, int):
            good, what = isinstance(value, int) and not isinstance(value, bool), "a whole number"
        else:
            continue
        if not good:
            raise ConfigError(f"{algorithm}.{name} must be {what}, got {value!r}.")
