"""What the planner of categories is told, how its answer is read, and which lessons it is reminded of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from envgym.types import ConfigError

_LONGEST = 4000
"""Characters of an answer that are read, from its end."""
_ANSWER = re.compile(r"categor(?:y|ies)\**\s*[:=]\s*\**([^\n]*)", re.IGNORECASE)
_NUMBERS = re.compile(
    r"[\[({]?\s?[0-9]{1,6}(?:(?:\s?[,;]\s?|\sand\s|\s)[0-9]{1,6})*\s?[\])}]?[.*`]*"
)
"""Of one line whose runs of white space are single spaces."""
HISTORY = 10
"""Latest rounds that a prompt lists one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """A lesson from one plan."""

    text: str
    value: float
    """What the plan returned, in reward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """What the planner may know when it picks categories for one environment."""

    round: int
    """Rounds played."""
    horizon: int
    names: tuple[str, ...]
    """Name of each category, by number."""
    open: tuple[int, ...]
    """Items on offer now, per category."""
    plays: tuple[int, ...]
    """Items played so far, per category."""
    means: tuple[float, ...]
    """Mean reward of the rounds that played the category; 0 before the first."""
    history: tuple[tuple[tuple[int, ...], float], ...]
    """(categories played, reward) of the latest revealed rounds, oldest first."""
    reflections: tuple[Reflection, ...]
    """Lessons that were drawn for this plan."""
    seed: int
    """For a planner that draws."""

    @property
    def prompt(self) -> str:
        """The same as text, with how to answer."""
        lines = [
            f"Round {self.round + 1} of {self.horizon}. Pick the categories from which the next "
            "items are chosen.",
            "",
            "category | on offer | played | mean reward",
        ]
        for number, name in enumerate(self.names):
            mean = f"{self.means[number]:.3f}" if self.plays[number] else "-"
            shown = f"{number} ({name})" if name != str(number) else name
            lines.append(f"{shown} | {self.open[number]} | {self.plays[number]} | {mean}")
        if self.history:
            lines += ["", "Latest rounds (categories: reward):"]
            lines += [f"{_list(played)}: {reward:.3f}" for played, reward in self.history]
        if self.reflections:
            lines += ["", "Lessons of earlier plans:"]
            lines += [f"- (returned {item.value:.3f}) {item.text}" for item in self.reflections]
        return "\n".join([*lines, "", "Answer with one line, for example:", "categories: 0, 2"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult:
    """What came of one plan, for the critic."""

    categories: tuple[int, ...]
    """That the plan allowed."""
    names: tuple[str, ...]
    """Name of each category, by number."""
    rounds: int
    """Revealed rounds that were played under it."""
    value: float
    """Sum of their rewards."""
    before: float
    """Mean reward per round of the earlier plans; 0 if there were none."""
    earlier: int
    """Rounds of the earlier plans."""

    @property
    def prompt(self) -> str:
        """The same as text, asking for one lesson."""
        return f"{template_critic(self)}\nWrite one sentence: what should the next plans keep or change?"


def template_critic(result: PlanResult) -> str:
    """Return a lesson in fixed words: what was allowed, what it earned, against what came before.

    >>> template_critic(PlanResult(
    ...     categories=(0, 2), names=("0", "1", "2"), rounds=4, value=1.0, before=0.5, earlier=8
    ... ))
    'Categories 0, 2 earned 0.250 per round over 4 rounds; worse than the 0.500 before.'
    """
    shown = ", ".join(result.names[i] for i in result.categories)
    mean = result.value / max(1, result.rounds)
    text = f"Categories {shown} earned {mean:.3f} per round over {result.rounds} rounds"
    if not result.earlier:
        return f"{text}; the first plan."
    word = "better" if mean > result.before else "worse" if mean < result.before else "no better"
    return f"{text}; {word} than the {result.before:.3f} before."


@dataclass(frozen=True, slots=True)
class BestCategories:
    """Pick the categories on offer with the best mean reward, smaller numbers first."""

    count: int
    """How many, 1 or more."""
    untried: bool = True
    """Whether those never played come before all others."""

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigError(f"count must be 1 or more, got {self.count!r}.")

    def __call__(self, view: PlanView) -> str:
        def rank(number: int) -> tuple[bool, float, int]:
            fresh = self.untried and view.plays[number] == 0
            return (not fresh, -view.means[number], number)

        offered = [number for number, items in enumerate(view.open) if items]
        return f"categories: {_list(sorted(offered, key=rank)[: self.count])}"


def read_categories(text: str, count: int) -> tuple[int, ...] | None:
    """Return the categories that an answer names, sorted; None if it names none or unknown ones.

    The last "categories: 0, 2" counts, with "=", brackets or "and" as well; without one, a last
    line that holds nothing but numbers.

    >>> read_categories("Category 1 is worn out.\\nCategories: [2, 0]", 3)
    (0, 2)
    >>> read_categories("categories: 7", 3) is None
    True
    """
    text = text[-_LONGEST:]
    answers = _ANSWER.findall(text)
    line = answers[-1] if answers else (text.strip().splitlines() or [""])[-1]
    line = " ".join(line.split())
    if not _NUMBERS.fullmatch(line):
        return None
    found = {int(number) for number in re.findall(r"[0-9]+", line)}
    return tuple(sorted(found)) if found and max(found) < count else None


def reflection_probabilities(values: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return softmax(values / temperature): how likely each lesson is to be drawn first.

    Lessons are sampled by softmax of past return [258] (seen); temperature 1 is inferred.

    Args:
        values: [M] what the plan behind each lesson returned.
        temperature: Above 0; large: all alike, small: the best alone.

    Raises:
        ConfigError: no values, values that are not finite, or a temperature that is not above 0.

    >>> reflection_probabilities([1, 2, 3]).round(6).tolist()
    [0.090031, 0.244728, 0.665241]
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not len(array) or not np.isfinite(array).all():
        raise ConfigError(f"values must be finite numbers of shape [M], got shape {array.shape}.")
    if not 0 < temperature < float("inf"):
        raise ConfigError(f"temperature must be a number above 0, got {temperature!r}.")
    weights = np.exp((array - array.max()) / temperature)
    return np.asarray(weights / weights.sum())


def draw_reflections(
    reflections: Sequence[Reflection], count: int, temperature: float, rng: Generator
) -> tuple[Reflection, ...]:
    """Return up to ``count`` different lessons, drawn one after another by softmax of their value.

    Adding Gumbel noise to the logits and taking the largest draws without replacement in just
    that way, and works where a probability is too small for a float.
    """
    if not reflections:
        return ()
    values = np.array([item.value for item in reflections])
    # Checks the temperature; the noise is drawn for every lesson, whatever the count.
    reflection_probabilities(values, temperature)
    keys = values / temperature + rng.gumbel(size=len(values))
    order = np.argsort(-keys, kind="stable")[:count]
    return tuple(reflections[i] for i in order)


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
