"""``envgym rescore``: score recorded episodes under another program."""

import json
from pathlib import Path
from typing import Annotated

import typer

from envgym.cli import screen
from envgym.runtime.episodes import read_episodes
from envgym.runtime.episodes.scoring import Rescored, rescored
from envgym.types import EpisodeFileError, InfraError


def rescore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An episode file, or the folder that holds it.")
    ],
    reward: Annotated[
        str,
        typer.Option(
            metavar="PRESET|FILE", help="Score by a preset's name or a program in a JSON file."
        ),
    ] = "outcome",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the JSON to a new file; never overwrites."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help='Print a list of {"episode", "return", "step_rewards", "valid"}.'
        ),
    ] = False,
) -> None:
    """Score recorded episodes under another program, from their evidence alone.

    Nothing is run but rows of numeric vectors whose blocks hold no evidence. Exit code 1 if no episode could be read.
    """
    episodes = read_episodes(file)
    found = list(rescored(episodes, reward))
    for problem in episodes.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    data = [result.to_json() for result in found]
    if out is not None:
        save(data, out)
    if as_json:
        screen.print_json(data)
    else:
        show(found, reward)
        if out is not None:
            screen.console().print(f"written to {out}")
    if not found:
        raise typer.Exit(1)


def save(data: object, out: Path) -> None:
    """Write ``data`` as JSON to a file that must not exist yet."""
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    except FileExistsError:
        raise EpisodeFileError(f"{out} exists already; rescore never overwrites.") from None
    except OSError as error:
        raise InfraError("disk", f"cannot write {out}: {error.strerror}") from error


def show(found: list[Rescored], reward: str) -> None:
    """Print a row per episode and the mean over those that have a return."""
    page = screen.console()
    rows = [
        [i, r.episode, len(r.step_rewards), r.total, r.valid, r.reason or ""]
        for i, r in enumerate(found)
    ]
    columns = ("#", "episode", "turns", "return", "valid", "reason")
    page.print(screen.table(columns, rows))
    scored = [r.total for r in found if r.total is not None]
    mean = f", mean return {sum(scored) / len(scored):.3f}" if scored else ""
    count = f"{len(found)} episode{'' if len(found) == 1 else 's'}"
    page.print(f"\n{count} under '{reward}', {len(scored)} with a return{mean}")
