"""Which figures a study draws, by what it holds."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from envgym.cli.study import canvas, fair_plots, family_plots, plots
from envgym.cli.study.found import Found

Figure = Any
"""A matplotlib figure; None: there is nothing to draw."""
ALL: dict[str, Callable[[Sequence[Found]], Figure]] = {
    "plane": plots.plane,
    "regret": plots.regret,
    "sqrt": plots.root,
}
"""Figures over all variants of a study."""
EACH: dict[str, Callable[[Found], Figure]] = {"reward": plots.rewards, "violation": plots.violation}
"""Figures of one variant."""
OWN: dict[str, dict[str, Callable[[Found], Figure]]] = {
    "fair-threshold": {
        "thresholds": fair_plots.thresholds,
        "population": fair_plots.population,
        "radius": fair_plots.radius,
        "gap-bias": fair_plots.gap_bias,
    },
    "disengage": {"friction": family_plots.friction},
    "payment-bandit": {"generations": family_plots.generations},
    "feedback-hack": {"frontier": family_plots.frontier},
}
"""Figures of one variant that only one environment has."""


def draw(found: Sequence[Found], folder: Path) -> list[Path]:
    """Draw every figure that the study has the data for, and return the files.

    Raises:
        InfraError: a file cannot be written.
    """
    files = []
    with canvas.style():
        for name, figure in _made(found):
            if figure is not None:
                files.append(folder / f"{name}.svg")
                canvas.save(figure, files[-1])
    return files


def _made(found: Sequence[Found]) -> Iterator[tuple[str, Figure]]:
    for name, over_all in ALL.items():
        yield name, over_all(found)
    for each in found:
        for name, of_one in {**EACH, **OWN.get(each.name, {})}.items():
            yield f"{name}{_suffix(each, found)}", of_one(each)


def _suffix(each: Found, found: Sequence[Found]) -> str:
    """Return what tells a variant from the others, where there are several."""
    words = []
    if len({one.regime for one in found}) > 1:
        words.append(str(each.regime))
    if len({one.horizon for one in found}) > 1:
        words.append(str(each.horizon))
    return "".join(f"-{word}" for word in words)
