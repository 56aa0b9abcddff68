"""Steps per second by batch size, from a benchmark's rows."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from envgym.cli.study import canvas


def figure_speeds(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Draw steps per second against B, both axes logarithmic, one line per name.

    Args:
        rows: each with ``name`` (text), ``batch`` (B, 1 or more) and ``steps_per_second``.
        path: .svg or .png; an existing file is replaced.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InfraError: the file cannot be written.
    """
    canvas.check_matplotlib()
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        lines.setdefault(str(row["name"]), []).append((row["batch"], row["steps_per_second"]))
    with canvas.style():
        figure, (ax,) = canvas.panels(width=7.5, height=4.8)
        for name, points in lines.items():
            ax.plot(*zip(*sorted(points), strict=True), marker="o", label=name)
        ax.set(xscale="log", yscale="log", xlabel="environments B", ylabel="steps per second")
        canvas.below(figure, ax, len(lines))
        canvas.save(figure, path)
