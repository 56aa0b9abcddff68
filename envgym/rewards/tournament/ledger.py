"""MatchLog: every comparison ever asked, so that a rerun asks nothing twice."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from envgym.types.compare import Candidate, Comparator, Match, Pair
from envgym.types.errors import ConfigError

SCHEMA = 1
"""Of the ledger's lines; a file of a newer one is refused."""

_KIND = "envgym.matches"
_HEAD = json.dumps({"kind": _KIND, "schema": SCHEMA}).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Key:
    """What a comparison is known by."""

    comparator: str
    """Its name, which stands for its version and settings."""
    group: str
    """Task or group; rollout ids are unique only within one."""
    first: str
    """The smaller id."""
    second: str
    content: str = ""
    """Digest of what was compared, so that an id used again for another rollout asks anew."""


class MatchLog:
    """Comparisons by comparator, group and pair of ids; in memory, or in a JSON Lines file.

    The file is only appended to: a head line, then one line per comparison. A last line that
    was torn by a crash is dropped, and the next line starts afresh. One process at a time
    writes to a file.

    >>> log = MatchLog()
    >>> log.put(Key("judge-1", "task-7", "a", "b"), Match(p=1.0, calls=2))
    >>> log.get(Key("judge-1", "task-7", "a", "b")).p
    1.0
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the ledger at ``path``, which need not exist; None: in memory.

        Raises:
            ConfigError: for a file of another kind or a newer schema, or a broken line that is
                not the last.
        """
        self.path = None if path is None else Path(path)
        self._matches: dict[Key, Match] = {}
        if self.path is not None:
            self._open(self.path)

    def get(self, key: Key) -> Match | None:
        """Return the comparison; None if it was never asked."""
        return self._matches.get(key)

    def put(self, key: Key, match: Match) -> None:
        """Keep a comparison, in the file too; the first answer for a key stays."""
        self.extend([(key, match)])

    def extend(self, matches: Sequence[tuple[Key, Match]]) -> None:
        """Keep many comparisons with one write."""
        fresh = {key: match for key, match in reversed(matches) if key not in self._matches}
        if fresh and self.path is not None:
            lines = [json.dumps(_line(key, fresh[key])) + "\n" for key in reversed(fresh)]
            _append(self.path, "".join(lines).encode())
        self._matches.update(reversed(fresh.items()))

    def __len__(self) -> int:
        return len(self._matches)

    def __iter__(self) -> Iterator[tuple[Key, Match]]:
        return iter(self._matches.items())

    def _open(self, path: Path) -> None:
        data = path.read_bytes() if path.exists() else b""
        if _HEAD.startswith(data):  # new, or torn in its first line
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_HEAD)
            return
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.split(b"\n")[:-1]
        _check_head(path, lines[0] if lines else data)
        for number, line in enumerate(lines[1:], 2):
            key, match = _read(path, number, line)
            self._matches.setdefault(key, match)
        if len(whole) < len(data):
            # A torn line: the crash came before its newline, so nobody used its answer.
            with path.open("r+b") as file:
                file.truncate(len(whole))


@dataclass(frozen=True)
class Logged:
    """A comparator that looks into a ledger first and writes down what it had to ask.

    A known match keeps the judge calls that it cost when it was asked, so that a rerun within
    the same budget plays the same tournament. Unanswered matches are kept too.

    >>> from envgym.rewards.tournament.fake import FakeComparator
    >>> judge = Logged(FakeComparator(quality={"a": 1.0, "b": 0.0}), MatchLog(), group="task-7")
    >>> pair = (Candidate(id="a", records=()), Candidate(id="b", records=()))
    >>> judge.compare([pair]) == judge.compare([pair]), len(judge.log)
    (True, 1)
    """

    comparator: Comparator
    log: MatchLog
    group: str = ""
    """Task or group that the ids belong to."""
    name: str = field(default="", init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.comparator.name)

    def compare(self, pairs: Sequence[Pair]) -> list[Match]:
        """Return one match per pair; asks only for those that the ledger lacks."""
        digests = {id(c): _digest(c) for pair in pairs for c in pair}
        keys: list[tuple[Key, bool]] = []
        asked: dict[Key, Pair] = {}
        for a, b in pairs:
            swapped = b.id < a.id
            first, second = (b, a) if swapped else (a, b)
            content = digests[id(first)] + digests[id(second)]
            key = Key(self.name, self.group, first.id, second.id, content)
            keys.append((key, swapped))
            if self.log.get(key) is None:
                asked[key] = (first, second)
        if asked:
            fresh = self.comparator.compare(list(asked.values()))
            if len(fresh) != len(asked):
                raise ConfigError(
                    f"the comparator '{self.name}' must answer every pair: it was asked "
                    f"{len(asked)} and gave {len(fresh)} matches."
                )
            self.log.extend(list(zip(asked, fresh, strict=True)))
        found: list[Match] = []
        for key, swapped in keys:
            match = self.log.get(key)
            assert match is not None
            found.append(match.swapped() if swapped else match)
        return found


def _digest(candidate: Candidate) -> str:
    digest = blake2b(digest_size=6)
    # A recorded group holds the shares that its comparisons led to: they are not compared.
    records = [
        sorted((key, value) for key, value in record.items() if not key.startswith("group:"))
        for record in candidate.records
    ]
    for part in (candidate.instruction, candidate.text, repr(records)):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def _line(key: Key, match: Match) -> dict[str, Any]:
    return {
        "comparator": key.comparator,
        "group": key.group,
        "first": key.first,
        "second": key.second,
        "content": key.content,
        "p": match.p,
        "scores": None if match.scores is None else list(match.scores),
        "calls": match.calls,
        "agreed": match.agreed,
        "note": dict(match.note),
    }


def _append(path: Path, data: bytes) -> None:
    """Write all of ``data`` at the end, or nothing."""
    with path.open("ab", buffering=0) as file:
        size = file.tell()
        try:
            while data:
                data = data[file.write(data) :]
        except OSError:
            file.truncate(size)
            raise


def _check_head(path: Path, line: bytes) -> None:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("kind") != _KIND:
        raise ConfigError(f"{path} is no ledger of matches: its first line does not say so.")
    schema = head.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise ConfigError(f"{path} has ledger schema {schema}, newer than {SCHEMA}; update envgym.")


def _read(path: Path, number: int, line: bytes) -> tuple[Key, Match]:
    try:
        value = json.loads(line)
        texts = [value[k] for k in ("comparator", "group", "first", "second", "content")]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError
        scores = value["scores"]
        note: Mapping[str, Any] = value["note"]
        match = Match(
            p=None if value["p"] is None else float(value["p"]),
            scores=None if scores is None else (float(scores[0]), float(scores[1])),
            calls=int(value["calls"]),
            agreed=None if value["agreed"] is None else bool(value["agreed"]),
            note=note,
        )
    except (ValueError, TypeError, KeyError, IndexError):
        raise ConfigError(
            f"{path}:{number}: the line is no comparison; the ledger is damaged."
        ) from None
    return Key(*texts), match
