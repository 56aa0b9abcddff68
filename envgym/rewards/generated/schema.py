"""What a generated reward may see: a fixed list of declared evidence, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from math import isfinite
from typing import Any

from envgym.rewards.signal import Evidenced
from envgym.types.errors import ConfigError, EvidenceError, unknown
from envgym.types.evidence import Evidence

ANSWERS = frozenset({"outcome", "solved", "success", "end"})
"""Keys that tell the verdict; left out unless they are named."""
_WORDS = {"bool": "bool", "int": "int", "float": "float", "str": "str", "tuple": "list"}


@dataclass(frozen=True)
class ObservationSchema:
    """A fixed observation: the keys, types and units that a reward function is given.

    Source:  cookbook section 7, "a fixed observation schema" (ours)
    Laws:    ``project`` hands over declared keys only, so that the answer key, hidden state and
             everything else of a record stay out of reach

    >>> schema = ObservationSchema((Evidence(key="left", type="int", help="still possible"),))
    >>> schema.project({"left": 7, "number": 42})
    {'left': 7}
    """

    fields: tuple[Evidence, ...]
    """Declarations, in order."""

    def __post_init__(self) -> None:
        names = self.keys
        if not names:
            raise ConfigError("ObservationSchema.fields must hold at least one declaration.")
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(f"ObservationSchema.fields declares '{twice}' twice.")

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the fields."""
        return tuple(field.key for field in self.fields)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits over names, types and ranges."""
        parts = [f"{f.key}|{f.type}|{f.unit}|{f.lo!r}|{f.hi!r}" for f in self.fields]
        return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()

    def project(self, record: Evidenced) -> dict[str, Any]:
        """Return the declared keys of ``record`` as JSON values; a number that is not finite is None.

        A key of episode scope is None before the last record.

        Raises:
            EvidenceError: a key is missing or of another type than declared.
        """
        seen: dict[str, Any] = {}
        for field in self.fields:
            if field.key not in record and field.scope == "episode":
                seen[field.key] = None  # not known before the end
                continue
            if field.key not in record:
                raise EvidenceError(
                    f"the record lacks evidence '{field.key}', which the generated reward sees; it "
                    f"holds {', '.join(sorted(record))}."
                )
            value = record[field.key]
            if value is not None and not _fits(value, field.type):
                raise EvidenceError(
                    f"evidence '{field.key}' is declared as {field.type}, got {value!r:.80}."
                )
            seen[field.key] = _json(value)
        return seen

    def describe(self, title: str = "") -> str:
        """Return the observation as a short typed class, as Text2Reward shows environments.

        >>> field = Evidence(key="left", type="int", lo=1, unit="numbers", help="still possible")
        >>> print(ObservationSchema((field,)).describe("Guess a number."))
        # Guess a number.
        class Record(TypedDict):
            left: int  # still possible; numbers; at least 1
        """
        head = [f"# {line}" for line in title.splitlines()]
        return "\n".join([*head, "class Record(TypedDict):", *map(_line, self.fields)])


def schema_of(
    declared: Mapping[str, Evidence] | Iterable[Evidence],
    keys: Sequence[str] | None = None,
    *,
    hidden: Iterable[str] = ANSWERS,
) -> ObservationSchema:
    """Return the schema of an environment's declarations.

    Args:
        declared: what the environment declares.
        keys: the fields wanted, in order; None takes every cheap, repeatable key that each record
            has and that is not ``hidden``.
        hidden: keys that tell the verdict: a reward that reads them only repeats it.

    Raises:
        ConfigError: a key is not declared, or is hidden.
    """
    items = declared.values() if isinstance(declared, Mapping) else declared
    known = {item.key: item for item in items}
    secret = frozenset(hidden)
    if keys is None:
        chosen = [
            item
            for item in known.values()
            if item.scope == "step"
            and item.cost == "cheap"
            and not item.volatile
            and item.key not in secret
        ]
        return ObservationSchema(tuple(chosen))
    for key in keys:
        if key not in known:
            raise ConfigError(unknown("evidence", key, known))
        if key in secret:
            raise ConfigError(
                f"evidence '{key}' tells the verdict and is hidden from generated rewards; pass "
                f"hidden=() to allow it."
            )
    return ObservationSchema(tuple(known[key] for key in keys))


def _line(field: Evidence) -> str:
    lo, hi = field.lo, field.hi
    told = [field.help, field.unit]
    if field.type in ("int", "float"):
        if isfinite(lo) and isfinite(hi):
            told.append(f"{lo:g} to {hi:g}")
        elif isfinite(lo):
            told.append(f"at least {lo:g}")
        elif isfinite(hi):
            told.append(f"at most {hi:g}")
    if field.scope == "episode":
        told.append("in the last record only")
    return f"    {field.key}: {_WORDS[field.type]}  # {'; '.join(filter(None, told))}"


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int)
        case "float":
            return isinstance(value, bool | int | float)
        case "str":
            return isinstance(value, str)
    return isinstance(value, tuple | list)


def _json(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_json(each) for each in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
