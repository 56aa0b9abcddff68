"""Reading episode files, good or damaged."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import BinaryIO, overload

from envgym.runtime.episodes.assemble import assemble
from envgym.runtime.episodes.decode import LineError, decode
from envgym.runtime.episodes.episode import Episode
from envgym.runtime.episodes.schema import AGENT, Block, Head, Line
from envgym.runtime.episodes.writer import EPISODE_FILE
from envgym.types.errors import EpisodeFileError, near_file

# Our writer begins every line like this, so the index need not parse what it only counts.
_BLOCKS = 64
"""Block lines kept decoded: each is part of many episodes."""
_PREFIX = re.compile(rb'\{"kind":"(head|reset|e|late|cut|end)","ep":"([^"\\]*)"')


@dataclass(slots=True)
class _Place:
    """Where the lines of one episode lie."""

    name: str
    path: Path
    ep: str
    """What the file calls it."""
    agent: str = AGENT
    """Whose view it is."""
    lines: list[tuple[int, int, int]] = field(default_factory=list)
    """(line number, byte offset, length) in order of the file."""


class Episodes(Sequence[Episode]):
    """Recorded episodes in the order they began. Holds positions; an episode is read when asked.

    An episode of several agents stands here once for each of them, named "EPISODE@AGENT".

    ``problems`` has one sentence, beginning with ``file:line``, per thing that could not be
    read. Damage inside an episode is found when that episode is read, so the list is complete
    once every episode was.
    """

    def __init__(self, places: list[_Place], problems: list[str], files: list[Path]) -> None:
        self._places = places
        self._found = dict.fromkeys(problems)
        self._decoded: dict[tuple[Path, int], Line] = {}
        self._batches: dict[str, list[_Place]] | None = None
        self.files = tuple(files)

    @property
    def problems(self) -> list[str]:
        """What could not be read, each sentence once."""
        return list(self._found)

    @property
    def names(self) -> list[str]:
        """Names of the episodes, in order."""
        return [place.name for place in self._places]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Episode: ...
    @overload
    def __getitem__(self, index: slice) -> list[Episode]: ...
    def __getitem__(self, index: int | slice) -> Episode | list[Episode]:
        if isinstance(index, slice):
            return [self._read(place) for place in self._places[index]]
        return self._read(self._places[index])

    def __iter__(self) -> Iterator[Episode]:
        opened: dict[Path, BinaryIO] = {}
        try:
            for place in self._places:
                if place.path not in opened:
                    for file in opened.values():
                        file.close()
                    opened = {place.path: place.path.open("rb")}
                yield self._read(place, opened[place.path])
        finally:
            for file in opened.values():
                file.close()

    def named(self, name: str) -> Episode:
        """Return an episode by name, or by its number from 0 written as text.

        Raises:
            EpisodeFileError: there is none; names the nearest.
        """
        for place in self._places:
            if place.name == name:
                return self._read(place)
        if name.isascii() and name.isdigit() and int(name) < len(self):
            return self[int(name)]
        near = get_close_matches(name, self.names, n=1, cutoff=0.3)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise EpisodeFileError(
            f"no episode '{name}'; give a number from 0 to {len(self) - 1} or a name.{hint}"
            if self._places
            else f"no episode '{name}': the file holds none."
        )

    def team(self, episode: Episode) -> list[Episode]:
        """Return the views of all agents of the episode that ``episode`` is one view of."""
        if not episode.several:
            return [episode]
        base = episode.name.removesuffix(f"@{episode.agent}")
        names = {f"{base}@{agent}" for agent in episode.head.agents}
        return [self._read(p) for p in self._places if p.name in names and p.path == episode.path]

    def batch(self, episode: Episode) -> list[Episode]:
        """Return all episodes of the numeric vector that ``episode`` was a row of, as they began.

        From one reset of all rows to the next. Turns that blocks hold are left there.
        """
        if self._batches is None:
            self._batches = _batches(self._places)
        return [self._read(place, unpack=False) for place in self._batches[episode.name]]

    def parent(self, episode: Episode) -> Episode | None:
        """Return the episode that ``episode`` was forked from, None if it is not here.

        Workers may have used one name twice: a parent shows at the fork what its child shows
        first, and the child's own file is looked at before the others.
        """
        if episode.head.parent is None:
            return None
        wanted, e = episode.head.parent["ep"], episode.first
        found = [
            p
            for p in self._places
            if p.ep == wanted and p.agent == episode.agent and p.name != episode.name
        ]
        found.sort(key=lambda place: place.path != episode.path)
        read = [self._read(place) for place in found]
        for parent in read:
            if len(parent.turns) >= e:
                shown = parent.turns[e - 1].obs if e > parent.first else parent.obs
                if shown == episode.obs:
                    return parent
        return read[0] if read else None

    def history(self, episode: Episode) -> Episode:
        """Return ``episode`` with the turns of its parents before its own.

        Raises:
            EpisodeFileError: a parent is not among the files that were read.
        """
        if episode.head.parent is None:
            return episode
        parent = self.parent(episode)
        e = episode.first
        if parent is None or parent.name == episode.name:
            raise EpisodeFileError(
                f"{episode.name} continues '{episode.head.parent['ep']}' from event {e}, which "
                "is not in these files."
            )
        parent = self.history(parent)
        if len(parent.turns) < e:
            raise EpisodeFileError(
                f"{episode.name} continues '{parent.name}' from event {e}, but that episode has "
                f"only {len(parent.turns)} events."
            )
        return replace(
            episode,
            head=replace(episode.head, parent=None),
            obs=parent.obs,
            records=parent.records[:e] + episode.records,
            turns=parent.turns[:e] + episode.turns,
            actors=parent.actors[:e] + episode.actors,
            cuts={**{k: v for k, v in parent.cuts.items() if k < e}, **episode.cuts},
        )

    def _read(self, place: _Place, file: BinaryIO | None = None, *, unpack: bool = True) -> Episode:
        if file is None:
            with place.path.open("rb") as opened:
                return self._read(place, opened, unpack=unpack)
        lines = []
        problems: list[tuple[int, str]] = []
        for number, offset, length in place.lines:
            try:
                lines.append((number, self._line(place.path, file, offset, length)))
            except LineError as error:
                problems.append((number, str(error)))
        episode = assemble(place.name, place.path, lines, problems, place.agent, unpack=unpack)
        for number, text in problems:
            self._found.setdefault(f"{place.path.name}:{number}: {text}")
        return episode

    def _line(self, path: Path, file: BinaryIO, offset: int, length: int) -> Line:
        """Return the line at a place in a file."""
        kept = self._decoded.get((path, offset))
        if kept is not None:
            return kept
        file.seek(offset)
        line = decode(file.read(length))
        if isinstance(line, Block):
            while len(self._decoded) >= _BLOCKS:
                del self._decoded[next(iter(self._decoded))]
            self._decoded[path, offset] = line
        return line


def _batches(places: list[_Place]) -> dict[str, list[_Place]]:
    """Return the places of each batch by the names of its episodes."""
    found: dict[str, list[_Place]] = {}
    opened: dict[tuple[Path, str], list[_Place]] = {}
    for place in places:
        _, offset, length = place.lines[0]
        with place.path.open("rb") as file:
            file.seek(offset)
            head = decode(file.read(length))
        if isinstance(head, Head) and head.batch is not None:
            first = head.batch["id"]
            key = (place.path, first or head.ep)
            if first is None or key not in opened:
                opened[key] = []
            opened[key].append(place)
            found[place.name] = opened[key]
    return found


def read_episodes(path: str | PathLike[str]) -> Episodes:
    """Return the episodes of a file, or of all ``episodes*.jsonl`` of a folder.

    Reads the positions of the lines now and each episode when it is asked for, so memory does
    not grow with the file. Iterate to go through all of them.

    Raises:
        EpisodeFileError: there is no such file or folder, or the folder holds no episode file.
    """
    files = _files(Path(path))
    places: list[_Place] = []
    problems: list[str] = []
    taken: dict[str, int] = {}
    for file in files:
        try:
            _index(file, places, problems, taken)
        except OSError as error:
            raise EpisodeFileError(f"{file}: cannot be read: {error.strerror}") from error
    return Episodes(places, problems, files)


def iter_episodes(path: str | PathLike[str]) -> Iterator[Episode]:
    """Yield the episodes of a file or folder one by one; same errors as ``read_episodes``."""
    yield from read_episodes(path)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = [item for item in path.iterdir() if EPISODE_FILE.fullmatch(item.name)]
        if not found:
            raise EpisodeFileError(f"{path}: the folder holds no episodes.jsonl.")
        # The parent's file first, then the workers' by number.
        return sorted(found, key=lambda item: (len(item.name), item.name))
    if not path.exists():
        raise EpisodeFileError(f"{path}: there is no such file or folder.{near_file(path)}")
    return [path]


def _index(path: Path, places: list[_Place], problems: list[str], taken: dict[str, int]) -> None:
    """Add the episodes of one file to ``places``."""
    current: dict[str, list[tuple[int, int, int]]] = {}
    agents: tuple[str, ...] = (AGENT,)
    refused: set[str] = set()
    offset = 0
    with path.open("rb") as file:
        for number, data in enumerate(file, 1):
            start, offset = offset, offset + len(data)
            where = f"{path.name}:{number}"
            if not data.endswith(b"\n") and not _whole(data):
                problems.append(
                    f"{where}: the last line is cut off after {len(data)} bytes (the writer was "
                    "stopped in the middle of it); it was left out."
                )
                continue
            if not data.strip():
                continue
            match = _PREFIX.match(data)
            if match is not None and match[1] != b"head":
                kind, ep = match[1].decode(), match[2].decode("utf-8", "replace")
            else:
                try:
                    line = decode(data)
                except LineError as error:
                    problems.append(f"{where}: {error}")
                    if match is not None:
                        refused.add(match[2].decode("utf-8", "replace"))
                        current.pop(match[2].decode("utf-8", "replace"), None)
                    continue
                if isinstance(line, Block):
                    lost = [ep for ep in line.eps if ep not in current]
                    for ep in line.eps:
                        if ep in current:
                            current[ep].append((number, start, len(data)))
                    if lost and not refused.issuperset(lost):
                        refused.update(lost)
                        problems.append(
                            f"{where}: field 'eps': no head for '{lost[0]}' before this line"
                            + (f", nor for {len(lost) - 1} more" if len(lost) > 1 else "")
                            + "; their events were left out."
                        )
                    continue
                kind, ep = type(line).__name__.lower(), line.ep
                agents = line.agents if isinstance(line, Head) else (AGENT,)
            if kind == "head":
                taken[ep] = taken.get(ep, 0) + 1
                name = ep if taken[ep] == 1 else f"{ep}#{taken[ep]}"
                current[ep] = []
                for agent in agents:
                    own = name if agents == (AGENT,) else f"{name}@{agent}"
                    places.append(_Place(own, path, ep, agent, current[ep]))
                refused.discard(ep)
            elif ep not in current:
                if ep not in refused:
                    refused.add(ep)
                    problems.append(
                        f"{where}: field 'ep': no head for '{ep}' before this line; its lines "
                        "were left out."
                    )
                continue
            current[ep].append((number, start, len(data)))


def _whole(data: bytes) -> bool:
    try:
        decode(data)
    except LineError:
        return False
    return True
