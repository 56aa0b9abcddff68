"""Words of a text: the usual answer normalisation, and how sequences are read from evidence."""

import re
import string
from typing import Any

from envgym.rewards.reading import raw
from envgym.rewards.signal import Evidenced
from envgym.types.errors import EvidenceError

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """Return a text in lower case without ASCII punctuation and articles, single-spaced.

    The normalisation that question answering metrics share (cookbook A7, recalled), but for one
    thing that is ours: a text of articles alone keeps them, or the option "A" would be no answer.
    It is made for words: "-5" becomes "5" and "1.5" becomes "15".

    >>> normalised("The  Eiffel-Tower, Paris."), normalised("(A)")
    ('eiffeltower paris', 'a')
    """
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split() or bare.split())


def words(text: str) -> tuple[str, ...]:
    """Return the words of the normalised text.

    >>> words("A cat, a dog!")
    ('cat', 'dog')
    """
    return tuple(normalised(text).split())


def sequence(record: Evidenced, key: str) -> tuple[Any, ...] | None:
    """Return a tuple of evidence as it is, a text as its words; None if it is None.

    Raises:
        EvidenceError: the key is missing or of another type.
    """
    value = raw(record, key)
    if value is None:
        return None
    if isinstance(value, str):
        return words(value)
    if isinstance(value, tuple | list):
        return tuple(frozen(item) for item in value)
    raise EvidenceError(f"evidence '{key}' must be text or a tuple, got {value!r}.")


def frozen(value: Any) -> Any:
    """Return evidence with lists as tuples, so that it can be counted and compared."""
    if isinstance(value, tuple | list):
        return tuple(frozen(item) for item in value)
    return value


def accepted(record: Evidenced, key: str) -> tuple[str, ...] | None:
    """Return the accepted texts: one text, or a tuple of them; None if it is None.

    Raises:
        EvidenceError: the key is missing, empty, or holds something that is not text.
    """
    value = raw(record, key)
    if value is None:
        return None
    texts = (value,) if isinstance(value, str) else value
    if (
        not isinstance(texts, tuple | list)
        or not texts
        or any(not isinstance(text, str) for text in texts)
    ):
        raise EvidenceError(f"evidence '{key}' must be text or texts, got {value!r}.")
    return tuple(texts)
