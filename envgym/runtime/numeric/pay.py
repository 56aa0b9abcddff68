"""Reward programs over arrays: the nodes that have a value per step, for a whole batch at once."""

from collections.abc import Callable, Mapping
from typing import Any

from envgym.rewards import (
    Above,
    Clip,
    Potential,
    Power,
    Product,
    Program,
    ProgressDelta,
    Scale,
    Source,
    Sum,
)
from envgym.rewards.node import Node
from envgym.runtime.numeric.arrays import Arrays
from envgym.types import ConfigError

Values = Mapping[str, Any]
_Reader = Callable[[Values, Any, dict[int, Any]], Any]


class ArrayPay:
    """Pays a program to B environments; agrees with the books of a single one.

    Nodes with an array form: step and episode Sources, Sum, Scale, Product, Above, Power, Clip,
    ProgressDelta, Potential.

    Args:
        program: the reward program.
        ar: the array library.
        where: class name for messages.

    Raises:
        ConfigError: a node has no array form, or ``step`` cannot pay the program at all.
    """

    def __init__(self, program: Program, ar: Arrays, where: str) -> None:
        self.program, self._ar, self._where = program, ar, where
        if program.phase in ("group", "trainer"):
            raise ConfigError(
                f"{where}: reward '{program.name}' compares the rollouts of a group or needs the"
                " trainer; step() cannot pay it. Score finished episodes with"
                " envgym.rewards.score."
            )
        self._places: list[int] = []
        self._online = [(c, f, self._reader(n)) for c, f, n in program.online]
        self._final: list[tuple[str, float, str]] = []
        for component, factor, node in program.terminal:
            if not isinstance(node, Source):
                raise self._refusal(node)
            self._final.append((component, factor, node.key))
        self._last: dict[int, Any] = {}

    def open(self, evidence: Values) -> None:
        """Begin with reset's evidence, arrays [B]."""
        self._last = {}
        for _, _, read in self._online:
            read(evidence, None, self._last)

    def reopen(self, rows: Any, evidence: Values) -> None:
        """Begin anew for some rows; ``evidence`` is that of the whole batch."""
        kept = self._last
        self.open(evidence)
        for key, value in self._last.items():
            old = kept[key].copy() if not self._ar.torch else kept[key].clone()
            old[rows] = value[rows]
            self._last[key] = old

    def step(self, evidence: Values, ended: Any, frozen: Any) -> tuple[Any, dict[str, Any]]:
        """Return rewards [B] and what each component adds, for rows that are not ``frozen``.

        Args:
            evidence: step evidence, arrays [B]; "outcome" too.
            ended: bool [B], episodes that ended with this step.
            frozen: bool [B], rows without an event, or None.
        """
        xp = self._ar.xp
        before = dict(self._last)
        parts: dict[str, Any] = {}
        for component, factor, read in self._online:
            value = read(evidence, ended, self._last)
            self._add(parts, component, value if factor == 1.0 else factor * value)
        for component, factor, key in self._final:
            value = xp.where(ended, evidence[key], xp.zeros_like(evidence[key]))
            self._add(parts, component, factor * value)
        if frozen is not None:
            for place, held in before.items():  # what a delta of a delta remembers would move
                self._last[place] = xp.where(frozen, held, self._last[place])
            parts = {k: xp.where(frozen, xp.zeros_like(v), v) for k, v in parts.items()}
        amounts = list(parts.values())
        total = amounts[0] + 0.0  # never evidence itself: callers may scale rewards in place
        for each in amounts[1:]:
            total = total + each
        return total, parts

    @staticmethod
    def _add(parts: dict[str, Any], component: str, value: Any) -> None:
        parts[component] = parts[component] + value if component in parts else value

    def _reader(self, node: Node) -> _Reader:
        xp, real = self._ar.xp, self._ar.real
        below = [self._reader(child) for child in node.children]
        one = below[0] if below else None
        match node:
            case Source():
                key, dtype = node.key, self._ar.dtype

                def source(evidence: Values, ended: Any, last: dict[int, Any]) -> Any:
                    value = evidence[key]
                    # PyTorch would make float32 of a count times a number.
                    return value if value.dtype == dtype else real(value)

                return source
            case Sum() | Product():
                plus = isinstance(node, Sum)

                def fold(evidence: Values, ended: Any, last: dict[int, Any]) -> Any:
                    found = below[0](evidence, ended, last)
                    for read in below[1:]:
                        value = read(evidence, ended, last)
                        found = found + value if plus else found * value
                    return found

                return fold
            case Scale() if one is not None:
                factor = node.factor
                return lambda e, ended, last: one(e, ended, last) * factor
            case Above() if one is not None:
                threshold, strict = node.threshold, node.strict

                def above(evidence: Values, ended: Any, last: dict[int, Any]) -> Any:
                    x = one(evidence, ended, last)
                    return real(x > threshold if strict else x >= threshold)

                return above
            case Power() if one is not None:
                exponent = node.exponent
                return lambda e, ended, last: one(e, ended, last) ** exponent
            case Clip() if one is not None:
                lo, hi = node.lo, node.hi
                return lambda e, ended, last: xp.clip(one(e, ended, last), lo, hi)
            case ProgressDelta() | Potential() if one is not None:
                return self._delta(node, one)
            case _:
                raise self._refusal(node)

    def _delta(self, node: Node, one: _Reader) -> _Reader:
        xp, place = self._ar.xp, len(self._places)
        self._places.append(place)
        gamma = node.gamma if isinstance(node, Potential) else 1.0
        zeroed = isinstance(node, Potential)

        def delta(evidence: Values, ended: Any, last: dict[int, Any]) -> Any:
            x = one(evidence, ended, last)
            before, last[place] = last.get(place), x
            if before is None:
                return x * 0
            now = x * gamma
            if zeroed and ended is not None:
                now = xp.where(ended, xp.zeros_like(now), now)
            return now - before

        return delta

    def _refusal(self, node: Node) -> ConfigError:
        return ConfigError(
            f"{self._where}: reward '{self.program.name}' uses '{node.label}' ({node.kind}), which "
            "has no array form; vectors pay step sources, sums, products, thresholds, powers, "
            "clips, deltas and potentials, and single environments every program."
        )


__all__ = ["ArrayPay"]
