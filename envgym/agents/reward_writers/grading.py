"""What a loop learns about a written reward: its checks, its fitness, its reflection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from envgym.rewards.generated.checks import examine
from envgym.rewards.generated.evaluate import LIMITS, Episode, records_of
from envgym.rewards.generated.fitness import ranking
from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.statistics import reflection
from envgym.rewards.generated.value import GeneratedReward
from envgym.types import CodeLimits, CodeRunner, ConfigError

Measure = Callable[[Sequence[float | None], Sequence[float | None]], float | None]
"""From a reward's returns and the true metric of the same episodes to a fitness."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What was found about one version."""

    reward: GeneratedReward
    """With its checks and fitness."""
    reflection: str
    """What the writer reads: statistics per component, problems."""


Grader = Callable[[GeneratedReward], Grade]
"""Recorded episodes (``RecordedGrader``), or a training run: anything that sets a fitness from the
true task metric alone."""


class RecordedGrader:
    """Grade a reward by recorded episodes: does it order them as the true metric does?

    The metric is read here and never reaches the code, which sees the schema's keys only. A
    reward that fails a blocking check gets no fitness.

    Args:
        schema: what the code may see.
        episodes: records, reset's first, or Candidates; good and bad ones.
        runner: runs the code.
        truth: evidence key of the true metric in the last record, or one number per episode.
        measure: ``ranking`` (share of pairs in the true order) or a correlation.
        limits: of one call of the runner.

    Raises:
        ConfigError: the lengths differ, or no two episodes differ in the true metric.
    """

    def __init__(
        self,
        schema: ObservationSchema,
        episodes: Sequence[Episode],
        runner: CodeRunner,
        *,
        truth: str | Sequence[float | None] = "outcome",
        measure: Measure = ranking,
        limits: CodeLimits = LIMITS,
    ) -> None:
        self.schema, self.episodes, self.runner = schema, tuple(episodes), runner
        self.measure, self.limits = measure, limits
        self.truth = _truths(truth, episodes) if isinstance(truth, str) else tuple(truth)
        if len(self.truth) != len(self.episodes):
            raise ConfigError(
                f"RecordedGrader needs one true value per episode, got {len(self.truth)} for "
                f"{len(self.episodes)}."
            )
        if len({value for value in self.truth if value is not None}) < 2:
            raise ConfigError(
                "RecordedGrader needs episodes that differ in the true metric, such as an expert's "
                "and a random agent's; these tell no reward from another."
            )

    def __call__(self, reward: GeneratedReward) -> Grade:
        """Return the grade of one version."""
        examined, found = examine(
            reward, self.schema, self.episodes, self.runner, limits=self.limits
        )
        fitness = self.measure(found.totals(), self.truth) if examined.sound else None
        graded = examined.examined(examined.checks, fitness)
        told = [*graded.complaints, reflection(found, self.truth, fitness)]
        return Grade(graded, "\n".join(told))


def better(one: GeneratedReward | None, other: GeneratedReward | None) -> GeneratedReward | None:
    """Return the one with the higher fitness; ties and what has none go to the first."""
    if other is None or other.fitness is None or not other.sound:
        return one
    if one is None or one.fitness is None or other.fitness > one.fitness:
        return other
    return one


def _truths(key: str, episodes: Sequence[Episode]) -> tuple[float | None, ...]:
    found: list[float | None] = []
    for i, episode in enumerate(episodes):
        records = records_of(episode)
        last: Mapping[str, object] = records[-1] if records else {}
        value = last.get(key)
        if value is not None and not isinstance(value, bool | int | float):
            raise ConfigError(f"episode {i}: the true metric '{key}' is no number: {value!r:.60}.")
        if key not in last:
            raise ConfigError(f"episode {i} lacks the true metric '{key}' in its last record.")
        found.append(None if value is None else float(value))
    return tuple(found)
