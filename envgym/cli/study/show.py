"""Tables of a study on a terminal or as text."""

from typing import Any

from rich.console import Console

from envgym.cli import screen
from envgym.cli.study.found import Found

_COLUMNS = ("agent", "reward", "± sd", "95 % interval", "violation", "± sd", "gap", "± sd",
            "gap < .003", "regret", "infeasible", "seconds")  # fmt: skip


def show(page: Console, found: Found) -> None:
    """Print one variant's rows and paired differences."""
    rows, pairs = found.table
    page.print(
        screen.table(_COLUMNS, [_row(row) for row in rows], title=found.title), soft_wrap=True
    )
    errors = {row["agent"]: row["errors"] for row in rows if row["errors"]}
    for agent, count in errors.items():
        page.print(f"{agent} chose {count} invalid actions; each cost a round.", soft_wrap=True)
    if not pairs:
        return
    columns = ("paired", "reward", "95 % interval", "t", "violation", "95 % interval", "gap")
    page.print()
    page.print(
        screen.table(columns, [_pair(pair) for pair in pairs], title="differences on equal seeds"),
        soft_wrap=True,
    )


def _row(row: dict[str, Any]) -> list[Any]:
    below = row["share_below"]
    return [
        row["agent"],
        *_mean(row, "reward", ".4f"),
        _ends(row["reward_interval"], ".4f"),
        *_mean(row, "violation", ".4g"),
        *_mean(row, "gap", "+.4f"),
        None if below is None else f"{round(below * row['seeds'])}/{row['seeds']}",
        _number(row["regret"], ".4g"),
        f"{row['infeasible']:.1%}",
        f"{row['seconds']:.1f}",
    ]


def _pair(pair: dict[str, Any]) -> list[Any]:
    return [
        f"{pair['agent']} - {pair['other']}",
        _number(pair["reward"], "+.4f"),
        _ends(pair["reward_interval"], "+.4f"),
        _number(pair["reward_t"], "+.1f"),
        _number(pair["violation"], "+.4g"),
        _ends(pair["violation_interval"], "+.4g"),
        _number(pair["gap"], "+.4f"),
    ]


def _mean(row: dict[str, Any], name: str, form: str) -> list[str | None]:
    sd = row[f"{name}_sd"]
    return [_number(row[name], form), _number(sd, form.removeprefix("+"))]


def _number(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)


def _ends(interval: list[float] | None, form: str) -> str | None:
    return None if interval is None else " to ".join(format(end, form) for end in interval)
