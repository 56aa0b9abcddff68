"""One recorded episode on the screen: turns, calls, evidence, rewards, ledger.

Everything that colour says is also said by a word or a sign.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import ASCII, ROUNDED
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from envgym.cli.reward_view import Glyphs, bar, ledger_table, open_gates, signed
from envgym.runtime.episodes import Episode, Turn
from envgym.types import Entry

WIDTH = 100
"""Widest the view gets, in columns; narrower terminals get what they have."""
MAX_LINES = 14
"""Lines shown of one text unless all are asked for."""
SILENT = frozenset({"turn", "tokens", "end"})
"""Kernel evidence that changes at every turn and says nothing new."""

_LABEL = 9
_THINK = re.compile(r"<think>(.*?)(?:</think>|\Z)", re.DOTALL)
_CALL = re.compile(r"<tool_call>.*?(?:</tool_call>|\Z)", re.DOTALL)


def show_episode(console: Console, episode: Episode, *, full: bool = False) -> None:
    """Print ``episode`` as a log, at most 100 columns wide.

    Args:
        console: where to print; text is never read as markup.
        episode: what to show.
        full: True shows long texts whole.
    """
    width = min(console.width, WIDTH)
    glyphs = Glyphs.of(console)
    for part in _parts(episode, width, glyphs, full):
        console.print(part, width=width, crop=False)


def _parts(episode: Episode, width: int, glyphs: Glyphs, full: bool) -> Iterator[RenderableType]:
    yield _heading(episode, glyphs, full)
    scale = max((abs(entry.value) for entry in episode.ledger), default=0.0)
    names = min(28, max((len(entry.component) for entry in episode.ledger), default=0))
    lines = None if full else MAX_LINES
    rows = _rows()
    yield _rule("reset", "", width, glyphs)
    _say(rows, "world", _text(episode.obs), "", lines, glyphs)
    if episode.records:
        _facts(rows, {}, episode.records[0], episode, episode.first - 1, glyphs)
    yield rows
    paid = 0.0
    for i, turn in enumerate(episode.turns):
        paid += turn.pay
        figures = [signed(turn.pay)] if turn.pay else []
        figures += [f"total {signed(paid)}"] if paid else []
        right = "   ".join(figures)
        yield _rule(f"turn {turn.e + 1}", right, width, glyphs)
        rows = _rows()
        _message(rows, turn, lines, glyphs)
        if turn.err is not None:
            rows.add_row(Text("mistake", "bold red"), _clip(turn.err, lines, glyphs, "red"))
        if turn.obs != turn.err:
            _say(rows, "world", _text(turn.obs), "", lines, glyphs)
        _facts(rows, episode.records[i], episode.records[i + 1], episode, turn.e, glyphs)
        earned = [entry for entry in episode.ledger if entry.earned == turn.e]
        if earned:
            rows.add_row(Text("reward", "bold"), _rewards(earned, scale, names, width, glyphs))
        if turn.e in episode.cuts:
            rows.add_row(Text("budget", "bold yellow"), Text(f"{episode.cuts[turn.e]} ran out"))
        yield rows
    yield _rule("end", "", width, glyphs)
    yield _ending(episode, paid, glyphs)
    if episode.ledger:
        yield ledger_table(episode, width, glyphs)
    yield Text("")


def _heading(episode: Episode, glyphs: Glyphs, full: bool) -> Panel:
    head = episode.head
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    task = head.task
    about = [str(task.get("id")), str(task.get("difficulty", "")), *task.get("tags", ())]
    grid.add_row("task", Text(glyphs.joined(filter(None, about))))
    settings = {k: v for k, v in head.config.items() if k != "reward"}
    if settings:
        grid.add_row("config", Text(glyphs.joined(f"{k}={_value(v)}" for k, v in settings.items())))
    if head.program:
        program = _program(episode)
        shown = program if full or len(program) <= 240 else program[:237] + "..."
        grid.add_row("program", Text(shown))
    grid.add_row("result", _result(episode, glyphs))
    if head.parent is not None:
        grid.add_row("continues", Text(f"{head.parent['ep']} from event {head.parent['e']}"))
    if episode.gap is not None:
        grid.add_row("damaged", Text(episode.gap, "yellow"))
    title = Text(f" {head.env} ", "bold") + Text(f"{episode.name} ", "dim")
    box = ROUNDED if glyphs.fancy else ASCII
    return Panel(grid, title=title, title_align="left", box=box, border_style="cyan")


def _program(episode: Episode) -> str:
    from envgym.rewards import Program
    from envgym.types import ConfigError

    try:
        program = Program.from_spec(episode.head.program)
        return program.name if program.name == program.root.formula else str(program)
    except ConfigError:  # written by a version with other nodes
        return str(episode.head.program.get("program", "unknown"))


def _result(episode: Episode, glyphs: Glyphs) -> Text:
    """Return the verdict in words: success, return, turns, cause."""
    verdict = {True: ("success", "bold green"), False: ("no success", "bold red")}.get(
        episode.success if episode.success is not None else None,  # type: ignore[arg-type]
        ("no verdict", "bold yellow"),
    )
    if episode.cause == "invalid":
        reason = episode.end.reason if episode.end is not None else None
        verdict = (f"invalid ({reason})", "bold yellow")
    total = "none" if episode.total is None else f"{episode.total:.3f}"
    cause = "unfinished" if episode.end is None else f"ended by {episode.cause}"
    count = len(episode.turns)
    rest = [f"return {total}", f"{count} turn{'' if count == 1 else 's'}", cause]
    return Text(verdict[0], verdict[1]) + Text(glyphs.dot + glyphs.joined(rest))


def _rule(title: str, right: str, width: int, glyphs: Glyphs) -> Text:
    """Return a line across the page with a title on the left and a figure on the right."""
    line = Text(f"{glyphs.line * 2} ", "cyan")
    line.append(title, "bold cyan")
    tail = f" {right} {glyphs.line * 2}" if right else ""
    line.append(" " + glyphs.line * max(2, width - len(line) - len(tail) - 1), "cyan")
    line.append(tail, "cyan")
    return line


def _rows() -> Table:
    rows = Table.grid(padding=(0, 1, 0, 0))
    rows.add_column(width=_LABEL, no_wrap=True, justify="right")
    rows.add_column(overflow="fold")
    return rows


def _say(rows: Table, label: str, text: str, style: str, lines: int | None, glyphs: Glyphs) -> None:
    if text:
        rows.add_row(Text(label, "bold blue"), _clip(text, lines, glyphs, style))


def _message(rows: Table, turn: Turn, lines: int | None, glyphs: Glyphs) -> None:
    """Add what the agent thought, said and called, each once; ``lines`` None: all of it."""
    message = _text(turn.action)
    thoughts = "\n".join(found.strip() for found in _THINK.findall(message))
    said = _CALL.sub("", _THINK.sub("", message)).strip()
    if thoughts:
        rows.add_row(Text("thinks", "dim"), _clip(thoughts, lines, glyphs, "dim italic"))
    # A bare command and the call read from it are the same words.
    bare = [call for call in turn.calls if len(call["args"]) == 1 and said in call["args"].values()]
    calls = [call for call in turn.calls if call not in bare]
    if not calls and not bare and not said:
        said = message.strip() or "(an empty message)"
    if said:
        rows.add_row(Text("agent", "bold magenta"), _clip(said, lines, glyphs, "magenta"))
    for call in calls:
        shown = Text(str(call["name"]), "bold magenta")
        longest = 80 if lines is not None else None
        args = ", ".join(f"{key}={_value(value, longest)}" for key, value in call["args"].items())
        shown.append(f"({args})", "magenta")
        rows.add_row(Text("call", "bold magenta"), shown)


def _facts(
    rows: Table,
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    episode: Episode,
    event: int,
    glyphs: Glyphs,
) -> None:
    """Add the evidence that changed; at the reset, all that is not zero or empty."""
    late = {key: item.source for item in episode.late if item.e == event for key in item.ev}
    facts = Text()
    for key, value in now.items():
        new = key not in before
        if key in SILENT or (not new and before[key] == value):
            continue
        if not before and not late and (value is None or value == 0 or value == ""):
            continue
        if facts:
            facts.append(glyphs.dot, "dim")
        facts.append(f"{key} ", "dim")
        facts.append(
            _value(value) if new else f"{_value(before[key])} {glyphs.arrow} ",
            "dim" if not new else "",
        )
        if not new:
            facts.append(_value(value), "bold")
        if key in late:
            facts.append(f" (late, from {late[key]})", "yellow")
    if facts:
        rows.add_row(Text("evidence", "dim"), facts)


def _rewards(earned: list[Entry], scale: float, names: int, width: int, glyphs: Glyphs) -> Table:
    """Return a bar per component, as long as its share of the episode's largest entry.

    Args:
        earned: entries of one event.
        scale: largest absolute value of any entry of the episode.
        names: columns for the component, the same at every turn so that bars line up.
        width: columns of the page.
        glyphs: signs of the terminal.
    """
    length = width // 5
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True, width=names, overflow="ellipsis")
    grid.add_column(no_wrap=True, width=length)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(style="dim", overflow="fold")
    for entry in earned:
        notes = []
        if entry.gate is not None:
            notes.append(f"behind gate '{entry.gate}'")
        if entry.paid is None:
            notes.append("never paid")
        elif entry.paid != entry.earned:
            notes.append(f"paid at turn {entry.paid + 1}")
        if entry.note:
            notes.append(json.dumps(dict(entry.note), ensure_ascii=False))
        style = "green" if entry.value > 0 else "red"
        grid.add_row(
            Text(entry.component),
            Text(bar(entry.value, scale, length, glyphs), style),
            Text(signed(entry.value), style),
            ", ".join(notes),
        )
    return grid


def _ending(episode: Episode, paid: float, glyphs: Glyphs) -> RenderableType:
    rows = _rows()
    rows.add_row(Text("result", "bold"), _result(episode, glyphs))
    if gates := open_gates(episode):
        states = Text()
        for gate, is_open in gates.items():
            states.append(glyphs.dot if states else "", "dim")
            states.append(f"'{gate}' ")
            states.append("open" if is_open else "closed", "bold green" if is_open else "bold red")
        rows.add_row(Text("gates", "bold"), states)
    if episode.end is not None and episode.ledger:
        unpaid = sum(entry.value for entry in episode.ledger if entry.paid is None)
        settled = sum(entry.value for entry in episode.ledger)
        rows.add_row(
            Text("books", "bold"),
            f"paid {signed(paid)} + unpaid {signed(unpaid)} = earned {signed(settled)}",
        )
    return Group(rows)


def _clip(text: str, lines: int | None, glyphs: Glyphs, style: str) -> Text:
    """Return ``text`` without control characters, cut to ``lines`` lines."""
    clean = "".join(c if c in "\n\t" or c.isprintable() else glyphs.control for c in text)
    split = clean.expandtabs(4).rstrip().split("\n")
    shown = Text("\n".join(split[:lines]), style)
    if lines is not None and len(split) > lines:
        shown.append(f"\n... {len(split) - lines} more lines (--full shows them)", "dim")
    return shown


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else _value(value, None)


def _value(value: Any, longest: int | None = 80) -> str:
    """Return a fact in few characters: floats with three digits, values cut at ``longest``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1e6 else f"{value:.4g}"
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if longest is None or len(text) <= longest else text[: longest - 3] + "..."
