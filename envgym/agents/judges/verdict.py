"""What a judge answers, and the protocol of judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sys import float_info
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from envgym.agents.judges.template import Question
from envgym.types import ConfigError

Reason = Literal["timeout", "parse", "cut", "context", "policy"]
"""timeout: no time left, or the endpoint took too long; parse: no well-formed answer in any try;
cut: every answer ended at the length limit; context: the question does not fit into the model;
policy: it reported an error."""

Values = tuple[float | None, ...]
_LARGEST = float_info.max
"""A whole number in a file may lie beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One answer. Invalid is ``values=None`` with a reason, never a number.

    ``values`` by the template's kind: grid: one score; yes_no: 1 or 0, or P(yes); choice: 1 for A
    or 0 for B, or P(A); rubric: 1, 0 or None (unknown) per criterion; pairwise: path A, path B,
    answer A, answer B.

    >>> Verdict(values=(7.0,)).value, Verdict(reason="timeout").value
    (7.0, None)
    """

    values: Values | None = None
    reason: Reason | None = None
    """Why there is no answer. Beside values: they are a stand-in that the caller asked for."""
    text: str = ""
    """The judge's reply as it came; for a failure, what is known of it."""
    probabilities: tuple[float, ...] | None = None
    """Of each possible answer in order, where the read-out knows them; they sum to 1."""
    spread: float | None = None
    """Uncertainty: standard deviation over samples or over the grid; None: not known."""
    calls: int = field(default=0, compare=False)
    """Times a policy was asked, an endpoint's own retries included; 0 from a cache."""
    seconds: float = field(default=0.0, compare=False)
    """Time until the answer; never part of a result."""

    @property
    def valid(self) -> bool:
        """Whether there is an answer."""
        return self.values is not None

    @property
    def value(self) -> float | None:
        """The one number of a grid, yes_no or choice answer; None if invalid.

        Raises:
            ConfigError: the answer has several numbers.
        """
        if self.values is None:
            return None
        if len(self.values) != 1:
            raise ConfigError(f"this verdict has {len(self.values)} values; read .values instead")
        return self.values[0]

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object; ``from_json`` reads it back."""
        return {
            "values": None if self.values is None else list(self.values),
            "reason": self.reason,
            "text": self.text,
            "probabilities": None if self.probabilities is None else list(self.probabilities),
            "spread": self.spread,
            "calls": self.calls,
            "seconds": round(self.seconds, 6),
        }

    @classmethod
    def from_json(cls, data: Any) -> "Verdict":
        """Return the verdict in a JSON object.

        Raises:
            ConfigError: a field is wrong; names it.
        """
        if not isinstance(data, Mapping):
            raise ConfigError(f"a verdict must be a JSON object, got {data!r:.60}")
        reason = data.get("reason")
        if reason is not None and reason not in get_args(Reason):
            raise ConfigError(
                f"a verdict's reason must be a known word or null, got {reason!r:.60}"
            )
        values = _numbers(data, "values", gaps=True)
        if values is None and reason is None:
            raise ConfigError("a verdict without values must give a reason")
        spread = _numbers({"spread": _listed(data.get("spread"))}, "spread")
        calls = data.get("calls", 0)
        seconds = _numbers({"seconds": _listed(data.get("seconds", 0.0))}, "seconds")
        if not isinstance(calls, int) or not isinstance(data.get("text", ""), str):
            raise ConfigError("a verdict's calls must be a whole number and its text a string")
        return cls(
            values=values,
            reason=reason,
            text=data.get("text", ""),
            probabilities=_numbers(data, "probabilities"),  # type: ignore[arg-type]  # no gaps
            spread=spread[0] if spread else None,
            calls=calls,
            seconds=(seconds or (0.0,))[0] or 0.0,
        )


@runtime_checkable
class Judge(Protocol):
    """Answers questions about transcripts. Batched; answers must not depend on the batch."""

    @property
    def name(self) -> str:
        """Identifies it, settings included: equal names and questions, equal answers."""
        ...

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order; failures are invalid verdicts."""
        ...


def _listed(value: Any) -> list[Any] | None:
    return None if value is None else [value]


def _numbers(data: Mapping[str, Any], name: str, *, gaps: bool = False) -> Values | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise ConfigError(f"a verdict's {name} must be a list of numbers, got {value!r:.60}")
    for item in value:
        number = isinstance(item, int | float) and not isinstance(item, bool)
        if not (number and abs(item) <= _LARGEST) and not (gaps and item is None):
            raise ConfigError(f"a verdict's {name} must hold finite numbers, got {item!r:.60}")
    return tuple(None if item is None else float(item) for item in value)
