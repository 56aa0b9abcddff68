"""What commands print with: one console, one JSON form, one table style."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 120
"""Columns where standard output is no terminal; a terminal's own width counts there."""


def console() -> Console:
    """Return a console for standard output. Text is never read as markup."""
    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = PIPE_WIDTH
    return found


def errors() -> Console:
    """Return a console for standard error: progress, warnings, nothing a script reads."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def plain(value: Any) -> Any:
    """Return ``value`` as JSON can hold it: tuples are lists, numbers that are not finite null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


def print_json(value: Any) -> None:
    """Print one JSON document, and nothing else, to standard output."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=2))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> Table:
    """Return a table without frames; numbers are right-aligned, "-" stands for None."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False, expand=False)
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(
            isinstance(row[index], int | float) or row[index] is None for row in rows
        )
        made.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        made.add_row(*[cell(value) for value in row])
    return made


def cell(value: Any) -> Text:
    """Return a value as a table shows it: floats with three digits, true and false as words."""
    if isinstance(value, Text):
        return value
    if value is None:
        return Text("-")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, float):
        return Text(f"{value:.3f}")
    return Text(str(value))
