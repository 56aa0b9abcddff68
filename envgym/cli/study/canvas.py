"""Figures as files: one style, the same bytes every time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from envgym.types import InfraError, MissingExtraError

Draw = Callable[[Path], None]
"""Writes one figure to a file."""


def check_matplotlib() -> None:
    """Refuse early what would fail after everything was played.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise MissingExtraError("a figure", "report") from None


def style() -> AbstractContextManager[None]:
    """Return the settings under which figures are drawn and saved.

    A fixed salt and no date: otherwise two runs differ in ids and in a comment.
    """
    from matplotlib import rc_context

    return rc_context(
        {
            "svg.hashsalt": "envgym",
            "svg.fonttype": "none",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "legend.frameon": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 11,
        }
    )


def panels(columns: int = 1, rows: int = 1, *, width: float = 7.0, height: float = 4.5) -> Any:
    """Return (figure, axes as a flat list); inches."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    return made, list(made.subplots(rows, columns, squeeze=False).ravel())


def save(figure: Any, path: Path) -> None:
    """Write a figure; an existing file is replaced.

    Raises:
        InfraError: the file cannot be written.
    """
    kind = path.suffix.removeprefix(".")
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    beside = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(beside, format=kind, metadata=metadata, dpi=150)
        beside.replace(path)
    except OSError as error:
        raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error


def below(figure: Any, axes: Any, count: int) -> None:
    """Put the legend of ``axes`` under the figure, in as many columns as fit."""
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=min(count, 4)
    )
