"""PatchSimilarity: how alike two patches are, file by file."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate
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
             over characters, without its junk rule, as far as ``work`` goes; malformed: -1
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
    """Longest change of one file, characters; a longer one of the agent's is 0. Default ours."""
    work: int = 1_000_000
    """Pairs of equal characters looked at, all files together: a limit on time, for which
    SequenceMatcher has none (10,000 blanks against 5,750 characters of code took 205 s). What it
    leaves out counts as different, or is compared by whole lines where that finds more; never
    more than both have in the same order. Default ours."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse limits of nothing."""
        for name, limit in (("longest", self.longest), ("work", self.work)):
            if limit < 1:
                raise ConfigError(f"PatchSimilarity.{name} must be 1 or more, got {limit}.")

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
        work = self.work // len(gold)
        ratios = [self._ratio(made.get(path, ""), gold.get(path, ""), work) for path in files]
        return fsum(ratios) / len(files)

    def _ratio(self, made: str, gold: str, work: int) -> float:
        if not made or not gold or len(made) > self.longest:
            return 0.0
        if made == gold:
            return 1.0
        shared, whole = _shared(made, gold, work)
        if not whole:
            lines = made.splitlines(keepends=True), gold.splitlines(keepends=True)
            shared = max(shared, _shared(*lines, work)[0])
        return 2.0 * shared / (len(made) + len(gold))


def _shared(made: Sequence[str], gold: Sequence[str], work: int) -> tuple[int, bool]:
    """Return the characters in SequenceMatcher's matching blocks, and whether ``work`` sufficed.

    The longest match first, then what lies on either side of it; a search looks at every pair of
    equal items of its range at most.
    """
    matcher = SequenceMatcher(None, made, gold, autojunk=False)
    times = Counter(gold)
    pairs = list(accumulate((1 + times[item] for item in made), initial=0))
    waiting, shared = [(0, len(made), 0, len(gold))], 0
    while waiting:
        here, end, there, far = waiting.pop()
        work -= pairs[end] - pairs[here]
        if work < 0:
            return shared, False
        i, j, n = matcher.find_longest_match(here, end, there, far)
        if n:
            shared += sum(map(len, made[i : i + n]))
            sides = ((here, i, there, j), (i + n, end, j + n, far))
            waiting += [side for side in sides if side[0] < side[1] and side[2] < side[3]]
    return shared, True


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
