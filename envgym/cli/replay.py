"""``envgym replay``: look at recorded episodes, or run them again and compare."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from envgym.cli import screen
from envgym.cli.episode_view import show_episode
from envgym.cli.team_view import show_team
from envgym.runtime.episodes import Episode, Episodes, read_episodes

LISTED = 50
"""Rows of the list; the rest is counted."""


def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An episode file, or the folder that holds it.")
    ],
    episode: Annotated[
        str | None,
        typer.Option(metavar="K", help="Show this episode: its number in the list, or its name."),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Run the recorded actions again; name the first difference."),
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show long texts whole.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: the list, one episode, or the verdict.")
    ] = False,
) -> None:
    """Show recorded episodes: messages, evidence, rewards, ledger.

    A file with one episode is shown at once; of several the list is shown first. Exit code 1
    if nothing could be read, or if --verify found a difference.
    """
    if verify:
        check(file, episode, as_json)
        return
    episodes = read_episodes(file)
    if episode is None and len(episodes) > 0:
        alone = episodes.team(episodes[0])
        if len(alone) == len(episodes):
            episode = alone[0].name.removesuffix(f"@{alone[0].agent}")
    if episode is not None:
        chosen, team = choose(episodes, episode)
        if as_json:
            shown = [whole(each, episodes) for each in team]
            screen.print_json({"agents": shown} if chosen.several else shown[0])
        elif len(team) > 1:
            show_team(screen.console(), team, full=full)
        else:
            show_episode(screen.console(), chosen, full=full)
    else:
        rows = [line(number, each) for number, each in enumerate(episodes)]
        if as_json:
            screen.print_json({"episodes": rows, "problems": episodes.problems})
        else:
            listing(rows, file)
    for problem in episodes.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    if not episodes:
        raise typer.Exit(1)


def choose(episodes: Episodes, name: str) -> tuple[Episode, list[Episode]]:
    """Return the episode of this name or number, and the views to show of it.

    "EPISODE@AGENT" shows one agent's view; an episode's plain name or a number all of them.
    """
    for known in episodes.names:
        if known.startswith(f"{name}@"):
            name = known
            break
    else:
        if name in episodes.names:
            found = episodes.named(name)
            return found, [found]
    found = episodes.named(name)
    return found, episodes.team(found)


def line(number: int, episode: Episode) -> dict[str, Any]:
    """Return one episode's summary as JSON values."""
    return {
        "number": number,
        "episode": episode.name,
        "env": episode.head.env,
        "task": episode.head.task.get("id"),
        "seed": episode.head.seed,
        "program": episode.head.program.get("program"),
        "turns": episode.events,
        "end": episode.cause if episode.end is not None else "unfinished",
        "success": episode.success,
        "return": episode.total,
        "valid": episode.gap is None and (episode.end is None or episode.end.valid),
    }


def listing(rows: list[dict[str, Any]], file: Path) -> None:
    """Print the episodes of a file and how to see one."""
    page = screen.console()
    if not rows:
        page.print(f"{file} holds no episode that could be read.")
        return
    columns = ("number", "episode", "turns", "end", "success", "return")
    shown = [[row[column] for column in columns] for row in rows[:LISTED]]
    page.print(screen.table(("#", *columns[1:]), shown))
    if len(rows) > LISTED:
        page.print(f"... and {len(rows) - LISTED} more")
    judged = [row["success"] for row in rows if row["success"] is not None]
    returns = [row["return"] for row in rows if row["return"] is not None]
    kinds = ", ".join(sorted({row["env"] for row in rows}))
    count = len({row["episode"].partition("@")[0] for row in rows})
    parts = [f"{count} episodes of {kinds}"]
    if count < len(rows):
        parts = [f"{parts[0]}, a row for each agent"]
    if judged:
        parts.append(f"success rate {sum(judged) / len(judged):.3f}")
    if returns:
        parts.append(f"mean return {sum(returns) / len(returns):.3f}")
    page.print(f"\n{', '.join(parts)}\nsee one with: envgym replay {file} --episode 0")


def whole(episode: Episode, episodes: Episodes) -> dict[str, Any]:
    """Return everything known of one episode as JSON values."""
    head = episode.head
    return {
        **line(episodes.names.index(episode.name), episode),
        "config": head.config,
        "task_data": head.task,
        "reward_program": head.program,
        "libs": head.libs,
        "reset": {"obs": episode.obs, "evidence": episode.records[0] if episode.records else {}},
        "events": [
            {
                "event": turn.e,
                "action": turn.action,
                "calls": turn.calls,
                "error": turn.err,
                "obs": turn.obs,
                "evidence": record,
                "pay": turn.pay,
                "ended": turn.ended,
            }
            for turn, record in zip(episode.turns, episode.records[1:], strict=True)
        ],
        "step_rewards": episode.settled(),
        "ledger": [entry._asdict() for entry in episode.ledger],
        "blocks": [asdict(part) for part in episode.blocks],
        "packed": episode.packed,
        "problems": episodes.problems,
    }


def check(file: Path, episode: str | None, as_json: bool) -> None:
    """Run recorded actions again and print the verdict."""
    from envgym.runtime.episodes.rerun import verify

    only = None if episode is None else choose(read_episodes(file), episode)[0].name
    report = verify(file, only=only)
    if as_json:
        different = report.difference
        screen.print_json(
            {
                "ok": report.ok,
                "episodes": report.episodes,
                "events": report.events,
                "difference": None
                if different is None
                else {
                    "episode": different.episode,
                    "event": different.event,
                    "field": different.field,
                    "recorded": different.recorded,
                    "now": different.now,
                },
                "notes": report.notes,
            }
        )
    else:
        for note in report.notes:
            screen.errors().print(f"envgym: {note}", soft_wrap=True)
        style = "green" if report.ok else "red"
        screen.console().print(str(report), style=style, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)
