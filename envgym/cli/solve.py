"""``envgym solve``: how exploitable the policy of a solver is, iteration by iteration."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.agents.solvers.solve import ALGORITHMS, Solution, find_algorithm
from envgym.agents.solvers.solve import solve as solve_game
from envgym.cli import screen
from envgym.cli.keywords import keywords
from envgym.cli.solve_figure import check_figure, draw, text_plot
from envgym.runtime.games.registry import make_game
from envgym.types import ConfigError


def solve(
    game: Annotated[
        str, typer.Argument(metavar="GAME", help="A game's name, such as kuhn or leduc.")
    ],
    alg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ALG",
            help=f"Solve by {', '.join(sorted(ALGORITHMS))}; repeat to compare. [default: cfr+]",
        ),
    ] = None,
    iterations: Annotated[int, typer.Option(metavar="N", help="Do N iterations.", min=1)] = 1000,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set a parameter of the game, as players=3."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set an option of the algorithm, as gamma=3."),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Update players alternating or simultaneous. [default: alternating]",
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            metavar="K", help="Measure every K iterations. [default: at 1, 2, 5, 10, ...]", min=1
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the policy to a new file; one --alg only."),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also draw the curves to a new .png or .svg; never overwrites."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help='Print {"game", "algorithm", "exploitability", "iterations_per_second", "curve",'
            " ...}; a list with several --alg.",
        ),
    ] = False,
) -> None:
    """Solve a game and print how exploitable the result is.

    Exploitability is NashConv divided by the number of players, in the game's own unit, exact:
    best responses are computed over the whole tree.
    """
    names = alg or ["cfr+"]
    for name in names:
        find_algorithm(name)
    if out is not None and len(names) > 1:
        raise ConfigError(f"--out holds one policy; give one --alg, got {len(names)}.")
    if out is not None and not out.parent.is_dir():
        raise ConfigError(f"there is no folder {out.parent} for --out.")
    if out is not None and out.exists():
        raise ConfigError(f"{out} exists already; a table is never overwritten.")
    if figure is not None:
        check_figure(figure)
    made = make_game(game, **keywords("--param", param))
    options = keywords("--option", option)
    for taken in ("game", "algorithm", "iterations", "every", "schedule"):
        if taken in options:
            raise ConfigError(f"--option: '{taken}' is no option of an algorithm.")
    if schedule is not None:
        options["schedule"] = schedule
    found = [solve_game(made, name, iterations, every=every, **options) for name in names]
    if out is not None:
        found[0].average.save(out)
    if figure is not None:
        draw(found, figure)
    if as_json:
        results = [solution.to_json() for solution in found]
        screen.print_json(results[0] if len(results) == 1 else results)
        return
    for solution in found:
        show(solution)
    screen.console().print(text_plot(found), soft_wrap=True)
    for file in (out, figure):
        if file is not None:
            screen.console().print(f"written to {file}", soft_wrap=True)


def show(solution: Solution) -> None:
    """Print a row per measurement, and what came out."""
    page = screen.console()
    rows = [
        [point.iteration, f"{point.exploitability:.6g}", f"{point.current:.6g}"]
        for point in solution.curve
    ]
    given = ", ".join(f"{name}={value}" for name, value in solution.params.items())
    columns = ("iteration", "exploitability", "last iterate")
    title = f"{solution.algorithm} on {solution.game} ({given})"
    page.print(screen.table(columns, rows, title=title))
    values = ", ".join(f"{value:.6f}" for value in solution.values)
    page.print(
        f"\nexploitability {solution.exploitability:.6g}, NashConv {solution.nash_conv:.6g}, "
        f"values {values}",
        soft_wrap=True,
    )
    page.print(
        f"{solution.iterations} iterations, {solution.iterations_per_second:,.0f} per second",
        soft_wrap=True,
    )
    if solution.note:
        page.print(f"note: {solution.note}", soft_wrap=True)
    page.print()
