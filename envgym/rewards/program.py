"""Program: a named, frozen reward function of evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from envgym.rewards.books import Books
from envgym.rewards.fold.sum import Sum
from envgym.rewards.group.groupmap import GroupMap
from envgym.rewards.map.scale import Scale
from envgym.rewards.node import DEPTH, Direction, Node
from envgym.rewards.phases import Phase
from envgym.rewards.reading import NUMBERS, Reading
from envgym.rewards.signal import Bounds, Evidenced
from envgym.rewards.source import Constant, Source
from envgym.rewards.spec import from_spec, to_spec
from envgym.rewards.summands import Summand, flatten
from envgym.types.errors import ConfigError, EvidenceError, unknown
from envgym.types.evidence import Evidence

SCHEMA = 1
"""Version of a program's JSON; a file without one is of this version."""


@dataclass(frozen=True)
class Program:
    """A reward program: a pure function of an episode's evidence.

    It holds no state: ``open`` starts the books of one episode. Programs compare by value,
    print as a line, and compose: ``a + b`` pays both, ``0.5 * a`` half.

    >>> from envgym.rewards import ProgressDelta, Source
    >>> dense = Program("dense", Source("outcome", "episode") + ProgressDelta(Source("progress")))
    >>> print(0.5 * dense)
    0.5*dense: 0.5*(outcome + delta(progress))
    >>> books = dense.open({"progress": 0.0, "end": None})
    >>> books.step({"progress": 0.5, "end": None})
    (0.5, {'progress': 0.5})
    >>> books.step({"progress": 1.0, "outcome": 1.0, "end": "task"})
    (1.5, {'progress': 0.5, 'outcome': 1.0})
    >>> books.total
    2.0
    """

    name: str
    """What lists and files call it."""
    root: Node
    """The tree."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ConfigError(f"Program.name must be a non-empty text, got {self.name!r}.")
        if not isinstance(self.root, Node):
            raise ConfigError(f"Program.root must be a reward node, got {self.root!r}.")
        _check_depth(self.root, (), set())
        _check_drops(self.root)
        _check_groups(self.group_nodes)

    # What is known without an episode.

    @cached_property
    def summands(self) -> tuple[Summand, ...]:
        """The root flattened through Sum and constant Scale; each is paid in its own phase."""
        return flatten(self.root)

    @cached_property
    def online(self) -> tuple[Summand, ...]:
        """Summands paid inside ``step``."""
        return tuple(s for s in self.summands if s.node.phase == "online")

    @cached_property
    def terminal(self) -> tuple[Summand, ...]:
        """Summands paid as one lump with the last step."""
        return tuple(s for s in self.summands if s.node.phase == "terminal")

    @cached_property
    def components(self) -> tuple[str, ...]:
        """Names of the summands, each once."""
        return tuple(dict.fromkeys(s.component for s in self.summands))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Every node that reads evidence, in reading order."""
        return tuple(node for node in self.root.walk() if isinstance(node, Reading))

    @cached_property
    def group_nodes(self) -> tuple[GroupMap, ...]:
        """Every node that compares rollouts, each once, children before parents."""
        found = [node for node in self.root.walk() if isinstance(node, GroupMap)]
        return tuple(dict.fromkeys(reversed(found)))

    @cached_property
    def needs(self) -> frozenset[str]:
        """Keys of the evidence it reads, the kernel's "end" aside."""
        read = {key for reading in self.readings for key in reading.keys}
        return frozenset(read.union(*(node.reads for node in self.group_nodes)))

    @cached_property
    def alone(self) -> "Program":
        """The summands that need one episode only; the program itself if that is all of them."""
        kept = [s for s in self.summands if s.node.phase not in ("group", "trainer")]
        if len(kept) == len(self.summands):
            return self
        terms = [
            Scale(s.node, s.factor, name="" if s.component == s.node.label else s.component)
            for s in kept
        ]
        return Program(f"{self.name}.alone", Sum((*terms, Constant(0.0))))

    @property
    def phase(self) -> Phase:
        """The latest phase of any node."""
        return self.root.phase

    @property
    def bounds(self) -> Bounds:
        """Interval of the total of a valid episode."""
        return self.root.total

    @cached_property
    def monotone(self) -> dict[str, Direction]:
        """Effect of raising one evidence value alone on the total, per key (law L3)."""
        return _directions(self.root)

    def check(self, declared: Mapping[str, Evidence], where: str) -> None:
        """Check that ``where`` declares the evidence this program reads.

        Args:
            declared: declarations by key, the kernel's own included.
            where: who declares them, an environment id or a file.

        Raises:
            EvidenceError: naming the key and what there is.
        """
        missing = sorted(self.needs - declared.keys())
        if missing:
            keys = ", ".join(f"'{key}'" for key in missing)
            have = ", ".join(sorted(declared)) or "nothing"
            hint = unknown("evidence", missing[0], declared).partition("Did you mean")
            said = f"{hint[1]}{hint[2]}"
            if missing[0].startswith("judge."):
                said = "A judge's answers join recorded episodes with `envgym rewards grade`."
            raise EvidenceError(
                f'reward="{self.name}" needs evidence {keys}; {where} supplies {have}.'
                + (f" {said}" if said else "")
            )
        for reading in self.readings:
            for key, types in reading.types.items():
                self._check_key(reading, types, declared[key], where)

    def _check_key(
        self, reading: Reading, types: frozenset[str], evidence: Evidence, where: str
    ) -> None:
        head = f"reward=\"{self.name}\" reads evidence '{evidence.key}'"
        if evidence.type not in types:
            wanted = "a number" if types == NUMBERS else " or ".join(sorted(types))
            raise EvidenceError(f"{head} as {wanted}, but {where} declares it as {evidence.type}.")
        if reading.scope == "step" and evidence.scope == "episode":
            raise EvidenceError(
                f"{head} at every step, but {where} supplies it at the end of an episode only; "
                f'use {type(reading).__name__}(..., scope="episode").'
            )
        if not isinstance(reading, Source):
            return
        lo, hi = (0.0, 1.0) if evidence.type == "bool" else (evidence.lo, evidence.hi)
        theirs = Bounds(lo, hi)
        if theirs.finite and not (reading.lo <= theirs.lo and theirs.hi <= reading.hi):
            raise EvidenceError(
                f"{head} with bounds {reading.bounds}, but {where} declares {theirs}."
            )

    # Episodes.

    def open(self, record0: Evidenced, agent: str = "agent") -> Books:
        """Return the books of an episode whose reset reported ``record0``.

        Raises:
            ConfigError: if the program compares rollouts or needs the trainer.
            EvidenceError: if ``record0`` lacks a step key.
        """
        if self.phase in ("group", "trainer"):
            raise ConfigError(
                f'reward="{self.name}" is a {self.phase} program: it compares the rollouts of '
                "one task. Use GroupVectorEnv, or envgym.rewards.score on recorded episodes."
            )
        return Books(self, record0, agent)

    def replay(
        self, records: Sequence[Evidenced], ended: bool = True, agent: str = "agent"
    ) -> Books:
        """Return the books after all ``records``, without running anything.

        Args:
            records: reset's record, then one per event.
            ended: whether the episode ended by task or budget; False closes the books as an
                external cut does.
            agent: who is paid.

        Raises:
            ConfigError: if ``ended`` and the records disagree.
            EvidenceError: if a record lacks a key.
        """
        if not records:
            raise ConfigError("replay needs at least reset's record, got none.")
        closes = len(records) > 1 and records[-1].get("end") is not None
        if closes != ended:
            raise ConfigError(
                f"replay was told ended={ended}, but the last record says "
                f"end={records[-1].get('end')!r}."
            )
        books = self.open(records[0], agent)
        for record in records[1:]:
            books.step(record)
        if not ended:
            books.void()
        return books

    # JSON and text.

    def spec(self) -> dict[str, Any]:
        """Return the program as a JSON-ready dict."""
        return {"v": SCHEMA, "program": self.name, "root": to_spec(self.root)}

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> "Program":
        """Return the program that ``spec`` describes; a bare node becomes the program "custom".

        Raises:
            ConfigError: naming the path, the field, the value and what is allowed.
        """
        if isinstance(spec, Mapping) and "node" in spec:
            return cls("custom", from_spec(spec))
        if not isinstance(spec, Mapping) or "root" not in spec:
            raise ConfigError(
                "a reward program needs the fields 'program' and 'root', or must be a node."
            )
        for key in spec:
            if key not in _FIELDS:
                raise ConfigError(unknown("field of a reward program", str(key), _FIELDS))
        version = spec.get("v", SCHEMA)
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise ConfigError(f"field 'v' of a reward program must be {SCHEMA}, got {version!r}.")
        if version > SCHEMA:
            raise ConfigError(
                f"the reward program has schema version {version}, which is newer than the "
                f"{SCHEMA} that this envgym reads; update envgym."
            )
        return cls(spec.get("program", "custom"), from_spec(spec["root"]))

    def tree(self) -> str:
        """Return the program as an indented text, one node per line with its phase and range."""
        lines = [f"{self.name}  {self.phase}  total {self.bounds}"]
        _grow(self.root, 1, lines)
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.name}: {self.root.formula}"

    def __add__(self, other: object) -> "Program":
        if isinstance(other, Program):
            return Program(f"{self.name}+{other.name}", self.root + other.root)
        if isinstance(other, Node):
            return Program(f"{self.name}+{other.label}", self.root + other)
        return NotImplemented

    def __mul__(self, factor: object) -> "Program":
        if isinstance(factor, bool) or not isinstance(factor, int | float):
            return NotImplemented
        name = f"({self.name})" if "+" in self.name else self.name
        return Program(f"{factor:g}*{name}", self.root * factor)

    def __rmul__(self, factor: object) -> "Program":
        return self * factor

    def __getstate__(self) -> dict[str, Any]:
        # Caches are cheap to rebuild and would double a snapshot.
        return {"name": self.name, "root": self.root}


_FIELDS = ("v", "program", "root")


def _grow(node: Node, depth: int, lines: list[str]) -> None:
    own = f" '{node.name}'" if node.name else ""
    detail = node.formula if not node.children else node.kind
    lines.append(f"{'  ' * depth}{detail}{own}  {node.phase} {node.scope} {node.bounds}")
    for child in node.children:
        _grow(child, depth + 1, lines)


def _directions(node: Node) -> dict[str, Direction]:
    if isinstance(node, Source):
        return {node.key: "up"}
    found: dict[str, Direction] = {}
    if isinstance(node, Reading):
        found = dict.fromkeys(node.keys, "none")
    for own, child in zip(node.directions(), node.children, strict=True):
        for key, below in _directions(child).items():
            through: Direction = "none"
            if "none" not in (own, below):
                through = "up" if own == below else "down"
            found[key] = through if found.get(key, through) == through else "none"
    return found


def _check_depth(node: Node, above: tuple[int, ...], checked: set[tuple[int, int]]) -> None:
    if id(node) in above:
        raise ConfigError(f"the reward program contains itself: '{node.kind}' is below itself.")
    if len(above) >= DEPTH:
        raise ConfigError(f"the reward program is nested deeper than {DEPTH} nodes.")
    if (id(node), len(above)) in checked:
        return  # a part that is used twice
    checked.add((id(node), len(above)))
    for child in node.children:
        _check_depth(child, (*above, id(node)), checked)


def _check_drops(root: Node) -> None:
    from envgym.rewards.fold.mean import Mean
    from envgym.rewards.map.on_invalid import OnInvalid

    allowed: set[int] = set()
    for node in root.walk():
        if isinstance(node, Mean):
            allowed.update(map(id, node.of))
        elif isinstance(node, OnInvalid) and node.policy == "drop" and id(node) not in allowed:
            raise ConfigError(
                f"OnInvalid.policy 'drop' of '{node.label}' needs a Mean directly around it, "
                "whose other weights can be normalised again."
            )


def _check_groups(nodes: Sequence[GroupMap]) -> None:
    seen: dict[str, GroupMap] = {}
    for node in nodes:
        if seen.setdefault(node.key, node) != node:
            raise ConfigError(
                f"two nodes that compare rollouts read alike, '{node.formula}', but differ; "
                "give what they compare different names."
            )
