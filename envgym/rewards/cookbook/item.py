"""One entry of the cookbook, as a list shows it."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from envgym.types.errors import MissingExtraError

Tag = Literal["seen", "recalled", "inferred", "ours"]
"""seen: read in code or a paper's text; recalled: a known formula written from memory; inferred:
built from an abstract, its constants are ours; ours: no paper."""

Runs = Literal["online", "terminal", "group", "trainer", "probe", "loop"]
"""When it runs: a phase of the algebra, a probe that only reports, or a loop around training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What an entry is called, where it comes from and where it lives."""

    id: str
    """Letter and number: A sources, B transforms, C combinators, D groups, E credit, F generated
    rewards, H probes."""
    title: str
    """Three to six words."""
    formula: str
    """The rule in one line of plain text."""
    homes: tuple[str, ...]
    """``module:name`` of what implements it, most important first."""
    tag: Tag
    runs: Runs
    seeds: tuple[int, ...]
    """Indices into the list of papers that the project was built from."""
    page: str
    """Its page under ``docs/rewards``, without ``.md``."""
    tests: tuple[str, ...]
    """``file::function`` of its worked numbers, below the repository's root."""
    arxiv: str = ""
    """Number of its main paper; "~" after it: from memory."""

    def load(self, home: str) -> Any:
        """Return what one of its homes names, imported.

        Raises:
            MissingExtraError: it is a trainer's twin and torch is not installed.
        """
        module, _, name = home.partition(":")
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as missing:
            if missing.name != "torch":
                raise
            raise MissingExtraError(home, "train") from None
