"""The page on solvers says what the solvers do."""

import re
import runpy
from pathlib import Path

import pytest

from envgym.agents.solvers.solve import ALGORITHMS, solve

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "solvers.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(DOCS / "images/solvers.py"))
TABLE = SCRIPT["BLOCK"].search(PAGE)[0]
HEAD, _, *LINES = [line for line in TABLE.splitlines() if line.startswith("|")]


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_is_complete():
    assert cells(HEAD) == ["game", "iterations", *SCRIPT["ALGORITHMS"]]
    wanted = [(game, f"{stop:,}") for game in SCRIPT["ROWS"] for stop in SCRIPT["STOPS"]]
    assert [tuple(cells(line)[:2]) for line in LINES] == wanted


@pytest.mark.parametrize("title", ["Leduc", "Kuhn", "Kuhn, `players=3`", "Goofspiel"])
def test_the_figures_are_measured(title):
    told = {cells(line)[1]: cells(line)[2:] for line in LINES if cells(line)[0] == title}
    for place, algorithm in enumerate(SCRIPT["ALGORITHMS"]):
        curve = {p.iteration: p for p in solve(SCRIPT["ROWS"][title], algorithm, 1000).curve}
        for stop in SCRIPT["STOPS"]:
            word, found = told[f"{stop:,}"][place], curve[stop].exploitability
            if word.startswith("below"):
                assert found < 1e-8
            else:
                # Rounding moves the late, small ones; the order of magnitude stays.
                assert found == pytest.approx(float(word), rel=0.05 if found > 1e-3 else 1.0)
                assert found > float(word) / 2


def test_every_algorithm_and_meta_solver_is_named():
    from envgym.agents.solvers.meta import META_SOLVERS

    named = set(re.findall(r"`([^`\n]+)`", PAGE))
    assert {*ALGORITHMS} - named == set()
    assert {*META_SOLVERS} - named == set()


def test_figures_are_there_and_carry_no_date():
    for name in SCRIPT["FIGURES"]:
        drawn = (DOCS / f"images/{name}.svg").read_text(encoding="utf-8")
        assert f"images/{name}.svg" in PAGE
        assert "<dc:date>" not in drawn
        assert [a for a in SCRIPT["ALGORITHMS"] if f">{a}<" not in drawn] == []
