"""``envgym rewards grade``: a judge's answers as late evidence of recorded episodes."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from envgym.cli import screen


def grade(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An episode file, or the folder that holds it.")
    ],
    judge: Annotated[
        str,
        typer.Option(
            metavar="JUDGE", help="Ask hf:PATH, openai:MODEL@URL, cassette:FILE, human or fake:..."
        ),
    ],
    name: Annotated[
        str, typer.Option(metavar="WORD", help="Write the evidence judge.WORD.")
    ] = "quality",
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="PROMPT",
            help="Use this prompt: pointwise, rubric or a file. [default: pointwise, or rubric with"
            " --criterion]",
        ),
    ] = None,
    criterion: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Ask about this criterion; repeatable."),
    ] = None,
    samples: Annotated[
        int, typer.Option(metavar="N", help="Ask N times and take the mean.", min=1)
    ] = 1,
    redo: Annotated[
        Literal["none", "invalid", "all"],
        typer.Option(
            metavar="WHICH", help="Ask again about episodes without an answer: invalid, none, all."
        ),
    ] = "invalid",
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep answers in this database and look there first."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the traffic, to replay it with cassette:FILE."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask a judge about every finished episode and append its answers to the file.

    Programs read them as evidence, so rescoring needs no judge. An episode without an answer has
    no return under such a program; it never counts as 0. Exit code 1 if nothing was answered.
    """
    from envgym.agents.judges import grade as ask
    from envgym.agents.judges import load_template, resolve_judge

    asked = resolve_judge(judge, cache=cache, record=record, samples=samples)
    done = ask(
        file,
        asked,
        name=name,
        template=None if prompt is None else load_template(prompt),
        criteria=criterion or (),
        redo=redo,
    )
    for problem in done.problems:
        screen.errors().print(f"envgym: {problem}", soft_wrap=True)
    known = sum(done.skipped.values())
    if as_json:
        screen.print_json(
            {
                "key": done.key,
                "judge": asked.name,
                "answered": done.answered,
                "invalid": done.invalid,
                "skipped": done.skipped,
            }
        )
    else:
        page = screen.console()
        page.print(f"{done.answered} episodes got {done.key} from {asked.name}", soft_wrap=True)
        for kind, reasons in (("no answer", done.invalid), ("not asked", done.skipped)):
            for reason, count in reasons.items():
                page.print(f"{kind}: {count} ({reason})", soft_wrap=True)
    if not done.answered and not known:
        raise typer.Exit(1)
