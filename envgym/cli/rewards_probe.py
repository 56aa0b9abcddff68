"""``envgym rewards probe``: measure a program, a judge or an environment, and draw the result."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envgym.cli import screen
from envgym.cli.probing import PROBES, Asked
from envgym.types import ConfigError, EpisodeFileError
from envgym.types.errors import unknown

if TYPE_CHECKING:
    from envgym.rewards.probe.report import Report

_SHOWN = 30
"""Rows of a table; --json has all."""


def probe(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROBE",
            help="dominance, noise, divergence or goodhart (of recorded episodes), hacks (of an"
            " environment), one-token or consistency (of a judge), starc (of two programs).",
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="An episode file or its folder; an id; a judge such as fake, hf:PATH or"
            " openai:MODEL@URL; for starc a shaping of the five-state chain or a program file.",
        ),
    ],
    reward: Annotated[
        str,
        typer.Option(
            metavar="PRESET|FILE", help="Score by a preset's name or a program in a JSON file."
        ),
    ] = "outcome",
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="starc: the program to compare with."),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="goodhart: evidence that is selected by. [default: the return]"
        ),
    ] = None,
    gold: Annotated[
        str, typer.Option(metavar="KEY", help="goodhart, divergence: evidence that is the truth.")
    ] = "outcome",
    window: Annotated[
        int,
        typer.Option(
            metavar="N", help="divergence: look back on N episodes, an even number.", min=4
        ),
    ] = 20,
    episodes: Annotated[int, typer.Option(metavar="N", help="hacks: play N seeds.", min=1)] = 3,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Seed of draws; hacks: of the first episode.", min=0)
    ] = 0,
    agent: Annotated[
        str | None,
        typer.Option(
            metavar="AGENT",
            help="hacks: who plays, plain and hinted. [default: the environment's own exploits]",
        ),
    ] = None,
    hint: Annotated[
        str | None, typer.Option(metavar="TEXT", help="hacks: what a hinted agent is told.")
    ] = None,
    flag: Annotated[
        str,
        typer.Option(metavar="KEY", help="hacks: evidence that is true where an exploit was used."),
    ] = "",
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="one-token, consistency: a .jsonl file. [default: bundled]"
        ),
    ] = None,
    limit: Annotated[
        float | None, typer.Option(metavar="X", help="The limit, instead of the probe's own.")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Also draw it to a new file; never overwrites."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure a program, a judge or an environment for ways to be fooled.

    A probe only reports and changes no reward. Exit code 1 if the limit is broken.
    """
    if name not in PROBES:
        raise ConfigError(unknown("probe", name, PROBES))
    if figure is not None:
        _drawable(figure)
    report = PROBES[name](
        Asked(
            target=target,
            reward=reward,
            against=against,
            proxy=proxy,
            gold=gold,
            window=window,
            episodes=episodes,
            seed=seed,
            agent=agent,
            hint=hint,
            flag=flag,
            questions=questions,
            limit=limit,
        )
    )
    if figure is not None:
        from envgym.rewards.probe.figure import draw

        draw(report, figure)
    if as_json:
        screen.print_json(report.to_json())
    else:
        show(report)
        if figure is not None:
            screen.console().print(f"drawn to {figure}")
    if not report.passed:
        raise typer.Exit(1)


def show(report: "Report") -> None:
    """Print the verdict, the parts of the metric, the table and the notes."""
    page = screen.console()
    verdict = "passed" if report.passed else "failed"
    page.print(f"{report.probe}: {report.metric:.4g}, limit {report.threshold:.4g}, {verdict}")
    if report.measures:
        page.print(f"metric: {report.measures}")
    if report.rows:
        rows = [[_visible(value) for value in row] for row in report.rows[:_SHOWN]]
        page.print()
        page.print(screen.table(report.columns, rows))
        if len(report.rows) > _SHOWN:
            page.print(f"and {len(report.rows) - _SHOWN} more rows; --json prints all")
    elif report.detail:
        page.print()
        page.print(screen.table(("part", "value"), [[k, v] for k, v in report.detail.items()]))
    if report.rows and len(report.detail) <= 12:
        parts = ", ".join(f"{k} {v:.4g}" for k, v in report.detail.items())
        page.print(f"\n{parts}" if parts else "", soft_wrap=True)
    for note in report.notes:
        page.print(f"note: {note}", soft_wrap=True)


def _visible(value: Any) -> Any:
    """Return a text of white space as it is written in code."""
    return repr(value) if isinstance(value, str) and value and not value.strip() else value


def _drawable(figure: Path) -> None:
    """Refuse a bad file before a long measurement, not after it."""
    from importlib.util import find_spec

    from envgym.types import MissingExtraError

    if figure.suffix != ".svg":
        raise ConfigError(f"--figure must end in .svg, got '{figure.name}'.")
    if figure.exists():
        raise EpisodeFileError(f"{figure} exists already; a figure never overwrites.")
    if find_spec("matplotlib") is None:
        raise MissingExtraError("--figure", "report")
