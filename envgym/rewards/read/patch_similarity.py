"""PatchSimilarity: how alike two patches are, file by file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from math import fsum
from typing import ClassVar

from envgym.rewards.reading import ITEMS, TEXT, Reading, number, raw
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError, EvidenceError

_FILE = re.compile(r"^diff --git a/.* b/(.*)$", re.MULTILINE)
_HUNK = re.compile(r"^@@ ", re.MULTILINE)


@dataclass(frozen=True)
class PatchSimilarity(Reading):
    """The similarity of a patch to the reference, -1 if it is malformed.

    Formula: y = mean over the files of either patch of ratio(change, reference change), 0 for
             a file that only one of them changes; ratio = 2 M / (|a| + |b|) of SequenceMatcher
             over characters, without its junk rule; malformed: -1
    Source:  cookbook A12, SWE-RL, arXiv 2502.18449~ (seen: facebookresearch/swe-rl, reward.py)
    Shapes:  two patches to a scalar
    Range:   [-1, 1]; a well-formed patch is in [0, 1]
    Laws:    the reference itself: 1 (L8); the order of files changes nothing

    A patch is a unified diff, or a tuple of (path, change). Malformed: no change, a diff
    without a hunk, or ``formed`` false. It rewards the reference's wording, and copying the
    lines around a change: a correct patch written differently scores low.

    >>> gold = (("a.py", "-x = 1\\n+x = 2"),)
    >>> node = PatchSimilarity("patch", "gold")
    >>> node.read({"patch": (("a.py", "-x = 1\\n+x = 3"),), "gold": gold})
    0.9230769230769231
    >>> node.read({"patch": "I would change x.", "gold": gold})
    -1.0
    """

    kind: ClassVar[str] = "read.patch_similarity"

    patch: str = "patch"
    """Key of the agent's patch: a unified diff or a tuple of (path, change)."""
    gold: str = "gold_patch"
    """Key of the reference, in either form."""
    formed: str = ""
    """Key of a bool: whether the edits could be applied; "": not checked."""
    longest: int = 10_000
    """Longest change of one file, characters; a longer one of the agent's scores 0, since the
    time of comparing grows with the product of the lengths and an agent may choose the worst
    case (20,000 blanks against 6,000 characters of code took 24 s). Default ours."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse a limit of nothing."""
        if self.longest < 1:
            raise ConfigError(f"PatchSimilarity.longest must be 1 or more, got {self.longest}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Both patches, and the bool where named."""
        both = {self.patch: TEXT | ITEMS, self.gold: TEXT | ITEMS}
        return both | {self.formed: frozenset({"bool"})} if self.formed else both

    @cached_property
    def bounds(self) -> Bounds:
        """[-1, 1]."""
        return Bounds(-1.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return the similarity; None if a patch is unknown.

        Raises:
            EvidenceError: the reference is malformed.
        """
        values = raw(record, self.patch), raw(record, self.gold)
        formed = number(record, self.formed) if self.formed else 1.0
        if None in values or formed is None:
            return None
        made, gold = (_changes(value) for value in values)
        if not gold:
            raise EvidenceError(
                f"evidence '{self.gold}' must be a unified diff or a tuple of (path, change), "
                f"got {values[1]!r:.80}."
            )
        if not made or not formed:
            return -1.0
        files = sorted(made.keys() | gold.keys())
        ratios = [self._ratio(made.get(path, ""), gold.get(path, "")) for path in files]
        return fsum(ratios) / len(files)

    def _ratio(self, made: str, gold: str) -> float:
        if not made or not gold or len(made) > self.longest:
            return 0.0
        if made == gold:
            return 1.0
        return SequenceMatcher(None, made, gold, autojunk=False).ratio()


def _changes(value: object) -> dict[str, str]:
    """Return what a patch changes by path; empty if it is malformed."""
    if isinstance(value, str):
        return _diff(value)
    found = {}
    if not isinstance(value, tuple | list):
        return {}
    for entry in value:
        good = isinstance(entry, tuple | list) and len(entry) == 2
        if not good or not all(isinstance(part, str) and part for part in entry):
            return {}
        found[entry[0]] = entry[1]
    return found


def _diff(text: str) -> dict[str, str]:
    """Return a unified diff's hunks by path, without the file headers."""
    parts = _FILE.split(text)
    bodies = dict(zip(parts[1::2], parts[2::2], strict=True)) or {"": text}
    found = {}
    for path, body in bodies.items():
        hunk = _HUNK.search(body)
        if hunk is None:
            return {}
        found[path] = body[hunk.start() :].strip("\n")
    return found
