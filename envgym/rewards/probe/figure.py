"""A report as a figure: one SVG file that opens without a network."""

import textwrap
import warnings
from pathlib import Path
from typing import Any

from envgym.rewards.probe.report import Report
from envgym.types.errors import ConfigError, EpisodeFileError, InfraError, MissingExtraError


def draw(report: Report, file: str | Path) -> Path:
    """Write a report's lines, or its parts as bars, to a new SVG file and return its path.

    Equal reports give equal bytes. Letters stay text: the reader's own fonts show any script.

    Raises:
        ConfigError: the name does not end in .svg, or the report holds nothing to draw.
        EpisodeFileError: the file exists already.
        MissingExtraError: matplotlib is not installed.
    """
    path = Path(file)
    if path.suffix != ".svg":
        raise ConfigError(f"a figure's file must end in .svg, got '{path.name}'.")
    if path.exists():
        raise EpisodeFileError(f"{path} exists already; a figure never overwrites.")
    if not report.series and not report.detail:
        raise ConfigError(f"probe '{report.probe}' reports nothing that could be drawn.")
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("a figure", "report") from error
    # A fixed salt and no date: otherwise two runs differ in ids and in a comment.
    with mpl.rc_context({"svg.hashsalt": "envgym", "svg.fonttype": "none", "font.size": 10}):
        tall = 4.2 if report.series else 1.4 + 0.26 * len(report.detail)
        drawn = Figure(figsize=(7.0, tall), layout="constrained")
        canvas: Any = FigureCanvasSVG(drawn)
        axes = drawn.add_subplot()
        _lines(axes, report) if report.series else _bars(axes, report)
        verdict = "passed" if report.passed else "failed"
        axes.set_title(
            f"{report.probe}: {report.metric:.4g}, limit {report.threshold:.4g}, {verdict}",
            loc="left",
            fontsize=11,
        )
        axes.spines[["top", "right"]].set_visible(False)
        try:
            with path.open("x", encoding="utf-8") as out, warnings.catch_warnings():
                # The font that text is measured with lacks some scripts; the reader's will not.
                warnings.filterwarnings("ignore", message="Glyph ", category=UserWarning)
                canvas.print_svg(out, metadata={"Date": None, "Creator": None})
        except FileExistsError:
            raise EpisodeFileError(f"{path} exists already; a figure never overwrites.") from None
        except OSError as error:
            raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error
    return path


def _lines(axes: Any, report: Report) -> None:
    for name, line in report.series.items():
        style = "--" if name.endswith(" fit") else "-"
        few = len(line) <= 24 and style == "-"
        x, y = [point[0] for point in line], [point[1] for point in line]
        axes.plot(x, y, style, marker="o" if few else "", markersize=4, label=_plain(name))
    axes.set_xlabel(_plain(report.axes[0]))
    axes.set_ylabel(_plain(report.axes[1]))
    axes.grid(alpha=0.25)
    if len(report.series) > 1:
        axes.legend(frameon=False)


def _bars(axes: Any, report: Report) -> None:
    names = list(report.detail)
    places = list(range(len(names)))
    values = [report.detail[name] for name in names]
    axes.barh(places, values, color="#4878a8")
    axes.set_yticks(places, [_plain(name[:48]) for name in names], fontsize=8)
    axes.invert_yaxis()
    if all(0.0 <= value <= 1.0 for value in values):
        axes.set_xlim(0.0, 1.0)
    if 0.0 <= report.threshold <= 2.0 * max([*map(abs, values), 1e-9]):
        axes.axvline(report.threshold, color="#b04040", linestyle=":", linewidth=1)
    axes.set_xlabel(_plain(textwrap.fill(report.axes[0] or report.measures, 60)))
    axes.grid(axis="x", alpha=0.25)


def _plain(text: str) -> str:
    """A dollar sign would start a formula."""
    return text.replace("$", r"\$")
