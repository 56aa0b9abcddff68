"""Rewards on the screen: signed numbers, bars, the ledger by component, the gates."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from envgym.rewards import Program
from envgym.runtime.episodes import Episode
from envgym.types import EnvgymError


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs a terminal can show."""

    fancy: bool
    line: str
    block: str
    arrow: str
    dot: str
    control: str

    @classmethod
    def of(cls, console: Console) -> "Glyphs":
        """Return box-drawing signs where the output takes UTF-8, else ASCII."""
        if console.encoding.lower().replace("-", "").startswith("utf"):
            return cls(True, "─", "█", "→", " · ", "�")
        return cls(False, "-", "#", "->", " | ", "?")

    def joined(self, parts: Iterable[str]) -> str:
        """Return the parts in one line."""
        return self.dot.join(parts)


def signed(value: float) -> str:
    """Return a reward with its sign and three digits; tiny amounts keep two digits of their own.

    >>> signed(0.5), signed(-1.25), signed(0.0), signed(0.0004)
    ('+0.500', '-1.250', '0.000', '+0.0004')
    """
    if value == 0:
        return "0.000"
    return f"{value:+.3f}" if abs(value) >= 0.001 else f"{value:+.2g}"


def bar(value: float, scale: float, width: int, glyphs: Glyphs) -> str:
    """Return a bar for ``value``, full at ``scale``; anything but zero shows.

    >>> bar(0.5, 1.0, 8, Glyphs(False, "-", "#", "->", " | ", "?"))
    '####'
    """
    if value == 0 or scale <= 0:
        return ""
    eighths = max(1, round(abs(value) / scale * width * 8))
    if not glyphs.fancy:
        return glyphs.block * max(1, round(eighths / 8))
    full, part = divmod(eighths, 8)
    drawn: str = glyphs.block * full + " ▏▎▍▌▋▊▉"[part]
    return drawn.rstrip()


def ledger_table(episode: Episode, width: int, glyphs: Glyphs) -> Table:
    """Return the ledger by component: entries, total, bar, gate."""
    totals: dict[tuple[str, str | None], list[float]] = {}
    for entry in episode.ledger:
        totals.setdefault((entry.component, entry.gate), []).append(entry.value)
    scale = max(abs(sum(values)) for values in totals.values())
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("   ledger", no_wrap=True)
    table.add_column("entries", justify="right")
    table.add_column("earned", justify="right")
    table.add_column("")
    table.add_column("gate" if any(gate for _, gate in totals) else "", style="dim")
    for (component, gate), values in totals.items():
        total = sum(values)
        style = "green" if total > 0 else "red" if total < 0 else "dim"
        table.add_row(
            f"   {component}",
            str(len(values)),
            Text(signed(total), style),
            Text(bar(total, scale, max(8, width // 4), glyphs), style),
            gate or "",
        )
    return table


def open_gates(episode: Episode) -> dict[str, bool]:
    """Return each gate that was asked and whether it was open, by replaying the evidence.

    Empty where the recorded program cannot be replayed: unfinished, or of another version.
    """
    ended = bool(episode.records) and episode.records[-1].get("end") is not None
    if not ended or episode.first or not episode.head.program:
        return {}
    try:
        return dict(Program.from_spec(episode.head.program).replay(episode.evidence).gates)
    except EnvgymError:
        return {}
