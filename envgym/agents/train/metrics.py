"""What a run reports: one JSON line per event, and a table that a person watches."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class MetricsLog:
    """``metrics.jsonl``: one event per line, one write per line."""

    def __init__(self, path: str | Path, *, upto: int | None = None) -> None:
        """Open for appending; with ``upto``, first drop what a resumed run will repeat.

        Args:
            path: the file; made with its folder.
            upto: number of lines to keep; None starts a new file.
        """
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = []
        if upto is not None and self.path.is_file():
            lines = self.path.read_text("utf-8").splitlines(keepends=True)[:upto]
        self.path.write_text("".join(lines), "utf-8")
        self.lines = len(lines)
        """Lines written so far."""

    def write(self, event: Mapping[str, Any]) -> None:
        """Append one event; numbers must be finite."""
        line = json.dumps({k: _short(v) for k, v in event.items()}, allow_nan=False)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self.lines += 1


class Clock:
    """Seconds and tokens per phase of one update."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def rate(self, name: str, tokens: int) -> float:
        """Return tokens per second of a phase."""
        return tokens / max(self.seconds.get(name, 0.0), 1e-9)


def read(path: str | Path) -> list[dict[str, Any]]:
    """Return the events of a metrics file."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def _short(value: Any) -> Any:
    if isinstance(value, float):
        # Six digits are more than any reader uses; nan and inf are refused by json.
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {k: _short(v) for k, v in value.items()}
    return value
