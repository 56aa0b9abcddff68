"""The lines of an episode file, schema version 1.

A file is JSON Lines in UTF-8. Each line is an object whose ``kind`` says which of the classes
below it holds; the remaining fields are the class's own. Episodes interleave by ``ep``. Numbers
are finite; integers beyond 2**53 are strings, because most JSON readers round them. Event e is
the e-th step, counted from 0; the evidence of ``reset`` is record 0, that of event e record e+1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1
"""Written to ``head.v``; a reader refuses the lines of any other version."""

AGENT = "agent"
"""The one agent of a single-agent episode."""

SAFE_INT = 2**53
"""Largest magnitude that every JSON reader keeps exactly."""

Obs = str | int | float | list[Any] | dict[str, Any] | None
"""Text, a number, a list, or an array by reference: {"ref", "dtype", "shape"}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How to make the environment again, and what was known before the first step."""

    v: int
    """Schema version."""
    ep: str
    """Name of the episode: task, seed, group index and attempt."""
    env: str
    """Registered id."""
    version: str
    """Version of the family's rules, from its metadata."""
    config: Mapping[str, Any]
    """Keyword arguments of ``gymnasium.make``, as JSON, secrets redacted."""
    seed: int
    """Seed of the reset, below 2**63."""
    task: Mapping[str, Any]
    """The whole task."""
    agents: tuple[str, ...] = (AGENT,)
    """Names of the agents."""
    spaces: Mapping[str, Any] = field(default_factory=dict)
    """Agent to a description of its spaces."""
    tools: Mapping[str, Any] = field(default_factory=dict)
    """Digest to tool schema, in the order shown to the agent."""
    program: Mapping[str, Any] = field(default_factory=dict)
    """The reward program that paid, as JSON."""
    parent: Mapping[str, Any] | None = None
    """{"ep", "e"} of the snapshot this episode continues; None: it began with a reset."""
    group: Mapping[str, Any] | None = None
    """{"id", "index"} among the rollouts of one task; None: it stands alone."""
    libs: Mapping[str, str] = field(default_factory=dict)
    """Versions of the libraries that could change a world."""
    volatile: tuple[str, ...] = ()
    """JSON pointers into ``reset`` and ``e`` lines that a re-run may change."""
    masks: tuple[str, ...] = ()
    """Regular expressions removed from observations before they were shown."""
    batch: Mapping[str, Any] | None = None
    """Where it stood in a numeric vector; None: it was played alone. ``id``: name of the episode
    that opened the batch, None in that one; ``row`` of ``size``; ``start``: steps of the batch
    before its first event; ``asked``: number of the ``reset_mask`` that began it, or 0; ``evidence``: whether blocks
    hold observations, rewards and evidence too; ``vector``: the vector's own arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """What ``reset`` returned."""

    ep: str
    obs: Mapping[str, Obs]
    ev: Mapping[str, Mapping[str, Any]]
    """Agent to evidence: record 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One step."""

    ep: str
    e: int
    acts: Mapping[str, Obs]
    """Agent to its whole message."""
    calls: Mapping[str, tuple[Mapping[str, Any], ...]]
    """Agent to the calls read from the message: {"name", "args"}."""
    err: Mapping[str, str]
    """Agent to its mistake; agents without one are absent."""
    obs: Mapping[str, Obs]
    ev: Mapping[str, Mapping[str, Any]]
    """Agent to evidence: record e+1."""
    pay: Mapping[str, float]
    """Agent to the float of this step."""
    ended: Mapping[str, str]
    """Agent to "terminated" or "truncated"; agents that go on are absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Evidence that arrived after the event it belongs to: judges, groups."""

    ep: str
    e: int
    """The event; -1 is the reset."""
    agent: str
    ev: Mapping[str, Any]
    source: str
    """Who supplied it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A wall-clock budget that ran out at event ``e``; replays repeat it from this line."""

    ep: str
    e: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How the episode ended and what it paid."""

    ep: str
    cause: str
    """task, budget, external or invalid."""
    valid: bool
    reason: str | None
    """Why it is invalid."""
    success: Mapping[str, bool | None]
    returns: Mapping[str, float | None]
    """Agent to its return; None: there is none (cut from outside, invalid)."""
    ledger: tuple[tuple[Any, ...], ...]
    """[agent, component, earned, paid, value, gate, note] per entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Events of several episodes of one numeric vector, kept in one file of arrays."""

    eps: tuple[str, ...]
    """Names of the episodes; the head of each says which row of the arrays is its own."""
    e0: int
    """Number of the first event, the same in all of them."""
    n: int
    """Events."""
    ref: str
    """Digest of the arrays: "actions" and "marks" [T, B, ...], with stored evidence also
    observations, "pay", "ended" and evidence. They lie in ``arrays/<ref>.npz``."""
    hash: str
    """Of the rows' digests after the last event, in order of rows."""
    t0: int
    """Index of the first event along the arrays' first axis."""


Line = Head | Reset | Event | Late | Cut | End | Block

KINDS: Mapping[str, type[Line]] = {
    "head": Head,
    "reset": Reset,
    "e": Event,
    "late": Late,
    "cut": Cut,
    "end": End,
    "block": Block,
}
"""``kind`` to the class of the line."""

CAUSES = ("task", "budget", "external", "invalid")
"""Allowed values of ``end.cause``."""
