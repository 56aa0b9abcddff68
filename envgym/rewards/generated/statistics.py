"""What a writer is told about its reward: numbers per component, beside the true metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from envgym.rewards.generated.checks import dominance
from envgym.rewards.generated.evaluate import Evaluated
from envgym.rewards.generated.fitness import correlation

POINTS = 5
"""Places along an episode at which values are shown (ours; Eureka shows training checkpoints)."""


@dataclass(frozen=True, slots=True)
class ComponentStatistics:
    """One component over recorded episodes."""

    name: str
    mean: float
    """Of episode totals."""
    deviation: float
    """Population standard deviation of episode totals."""
    lowest: float
    highest: float
    share: float
    """Of the components' summed variance."""
    correlation: float | None
    """With the true metric."""
    course: tuple[float, ...]
    """Mean value per event at the start, quarters and end of the episodes."""

    def __str__(self) -> str:
        tied = "none" if self.correlation is None else f"{self.correlation:+.2f}"
        course = ", ".join(f"{value:.3g}" for value in self.course)
        return (
            f"{self.name}: mean {self.mean:.3g}, sd {self.deviation:.3g}, from {self.lowest:.3g} "
            f"to {self.highest:.3g}; {self.share:.0%} of the variance; correlation with the task "
            f"metric {tied}; along the episode {course}"
        )


def component_statistics(
    evaluated: Evaluated, truth: Sequence[float | None]
) -> tuple[ComponentStatistics, ...]:
    """Return the statistics of each component over the valid episodes; none without any.

    Source:  cookbook F1, reflection = per-component statistics at checkpoints (arXiv 2310.12931;
             recalled); that checkpoints are places along recorded episodes is ours

    >>> a, b = {"x": 0.0}, {"x": 2.0}
    >>> print(component_statistics(Evaluated("v", ((a, a), (a, b))), [0.0, 1.0])[0])
    x: mean 1, sd 1, from 0 to 2; 100% of the variance; correlation with the task metric +1.00; along the episode 1, 1, 1, 1, 1
    """
    totals = evaluated.component_totals()
    valid = [
        i for i, each in enumerate(totals) if each is not None and len(evaluated.values[i]) > 1
    ]
    if not valid:
        return ()
    shares = dominance(evaluated)
    found = []
    for name in shares:
        column = [(totals[i] or {}).get(name, 0.0) for i in valid]
        mean = fsum(column) / len(column)
        found.append(
            ComponentStatistics(
                name=name,
                mean=mean,
                deviation=sqrt(fsum((x - mean) ** 2 for x in column) / len(column)),
                lowest=min(column),
                highest=max(column),
                share=shares[name],
                correlation=correlation(column, [truth[i] for i in valid]),
                course=_course(evaluated, valid, name),
            )
        )
    return tuple(found)


def reflection(evaluated: Evaluated, truth: Sequence[float | None], fitness: float | None) -> str:
    """Return the text that an Eureka-style writer reads about its last reward."""
    lines = [str(each) for each in component_statistics(evaluated, truth)]
    known = [t for t in truth if t is not None]
    if known:
        lines.append(f"task metric: mean {fsum(known) / len(known):.3g} over {len(known)} episodes")
    lines.append(f"fitness: {'not measurable' if fitness is None else f'{fitness:.3f}'}")
    lines += [f"problem at {n} records: {text}" for text, n in _worst(evaluated.problems)]
    return "\n".join(lines)


def _worst(problems: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(problems.items(), key=lambda item: (-item[1], item[0]))[:3]


def _course(evaluated: Evaluated, valid: Sequence[int], name: str) -> tuple[float, ...]:
    course = []
    for point in range(POINTS):
        at = []
        for i in valid:
            events = evaluated.values[i][1:]
            place = round(point * (len(events) - 1) / (POINTS - 1))
            at.append(float(events[place][name] or 0.0))
        course.append(fsum(at) / len(at))
    return tuple(course)
