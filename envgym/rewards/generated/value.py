"""GeneratedReward: one version of a reward that somebody wrote, with what is known of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import cached_property
from hashlib import blake2b
from math import isfinite
from typing import Any, Literal, get_args

from envgym.rewards.fold.sum import Sum
from envgym.rewards.program import Program
from envgym.rewards.source import Source
from envgym.types.errors import ConfigError, unknown
from envgym.types.evidence import Evidence

Kind = Literal["code", "prompt", "parameters"]
PREFIX = "generated"
LARGEST = 1e100
"""Bound of every declared range: sums over episodes and their squares stay finite."""


@dataclass(frozen=True, slots=True)
class Component:
    """One declared output."""

    name: str
    """Lower-case letters, digits and underscores."""
    lo: float
    """Lowest value, inclusive, at least -1e100."""
    hi: float
    """Highest value, inclusive, at most 1e100."""

    def __post_init__(self) -> None:
        name, ok = self.name, isinstance(self.name, str)
        if not ok or not name.isidentifier() or not name.isascii() or name != name.lower():
            raise ConfigError(
                "a component's name must be lower-case letters, digits and underscores, "
                f"got {name!r}."
            )
        for end in (self.lo, self.hi):
            number = isinstance(end, int | float) and not isinstance(end, bool)
            if not number or not abs(end) <= LARGEST:
                raise ConfigError(
                    f"component '{name}': its range must be finite numbers from {-LARGEST:g} to "
                    f"{LARGEST:g}, got {end!r:.60}."
                )
        if not self.lo < self.hi:
            raise ConfigError(f"component '{name}': lo must be below hi, got {self.lo}, {self.hi}.")
        object.__setattr__(self, "lo", float(self.lo))
        object.__setattr__(self, "hi", float(self.hi))


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    name: str
    passed: bool
    detail: str = ""
    """One sentence for the writer and the reader."""
    blocks: bool = True
    """Whether a reward that failed it must not be used; False: a flag to look at."""


@dataclass(frozen=True)
class GeneratedReward:
    """A frozen version of a written reward; equal contents, equal ``version``.

    Formula: version = digest(kind, body, components, schema)
    Source:  cookbook section 7 (ours); the loops name their papers
    Laws:    same version and input, same output; an exception, a time-out or a value out of its
             range is invalid, never 0; ``parent``, ``checks`` and ``fitness`` are no part of the
             version, because they say something about it

    >>> first = GeneratedReward("code", "def reward(r): ...", (Component("p", 0, 1),))
    >>> second = first.edited("def reward(r): return {}")
    >>> second.parent == first.version, second.version == first.version
    (True, False)
    """

    kind: Kind
    """code: a Python function; prompt: what a judge is told; parameters: of fixed terms."""
    body: str
    """The text."""
    components: tuple[Component, ...] = ()
    """Declared outputs of code; empty for the other kinds."""
    schema: str = ""
    """Digest of the observation schema, or of the fixed terms, that it was written for."""
    parent: str = ""
    """Version that it was edited from; "" for a first draft."""
    checks: tuple[Check, ...] = ()
    """What was found; empty: not checked yet."""
    fitness: float | None = None
    """How well it serves the true task metric; None: not measured, or it could not be."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ConfigError(unknown("kind of generated reward", str(self.kind), get_args(Kind)))
        if not isinstance(self.body, str) or not self.body.strip():
            raise ConfigError("GeneratedReward.body must be a text that is not empty.")
        names = [component.name for component in self.components]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(f"component '{twice}' is declared twice.")
        if self.fitness is not None and not isfinite(self.fitness):
            raise ConfigError(
                f"GeneratedReward.fitness must be finite or None, got {self.fitness}."
            )

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits over everything that decides its values."""
        parts = [self.kind, self.body, self.schema]
        parts += [f"{c.name}|{c.lo!r}|{c.hi!r}" for c in self.components]
        digest = blake2b(digest_size=6, person=b"envgym-gen-v1")
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.hexdigest()

    @property
    def sound(self) -> bool:
        """Whether it was checked and no blocking check failed."""
        return bool(self.checks) and all(c.passed for c in self.checks if c.blocks)

    @property
    def complaints(self) -> tuple[str, ...]:
        """One sentence per failed check, blocking ones first."""
        failed = sorted((c for c in self.checks if not c.passed), key=lambda c: not c.blocks)
        return tuple(f"{c.name}: {c.detail}" for c in failed)

    def edited(
        self, body: str, components: tuple[Component, ...] | None = None
    ) -> "GeneratedReward":
        """Return the next version: another body, unchecked, with this one as parent."""
        kept = self.components if components is None else components
        return GeneratedReward(self.kind, body, kept, self.schema, parent=self.version)

    def examined(
        self, checks: tuple[Check, ...], fitness: float | None = None
    ) -> "GeneratedReward":
        """Return the same version with these findings."""
        return replace(self, checks=checks, fitness=fitness)

    def diff(self, parent: "GeneratedReward | None") -> str:
        """Return the unified diff from ``parent``; without one every line is new."""
        before = parent.body.splitlines() if parent is not None else []
        name = parent.version if parent is not None else "nothing"
        lines = unified_diff(before, self.body.splitlines(), name, self.version, lineterm="")
        return "\n".join(lines)

    # Its place among the evidence.

    def key(self, component: str) -> str:
        """Return the evidence key of a component: ``generated.<version>.<component>``."""
        return f"{PREFIX}.{self.version}.{component}"

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the declarations of its late evidence."""
        return tuple(
            Evidence(
                key=self.key(c.name), type="float", lo=c.lo, hi=c.hi, cost="costly",
                help=f"component {c.name} of the generated reward {self.version}",
            )
            for c in self.components
        )  # fmt: skip

    def program(self, name: str = "") -> Program:
        """Return the program that pays every component at every event, read as late evidence.

        Raises:
            ConfigError: it was not checked, a blocking check failed, or it has no components.
        """
        if not self.sound:
            why = "; ".join(self.complaints) or "it was not checked"
            raise ConfigError(f"generated reward {self.version} must not be used: {why}.")
        if not self.components:
            raise ConfigError(
                f"generated reward {self.version} is a {self.kind} and has no components to pay."
            )
        terms = tuple(
            Source(self.key(c.name), "step", c.lo, c.hi, name=c.name) for c in self.components
        )
        return Program(
            name or f"{PREFIX}.{self.version}", terms[0] if len(terms) == 1 else Sum(terms)
        )

    # JSON.

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object; ``from_json`` reads it back."""
        return {
            "kind": self.kind,
            "version": self.version,
            "parent": self.parent,
            "schema": self.schema,
            "components": [[c.name, c.lo, c.hi] for c in self.components],
            "checks": [[c.name, c.passed, c.detail, c.blocks] for c in self.checks],
            "fitness": self.fitness,
            "body": self.body,
        }

    @classmethod
    def from_json(cls, data: Any) -> "GeneratedReward":
        """Return the reward in a JSON object.

        Raises:
            ConfigError: a field is wrong, or the contents do not have the version it claims.
        """
        try:
            made = cls(
                kind=data["kind"],
                body=data["body"],
                components=tuple(Component(*each) for each in data["components"]),
                schema=str(data["schema"]),
                parent=str(data["parent"]),
                checks=tuple(Check(*each) for each in data["checks"]),
                fitness=data["fitness"],
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ConfigError(f"this is no generated reward: {error!r}.") from error
        if data.get("version") != made.version:
            raise ConfigError(
                f"a generated reward says that it is version {data.get('version')!r}, but its "
                f"contents are version {made.version}: it was changed by hand."
            )
        return made


def parameters(values: Mapping[str, float], schema: str = "", parent: str = "") -> GeneratedReward:
    """Return a reward of the kind "parameters": its body is the values, sorted, as JSON.

    >>> parameters({"b": 2.0, "a": 1}).body
    '{"a": 1.0, "b": 2.0}'
    """
    body = json.dumps({k: float(values[k]) for k in sorted(values)}, allow_nan=False)
    return GeneratedReward("parameters", body, schema=schema, parent=parent)
