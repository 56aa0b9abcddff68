"""Draw docs/images/solvers_*.svg and write the table of convergence in docs/solvers.md.

python docs/images/solvers.py        # needs the extras games, stats and report; half a minute
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envgym.agents.solvers.solve import Solution, solve
from envgym.runtime.games.registry import make_game

FOLDER = Path(__file__).parent
ALGORITHMS = ("cfr", "cfr+", "dcfr", "pcfr+", "pdcfr+", "vad")
FIGURES = {
    "solvers_leduc": ("Leduc, 2 players", make_game("leduc")),
    "solvers_kuhn3": ("Kuhn, 3 players", make_game("kuhn", players=3)),
}
ROWS = {
    "Leduc": make_game("leduc"),
    "Kuhn": make_game("kuhn"),
    "Kuhn, `players=3`": make_game("kuhn", players=3),
    "Kuhn, `players=4`": make_game("kuhn", players=4),
    "Goofspiel": make_game("goofspiel"),
    "Goofspiel, `cards=5`": make_game("goofspiel", cards=5),
    "Liar's dice": make_game("liars_dice"),
}
ITERATIONS, EVERY = 1000, 10
STOPS = (100, 1000)
SMALL = 1e-8
"""What is below differs with the order of summation and is not written out."""
FLOOR = 1e-12
"""Smaller values are drawn here: what is below is mostly rounding."""


PAGE = FOLDER.parent / "solvers.md"
BLOCK = re.compile(r"(<!-- figures -->\n).*?(\n<!-- end of figures -->)", re.DOTALL)


def main() -> None:
    """Solve each game by each algorithm, draw and write."""
    for name, (title, game) in FIGURES.items():
        runs = [solve(game, algorithm, ITERATIONS, every=EVERY) for algorithm in ALGORITHMS]
        draw(title, runs, FOLDER / f"{name}.svg")
    table = "\n".join(rows())
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda m: f"{m[1]}{table}{m[2]}", page), encoding="utf-8")


def rows() -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"| game | iterations | {' | '.join(ALGORITHMS)} |"
    yield "|---" * (len(ALGORITHMS) + 2) + "|"
    for title, game in ROWS.items():
        runs = [solve(game, algorithm, ITERATIONS) for algorithm in ALGORITHMS]
        for stop in STOPS:
            found = [p.exploitability for run in runs for p in run.curve if p.iteration == stop]
            yield f"| {title} | {stop:,} | {' | '.join(map(word, found))} |"


def word(value: float) -> str:
    """Return a number of the table.

    >>> word(0.00025), word(2.37), word(1e-12)
    ('2.5e-4', '2.4', 'below 1e-8')
    """
    if value < SMALL:
        return f"below {SMALL:.0e}".replace("e-0", "e-")
    return f"{value:.1f}" if value >= 1.0 else f"{value:.1e}".replace("e-0", "e-")


def draw(title: str, runs: list[Solution], target: Path) -> None:
    """Write one figure."""
    # Here, so that the test of the table needs no matplotlib.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # A fixed salt and no date: otherwise two runs differ in ids and in a comment.
    with mpl.rc_context({"svg.hashsalt": "envgym", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(7.0, 4.2), layout="constrained", facecolor="white")
        axes: Any = figure.add_subplot()
        for run in runs:
            x = [point.iteration for point in run.curve]
            y = [max(point.exploitability, FLOOR) for point in run.curve]
            axes.plot(x, y, label=run.algorithm, linewidth=1.4)
        axes.set(xscale="log", yscale="log", xlabel="iterations")
        axes.set_ylabel("exploitability of the average (chips)")
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="lower left")
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = target.read_text(encoding="utf-8")
    target.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
