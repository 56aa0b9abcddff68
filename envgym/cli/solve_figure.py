"""Curves of exploitability: a figure in a file, a plot in the terminal."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envgym.agents.solvers.solve import Solution
from envgym.types.errors import ConfigError, EpisodeFileError, InfraError, MissingExtraError

FLOOR = 1e-16
"""Smaller values are drawn here: what is below is rounding."""

_MARKS = "*o+x#@%&"
_WIDTH, _HEIGHT = 60, 12


def check_figure(path: Path) -> None:
    """Refuse a figure that could not be written, before anything is solved.

    Raises:
        ConfigError: the name ends in neither .png nor .svg, or there is no such folder.
        EpisodeFileError: the file exists already.
        MissingExtraError: matplotlib is not installed.
    """
    if path.suffix not in (".png", ".svg"):
        raise ConfigError(f"a figure's file must end in .png or .svg, got '{path.name}'.")
    if not path.parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent} for the figure.")
    if path.exists():
        raise EpisodeFileError(f"{path} exists already; a figure never overwrites.")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise MissingExtraError("a figure", "report") from None


def draw(solutions: Sequence[Solution], path: Path) -> None:
    """Write the curves to a new file, both axes logarithmic: averages solid, last iterates dotted.

    Raises:
        InfraError: the file cannot be written.
        what ``check_figure`` raises.
    """
    check_figure(path)
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # A fixed salt and no date: otherwise two runs differ in ids and in a comment.
    with mpl.rc_context({"svg.hashsalt": "envgym", "svg.fonttype": "none", "font.size": 10}):
        made = Figure(figsize=(7.0, 4.5), layout="constrained")
        axes: Any = made.add_subplot()
        for i, solution in enumerate(solutions):
            x = [point.iteration for point in solution.curve]
            y = [max(point.exploitability, FLOOR) for point in solution.curve]
            last = [max(point.current, FLOOR) for point in solution.curve]
            label = f"{solution.algorithm} ({solution.exploitability:.2g})"
            axes.plot(x, y, color=f"C{i % 10}", label=label, marker="." if len(x) < 40 else "")
            axes.plot(x, last, color=f"C{i % 10}", linestyle=":", linewidth=0.8)
        axes.set(xscale="log", yscale="log", xlabel="iterations", ylabel="exploitability")
        axes.set_title(
            f"{solutions[0].game}: average (solid), last iterate (dotted)", loc="left", fontsize=11
        )
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        kind = path.suffix.removeprefix(".")
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        try:
            with path.open("xb") as out:
                made.savefig(out, format=kind, metadata=metadata, dpi=150)
        except FileExistsError:
            raise EpisodeFileError(f"{path} exists already; a figure never overwrites.") from None
        except OSError as error:
            raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error


def text_plot(solutions: Sequence[Solution]) -> str:
    """Return the averages' curves in characters, both axes logarithmic, and a legend."""
    points = [
        (math.log10(point.iteration), math.log10(max(point.exploitability, FLOOR)), k)
        for k, solution in enumerate(solutions)
        for point in solution.curve
    ]
    right = max(x for x, _, _ in points) or 1.0
    low = math.floor(min(y for _, y, _ in points))
    high = max(math.ceil(max(y for _, y, _ in points)), low + 1)
    grid = [[" "] * (_WIDTH + 1) for _ in range(_HEIGHT + 1)]
    for x, y, k in points:
        row = round((high - y) / (high - low) * _HEIGHT)
        grid[row][round(x / right * _WIDTH)] = _MARKS[k % len(_MARKS)]
    lines = []
    for i, cells in enumerate(grid):
        label = f"1e{high:+03d}" if i == 0 else f"1e{low:+03d}" if i == _HEIGHT else ""
        lines.append(f"{label:>6} |{''.join(cells).rstrip()}")
    lines.append(f"{'':>6} +{'-' * _WIDTH}")
    last = max(solution.curve[-1].iteration for solution in solutions)
    lines.append(f"{'':>8}1{last:>{_WIDTH - 1}} iterations")
    legend = [f"{_MARKS[k % len(_MARKS)]} {s.algorithm}" for k, s in enumerate(solutions)]
    return "\n".join([*lines, f"exploitability: {', '.join(legend)}"])
