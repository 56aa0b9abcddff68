"""H9: alarms of a run in which the reward rises and the outcome does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, isfinite, sqrt
from typing import Any, NamedTuple

from envgym.rewards.probe.arrays import limits
from envgym.rewards.probe.report import Report
from envgym.rewards.program import Program
from envgym.rewards.signal import Evidenced
from envgym.types.errors import ConfigError, EvidenceError


class Evaluation(NamedTuple):
    """One row of a run's log, for instance the means over a training step."""

    total: float
    """Total reward."""
    outcome: float
    """The true metric."""
    length: float | None = None
    """Tokens or words per answer."""
    repetition: float | None = None
    """See ``repetition``."""
    group_std: float | None = None
    """Standard deviation of rewards inside a group: 0 teaches nothing."""


def repetition(text: str, n: int = 4) -> float:
    """Return the share of a text's word n-grams that occurred before in it: 0 none, near 1 a loop.

    Source: cookbook H9 (inferred; n is ours)

    >>> repetition("go on " * 4, n=2)
    0.7142857142857143
    """
    if n < 1:
        raise ConfigError(f"repetition.n must be 1 or more, got {n}.")
    words = text.split()
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


@dataclass(frozen=True, kw_only=True)
class DivergenceMonitor:
    """Explicit state of the alarms of one run: the last ``window`` evaluations.

    Formula: early and late half of the window; divergence: mean total rises and mean outcome
             falls, each by more than z standard errors; length: the late mean differs from the
             early one by more than ``length_change`` of it; repetition: late mean above
             ``repetition``; group_std: late mean below ``group_std``
    Source:  cookbook H9 (inferred; every constant is ours)
    Laws:    silent (L10); no alarm before the window is full; state is bounded

    >>> monitor = DivergenceMonitor(window=4)
    >>> for total, outcome in ((0, 1), (0, 1), (1, 0), (1, 0)):
    ...     monitor = monitor.updated(Evaluation(total, outcome))
    >>> monitor.alarms
    ('divergence',)
    """

    window: int = 20
    """Evaluations that are looked back on, an even number of 4 or more."""
    z: float = 2.0
    """Standard errors that a rise or fall must exceed, 0 or more."""
    length_change: float = 0.5
    """Largest change of length, as a share of the early length."""
    repetition: float = 0.3
    """Largest repetition, 0 to 1."""
    group_std: float = 1e-3
    """Least standard deviation inside groups."""
    seen: tuple[Evaluation, ...] = ()
    """The last evaluations, oldest first."""

    def __post_init__(self) -> None:
        if self.window < 4 or self.window % 2:
            raise ConfigError(
                f"DivergenceMonitor.window must be an even number of 4 or more, got {self.window}."
            )
        limits("DivergenceMonitor", (0.0, 1.0), repetition=self.repetition)
        limits("DivergenceMonitor", (0.0, float("inf")), z=self.z, group_std=self.group_std)
        object.__setattr__(self, "seen", tuple(Evaluation(*each) for each in self.seen))

    def updated(self, evaluation: Evaluation) -> "DivergenceMonitor":
        """Return the monitor after one more evaluation.

        Raises:
            ConfigError: a number in it is not finite.
        """
        for name, value in evaluation._asdict().items():
            if value is not None and not isfinite(value):
                raise ConfigError(f"Evaluation.{name} must be finite, got {value}.")
        return replace(self, seen=(*self.seen, evaluation)[-self.window :])

    @property
    def alarms(self) -> tuple[str, ...]:
        """Names of what is wrong now: divergence, length, repetition, group_std."""
        if len(self.seen) < self.window:
            return ()
        found = []
        if self._trend("total") > 0 and self._trend("outcome") < 0:
            found.append("divergence")
        early, late = self._means("length")
        if early and late is not None and abs(late - early) > self.length_change * early:
            found.append("length")
        late = self._means("repetition")[1]
        if late is not None and late > self.repetition:
            found.append("repetition")
        late = self._means("group_std")[1]
        if late is not None and late < self.group_std:
            found.append("group_std")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values; ``DivergenceMonitor(**state)`` is the monitor again."""
        return {
            "window": self.window,
            "z": self.z,
            "length_change": self.length_change,
            "repetition": self.repetition,
            "group_std": self.group_std,
            "seen": [list(each) for each in self.seen],
        }

    def _halves(self, name: str) -> tuple[list[float], list[float]]:
        values = [getattr(each, name) for each in self.seen]
        half = self.window // 2
        early, late = values[:half], values[half:]
        return [x for x in early if x is not None], [x for x in late if x is not None]

    def _means(self, name: str) -> tuple[float | None, float | None]:
        early, late = self._halves(name)
        return (_mean(early) if early else None), (_mean(late) if late else None)

    def _trend(self, name: str) -> int:
        """Return 1 for a rise, -1 for a fall, 0 for neither."""
        early, late = self._halves(name)
        change = _mean(late) - _mean(early)
        error = sqrt(_squares(early) + _squares(late))
        return 0 if abs(change) <= self.z * error or change == 0.0 else 1 if change > 0 else -1


@dataclass(frozen=True)
class Divergence:
    """Runs the monitor over recorded episodes in their order.

    Formula: one evaluation per ``batch`` episodes: mean return, mean outcome, mean length and
             repetition of the messages where they were recorded
    Source:  cookbook H9 (inferred)
    Range:   the metric is the share of full windows with an alarm, [0, 1]
    Laws:    silent (L10); episodes without a return or an outcome do not count
    """

    monitor: DivergenceMonitor = DivergenceMonitor()
    """Its constants, and what it has seen before."""
    outcome: str = "outcome"
    """Evidence of the last record that is the true metric."""
    batch: int = 1
    """Episodes per evaluation, 1 or more."""
    limit: float = 0.0
    """Largest share of windows with an alarm that passes."""

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ConfigError(f"Divergence.batch must be 1 or more, got {self.batch}.")
        limits("Divergence", (0.0, 1.0), limit=self.limit)

    def run(self, program: Program, episodes: Sequence[Sequence[Evidenced]]) -> Report:
        """Return the share of windows with an alarm and, in ``rows``, every evaluation."""
        rows = [row for records in episodes if (row := self._row(program, records)) is not None]
        monitor = self.monitor
        alarms: dict[str, float] = {}
        table: list[tuple[Any, ...]] = []
        full = loud = 0
        for start in range(0, len(rows) - self.batch + 1, self.batch):
            evaluation = _averaged(rows[start : start + self.batch])
            monitor = monitor.updated(evaluation)
            full += len(monitor.seen) == monitor.window
            loud += bool(monitor.alarms)
            for name in monitor.alarms:
                alarms[name] = alarms.get(name, 0.0) + 1.0
            table.append((len(table), *evaluation[:4], ", ".join(monitor.alarms)))
        share = loud / full if full else 0.0
        short = f"{len(table)} evaluations do not fill a window of {monitor.window}"
        return Report(
            probe="divergence",
            measures="share of windows with an alarm",
            metric=share,
            threshold=self.limit,
            passed=share <= self.limit and full > 0,
            detail={"windows": float(full), **{f"alarms.{k}": v for k, v in alarms.items()}},
            columns=("evaluation", "total", "outcome", "length", "repetition", "alarms"),
            rows=tuple(table),
            axes=("evaluation", "mean"),
            series={
                "total reward": tuple((float(row[0]), float(row[1])) for row in table),
                self.outcome: tuple((float(row[0]), float(row[2])) for row in table),
            },
            notes=() if full else (short,),
        )

    def _row(self, program: Program, records: Sequence[Evidenced]) -> Evaluation | None:
        total = program.replay(records).total
        outcome = _number(records[-1], self.outcome)
        if total is None or outcome is None:
            return None
        texts = [str(record["message"]) for record in records if record.get("message")]
        tokens = records[-1].get("tokens")
        words = float(len(" ".join(texts).split())) if texts else None
        return Evaluation(
            total=total,
            outcome=outcome,
            length=float(tokens) if isinstance(tokens, int | float) else words,
            repetition=repetition(" ".join(texts)) if texts else None,
        )


def _number(record: Mapping[str, Any], key: str) -> float | None:
    if key not in record:
        raise EvidenceError(
            f"the last record lacks evidence '{key}'; it holds {', '.join(sorted(record))}."
        )
    value = record[key]
    return float(value) if isinstance(value, bool | int | float) and isfinite(value) else None


def _averaged(rows: Sequence[Evaluation]) -> Evaluation:
    means = []
    for column in zip(*rows, strict=True):
        known = [value for value in column if value is not None]
        means.append(_mean(known) if known else None)
    return Evaluation(*means)  # type: ignore[arg-type]  # total and outcome are always known


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _squares(values: Sequence[float]) -> float:
    """Return the squared standard error of the mean."""
    mean = _mean(values)
    return fsum((x - mean) ** 2 for x in values) / max(1, len(values) - 1) / len(values)
