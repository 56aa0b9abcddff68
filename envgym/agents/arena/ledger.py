"""GameLog: every game of an arena, so that a killed run goes on where it was."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from envgym.agents.arena.seating import Table
from envgym.agents.ratings.results import GameResult
from envgym.types.errors import ConfigError, InfraError

SCHEMA = 1
"""Of the ledger's lines; a file of a newer one is refused."""

_KIND = "envgym.arena"

Key = tuple[str, tuple[str, ...]]


class GameLog:
    """Finished games by cluster and seats; in memory, or in a JSON Lines file.

    The file is only appended to: a head line with the settings, written with the first game, then
    one line per game. A last line that was torn by a crash is dropped. Invalid games are written down but not remembered:
    a rerun plays them again. One process at a time writes to a file.
    """

    def __init__(self, path: str | Path | None, settings: Mapping[str, Any]) -> None:
        """Open the ledger at ``path``, which need not exist; None: in memory.

        Raises:
            ConfigError: for a file of another kind, a newer schema or other settings, or a
                broken line that is not the last.
            InfraError: the file cannot be opened.
        """
        self.path = None if path is None else Path(path)
        self._games: dict[Key, GameResult] = {}
        text = {"kind": _KIND, "schema": SCHEMA, "settings": dict(settings)}
        self._head = json.dumps(text).encode() + b"\n"
        """Still to be written; empty once it is."""
        if self.path is not None:
            try:
                self._open(self.path)
            except OSError as error:
                raise InfraError("disk", f"cannot open {self.path}: {error.strerror}") from error

    def get(self, table: Table) -> GameResult | None:
        """Return the game; None if it was never played, or was invalid."""
        return self._games.get(table.key)

    def put(self, result: GameResult) -> None:
        """Keep a game, in the file too."""
        if self.path is not None:
            line = json.dumps(result.to_json()).encode() + b"\n"
            try:
                if self._head:
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                    self.path.write_bytes(self._head + line)
                    self._head = b""
                else:
                    with self.path.open("ab") as file:
                        file.write(line)
            except OSError as error:
                raise InfraError("disk", f"cannot write {self.path}: {error.strerror}") from error
        self._remember(result)

    def __len__(self) -> int:
        return len(self._games)

    def __iter__(self) -> Iterator[GameResult]:
        return iter(self._games.values())

    def _remember(self, result: GameResult) -> None:
        if result.valid:
            self._games.setdefault((result.cluster, result.players), result)

    def _open(self, path: Path) -> None:
        data = path.read_bytes() if path.exists() else b""
        if self._head.startswith(data):  # new, or torn in its first line
            return
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.split(b"\n")[:-1]
        _check_head(path, lines[0] if lines else data, json.loads(self._head)["settings"])
        for number, line in enumerate(lines[1:], 2):
            self._remember(_read(path, number, line))
        self._head = b""
        if len(whole) < len(data):
            # A torn line: the crash came before its newline, so nobody used its game.
            with path.open("r+b") as file:
                file.truncate(len(whole))


def _check_head(path: Path, line: bytes, settings: Mapping[str, Any]) -> None:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("kind") != _KIND:
        raise ConfigError(f"{path} is no ledger of an arena: its first line does not say so.")
    schema = head.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise ConfigError(f"{path} has ledger schema {schema}, newer than {SCHEMA}; update envgym.")
    was = head.get("settings")
    was = was if isinstance(was, dict) else {}
    for name in (*settings, *was):
        if was.get(name) != settings.get(name):
            raise ConfigError(
                f"{path} belongs to an arena with {name} {json.dumps(was.get(name))}, not "
                f"{json.dumps(settings.get(name))}; give another folder, or the same settings."
            )


def _read(path: Path, number: int, line: bytes) -> GameResult:
    try:
        return GameResult.from_json(json.loads(line))
    except (ValueError, TypeError, KeyError):
        raise ConfigError(f"{path}:{number}: the line is no game; the ledger is damaged.") from None
