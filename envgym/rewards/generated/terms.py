"""Fixed terms whose parameters somebody else sets: the safest kind of written reward (F4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite
from typing import Any

from envgym.rewards.fold.sum import Sum
from envgym.rewards.generated.value import Check, GeneratedReward, parameters
from envgym.rewards.map.above import Above
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import Node
from envgym.rewards.program import Program
from envgym.rewards.spec import to_spec
from envgym.types.errors import ConfigError, unknown


@dataclass(frozen=True, slots=True)
class Target:
    """A threshold that the writer may move."""

    lo: float
    hi: float
    default: float


@dataclass(frozen=True, slots=True)
class Term:
    """One term: a node of ours, a weight of theirs and, for some, a target."""

    name: str
    """Name of the weight."""
    node: Node
    help: str
    """What the writer reads about it."""
    lo: float = 0.0
    """Lowest weight."""
    hi: float = 1.0
    """Highest weight."""
    default: float = 0.0
    target: Target | None = None
    """With one, the term pays its weight where the node exceeds the parameter ``NAME_target``."""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ConfigError(f"Term.name must be an identifier, got {self.name!r}.")
        ranges = [("weight", self.lo, self.hi, self.default)]
        if self.target is not None:
            ranges.append(("target", self.target.lo, self.target.hi, self.target.default))
        for what, lo, hi, default in ranges:
            if not all(isfinite(x) for x in (lo, hi, default)) or not lo <= default <= hi:
                raise ConfigError(
                    f"term '{self.name}': the {what}'s default must lie in a finite range, got "
                    f"{default} in {lo} to {hi}."
                )


@dataclass(frozen=True)
class FixedTerms:
    """A reward whose form is fixed and whose numbers are open.

    Formula: R = sum_k w_k x_k, or w_k [x_k > target_k] for a term with a target
    Source:  cookbook F4, Language to Rewards (inferred: abstract only; the form is ours)
    Range:   interval arithmetic over the terms, whatever the parameters
    Laws:    a parameter out of its range, missing or unknown is refused; no code is run

    >>> from envgym.rewards import Source
    >>> terms = FixedTerms((Term("near", Source("progress", "step", 0, 1), "how near"),))
    >>> print(terms.program(terms.accept({"near": 0.5})))
    l2r: 0.5*progress
    """

    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        names = list(self.ranges)
        if not self.terms:
            raise ConfigError("FixedTerms.terms must hold at least one term.")
        if len(names) < sum(1 if t.target is None else 2 for t in self.terms):
            raise ConfigError(f"two parameters have one name; got {', '.join(names)}.")

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Parameter to lowest and highest value."""
        found: dict[str, tuple[float, float]] = {}
        for term in self.terms:
            found[term.name] = (term.lo, term.hi)
            if term.target is not None:
                found[f"{term.name}_target"] = (term.target.lo, term.target.hi)
        return found

    @property
    def defaults(self) -> dict[str, float]:
        """Parameter to default."""
        found: dict[str, float] = {}
        for term in self.terms:
            found[term.name] = term.default
            if term.target is not None:
                found[f"{term.name}_target"] = term.target.default
        return found

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits over the terms and their ranges."""
        data = [[t.name, to_spec(t.node), t.lo, t.hi, t.target is not None] for t in self.terms]
        text = json.dumps([data, self.ranges], sort_keys=True, default=str)
        return blake2b(text.encode(), digest_size=6).hexdigest()

    def describe(self) -> str:
        """Return one line per parameter: name, range, default, meaning."""
        lines = []
        for term in self.terms:
            what = f"weight of: {term.help}"
            lines.append(_line(term.name, term.lo, term.hi, term.default, what))
            if (target := term.target) is not None:
                what = f"paid where this is exceeded: {term.help}"
                name = f"{term.name}_target"
                lines.append(_line(name, target.lo, target.hi, target.default, what))
        return "\n".join(lines)

    def accept(self, values: Mapping[str, Any], parent: str = "") -> GeneratedReward:
        """Return the checked reward with these parameters; what is left out keeps its default.

        Raises:
            ConfigError: an unknown name, no number, or a value out of its range.
        """
        chosen = self.defaults
        for name, value in values.items():
            if name not in chosen:
                raise ConfigError(unknown("parameter", str(name), chosen))
            lo, hi = self.ranges[name]
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not lo <= value <= hi:
                raise ConfigError(
                    f"parameter '{name}' must be a number from {lo:g} to {hi:g}, got {value!r:.60}."
                )
            chosen[name] = float(value)
        made = parameters(chosen, self.digest, parent)
        return made.examined((Check("range", True),))

    def program(self, reward: GeneratedReward, name: str = "l2r") -> Program:
        """Return the program with the reward's parameters.

        Raises:
            ConfigError: it was written for other terms, or a parameter is wrong.
        """
        if reward.kind != "parameters" or reward.schema != self.digest:
            raise ConfigError(f"reward {reward.version} was not written for these terms.")
        values = json.loads(reward.body)
        self.accept(values)
        nodes = []
        for term in self.terms:
            node = term.node
            if term.target is not None:
                node = Above(node, values[f"{term.name}_target"])
            nodes.append(Scale(node, values[term.name], name=term.name))
        return Program(name, nodes[0] if len(nodes) == 1 else Sum(tuple(nodes)))


def _line(name: str, lo: float, hi: float, default: float, what: str) -> str:
    return f"{name}: {lo:g} to {hi:g}, default {default:g}; {what}"
