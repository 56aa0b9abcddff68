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
SILENT = frozenset({"acted", "turn", "tokens", "end"})
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
    yield heading(episode, glyphs, full)
    scale = max((abs(entry.value) for entry in episode.ledger), default=0.0)
    names = min(28, max((len(entry.component) for entry in episode.ledger), default=0))
    lines = None if full else MAX_LINES
    rows = labelled()
    yield rule("reset", "", width, glyphs)
    add_text(rows, "world", as_text(episode.obs), "", lines, glyphs)
    if episode.records:
        add_facts(rows, {}, episode.records[0], episode, episode.first - 1, glyphs)
    yield rows
    paid = 0.0
    for i, turn in enumerate(episode.turns):
        paid += turn.pay
        figures = [signed(turn.pay)] if turn.pay else []
        figures += [f"total {signed(paid)}"] if paid else []
        right = "   ".join(figures)
        title = f"turn {turn.e + 1}" + (f": {episode.actors[i]}" if episode.several else "")
        yield rule(title, right, width, glyphs)
        rows = labelled()
        if turn.action is not None:
            add_message(rows, turn, lines, glyphs)
        if turn.err is not None:
            rows.add_row(Text("mistake", "bold red"), clip(turn.err, lines, glyphs, "red"))
        if turn.obs != turn.err:
            add_text(rows, "world", as_text(turn.obs), "", lines, glyphs)
        add_facts(rows, episode.records[i], episode.records[i + 1], episode, turn.e, glyphs)
        earned = [entry for entry in episode.ledger if entry.earned == turn.e]
        if earned:
            rows.add_row(Text("reward", "bold"), reward_grid(earned, scale, names, width, glyphs))
        if turn.e in episode.cuts:
            rows.add_row(Text("budget", "bold yellow"), Text(f"{episode.cuts[turn.e]} ran out"))
        yield rows
    yield rule("end", "", width, glyphs)
    yield ending(episode, paid, glyphs)
    if episode.ledger:
        yield ledger_table(episode, width, glyphs)
    yield Text("")


def heading(episode: Episode, glyphs: Glyphs, full: bool, *, title: str = "") -> Panel:
    """Return the box above an episode: task, configuration, program, result.

    ``title`` replaces the episode's name; the result is left out then.
    """
    head = episode.head
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    task = head.task
    about = [str(task.get("id")), str(task.get("difficulty", "")), *task.get("tags", ())]
    grid.add_row("task", Text(glyphs.joined(filter(None, about))))
    settings = {k: v for k, v in head.config.items() if k != "reward"}
    if settings:
        grid.add_row(
            "config", Text(glyphs.joined(f"{k}={as_value(v)}" for k, v in settings.items()))
        )
    if head.program:
        program = _program(episode)
        shown = program if full or len(program) <= 240 else program[:237] + "..."
        grid.add_row("program", Text(shown))
    if not title:
        grid.add_row("result", result_of(episode, glyphs))
    if head.parent is not None:
        grid.add_row("continues", Text(f"{head.parent['ep']} from event {head.parent['e']}"))
    if episode.packed is not None:
        grid.add_row("no turns", Text(episode.packed))
    if episode.gap is not None:
        grid.add_row("damaged", Text(episode.gap, "yellow"))
    name = Text(f" {head.env} ", "bold") + Text(f"{title or episode.name} ", "dim")
    box = ROUNDED if glyphs.fancy else ASCII
    return Panel(grid, title=name, title_align="left", box=box, border_style="cyan")


def _program(episode: Episode) -> str:
    from envgym.rewards import Program
    from envgym.types import ConfigError

    try:
        program = Program.from_spec(episode.head.program)
        return program.name if program.name == program.root.formula else str(program)
    except ConfigError:  # written by a version with other nodes
        return str(episode.head.program.get("program", "unknown"))


def result_of(episode: Episode, glyphs: Glyphs) -> Text:
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
    count = episode.events
    rest = [f"return {total}", f"{count} turn{'' if count == 1 else 's'}", cause]
    return Text(verdict[0], verdict[1]) + Text(glyphs.dot + glyphs.joined(rest))


def rule(title: str, right: str, width: int, glyphs: Glyphs) -> Text:
    """Return a line across the page with a title on the left and a figure on the right."""
    line = Text(f"{glyphs.line * 2} ", "cyan")
    line.append(title, "bold cyan")
    tail = f" {right} {glyphs.line * 2}" if right else ""
    line.append(" " + glyphs.line * max(2, width - len(line) - len(tail) - 1), "cyan")
    line.append(tail, "cyan")
    return line


def labelled() -> Table:
    """Return an empty grid of a label and what belongs to it."""
    rows = Table.grid(padding=(0, 1, 0, 0))
    rows.add_column(width=_LABEL, no_wrap=True, justify="right")
    rows.add_column(overflow="fold")
    return rows


def add_text(
    rows: Table, label: str, text: str, style: str, lines: int | None, glyphs: Glyphs
) -> None:
    """Add a text, unless it is empty; ``lines`` None: all of it."""
    if text:
        rows.add_row(Text(label, "bold blue"), clip(text, lines, glyphs, style))


def add_message(rows: Table, turn: Turn, lines: int | None, glyphs: Glyphs) -> None:
    """Add what the agent thought, said and called, each once; ``lines`` None: all of it."""
    message = as_text(turn.action)
    thoughts = "\n".join(found.strip() for found in _THINK.findall(message))
    said = _CALL.sub("", _THINK.sub("", message)).strip()
    if thoughts:
        rows.add_row(Text("thinks", "dim"), clip(thoughts, lines, glyphs, "dim italic"))
    # A bare command and the call read from it are the same words.
    word = said.removeprefix("[[").removesuffix("]]").strip()
    bare = [call for call in turn.calls if len(call["args"]) == 1 and word in call["args"].values()]
    calls = [call for call in turn.calls if call not in bare]
    if not calls and not bare and not said:
        said = message.strip() or "(an empty message)"
    if said:
        rows.add_row(Text("agent", "bold magenta"), clip(said, lines, glyphs, "magenta"))
    for call in calls:
        shown = Text(str(call["name"]), "bold magenta")
        longest = 80 if lines is not None else None
        args = ", ".join(f"{key}={as_value(value, longest)}" for key, value in call["args"].items())
        shown.append(f"({args})", "magenta")
        rows.add_row(Text("call", "bold magenta"), shown)


def add_facts(
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
            as_value(value) if new else f"{as_value(before[key])} {glyphs.arrow} ",
            "dim" if not new else "",
        )
        if not new:
            facts.append(as_value(value), "bold")
        if key in late:
            facts.append(f" (late, from {late[key]})", "yellow")
    if facts:
        rows.add_row(Text("evidence", "dim"), facts)


def reward_grid(earned: list[Entry], scale: float, names: int, width: int, glyphs: Glyphs) -> Table:
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


def ending(episode: Episode, paid: float, glyphs: Glyphs) -> RenderableType:
    """Return the result, the gates and the books."""
    rows = labelled()
    rows.add_row(Text("result", "bold"), result_of(episode, glyphs))
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


def clip(text: str, lines: int | None, glyphs: Glyphs, style: str) -> Text:
    """Return ``text`` without control characters, cut to ``lines`` lines."""
    clean = "".join(c if c in "\n\t" or c.isprintable() else glyphs.control for c in text)
    split = clean.expandtabs(4).rstrip().split("\n")
    shown = Text("\n".join(split[:lines]), style)
    if lines is not None and len(split) > lines:
        shown.append(f"\n... {len(split) - lines} more lines (--full shows them)", "dim")
    return shown


def as_text(value: Any) -> str:
    """Return an observation or action as text, "" for None."""
    return value if isinstance(value, str) else "" if value is None else as_value(value, None)


def as_value(value: Any, longest: int | None = 80) -> str:
    """Return a fact in few characters: floats with three digits, values cut at ``longest``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1e6 else f"{value:.4g}"
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if longest is None or len(text) <= longest else text[: longest - 3] + "..."
