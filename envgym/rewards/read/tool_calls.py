"""ToolCalls: predicted tool calls against the gold ones, best assignment first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple

from envgym.rewards.map.affine import Affine
from envgym.rewards.node import Node
from envgym.rewards.read.assignment import best_assignment, check_installed
from envgym.rewards.read.overlaps import multiset_jaccard
from envgym.rewards.read.same import typed
from envgym.rewards.reading import ITEMS, Reading, items
from envgym.rewards.signal import Bounds, Evidenced, Scope
from envgym.rewards.within import within
from envgym.types.errors import ConfigError, EvidenceError


class _Call(NamedTuple):
    name: str
    arguments: dict[str, Any]
    """Values as ``typed`` reads them, so that equal means equal as JSON."""


@dataclass(frozen=True)
class ToolCalls(Reading):
    """How well a turn's tool calls match the gold calls: the correctness part of ToolRL.

    Formula: S = J(names) + max over assignments of calls of one name of
             sum [J(argument names) + number of equal values]; J: multiset Jaccard;
             S_max = 1 + sum over gold calls (1 + number of arguments);
             y = (hi - lo) S / S_max + lo; a call that cannot be parsed: lo
    Source:  cookbook A4, ToolRL, arXiv 2504.13958~ (seen: qiancheng0/ToolRL, rlla.py); the
             assignment is ours, the public code takes the best unused match in order
    Shapes:  two tuples of (name, ((argument, value), ...)) to a scalar per event
    Range:   [lo, hi], by default [-3, 3]
    Laws:    the gold calls: hi (L8); permuting calls or arguments changes nothing

    With no gold calls, calling nothing is hi and calling anything lo (the public code pays 0
    either way). Variants of the public code: "strict" wants equal names and argument names
    as wholes, "intermediate" pays a call only as a whole, "coarse" only all calls as a whole.

    Calls too many lower J alone: a hundred guesses of one call with nine arguments may still
    earn 10.01 of S_max = 11. Limit the calls of a turn, or take "coarse".

    >>> node = ToolCalls()
    >>> gold = (("book", (("city", "Rome"), ("day", 3))),)
    >>> node.read({"calls": (("book", (("city", "Rome"), ("day", 4))),), "gold_calls": gold})
    1.5
    """

    kind: ClassVar[str] = "read.tool_calls"

    calls: str = "calls"
    """Key of the agent's calls."""
    gold: str = "gold_calls"
    """Key of the gold calls, never shown to the agent."""
    lo: float = -3.0
    """Value of no match at all."""
    hi: float = 3.0
    """Value of the gold calls."""
    variant: Literal["fine", "strict", "intermediate", "coarse"] = "fine"
    """How partial matches count."""
    scope: Scope = "step"
    """"step" reads every record, "episode" the last one."""

    def validate(self) -> None:
        """Refuse a scale that does not rise, and to work without the extra ``stats``."""
        check_installed()
        if not self.lo < self.hi:
            raise ConfigError(f"ToolCalls.lo must be below hi, got {self.lo:g} and {self.hi:g}.")

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        """Both keys, tuples."""
        return {self.calls: ITEMS, self.gold: ITEMS}

    @cached_property
    def bounds(self) -> Bounds:
        """[lo, hi]."""
        return Bounds(self.lo, self.hi)

    def read(self, record: Evidenced) -> float | None:
        """Return the score; None if the calls or the gold ones are unknown.

        Raises:
            EvidenceError: the gold calls are malformed.
        """
        made, wanted = items(record, self.calls), items(record, self.gold)
        if made is None or wanted is None:
            return None
        gold = _parsed(wanted)
        if gold is None:
            raise EvidenceError(
                f"evidence '{self.gold}' must hold (name, ((argument, value), ...)) entries, "
                f"got {wanted!r}."
            )
        pred = _parsed(made)
        share = 0.0 if pred is None else match_share(pred, gold, self.variant)
        return self.hi if share == 1.0 else self.lo + (self.hi - self.lo) * share


def match_share(pred: Sequence[_Call], gold: Sequence[_Call], variant: str = "fine") -> float:
    """Return S / S_max, in [0, 1]."""
    names = multiset_jaccard([c.name for c in pred], [c.name for c in gold])
    worth = 1.0 + sum(1 if variant == "intermediate" else 1 + len(c.arguments) for c in gold)
    if variant == "strict":
        names = float(names == 1.0)
    matched = _matched(pred, gold, variant)
    if variant == "coarse":
        return float(names == 1.0 and matched == worth - 1.0)
    return (names + matched) / worth


def _pair(gold: _Call, pred: _Call, variant: str) -> float:
    wanted, given = gold.arguments, pred.arguments
    both = wanted.keys() & given.keys()
    # No call names an argument twice, so the multisets are sets.
    named = len(both) / (len(wanted) + len(given) - len(both)) if wanted or given else 1.0
    right = sum(bool(wanted[key] == given[key]) for key in both)
    if variant == "intermediate":
        return float(named == 1.0 and right == len(gold.arguments))
    return (float(named == 1.0) if variant == "strict" else named) + right


def _matched(pred: Sequence[_Call], gold: Sequence[_Call], variant: str) -> float:
    """Return the largest sum of pairs, one per gold call and per predicted call at most."""
    total = 0.0
    for name in sorted({call.name for call in gold}):
        made = [call for call in pred if call.name == name]
        wanted = [call for call in gold if call.name == name]
        total += best_assignment([[_pair(g, p, variant) for p in made] for g in wanted])
    return total


def _parsed(entries: Sequence[Any]) -> list[_Call] | None:
    calls = []
    for entry in entries:
        if not isinstance(entry, tuple | list) or len(entry) != 2 or not isinstance(entry[0], str):
            return None
        pairs = entry[1]
        if not isinstance(pairs, tuple | list) or any(
            not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str)
            for pair in pairs
        ):
            return None
        arguments = {pair[0]: typed(pair[1]) for pair in pairs}
        if len(arguments) != len(pairs):
            return None
        calls.append(_Call(entry[0], arguments))
    return calls


def tool_rl(form: Node, match: ToolCalls | None = None, *, step: int | None = None) -> Node:
    """Return ToolRL's reward: format plus correctness.

    Formula: R = f + correctness; with a training step s: R = l + (h - l) f + correctness on
             [-c, c], h = max(1, 2 - s / 150), l = min(-1, -2 + s / 75), c = min(3, 2 + s / 150)
    Source:  cookbook A4, ToolRL, arXiv 2504.13958~ (seen: qiancheng0/ToolRL, rlla.py)
    Shapes:  values of one scope to one
    Range:   [-3, 4]; scheduled: [-4, 4]
    Laws:    up in the format (L3); well-formed gold calls: 4

    Args:
        form: f, whether the message is well formed, in [0, 1], usually a ``TagFormat``.
        match: the call match; by default the one that reads ``calls`` and ``gold_calls``.
        step: s, training step of the scheduled scale, 0 or more; None: no schedule. A program
            is built anew for every step: it holds no counter.

    Raises:
        ConfigError: the format is not in [0, 1], or the step is negative.

    >>> from envgym.rewards.source import Source
    >>> form = Source("format", lo=0, hi=1)
    >>> tool_rl(form).bounds, tool_rl(form, step=0).bounds
    (Bounds(lo=-3.0, hi=4.0), Bounds(lo=-4.0, hi=4.0))
    """
    within("tool_rl.form", form, 0.0, 1.0)
    match = match or ToolCalls(scope=form.scope)
    if step is None:
        return form + match
    if step < 0:
        raise ConfigError(f"tool_rl.step must be 0 or more, got {step}.")
    high, low = max(1.0, 2.0 - step / 150), min(-1.0, -2.0 + step / 75)
    scale = min(3.0, 2.0 + step / 150)
    return Affine(form, high - low, low) + replace(match, lo=-scale, hi=scale)
