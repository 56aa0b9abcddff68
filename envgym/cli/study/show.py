"""Tables of a study on a terminal or as text."""

from typing import Any

from rich.console import Console

from envgym.cli import screen
from envgym.cli.study.found import Found

_WIDE = 150
"""Columns where standard output is no terminal: names of agents may be long."""


def show(page: Console, found: Found) -> None:
    """Print one variant's rows, and how the first agent differs from the others on equal seeds."""
    rows, pairs = found.table
    if not page.is_terminal:
        page.width = _WIDE
    costs = any(row["violation"] for row in rows)
    page.print(_table([_row(row, costs) for row in rows], found.title), soft_wrap=True)
    errors = {row["agent"]: row["errors"] for row in rows if row["errors"]}
    for agent, count in errors.items():
        page.print(f"{agent} chose {count} invalid actions; each cost a round.", soft_wrap=True)
    if any((row["share_below"] or 0) > 0 and row["gap"] < -0.003 for row in rows):
        page.print(
            "A negative gap also counts as below .003: it earns more than the oracle by breaking"
            " the constraints.",
            soft_wrap=True,
        )
    first = [_pair(pair, costs) for pair in pairs if pair["agent"] == rows[0]["agent"]]
    if first:
        page.print()
        page.print(_table(first), soft_wrap=True)


def _table(rows: list[dict[str, Any]], title: str = "") -> Any:
    """Return a table whose columns are the rows' keys, spaces at the end of a name dropped."""
    columns = [name.rstrip() for name in rows[0]]
    return screen.table(columns, [list(row.values()) for row in rows], title=title)


def _row(row: dict[str, Any], costs: bool) -> dict[str, Any]:
    below = row["share_below"]
    cost = {"violation ± sd": _mean(row, "violation", ".4g")} if costs else {}
    return {
        "agent": row["agent"],
        "reward ± sd": _mean(row, "reward", ".4f"),
        "95 % interval": _ends(row["reward_interval"], ".4f"),
        **cost,
        "gap ± sd": _mean(row, "gap", "+.4f"),
        "gap < .003": None if below is None else f"{round(below * row['seeds'])}/{row['seeds']}",
        "regret": _number(row["regret"], ".4g"),
        "seconds": f"{row['seconds']:.1f}",
    }


def _pair(pair: dict[str, Any], costs: bool) -> dict[str, Any]:
    cost = {
        "violation": _number(pair["violation"], "+.4g"),
        "95 % interval ": _ends(pair["violation_interval"], "+.4g"),
    }
    return {
        "difference on equal seeds": f"{pair['agent']} - {pair['other']}",
        "reward": _number(pair["reward"], "+.4f"),
        "95 % interval": _ends(pair["reward_interval"], "+.4f"),
        "t": _number(pair["reward_t"], "+.1f"),
        **(cost if costs else {}),
        "gap": _number(pair["gap"], "+.4f"),
    }


def _mean(row: dict[str, Any], name: str, form: str) -> str | None:
    mean, sd = row[name], row[f"{name}_sd"]
    if mean is None:
        return None
    return _text(mean, form) + ("" if sd is None else f" ± {_text(sd, form.removeprefix('+'))}")


def _number(value: float | None, form: str) -> str | None:
    return None if value is None else _text(value, form)


def _ends(interval: list[float] | None, form: str) -> str | None:
    return None if interval is None else f"[{', '.join(_text(end, form) for end in interval)}]"


def _text(value: float, form: str) -> str:
    # Sums of floats that cancel are 1e-17: neither "-0.0000" nor five digits of rounding.
    return format(0.0 if abs(value) < 1e-9 else value, form)
