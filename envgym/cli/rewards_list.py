"""``envgym rewards list``: the cookbook, one line per entry."""

from typing import Annotated

import typer

from envgym.cli import screen
from envgym.types import ConfigError

GROUPS = {
    "A": "Signal sources",
    "B": "Transforms",
    "C": "Combinators",
    "D": "Group rewards",
    "E": "Credit and process rewards",
    "F": "Generated rewards",
    "H": "Probes",
}


WIDE = 110
"""Columns from which on the tests are listed too."""


def listing(
    group: Annotated[
        str | None,
        typer.Option(metavar="LETTER", help="List one group only: A, B, C, D, E, F or H."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print a JSON list of {id, title, formula, tag, runs, seeds, arxiv, homes, page,"
            " tests}.",
        ),
    ] = False,
) -> None:
    """List every entry of the reward cookbook with its papers, kind of source and test.

    Tag: seen (read in code or a paper's text), recalled (a known formula from memory), inferred
    (built from an abstract; constants ours), ours. Runs: when it runs. Papers: indices into the
    list the project was built from.
    """
    from envgym.rewards.cookbook import items

    letter = None if group is None else group.upper()
    if letter is not None and letter not in GROUPS:
        raise ConfigError(f"--group {group}: there are the groups {', '.join(GROUPS)}.")
    chosen = [item for item in items() if letter in (None, item.id[0])]
    if as_json:
        screen.print_json(
            [
                {
                    "id": item.id,
                    "title": item.title,
                    "formula": item.formula,
                    "tag": item.tag,
                    "runs": item.runs,
                    "seeds": item.seeds,
                    "arxiv": item.arxiv,
                    "homes": item.homes,
                    "page": item.page,
                    "tests": item.tests,
                }
                for item in chosen
            ]
        )
        return
    page = screen.console()
    columns = ("id", "entry", "in code", "tag", "runs", "papers", "test")
    for letter, title in GROUPS.items():
        rows = [
            [
                item.id,
                item.title,
                item.homes[0].rpartition(":")[2],
                item.tag,
                item.runs,
                " ".join(map(str, item.seeds)),
                item.tests[0].rpartition("/")[2].replace(".py::", " ") if item.tests else "",
            ]
            for item in chosen
            if item.id[0] == letter
        ]
        if page.width < WIDE:  # a test's name broken in the middle helps nobody
            rows = [row[:-1] for row in rows]
        if rows:
            page.print(screen.table(columns[: len(rows[0])], rows, title=f"{title} ({letter})"))
            page.print()
    page.print("one entry with its formula and laws: envgym rewards show ID")
