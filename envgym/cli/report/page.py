"""The report as one HTML page that opens without a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from envgym.cli.report import charts
from envgym.cli.report.data import Summary
from envgym.rewards import GroupScore
from envgym.types import MissingExtraError

_COLUMNS = 6
"""Components that the table of episodes has a column for, the largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One comparison of one group."""

    note: str
    chart: str
    columns: tuple[str, ...] = ()
    matches: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group of rollouts."""

    name: str
    dropped: Mapping[str, str]
    boards: tuple[Board, ...]


def check_installed() -> None:
    """Raise MissingExtraError now rather than after the work whose page cannot be written."""
    if any(find_spec(name) is None for name in ("jinja2", "matplotlib")):
        raise MissingExtraError("a report", "report")


def render(summary: Summary, *, reward: str, tree: str = "") -> str:
    """Return the page.

    Args:
        summary: what to show.
        reward: what the episodes were scored under, in words.
        tree: the program as text; empty: not shown.

    Raises:
        MissingExtraError: jinja2 or matplotlib is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise MissingExtraError("a report", "report") from None
    source = (Path(__file__).parent / "templates" / "report.html").read_text("utf-8")
    # Agents and files name episodes and components: everything is escaped but our own charts.
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    valid = summary.valid
    judged = [row for row in valid if row.success is not None]
    drawn = {
        "decomposition": Markup(charts.decomposition(summary)),
        "shares": Markup(charts.shares(summary)),
        "gates": Markup(charts.gates(summary)) if summary.gates else "",
        "returns": Markup(charts.returns(summary)),
    }
    return template.render(
        summary=summary,
        reward=reward,
        tree=tree,
        envs=sorted({row.env for row in summary.rows}),
        mean=sum(row.score.total or 0.0 for row in valid) / len(valid) if valid else None,
        rate=sum(bool(row.success) for row in judged) / len(judged) if judged else None,
        charts=drawn,
        # Ids within groups are worth a column only where they are not the episodes' own names.
        rollouts=any(row.score.member not in ("", row.name) for row in summary.rows),
        shown=summary.components[:_COLUMNS],
        groups=[_group(name, each) for name, each in summary.groups.items()],
    )


def _group(name: str, found: GroupScore) -> Group:
    boards = []
    keys = dict.fromkeys(key for one in found for key in one.late)
    for key in keys:
        shares = {one.id: one.late[key] for one in found if one.late.get(key) is not None}
        numbers = {
            id: sum(share) if isinstance(share, tuple) else float(share)
            for id, share in shares.items()
        }
        boards.append(_board(key.removeprefix("group:"), numbers, found.report.get(key, {})))
    return Group(name=name, dropped=found.dropped, boards=tuple(boards))


def _board(label: str, shares: Mapping[str, float], report: Mapping[str, Any]) -> Board:
    from markupsafe import Markup

    ranks = report.get("ranks") or {}
    order = sorted(shares, key=lambda id: (ranks.get(id) or 0, -shares[id], id))
    note = label
    facts = [
        f"{title} {_cell(report[name])}"
        for name, title in (
            ("format", "format"),
            ("comparisons", "comparisons"),
            ("calls", "judge calls"),
            ("confidence", "confidence"),
            ("disagreement", "orders disagreed"),
        )
        if report.get(name) is not None
    ]
    if facts:
        note += f" ({', '.join(facts)})"
    columns, matches = _matches(report.get("matches") or ())
    return Board(
        note=note,
        chart=Markup(charts.ranking(order, [shares[id] for id in order], "share")),
        columns=columns,
        matches=matches,
    )


def _matches(matches: Any) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if not matches:
        return (), ()
    columns = tuple(matches[0])
    return columns, tuple(tuple(_cell(match.get(c)) for c in columns) for match in matches)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
