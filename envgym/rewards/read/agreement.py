"""Agreement: the share of others who reach the same answer; and option shuffling."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from envgym.rewards.fold.product import Product
from envgym.rewards.map.above import Above
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.read.words import normalised
from envgym.rewards.reading import ITEMS, TEXT, Reading, items, text
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.rewards.within import within
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True)
class Agreement(Reading):
    """The share of listeners whose answer is the speaker's.

    Formula: y = |{l: norm(answer_l) = norm(answer)}| / |{l that answered}|
    Source:  cookbook A15 (inferred; no arXiv id there)
    Shapes:  a tuple of L texts and a text to a scalar
    Range:   [0, 1], in steps of 1 / L
    Laws:    permuting the listeners changes nothing; a listener who could not answer (None)
             leaves the count; none answered: invalid; no answer of the speaker's: 0

    Listeners get a truncated trace, so a trace is paid for leading somewhere. Agreement is not
    truth: a trace that states its answer early convinces everyone.

    >>> node = Agreement("heard", "answer")
    >>> node.read({"heard": ("Paris", "paris.", "Rome", None), "answer": "Paris"})
    0.6666666666666666
    """

    kind: ClassVar[str] = "read.agreement"

    others: str
    """Key of a tuple of texts, one per listener; None where one could not answer."""
    own: str = "answer"
    """Key of the speaker's answer."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """A tuple and a text."""
        return {self.others: ITEMS, self.own: TEXT}

    @cached_property
    def bounds(self) -> Bounds:
        """[0, 1]."""
        return Bounds(0.0, 1.0)

    def read(self, record: Evidenced) -> float | None:
        """Return the share; None if the speaker's answer or every listener's is unknown."""
        others, own = items(record, self.others), text(record, self.own)
        if others is None or own is None:
            return None
        heard = [answer for answer in others if answer is not None]
        if any(not isinstance(answer, str) for answer in heard):
            raise EvidenceError(f"evidence '{self.others}' must hold texts, got {others!r}.")
        if not heard:
            return None
        said = normalised(own)
        return sum(normalised(a) == said for a in heard) / len(heard) if said else 0.0


def option_shuffle(
    first: Node, second: Node, same: Node, partial: float = 0.5, *, name: str = "option_shuffle"
) -> Node:
    """Return what two answers to one question with shuffled options earn.

    Formula: y = 1 if both are right and equal; partial if one or both are right; else 0
    Source:  cookbook A16 (inferred; no arXiv id there, ``partial`` is ours)
    Shapes:  three values of one scope, each 0 or 1, to one
    Range:   [0, 1]
    Laws:    symmetric in the two answers; up in each (L3); partial = 0: all or nothing (L8)

    Args:
        first: whether the answer to the question is right.
        second: whether the answer to the shuffled one is right.
        same: whether both name the same option's text, usually a ``Same``.
        partial: what a single right answer earns, in [0, 1].
        name: component in the ledger.

    Raises:
        ConfigError: a value may leave [0, 1].

    >>> from envgym.rewards.source import Source
    >>> keys = ("a", "b", "same")
    >>> node = option_shuffle(*(Source(key, "episode", 0, 1) for key in keys))
    >>> cases = ((1, 1, 1), (1, 0, 0), (0, 0, 1))
    >>> [node.settle([{}, dict(zip(keys, case))])[0] for case in cases]
    [1.0, 0.5, 0.0]
    """
    for where, node in (("first", first), ("second", second), ("same", same)):
        within(f"option_shuffle.{where}", node, 0.0, 1.0)
    if not 0 <= partial <= 1:
        raise ConfigError(f"option_shuffle.partial must be in [0, 1], got {partial!r}.")
    either = Above(first + second, 0.0)
    whole = partial * either + (1.0 - partial) * Product((first, second, same))
    return Scale(whole, 1.0, name=name)
