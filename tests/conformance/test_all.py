"""Every registered id keeps every law. A new environment gets all of it by registering."""

from pathlib import Path

import pytest

from envgym.runtime import registry
from envgym.testing import LAWS, Subject
from envgym.testing.golden import golden, golden_path
from envgym.testing.page import tabled_ids, with_tables

ROOT = Path(__file__).parents[2]
IDS = sorted(registry.BUILTIN)
PAGES = sorted((ROOT / "docs" / "envs").glob("*.md"))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("env_id", IDS)
def test_law(env_id: str, law: str) -> None:
    LAWS[law](Subject(env_id))


@pytest.mark.parametrize("env_id", IDS)
def test_golden(env_id: str) -> None:
    """Regenerate with ``python -m envgym.testing.golden`` and review the diff."""
    path = golden_path(env_id, ROOT / "tests" / "goldens")
    assert path.is_file(), f"{env_id} has no golden episode"
    assert path.read_text(encoding="utf-8") == golden(env_id)


@pytest.mark.parametrize("env_id", IDS)
def test_page(env_id: str) -> None:
    """Regenerate with ``python -m envgym.testing.page docs/envs``."""
    pages = [page for page in PAGES if env_id in tabled_ids(page.read_text(encoding="utf-8"))]
    assert len(pages) == 1, f"no page holds the line <!-- tables: {env_id} -->"
    text = pages[0].read_text(encoding="utf-8")
    assert text == with_tables(text)
