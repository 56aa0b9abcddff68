"""Derived random streams that survive library upgrades and any interleaving.

A stream's key is a digest of typed, length-prefixed parts, so no two paths collide, and its
words are raw PCG64 output, which NumPy keeps stable for a given seed (``Generator`` methods
carry no such promise across versions). Everything above the raw words is integer arithmetic.
"""

from collections.abc import MutableSequence, Sequence
from hashlib import blake2b
from operator import index
from typing import Any, Self, TypeVar

from numpy.random import PCG64

T = TypeVar("T")

_WORDS = 16
"""Words fetched at a time: a fetch costs about as much as ten words do."""


def derive(seed: int, *path: int | str | bytes) -> int:
    """Return the 128-bit key of a path below ``seed``.

    Parts are typed and length-prefixed: ``("a", "bc")`` and ``("ab", "c")``, ``1`` and ``"1"``
    give different keys.

    >>> derive(7, "guess", "target") == derive(7, "guess", "target")
    True
    >>> derive(7, "a", "bc") == derive(7, "ab", "c")
    False
    """
    digest = blake2b(digest_size=16, person=b"envgym-stream-v1")
    for part in (seed, *path):
        if isinstance(part, str):
            kind, data = b"s", part.encode()
        elif isinstance(part, bytes):
            kind, data = b"b", part
        else:
            number = index(part)  # NumPy's integers too
            size = (number.bit_length() + 8) // 8
            kind, data = b"i", number.to_bytes(size, "little", signed=True)
        digest.update(kind + len(data).to_bytes(8, "little") + data)
    return int.from_bytes(digest.digest(), "little")


class Stream:
    """A seeded source of integers, choices and shuffles.

    Picklable and copyable: a copy continues exactly where the original stands.

    >>> stream = Stream(0, "docs")
    >>> stream.integers(1, 6) in range(1, 7)
    True
    """

    __slots__ = ("_bits", "_buffer", "_drawn", "key")

    def __init__(self, seed: int, *path: int | str | bytes) -> None:
        self.key = derive(seed, *path)
        self._bits: PCG64 | None = None
        self._buffer: list[int] = []
        self._drawn = 0

    @classmethod
    def from_key(cls, key: int, drawn: int = 0) -> Self:
        """Return the stream of ``key`` with ``drawn`` words already taken."""
        stream = cls.__new__(cls)
        stream.key, stream._bits, stream._buffer, stream._drawn = key, None, [], drawn
        return stream

    def child(self, *path: int | str | bytes) -> "Stream":
        """Return the stream at ``path`` below this one; independent of what was drawn here."""
        return Stream(self.key, *path)

    @property
    def drawn(self) -> int:
        """Words taken so far; with ``key`` the whole state."""
        return self._drawn

    def word(self) -> int:
        """Return the next raw word, 0 to 2**64 - 1."""
        if not self._buffer:
            if self._bits is None:
                self._bits = PCG64(self.key)
                if self._drawn:
                    self._bits.advance(self._drawn)
            self._buffer = self._bits.random_raw(_WORDS).tolist()
            self._buffer.reverse()
        self._drawn += 1
        return self._buffer.pop()

    def below(self, n: int) -> int:
        """Return a uniform integer from 0 to n - 1 (n from 1 to 2**64), without modulo bias."""
        if not 1 <= n <= 1 << 64:
            raise ValueError(f"below needs n from 1 to 2**64, got {n}")
        # Lemire's multiply-shift with rejection of the short first interval.
        product = self.word() * n
        low = product & 0xFFFFFFFFFFFFFFFF
        if low < n:
            short = (1 << 64) % n
            while low < short:
                product = self.word() * n
                low = product & 0xFFFFFFFFFFFFFFFF
        return product >> 64

    def integers(self, low: int, high: int) -> int:
        """Return a uniform integer from low to high, both included."""
        if high < low:
            raise ValueError(f"integers needs low <= high, got {low} and {high}")
        return low + self.below(high - low + 1)

    def uniform(self) -> float:
        """Return a float in [0, 1) with 53 random bits."""
        return (self.word() >> 11) * 2.0**-53

    def chance(self, numerator: int, denominator: int) -> bool:
        """Return True with probability numerator / denominator, exactly."""
        return self.below(denominator) < numerator

    def choice(self, items: Sequence[T]) -> T:
        """Return one of ``items``, each equally likely."""
        if not items:
            raise ValueError("choice needs at least one item")
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[int]) -> T:
        """Return one of ``items`` with probability proportional to its integer weight."""
        point = self.below(sum(weights))
        for item, weight in zip(items, weights, strict=True):
            if point < weight:
                return item
            point -= weight
        raise ValueError("weights must be non-negative integers with a positive sum")

    def shuffle(self, items: MutableSequence[Any]) -> None:
        """Shuffle in place (Fisher-Yates)."""
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]

    def sample(self, items: Sequence[T], k: int) -> list[T]:
        """Return k distinct positions of ``items`` in random order."""
        if not 0 <= k <= len(items):
            raise ValueError(f"sample needs k from 0 to {len(items)}, got {k}")
        pool = list(items)
        for i in range(k):
            j = i + self.below(len(pool) - i)
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:k]

    def __reduce__(self) -> tuple[Any, ...]:
        return (Stream.from_key, (self.key, self._drawn))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and (self.key, self._drawn) == (other.key, other._drawn)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Stream(key={self.key:#034x}, drawn={self._drawn})"
