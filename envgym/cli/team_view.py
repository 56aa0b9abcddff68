"""One recorded episode of several agents on the screen: who did what, and what each earned."""

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from envgym.cli.episode_view import (
    MAX_LINES,
    WIDTH,
    add_facts,
    add_message,
    add_text,
    as_text,
    clip,
    heading,
    labelled,
    result_of,
    reward_grid,
    rule,
)
from envgym.cli.reward_view import Glyphs, ledger_table, signed
from envgym.runtime.episodes import Episode


def show_team(console: Console, team: Sequence[Episode], *, full: bool = False) -> None:
    """Print an episode as a log, at most 100 columns wide.

    Args:
        console: where to print; text is never read as markup.
        team: the views of all its agents.
        full: True shows long texts whole.
    """
    width = min(console.width, WIDTH)
    glyphs = Glyphs.of(console)
    for part in _parts(team, width, glyphs, full):
        console.print(part, width=width, crop=False)


def _parts(
    team: Sequence[Episode], width: int, glyphs: Glyphs, full: bool
) -> Iterator[RenderableType]:
    first = team[0]
    yield heading(first, glyphs, full, title=first.name.removesuffix(f"@{first.agent}"))
    entries = [entry for each in team for entry in each.ledger]
    scale = max((abs(entry.value) for entry in entries), default=0.0)
    names = min(28, max((len(entry.component) for entry in entries), default=0))
    lines = None if full else MAX_LINES
    yield rule("reset", "", width, glyphs)
    rows = labelled()
    for each in team:
        add_text(rows, "world", _seen(each, each.obs), "", lines, glyphs)
    yield rows
    for i, turn in enumerate(first.turns):
        acting = [each for each in team if each.turns[i].action is not None]
        paid = [f"{e.agent} {signed(e.turns[i].pay)}" for e in team if e.turns[i].pay]
        who = ", ".join(each.agent for each in acting)
        yield rule(f"turn {turn.e + 1}: {who}", glyphs.joined(paid), width, glyphs)
        rows = labelled()
        for each in acting:
            add_message(rows, each.turns[i], lines, glyphs)
            if (error := each.turns[i].err) is not None:
                rows.add_row(Text("mistake", "bold red"), clip(error, lines, glyphs, "red"))
        for each in team:
            add_text(rows, "world", _seen(each, each.turns[i].obs), "", lines, glyphs)
        for each in acting:
            if len(each.records) > i + 1:
                add_facts(rows, each.records[i], each.records[i + 1], each, turn.e, glyphs)
        for each in team:
            earned = [entry for entry in each.ledger if entry.earned == turn.e]
            if earned:
                rows.add_row(Text("reward", "bold"), Text(each.agent, "bold"))
                rows.add_row("", reward_grid(earned, scale, names, width, glyphs))
        if turn.e in first.cuts:
            rows.add_row(Text("budget", "bold yellow"), Text(f"{first.cuts[turn.e]} ran out"))
        yield rows
    yield rule("end", "", width, glyphs)
    rows = labelled()
    for each in team:
        rows.add_row(
            Text("result", "bold"), Text(f"{each.agent}: ", "bold") + result_of(each, glyphs)
        )
    yield rows
    for each in team:
        if each.ledger:
            yield Text(f"\n   {each.agent}", "bold")
            yield ledger_table(each, width, glyphs)
    yield Text("")


def _seen(view: Episode, obs: object) -> str:
    return f"to {view.agent}: {as_text(obs)}" if obs is not None else ""
