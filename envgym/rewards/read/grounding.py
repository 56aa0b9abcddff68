"""Grounding: cited passages against the gold ones; and LongRLVR, which ties them to the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.fold.gate import Gate
from envgym.rewards.node import Node
from envgym.rewards.read.overlaps import f_beta
from envgym.rewards.read.words import frozen
from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.rewards.within import within
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class Grounding(Reading):
    """F-beta of the passages that an answer cites.

    Formula: F = (1 + b^2) P R / (b^2 P + R), P = |set(C) & C*| / |C|, R = |set(C) & C*| / |C*|
    Source:  cookbook A6, LongRLVR (seen: real-absolute-AI/LongRLVR); empty sets are ours
    Shapes:  two tuples of ids to a scalar
    Range:   [0, 1]
    Laws:    the gold ids, each once: 1 (L8); a duplicate never raises it; order is ignored;
             nothing cited where nothing is gold: 1

    Citing every passage still earns recall: limit how many an answer may cite.

    >>> node = Grounding("cited", "gold", scope="episode")
    >>> round(node.settle([{}, {"cited": (4, 7, 9), "gold": (4, 7)}])[0], 4)
    0.9091
    """

    kind: ClassVar[str] = "read.grounding"

    cited: str
    """Key of the cited ids, as the agent listed them."""
    gold: str
    """Key of the ids that hold the evidence."""
    beta: float = 2.0
    """Weight of recall against precision; above 1 favours recall."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse a weight that is not above 0."""
        if self.beta <= 0:
            raise ConfigError(f"Grounding.beta must be above 0, got {self.beta:g}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Both keys, tuples."""
        return {self.cited: ITEMS, self.gold: ITEMS}

    @property
    def formula(self) -> str:
        """For instance ``F2(cited, gold)``."""
        return f"F{self.beta:g}({self.cited}, {self.gold})"

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return F-beta; None if one list is unknown."""
        cited, gold = items(record, self.cited), items(record, self.gold)
        if cited is None or gold is None:
            return None
        return f_beta(frozen(cited), frozen(gold), self.beta)


def long_rlvr(answer: Node, context: Node, tags: Node | None = None, *, eta: float = 0.1) -> Node:
    """Return LongRLVR's reward: the answer, and its grounding, mostly when it is right.

    Formula: R = a + eta F + (1 - eta) a F, 0 where a tag is missing
    Source:  cookbook A6, LongRLVR (seen: real-absolute-AI/LongRLVR)
    Shapes:  values of one scope to one; with ``tags`` episode values
    Range:   [0, 2]
    Laws:    a = 0 caps it at eta; up in a and in F (L3)

    Args:
        answer: a, the verdict on the answer, in [0, 1].
        context: F, usually a ``Grounding``.
        tags: above 0 where both tags are there, an episode value; None: not checked.
        eta: share of the grounding paid to a wrong answer.

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> verdict = Source("right", "episode", 0, 1)
    >>> program = long_rlvr(verdict, Grounding("cited", "gold", scope="episode"))
    >>> last = {"cited": (4, 7, 9), "gold": (4, 7)}
    >>> [round(program.settle([{}, last | {"right": a}])[0], 4) for a in (1, 0)]
    [1.9091, 0.0909]
    """
    within("long_rlvr.answer", answer, 0.0, 1.0)
    within("long_rlvr.context", context, 0.0, 1.0)
    if not 0 <= eta <= 1:
        raise ConfigError(f"long_rlvr.eta must be in [0, 1], got {eta:g}.")
    whole = answer + eta * context + (1.0 - eta) * (answer * context)
    return whole if tags is None else Gate(tags, whole, name="tags")
