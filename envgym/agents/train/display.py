"""The live table of a run: rich in a terminal, one line per event elsewhere."""

from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

_COLUMNS = (
    ("update", "update", "{:d}"),
    ("success", "success", "{:.2f}"),
    ("return", "return", "{:.3f}"),
    ("turns", "turns", "{:.1f}"),
    ("mistakes", "mistakes", "{:.1f}"),
    ("degenerate", "flat groups", "{:.0%}"),
    ("entropy", "entropy", "{:.3f}"),
    ("clip_fraction", "clipped", "{:.1%}"),
    ("mismatch_max", "mismatch", "{:.0e}"),
    ("seconds", "s", "{:.1f}"),
)
_ROWS = 16
"""Newest updates that the table shows."""


class Display:
    """Shows updates as they come; a context manager, so that the terminal is left tidy.

    Args:
        live: False prints lines even in a terminal.
        console: a rich Console; None makes one.
    """

    def __init__(self, *, live: bool = True, console: Any = None) -> None:
        from rich.console import Console

        self.console = console if console is not None else Console()
        self._live: Any = None
        self._wanted = live and self.console.is_terminal
        self._rows: deque[Mapping[str, Any]] = deque(maxlen=_ROWS)
        self._status = ""

    def __enter__(self) -> Self:
        if self._wanted:
            from rich.live import Live

            self._live = Live(console=self.console, refresh_per_second=4, transient=False)
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._status = ""
            self._live.update(self._table())
            self._live.__exit__(kind, error, trace)
            self._live = None

    def say(self, text: str) -> None:
        """Print a sentence above the table."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def status(self, text: str) -> None:
        """Show what is going on now: a line that the next one replaces; terminals only."""
        self._status = text
        if self._live is not None:
            self._live.update(self._table())

    def update(self, event: Mapping[str, Any]) -> None:
        """Show one update of reinforcement."""
        self._rows.append(event)
        if self._live is not None:
            self._live.update(self._table())
        else:
            cells = [
                f"{title} {form.format(event[key])}"
                for key, title, form in _COLUMNS
                if key in event
            ]
            self.say("  ".join(cells))

    def _table(self) -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        parts: list[Any] = []
        if self._rows:
            table = Table(box=None, pad_edge=False)
            for _, title, _ in _COLUMNS:
                table.add_column(title, justify="right")
            table.add_column("")
            for row in self._rows:
                cells = [form.format(row[key]) if key in row else "" for key, _, form in _COLUMNS]
                table.add_row(*cells, Text(bar(float(row.get("success", 0.0))), style="green"))
            parts.append(table)
        if self._status:
            parts.append(Text(self._status, style="dim"))
        return Group(*parts)


def bar(share: float, width: int = 24) -> str:
    """Return a bar of block characters for a share from 0 to 1.

    >>> bar(0.5, 4)
    '██░░'
    """
    full = round(min(max(share, 0.0), 1.0) * width)
    return "█" * full + "░" * (width - full)
