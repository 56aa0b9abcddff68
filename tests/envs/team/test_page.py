"""The page of team play: its Python prints what it says, its commands run, its programs load."""

import json
import re
import shlex
from pathlib import Path

import pytest

from envgym.cli.app import run
from envgym.rewards import Program
from envgym.runtime.games.registry import TEAMS, make_text

PAGE = Path(__file__).parents[3] / "docs/envs/team.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_prints_what_it_says(number, capsys):
    block = blocks("python")[number]
    exec(compile(block, "team.md", "exec"), {})  # noqa: S102  # our own page
    promised = re.findall(r"^# ?(.*)$", block, re.MULTILINE)
    assert promised
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == promised


def test_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for line in (line for block in blocks("bash") for line in block.splitlines()):
        command, *arguments = shlex.split(line)
        assert command == "envgym"
        assert run(arguments) == 0, (line, capsys.readouterr().err)


def test_programs_are_accepted():
    for block in blocks("json"):
        env = make_text("negotiation", reward=json.loads(block))
        assert isinstance(env.programs["player_0"], Program)
        env.close()


def test_all_evidence_is_explained():
    for name in (*TEAMS, "negotiation"):
        env = make_text(name)
        own = [item.key for item in env.declares if not item.key.startswith("design.")]
        env.close()
        if name == "negotiation":
            own = [key for key in own if key not in ("payoff", "value", "outcome", "won", "regret")]
        assert [key for key in own if f"`{key}`" not in TEXT] == []


def test_links_lead_to_files():
    links = re.findall(r"\]\(([^)#\s:]+)", TEXT)
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
