"""``envgym export``: recorded episodes to chat-format JSON Lines."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.cli import screen
from envgym.runtime.episodes.export import export_chats


def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An episode file, or the folder that holds it.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The new .jsonl file; never overwritten.")
    ],
    success: Annotated[
        bool, typer.Option("--success", help="Only episodes that succeeded.")
    ] = False,
    min_return: Annotated[
        float | None,
        typer.Option(metavar="R", help="Only episodes that returned at least R when recorded."),
    ] = None,
    no_mistakes: Annotated[
        bool,
        typer.Option("--no-mistakes", help="Leave out episodes in which the agent made a mistake."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help='Print {"written", "left_out", "problems"}.')
    ] = False,
) -> None:
    """Write finished episodes as chats for fine-tuning.

    One line per episode: {"messages", "tools", "metadata"}, what chat templates and SFT
    trainers read. Exit code 1 if no episode was written.
    """
    done = export_chats(file, out, success=success, min_return=min_return, mistakes=not no_mistakes)
    for problem in done.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    if as_json:
        screen.print_json(
            {"written": done.written, "left_out": done.left_out, "problems": done.problems}
        )
    else:
        left = ", ".join(f"{count} {reason}" for reason, count in done.left_out.items())
        screen.console().print(
            f"{done.written} episode{'' if done.written == 1 else 's'} written to {out}"
            + (f"; left out: {left}" if left else "")
        )
    if not done.written:
        raise typer.Exit(1)
