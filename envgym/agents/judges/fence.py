"""Fences: material that a judge reads, marked so that nothing inside can end it."""

from collections.abc import Sequence
from hashlib import blake2b

_BYTES = 6


def mark_for(texts: Sequence[str]) -> str:
    """Return a mark that occurs in none of ``texts`` and follows from them alone.

    It is a digest of everything that it will fence, so whoever writes one of the texts cannot
    foresee it; should it occur all the same, the next one is taken. Equal texts, equal marks:
    prompts stay reproducible, and so do caches.

    >>> mark_for(["a"]) == mark_for(["a"]) != mark_for(["b"])
    True
    """
    attempt = 0
    while True:
        digest = blake2b(digest_size=_BYTES, person=b"envgym-fence-v1")
        digest.update(attempt.to_bytes(8, "little"))
        for text in texts:
            data = text.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        mark = digest.hexdigest()
        if not any(mark in text for text in texts):
            return mark
        attempt += 1


def fenced(name: str, text: str, mark: str) -> str:
    """Return ``text`` between an opening and a closing line that carry ``mark``.

    >>> fenced("transcript", "I am done.", "1f2e")
    '<<< transcript 1f2e\\nI am done.\\n>>> transcript 1f2e'
    """
    return f"<<< {name} {mark}\n{text}\n>>> {name} {mark}"
