"""``envgym rewards report``: a recorded run as an HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.cli import screen
from envgym.cli.report.data import gather
from envgym.cli.report.page import render
from envgym.rewards import resolve
from envgym.rewards.program import Program
from envgym.runtime import registry
from envgym.runtime.episodes import read_episodes
from envgym.runtime.episodes.reader import Episodes
from envgym.types import EnvgymError, EpisodeFileError, InfraError


def report(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An episode file, or the folder that holds it.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The page to write; never overwrites.")
    ] = Path("report.html"),
    reward: Annotated[
        str | None,
        typer.Option(
            metavar="PRESET|FILE",
            help="Score by another program. [default: what paid when it was recorded]",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Drive the draws of a tournament.", min=0)
    ] = 0,
) -> None:
    """Write a page about a recorded run: rewards over turns, components, gates, rankings.

    One file with its charts inside; it loads nothing from anywhere. Exit code 1 if no episode
    could be read.
    """
    if out.exists():
        raise EpisodeFileError(f"{out} exists already; report never overwrites.")
    episodes = read_episodes(file)
    summary = gather(episodes, reward, title=f"Rewards of {file.resolve().name}", seed=seed)
    for problem in summary.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    if not summary.rows:
        screen.errors().print(f"envgym: {file} holds no episode", soft_wrap=True)
        raise typer.Exit(1)
    program = _program(episodes, reward)
    name = reward or (program.name if program is not None else "as recorded")
    if reward is None and name.endswith(".alone"):
        name = f"{name}, before the groups closed; give --reward to compare them"
    save(render(summary, reward=name, tree=program.tree() if program else ""), out)
    screen.console().print(f"written to {out}")


def save(page: str, out: Path) -> None:
    """Write a page to a file that must not exist yet."""
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(page)
    except FileExistsError:
        raise EpisodeFileError(f"{out} exists already; report never overwrites.") from None
    except OSError as error:
        raise InfraError("disk", f"cannot write {out}: {error.strerror}") from error


def _program(episodes: Episodes, reward: str | None) -> Program | None:
    """Return the program whose tree the page shows; None if the episodes had several."""
    heads = [episode.head for episode in episodes]
    try:
        if reward is not None:
            return resolve(reward, registry.text_class(heads[0].env).presets())
        programs = {str(head.program): head.program for head in heads}
        return Program.from_spec(heads[0].program) if len(programs) == 1 else None
    except EnvgymError:
        return None
