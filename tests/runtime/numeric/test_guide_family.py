"""The family on the page of numeric environments, as the module it is meant to become."""

import importlib
import os
import re
from pathlib import Path

import gymnasium
import pytest

from envgym.testing import LAWS, NUMERIC_LAWS, conformance

PAGE = Path(__file__).parents[3] / "docs" / "numeric.md"
IDS = ("coins/Coins-v0", "coins/CoinsText-v0")
ELSEWHERE = ("other_processes", "async_vector")
"""Processes of their own, a second each: the page's code is asked once, below."""


@pytest.fixture(scope="module")
def coins(tmp_path_factory):
    """Write the page's family to a module and import it."""
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"))
    folder = tmp_path_factory.mktemp("coins")
    code = next(block for block in blocks if "class CoinsCore" in block)
    for name in ("CoinsEnv", "CoinsText"):
        code = code.replace(f'-v0", {name})', f'-v0", "coins:{name}")')
    (folder / "coins.py").write_text(code, encoding="utf-8")
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(folder)
    before = os.environ.get("PYTHONPATH")
    patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), before))))
    for env_id in IDS:
        gymnasium.registry.pop(env_id, None)
    yield importlib.import_module("coins")
    patch.undo()
    for env_id in IDS:
        gymnasium.registry.pop(env_id)


@pytest.mark.parametrize("law", [law for law in NUMERIC_LAWS if law != "other_processes"])
def test_the_numeric_form_keeps_the_law(coins, law):
    conformance("coins/Coins-v0", laws=[law])


@pytest.mark.parametrize("law", [law for law in LAWS if law not in ELSEWHERE])
def test_the_text_view_keeps_the_law(coins, law):
    conformance("coins/CoinsText-v0", laws=[law])


def test_another_process_plays_the_same(coins):
    conformance("coins/CoinsText-v0", laws=["other_processes"])
