"""Charts of a report as SVG text: no scripts, no fonts or images from elsewhere."""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from warnings import catch_warnings, filterwarnings

from envgym.cli.report.data import Summary
from envgym.types import MissingExtraError

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#f0e442")
"""Okabe and Ito's colours, which readers with colour blindness can tell apart."""
_REST = "others"
_MOST = len(PALETTE)
"""Components that get a colour of their own; the smallest share one."""
_LETTERS = 36
"""Longest name in a chart."""


def decomposition(summary: Summary) -> str:
    """Return stacked bars: mean reward per turn by component, in the turn that earned it."""
    series = _few(summary.components, summary.turns)
    figure, axes = _axes(8.0, 3.2)
    longest = max((len(values) for values in series.values()), default=0)
    up, down = [0.0] * longest, [0.0] * longest
    for colour, (name, values) in zip(PALETTE, series.items(), strict=False):
        bottoms = [up[t] if v >= 0 else down[t] for t, v in enumerate(values)]
        axes.bar(
            range(1, longest + 1),
            values,
            bottom=bottoms,
            width=0.85,
            color=colour,
            label=_short(name),
        )
        for t, value in enumerate(values):
            if value >= 0:
                up[t] += value
            else:
                down[t] += value
    axes.axhline(0.0, color="#555555", linewidth=0.8)
    axes.set_xlabel("turn")
    axes.set_ylabel("mean reward earned")
    _whole_numbers(axes)
    if series:
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return _svg(figure, "Mean reward per turn by component")


def shares(summary: Summary) -> str:
    """Return horizontal bars: each component's mean per episode, gains and charges apart."""
    names = list(summary.components)
    figure, axes = _axes(8.0, 0.9 + 0.32 * max(1, len(names)))
    count = max(1, len(summary.valid))
    for place, name in enumerate(names):
        values = [e.value for r in summary.valid for e in r.score.ledger if e.component == name]
        gains, charges = sum(v for v in values if v > 0), sum(v for v in values if v < 0)
        colour = PALETTE[min(place, _MOST - 1)]
        axes.barh(place, gains / count, color=colour)
        axes.barh(place, charges / count, color=colour, alpha=0.55, hatch="//", edgecolor="white")
    axes.axvline(0.0, color="#555555", linewidth=0.8)
    axes.set_yticks(range(len(names)), map(_short, names))
    axes.invert_yaxis()
    axes.set_xlabel("mean per episode (hatched: charges)")
    return _svg(figure, "What each component paid")


def gates(summary: Summary) -> str:
    """Return horizontal bars: how often each gate was open."""
    names = list(summary.gates)
    figure, axes = _axes(8.0, 0.9 + 0.32 * max(1, len(names)))
    for place, name in enumerate(names):
        opened, asked = summary.gates[name]
        axes.barh(place, 1.0, color="#e8e8e8")
        axes.barh(place, opened / asked, color=PALETTE[2])
        axes.text(1.01, place, f"{opened} of {asked}", va="center", fontsize=8)
    axes.set_yticks(range(len(names)), map(_short, names))
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("share of episodes in which the gate was open")
    return _svg(figure, "Gate openings")


def returns(summary: Summary) -> str:
    """Return a strip of the episodes' returns, successes and failures apart."""
    figure, axes = _axes(8.0, 1.9)
    kinds = (
        ("success", True, PALETTE[2]),
        ("failure", False, PALETTE[5]),
        ("no verdict", None, "#999999"),
    )
    for place, (_, verdict, colour) in enumerate(kinds):
        values = sorted(row.score.total or 0.0 for row in summary.valid if row.success is verdict)
        # Equal returns are spread upwards a little: no draw, so the picture never changes.
        heights = [place + 0.12 * ((i % 5) - 2) for i in range(len(values))]
        axes.scatter(values, heights, s=16, color=colour, alpha=0.7, linewidths=0)
    axes.set_yticks(range(len(kinds)), [name for name, _, _ in kinds])
    axes.set_ylim(2.6, -0.6)
    axes.set_xlabel("return")
    return _svg(figure, "Returns")


def ranking(ids: Sequence[str], values: Sequence[float], label: str) -> str:
    """Return horizontal bars of one group, best first."""
    figure, axes = _axes(8.0, 0.9 + 0.28 * max(1, len(ids)))
    axes.barh(range(len(ids)), values, color=PALETTE[0])
    axes.axvline(0.0, color="#555555", linewidth=0.8)
    axes.set_yticks(range(len(ids)), map(_short, ids))
    axes.invert_yaxis()
    axes.set_xlabel(label)
    return _svg(figure, f"Ranking by {label}")


def _few(names: Sequence[str], series: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """Return at most as many series as there are colours; the smallest are added up."""
    if len(names) <= _MOST:
        return {name: series[name] for name in names}
    kept = {name: series[name] for name in names[: _MOST - 1]}
    rest = [series[name] for name in names[_MOST - 1 :]]
    return {**kept, _REST: [sum(column) for column in zip(*rest, strict=True)]}


def _short(name: str) -> str:
    """Return a name that leaves room for the chart beside it."""
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"


def _axes(width: float, height: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("a report", "report") from None
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.xaxis.label.set_fontsize(9)
    axes.yaxis.label.set_fontsize(9)
    return figure, axes


def _whole_numbers(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _svg(figure: Any, title: str) -> str:
    """Return a figure as an SVG element whose bytes depend on nothing but what it shows."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": title, "svg.fonttype": "none"}), catch_warnings():
        # Text stays text, which the reader's browser draws in whatever font has the letters.
        filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": title})
    text = buffer.getvalue()
    # Inside a page only the element itself may stand, not the XML head before it.
    return text[text.index("<svg") :]
