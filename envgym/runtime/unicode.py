"""The space of Unicode text, and the two things done to every string that crosses it."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from gymnasium.spaces import Space, Tuple
from gymnasium.spaces.utils import is_space_dtype_shape_equiv
from gymnasium.vector.utils import batch_differing_spaces

from envgym.types.errors import ConfigError

_SAMPLE_MAX = 64
"""Longest sample, in characters: a random megabyte tests nothing that 64 characters do not."""

_ALPHABET = (
    "".join(map(chr, range(32, 127)))
    + "\n\täöüßéñçøåæœğışžł¿¡§°µ×÷αβγδλπσωЖдяשלאمرحنहिन्दीไทย中文字日本語ひらがな한국어€∑√∞≠→«»—…"
    + "🙂🚀🧭👩‍🔬🇺🇳"
)
"""Printable characters that samples are drawn from: ASCII, many scripts, joiners, emoji."""


def clean(text: str) -> str:
    """Return ``text`` as valid Unicode: surrogate pairs joined, lone surrogates as U+FFFD.

    Lone surrogates come from careless JSON and from cut byte streams; they cannot be encoded,
    so one of them would break files, sockets and tokenizers. Costs 30 ns for ASCII text.

    >>> clean("a\\ud800b")
    'a\\ufffdb'
    """
    if text.isascii() or not _has_surrogate(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain_text(action: Any) -> str:
    """Return an action that is no plain ``str`` as one: NumPy's strings are, nothing else is.

    Raises:
        ConfigError: naming the type.
    """
    if isinstance(action, str):
        return str(action)
    raise ConfigError(
        f"an action is the assistant's whole message, a str, got {type(action).__name__}."
    )


def cut(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` characters, keeping its head and its tail.

    What is left out is counted in the text itself. Where ``limit`` is too short even for that
    note, the head alone is kept.

    Args:
        text: any string.
        limit: characters (code points) that the result may have, at least 0.
    """
    size = len(text)
    if size <= limit:
        return text
    # The note's length depends on the count's digits, and the count on the note's length;
    # the count never exceeds the text's own length, so that bounds the digits.
    room = limit - len(_note(size))
    if room < 2:
        return text[: max(limit, 0)]
    tail = room // 3
    head = room - tail
    return text[:head] + _note(size - head - tail) + text[size - tail :]


def _note(count: int) -> str:
    return f"\n[... {count} characters cut ...]\n"


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class Unicode(Space[str]):
    """All strings of valid Unicode between two lengths.

    ``gymnasium.spaces.Text`` lists its characters, and with shared memory Gymnasium's
    ``AsyncVectorEnv`` returns constant strings for it without a word. This space is unknown to
    shared memory, so that combination fails loudly; use ``shared_memory=False``. A batch is a
    tuple of str.

    >>> "grüße" in Unicode(8), "a longer text" in Unicode(8), "\\ud800" in Unicode(8)
    (True, False, False)
    """

    def __init__(self, max_length: int, *, min_length: int = 0, seed: int | None = None) -> None:
        """Make the space.

        Args:
            max_length: most characters (code points) of a member, at least ``min_length``.
            min_length: fewest characters of a member, at least 0.
            seed: seeds ``sample``; None draws one from the operating system.

        Raises:
            ValueError: the lengths are not 0 <= min_length <= max_length.
        """
        if not 0 <= min_length <= max_length:
            raise ValueError(
                "Unicode needs 0 <= min_length <= max_length, "
                f"got min_length={min_length} and max_length={max_length}"
            )
        self.min_length = min_length
        self.max_length = max_length
        super().__init__(dtype=None, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """False: text has no fixed-size array form."""
        return False

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """Return random printable text, some of it not ASCII, of at most 64 characters.

        (Longer only if ``min_length`` asks for it.)

        Raises:
            ValueError: a mask or a probability was given; text has none.
        """
        if mask is not None or probability is not None:
            raise ValueError("Unicode.sample takes no mask and no probability")
        longest = max(self.min_length, min(self.max_length, _SAMPLE_MAX))
        size = int(self.np_random.integers(self.min_length, longest + 1))
        return "".join([_ALPHABET[i] for i in self.np_random.integers(0, len(_ALPHABET), size)])

    def contains(self, x: Any) -> bool:
        """Return True for a str of allowed length without lone surrogates."""
        return (
            isinstance(x, str)
            and self.min_length <= len(x) <= self.max_length
            and (x.isascii() or not _has_surrogate(x))
        )

    def to_jsonable(self, sample_n: Sequence[str]) -> list[str]:  # type: ignore[override]
        """Return the samples as a list: text is JSON already."""
        return list(sample_n)

    def from_jsonable(self, sample_n: list[Any]) -> list[str]:
        """Return the samples that ``to_jsonable`` wrote."""
        return [str(sample) for sample in sample_n]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Unicode)
            and self.min_length == other.min_length
            and self.max_length == other.max_length
        )

    def __hash__(self) -> int:
        return hash((self.min_length, self.max_length))

    def __repr__(self) -> str:
        least = f", min_length={self.min_length}" if self.min_length else ""
        return f"Unicode({self.max_length}{least})"


# Gymnasium batches, concatenates and iterates any unknown space as a tuple of its samples, which
# is right for text (a registered ``iterate`` would walk the letters). Only these two are closed
# to unknown spaces; vectors of unlike copies (observation_mode="different") need both.


@batch_differing_spaces.register(Unicode)
def _batch_unlike(  # type: ignore[misc]  # Gymnasium dispatches on the first item's type
    spaces: Sequence[Unicode],
) -> Tuple[Any]:
    return Tuple([deepcopy(space) for space in spaces], seed=deepcopy(spaces[0].np_random))


@is_space_dtype_shape_equiv.register(Unicode)
def _alike(space_1: Unicode, space_2: Space[Any]) -> bool:
    return isinstance(space_2, Unicode)
