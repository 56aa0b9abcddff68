"""Counterfactual edits of traces: the same text with one thing that should matter changed."""

import re
from collections.abc import Callable, Mapping

from envgym.types.stream import Stream

Edit = Callable[[str, Stream], str | None]
"""The edited trace; None where the edit does not apply."""

_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.]*\d)")
_TURNS = (
    ("always", "never"),
    ("more", "less"),
    ("increases", "decreases"),
    ("true", "false"),
    ("possible", "impossible"),
    ("above", "below"),
    ("before", "after"),
    ("left", "right"),
    ("north", "south"),
    ("east", "west"),
)


def numbers_changed(trace: str, stream: Stream) -> str | None:
    """Return the trace with one number, chosen by the stream, raised by 1 to 9 wherever it stands.

    >>> numbers_changed("a 5, then 5", Stream(0, "docs")) != "a 5, then 5"
    True
    """
    found = sorted(set(_NUMBER.findall(trace)))
    if not found:
        return None
    old = stream.choice(found)
    new = str(int(old) + stream.integers(1, 9))
    return _NUMBER.sub(lambda match: new if match.group() == old else match.group(), trace)


def step_dropped(trace: str, stream: Stream) -> str | None:
    """Return the trace without one of its lines, never the first, chosen by the stream."""
    lines = trace.splitlines()
    spots = [i for i, line in enumerate(lines) if line.strip() and i > 0]
    if not spots:
        return None
    gone = stream.choice(spots)
    return "\n".join(line for i, line in enumerate(lines) if i != gone)


def word_turned(trace: str, stream: Stream) -> str | None:
    """Return the trace with one word turned into its opposite, chosen by the stream.

    >>> word_turned("go north", Stream(0, "docs"))
    'go south'
    """
    swaps = dict(_TURNS) | {b: a for a, b in _TURNS}
    words = re.compile(rf"\b({'|'.join(sorted(swaps, key=len, reverse=True))})\b")
    spots = list(words.finditer(trace))
    if not spots:
        return None
    spot = stream.choice(spots)
    return trace[: spot.start()] + swaps[spot.group()] + trace[spot.end() :]


def filler(trace: str, stream: Stream) -> str | None:
    """Return dots in place of every word: as long as the trace, and empty."""
    return re.sub(r"\S+", "...", trace) if trace.strip() else None


EDITS: Mapping[str, Edit] = {
    "number": numbers_changed,
    "dropped step": step_dropped,
    "opposite": word_turned,
    "filler": filler,
}
"""Every edit by name; which ones and how are ours."""
