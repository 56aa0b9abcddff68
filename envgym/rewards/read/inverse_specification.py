"""InverseSpecification: what was asked for, recovered from what was made."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from envgym.rewards.read.overlaps import bag_f1, lcs_ratio, set_jaccard
from envgym.rewards.read.words import words
from envgym.rewards.reading import TEXT, Reading, text
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.types.errors import ConfigError

_BREAK = re.compile(r"[\W_]+")
_MEASURES = {"bag_f1": bag_f1, "jaccard": set_jaccard, "lcs": lcs_ratio}


@dataclass(frozen=True)
class InverseSpecification(Reading):
    """The similarity of the brief that a reader recovered from an artefact to the real one.

    Formula: y = similarity(words(recovered), words(brief)); 0 if ``quoted`` words of the brief
             (the whole of a shorter one) stand in the artefact one after another, whatever
             punctuation, letter forms or invisible characters stand between and inside them
    Source:  cookbook A17 (inferred; no arXiv id there, measure and guard are ours)
    Shapes:  three texts to a scalar
    Range:   [0, 1]
    Laws:    the brief itself recovered from an artefact that does not quote it: 1 (L8)

    Without the guard an artefact that embeds its brief verbatim is recovered perfectly. A
    paraphrase of the brief still passes it: look for one where this reward rises alone.

    >>> node = InverseSpecification(quoted=3)
    >>> brief = "ten slides on tidal power for schools"
    >>> node.read({"brief": brief, "recovered": "slides for schools on tides", "artefact": "Tides"})
    0.6666666666666666
    >>> node.read({"brief": brief, "recovered": brief, "artefact": "Ten slides on tidal power"})
    0.0
    """

    kind: ClassVar[str] = "read.inverse_specification"

    recovered: str = "recovered"
    """Key of the brief that a reader recovered."""
    brief: str = "brief"
    """Key of the real one."""
    artefact: str = "artefact"
    """Key of the artefact's text."""
    measure: Literal["bag_f1", "jaccard", "lcs"] = "bag_f1"
    """How the two briefs are compared, over normalised words."""
    quoted: int = 12
    """Words in a row that an artefact may not take from the brief. Default ours."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse quotations that every artefact contains."""
        if self.quoted < 2:
            raise ConfigError(f"InverseSpecification.quoted must be 2 or more, got {self.quoted}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Three texts."""
        return dict.fromkeys((self.recovered, self.brief, self.artefact), TEXT)

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return the similarity, 0.0 for a quoted brief; None if a text is unknown."""
        recovered, brief, artefact = (
            text(record, key) for key in (self.recovered, self.brief, self.artefact)
        )
        if recovered is None or brief is None or artefact is None:
            return None
        if quotes(plain_words(artefact), plain_words(brief), self.quoted):
            return 0.0
        return _MEASURES[self.measure](words(recovered), words(brief))


def plain_words(text: str) -> tuple[str, ...]:
    """Return the words of a text as a reader sees them: no hidden characters, one letter form.

    >>> plain_words("T\u200ben\u2014\uff33lides, on_tides")
    ('ten', 'slides', 'on', 'tides')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if c.isascii() or unicodedata.category(c) != "Cf")
    return tuple(_BREAK.sub(" ", text.casefold()).split())


def quotes(text: tuple[str, ...], source: tuple[str, ...], run: int) -> bool:
    """Return whether ``run`` words of the source, or all of a shorter one, stand in the text.

    >>> quotes(("see", "a", "b"), ("a", "b", "c"), 2), quotes(("b", "a"), ("a", "b", "c"), 2)
    (True, False)
    """
    n = min(run, len(source))
    if n == 0:
        return False
    grams = {source[i : i + n] for i in range(len(source) - n + 1)}
    return any(text[i : i + n] in grams for i in range(len(text) - n + 1))
