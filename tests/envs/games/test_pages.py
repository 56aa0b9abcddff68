"""The pages of the games say what the code says."""

import inspect
import re
import runpy
from pathlib import Path
from typing import get_args

import pytest

from envgym.cli.arena import Format, arena
from envgym.runtime.games.registry import BUILTIN

FOLDER = Path(__file__).parents[3] / "docs/games"
SCRIPT = runpy.run_path(str(FOLDER / "pages.py"))


def test_nothing_has_drifted():
    wanted = SCRIPT["pages"]()
    for page, text in wanted.items():
        assert page.read_text(encoding="utf-8") == text, "run: python docs/games/pages.py"


def test_every_game_has_a_page_with_its_facts():
    assert {path.stem for path in FOLDER.glob("*.md")} == {*BUILTIN, "index"}
    for name in BUILTIN:
        assert f"<!-- facts: {name} -->" in (FOLDER / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kuhn", ["| positions | 58 |", "| value | -0.0556, +0.0556 |"]),
        ("leduc", ["| information sets | 936 |", "| value | -0.0856, +0.0856 |"]),
        ("goofspiel", ["| positions | 1,077 |", "| moves | simultaneous |"]),
        ("hex", ["| proof | `reference`", "the game's expert"]),
    ],
)
def test_known_values(name, words):
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_the_example_shows_a_turn_or_two(name):
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert 1 <= len(re.findall(r"^> \[\[.+\]\]$", example, re.MULTILINE)) <= SCRIPT["TURNS"]


def test_the_arena_page_names_formats_and_the_default():
    page = (FOLDER.parent / "arena.md").read_text(encoding="utf-8")
    assert f"`--games` seeds ({inspect.signature(arena).parameters['games'].default})" in page
    assert re.findall(r"^\| `(\w+)`.* \| .*(?:N|rounds)", page, re.MULTILINE) == [*get_args(Format)]
