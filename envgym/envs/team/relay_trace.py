"""What a listener gets of the speaker's trace: its beginning, without the answer."""

import re
from typing import NamedTuple

MASK = "[...]"
"""Stands where the answer stood."""
_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"\d+(?:[,_]\d{3})*(?:\.\d+)?")
_LONGEST = 20
"""Digits of a number that is compared with the answer; longer ones are something else."""

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


class Kept(NamedTuple):
    """The part of a trace that one listener reads."""

    text: str
    words: int
    """Words kept."""
    leaks: int
    """Times the answer stood there and was masked."""


def kept_part(trace: str, percent: int, answer: int) -> Kept:
    """Return the first ``percent`` percent of a trace's words, rounded down, the answer masked.

    Masked is every number equal to the answer, in digits (also "1,024" and "42.0", wherever they
    stand) and in English words up to 9,999. Arithmetic, spaced digits or riddles are not seen
    through: what they tell is reasoning as far as anybody can say.

    Args:
        trace: any text; a word is a run of characters that are not blank.
        percent: 0 to 100.
        answer: the speaker's own answer, right or wrong.

    >>> kept_part("Ada has 7. Ben has 7 * 6 = 42. Done.", 95, 42)
    Kept(text='Ada has 7. Ben has 7 * 6 = [...].', words=10, leaks=1)
    """
    words = list(_WORD.finditer(trace))
    count = len(words) * percent // 100
    text = trace[: words[count - 1].end()].lstrip() if count else ""
    wanted = abs(answer)
    leaks = 0

    def mask(found: "re.Match[str]") -> str:
        nonlocal leaks
        if _value(found[0]) != wanted:
            return found[0]
        leaks += 1
        return MASK

    text = _NUMBER.sub(mask, text)
    if wanted < 10_000:
        text, spelled_out = re.subn(_spelled(wanted), MASK, text, flags=re.IGNORECASE)
        leaks += spelled_out
    return Kept(text, count, leaks)


def _value(digits: str) -> int | None:
    whole, _, part = digits.replace(",", "").replace("_", "").partition(".")
    if len(whole) > _LONGEST or part.strip("0"):
        return None
    return int(whole)


def _spelled(number: int) -> str:
    """Return a pattern of a number in words, such as "one hundred and forty-two"."""
    return r"\b" + r"[\s-]+".join(_parts(number)) + r"\b(?![\s-]+(?:hundred|thousand)\b)"


def _parts(number: int) -> list[str]:
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        tens = _TENS[number // 10 - 2]
        return [tens, *(_parts(number % 10) if number % 10 else ())]
    unit, word = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, unit)
    tail = _parts(rest) if rest else []
    if tail and rest < 100:
        tail[0] = rf"(?:and[\s-]+)?{tail[0]}"
    return [*_parts(head), word, *tail]
