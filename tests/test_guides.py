"""The guides: their Python prints what it says, their commands run as written, in order."""

import json
import re
import shlex
from pathlib import Path

import pytest

from envgym.cli.app import run
from envgym.rewards import Program, Source

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GAMES = sorted(f"games/{path.name}" for path in (DOCS / "games").glob("*.md"))
PAGES = [
    "custom_reward.md",
    "groups.md",
    "seeing_rewards.md",
    "selfplay.md",
    "solvers.md",
    "arena.md",
    "learners.md",
    "numeric.md",
    *GAMES,
]


def blocks(page, language):
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_python_prints_what_it_says(page, capsys):
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), {})  # noqa: S102  # our own page
        promised = re.findall(r"^# (.+)$", block, re.MULTILINE)
        assert capsys.readouterr().out.splitlines() == promised


@pytest.mark.parametrize("page", PAGES)
def test_commands_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mine = json.dumps(Program("mine", Source("outcome", "episode", 0, 1)).spec())
    Path("mine.json").write_text((blocks(page, "json") or [mine])[0])  # a page may print its own
    lines = [line for block in blocks(page, "bash") for line in block.splitlines() if line]
    assert lines
    for line in lines:
        command, *arguments = shlex.split(line, comments=True)
        assert command == "envgym"
        assert run(arguments) == 0, (line, capsys.readouterr().err)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s:]+)", text)
    assert [link for link in links if not ((DOCS / page).parent / link).exists()] == []
