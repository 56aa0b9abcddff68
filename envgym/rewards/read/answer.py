"""Answer: a short answer against the accepted ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from envgym.rewards.read.overlaps import bag_f1, edit_similarity
from envgym.rewards.read.words import accepted, normalised
from envgym.rewards.reading import ITEMS, TEXT, Reading, text
from envgym.rewards.signal import Bounds, Evidenced, Scope


@dataclass(frozen=True)
class Answer(Reading):
    """How well a text answers, the best over the accepted answers.

    Formula: exact: [norm(p) = norm(g)]; f1: 2 |p & g| / (|p| + |g|) over words; anls: edit
             similarity of the normalised texts, 0 below 0.5; max over the accepted g
    Source:  cookbook A7 (recalled: exact match, F1 and ANLS as question answering uses them)
    Shapes:  a text and one or several accepted texts to a scalar
    Range:   [0, 1]
    Laws:    an accepted answer, spelt any way that normalises alike: 1 (L8); another accepted
             answer never lowers it; no words in the answer: 0

    A missing answer is 0 like a wrong one, so training may stop answering at all: pay the
    attempt or charge the silence (``search_r1`` does).

    >>> Answer("answer", "gold", "f1").read({"answer": "Paris, France", "gold": ("paris",)})
    0.6666666666666666
    """

    kind: ClassVar[str] = "read.answer"

    pred: str = "answer"
    """Key of the agent's answer, a text; "" where it gave none."""
    gold: str = "gold_answer"
    """Key of the accepted answer, or of a tuple of them."""
    measure: Literal["anls", "exact", "f1"] = "exact"
    """How the two are compared."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """A text, and a text or tuple."""
        return {self.pred: TEXT, self.gold: TEXT | ITEMS}

    @property
    def formula(self) -> str:
        """For instance ``exact(answer, gold_answer)``."""
        return f"{self.measure}({self.pred}, {self.gold})"

    @property
    def default_label(self) -> str:
        """The measure."""
        return self.measure

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return the best match; None if the answer or the accepted ones are unknown."""
        pred, golds = text(record, self.pred), accepted(record, self.gold)
        if pred is None or golds is None:
            return None
        said = normalised(pred)
        return max(self._match(said, normalised(gold)) for gold in golds) if said else 0.0

    def _match(self, a: str, b: str) -> float:
        if self.measure == "f1":
            return bag_f1(a.split(), b.split())
        if self.measure == "exact":
            return float(a == b)
        if 2 * min(len(a), len(b)) < max(len(a), len(b)):
            # Below 0.5 whatever the letters; it also bounds the time that a long answer takes.
            return 0.0
        similarity = edit_similarity(a, b)
        return similarity if similarity >= 0.5 else 0.0
