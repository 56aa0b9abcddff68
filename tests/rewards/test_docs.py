"""The reward pages keep their sections, and their examples run."""

import re
from pathlib import Path

import pytest

import envgym.rewards

PAGES = Path(__file__).parents[2] / "docs" / "rewards"
SECTIONS = [
    "What it does",
    "Why",
    "Formula",
    "Example",
    "Range and laws",
    "Gaming it",
    "Source",
]
ALL = sorted(page.name for page in PAGES.glob("*.md"))


def text(name):
    return (PAGES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in ALL if name != "index.md"])
def test_a_page_has_its_sections_in_order_and_is_in_the_index(name):
    assert re.findall(r"^## (.+)$", text(name), re.MULTILINE) == SECTIONS
    assert f"({name})" in text("index.md")


@pytest.mark.parametrize("name", ALL)
def test_examples_run(name, capsys):
    blocks = re.findall(r"^```python\n(.*?)^```", text(name), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, name, "exec"), {})  # noqa: S102
        promised = re.findall(r"^# (.+)$", block, re.MULTILINE)
        assert capsys.readouterr().out.splitlines() == promised


def test_every_public_node_is_in_the_index():
    index = text("index.md")
    nodes = [n for n in envgym.rewards.__all__ if hasattr(getattr(envgym.rewards, n), "kind")]
    missing = [n for n in nodes if f"`{n}`" not in index and getattr(envgym.rewards, n).kind]
    assert missing == []
