"""Running a reward function over recorded episodes, so that programs read its values as evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import Any, TypeVar

from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.value import GeneratedReward
from envgym.rewards.signal import Evidenced
from envgym.types.code import CodeLimits, CodeRunner
from envgym.types.compare import Candidate
from envgym.types.errors import ConfigError

LIMITS = CodeLimits(seconds=20.0, memory_mb=512, output_bytes=16_000_000, processes=4)
"""For one call, which evaluates up to ``BATCH`` records."""
BATCH = 5_000
RECORD_SECONDS = 0.5
"""A record that takes longer is invalid."""

Values = Mapping[str, float | None]
"""Component to value; None: invalid."""
Episode = Sequence[Evidenced] | Candidate
E = TypeVar("E", bound=Episode)

_GUARDED = "_envgym_guarded"
_GUARD = """

class _EnvgymLate(BaseException):
    pass


def _envgym_guarded(record, seconds):
    import signal

    def late(number, frame):
        raise _EnvgymLate

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        found = reward(record)
        if type(found) is not dict:
            return {"error": "reward returned " + type(found).__name__ + ", not a dict"}
        values = {}
        for name, value in found.items():
            if type(name) is not str:
                return {"error": "a component's name is " + type(name).__name__}
            if type(value) is bool or type(value) is int or type(value) is float:
                try:
                    value = float(value)
                except OverflowError:
                    value = float("inf")
                values[name] = value if value - value == 0.0 else None
            elif value is None:
                values[name] = None
            else:
                return {"error": "component " + name + " is " + type(value).__name__}
        return {"values": values}
    except _EnvgymLate:
        return {"error": "took longer than " + str(seconds) + " s"}
    except BaseException as error:
        try:
            return {"error": type(error).__name__ + ": " + str(error)[:200]}
        except BaseException:
            return {"error": type(error).__name__}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
"""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a version says about episodes."""

    version: str
    values: tuple[tuple[Values, ...], ...]
    """Per episode, per record (T + 1), per component."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """What went wrong, and at how many records."""

    def totals(self) -> tuple[float | None, ...]:
        """Return per episode the sum of every component over its events; None if any is invalid."""
        return tuple(_total(episode[1:]) for episode in self.values)

    def component_totals(self) -> tuple[Mapping[str, float] | None, ...]:
        """Return per episode each component summed over its events; None if any is invalid."""
        return tuple(
            None
            if _total(episode[1:]) is None
            else {
                name: fsum(float(values[name] or 0.0) for values in episode[1:])
                for name in (episode[0] if episode else {})
            }
            for episode in self.values
        )


def evaluate(
    reward: GeneratedReward,
    schema: ObservationSchema,
    episodes: Sequence[Episode],
    runner: CodeRunner,
    *,
    limits: CodeLimits = LIMITS,
    record_seconds: float = RECORD_SECONDS,
    backwards: bool = False,
) -> Evaluated:
    """Return the values of a reward function at every record of ``episodes``.

    Only the schema's keys reach the function. An exception, a time-out, a value that is no finite
    number or lies outside its declared range, and a missing or undeclared component are invalid
    (None), never 0. A call that fails as a whole makes its records invalid.

    Args:
        reward: of the kind "code", written for ``schema``.
        schema: what the function may see.
        episodes: records, reset's first, or Candidates.
        runner: runs the code outside this process.
        limits: of one call.
        record_seconds: of one record.
        backwards: run the records in reverse order, which shows state that the code keeps.

    Raises:
        ConfigError: the reward is of another kind or was written for another schema.
        EvidenceError: a record lacks a key of the schema.
        InfraError: the runner failed.
    """
    if reward.kind != "code":
        raise ConfigError(f"only code is run; {reward.version} is of the kind '{reward.kind}'.")
    if reward.schema != schema.digest:
        raise ConfigError(
            f"generated reward {reward.version} was written for schema {reward.schema}, not for "
            f"{schema.digest}."
        )
    seen = [schema.project(record) for episode in episodes for record in records_of(episode)]
    order = range(len(seen) - 1, -1, -1) if backwards else range(len(seen))
    found: list[Values] = [{}] * len(seen)
    problems: dict[str, int] = {}
    places = list(order)
    for start in range(0, len(places), BATCH):
        chunk = places[start : start + BATCH]
        inputs = [{"record": seen[i], "seconds": record_seconds} for i in chunk]
        result = runner.call(reward.body + _GUARD, _GUARDED, inputs, limits)
        answers: Sequence[Any] = result.values
        if result.status != "ok":
            answers = [{"error": f"{result.status}: {result.error}"}] * len(chunk)
        for i, answer in zip(chunk, answers, strict=True):
            found[i], problem = _accepted(reward, answer)
            if problem:
                problems[problem] = problems.get(problem, 0) + 1
    values, at = [], 0
    for episode in episodes:
        count = len(records_of(episode))
        values.append(tuple(found[at : at + count]))
        at += count
    return Evaluated(reward.version, tuple(values), problems)


def annotated(episodes: Sequence[E], reward: GeneratedReward, evaluated: Evaluated) -> list[E]:
    """Return the episodes with ``generated.<version>.<component>`` in every record.

    Raises:
        ConfigError: the values are of another version or of other episodes.
    """
    if evaluated.version != reward.version or len(evaluated.values) != len(episodes):
        raise ConfigError(
            f"these values are of version {evaluated.version} for {len(evaluated.values)} "
            f"episodes, not of {reward.version} for {len(episodes)}."
        )
    told = []
    for episode, values in zip(episodes, evaluated.values, strict=True):
        records = [
            {**record, **{reward.key(name): value for name, value in late.items()}}
            for record, late in zip(records_of(episode), values, strict=True)
        ]
        told.append(
            replace(episode, records=records) if isinstance(episode, Candidate) else records
        )
    return told  # type: ignore[return-value]  # each has the type of what it was made from


def records_of(episode: Episode) -> Sequence[Evidenced]:
    """Return the records of an episode or a Candidate."""
    return episode.records if isinstance(episode, Candidate) else episode


def _accepted(reward: GeneratedReward, answer: Any) -> tuple[Values, str]:
    """Return one record's values, each in its range or None, and what was wrong."""
    nothing = {component.name: None for component in reward.components}
    if not isinstance(answer, Mapping) or not isinstance(answer.get("values"), Mapping):
        return nothing, str(answer.get("error") if isinstance(answer, Mapping) else answer)[:300]
    given = answer["values"]
    extra = sorted(given.keys() - nothing.keys())
    if extra:
        return nothing, f"component '{extra[0]}' is not declared"
    problem = ""
    values: dict[str, float | None] = {}
    for component in reward.components:
        value = given.get(component.name)
        number = isinstance(value, int | float)
        if component.name not in given:
            problem = problem or f"component '{component.name}' is missing"
        elif not number:
            problem = problem or f"component '{component.name}' is no finite number"
        elif not component.lo <= value <= component.hi:
            problem = problem or (
                f"component '{component.name}' is outside {component.lo:g} to {component.hi:g}"
            )
            number = False
        values[component.name] = float(value) if number else None
    return values, problem


def _total(events: Sequence[Values]) -> float | None:
    flat = [value for values in events for value in values.values()]
    known = [value for value in flat if value is not None]
    return fsum(known) if len(known) == len(flat) else None
