"""The index of the cookbook is whole and true: entries, code, docstrings, pages, tests."""

import ast
import inspect
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from envgym.rewards.cookbook import find, items
from envgym.types import ConfigError

HAS_TORCH = find_spec("torch") is not None
ROOT = Path(__file__).parents[2]
COUNTS = {"A": 19, "B": 18, "C": 16, "D": 11, "E": 18, "F": 7, "H": 14}
WHOLE = [f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)]


@cache
def functions(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_entry_is_there_once():
    ids = [item.id for item in items()]
    assert ids == WHOLE


@pytest.mark.parametrize("item", items(), ids=lambda item: item.id)
def test_an_entry_is_true(item):
    assert item.homes
    assert item.tests, "an entry without a test is a claim"
    assert item.seeds
    assert all(0 <= seed <= 276 for seed in item.seeds)
    assert not re.search(r"^[A-Z]\d", item.title)
    page = ROOT / "docs" / "rewards" / f"{item.page}.md"
    assert re.search(rf"\b{item.id}\b", page.read_text(encoding="utf-8")), page
    for test in item.tests:
        file, _, function = test.partition("::")
        assert function in functions(file), test
    things = [item.load(home) for home in item.homes if HAS_TORCH or not home.count("_torch:")]
    docs = [inspect.getdoc(thing) or "" for thing in things]
    assert any(re.search(rf"\b{item.id}\b", doc) for doc in docs), "no docstring names the entry"
    if item.tag in ("recalled", "inferred"):
        assert any(item.tag in doc for doc in docs), f"no docstring says {item.tag}"


def test_finding():
    assert find("c2").id == "C2"
    with pytest.raises(ConfigError, match="unknown cookbook entry 'C99'.*Did you mean"):
        find("C99")
