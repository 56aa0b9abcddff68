"""The README: its code prints what it shows, its commands exist, its links lead somewhere."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from envgym.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


_BLOCK = "((?:(?!```).)*)```"
SHOWN = re.findall(rf"```python\n{_BLOCK}\n\n```text\n{_BLOCK}", README, re.DOTALL)


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_code_prints_what_is_shown(number):
    code, promised = SHOWN[number]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102  # our own README
    assert printed.getvalue() == promised


def test_every_output_has_its_code():
    assert len(SHOWN) == len(blocks("text")) == 4


def test_every_command_exists():
    used = set(re.findall(r"^\$ envgym (\w+)", README, re.MULTILINE))
    assert len(used) >= 4
    assert used <= set(COMMANDS)


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#\s:]+)", README)
    assert len(links) > 8
    assert [link for link in links if not (ROOT / link).exists()] == []
