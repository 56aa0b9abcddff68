"""A league's file: one JSON line per change, so that saving again only appends."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from envgym.types import ConfigError, InfraError
from envgym.types.errors import near_file

FORMAT = 1
"""Version of the file; a reader refuses any other."""


def append(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Bring a file up to date: what it holds already must be the beginning of ``lines``.

    A last line without its newline was cut off while it was written, and is written again.

    Raises:
        ConfigError: the file is something else; it stays as it is.
        InfraError: it cannot be read or written.
    """
    whole = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    try:
        known = path.read_bytes() if path.exists() else b""
        kept = known[: known.rfind(b"\n") + 1]
        if not whole.startswith(kept) or (known and not kept and not whole.startswith(known)):
            raise ConfigError(
                f"{path} holds something else than the beginning of this league; "
                "it is never overwritten."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "xb") as file:
            file.truncate(len(kept))
            file.seek(len(kept))
            file.write(whole[len(kept) :])
    except OSError as error:
        raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error


def read(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Return (line number, change) of a league's file; a last line that was cut off is left out.

    Raises:
        ConfigError: there is no such file, or it is no league's; names the line.
        InfraError: it cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"there is no league at {path}.{near_file(path)}") from None
    except OSError as error:
        raise InfraError("disk", f"cannot read {path}: {error.strerror}") from error
    found = []
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"{path}:{number}: no JSON: {error}.") from None
        if not isinstance(value, dict):
            raise ConfigError(f"{path}:{number}: expected an object, got {value!r:.60}.")
        found.append((number, value))
    if not found or "envgym_league" not in found[0][1]:
        raise ConfigError(f"{path} is no league: its first line lacks 'envgym_league'.")
    if found[0][1]["envgym_league"] != FORMAT:
        raise ConfigError(
            f"{path}: envgym_league is {found[0][1]['envgym_league']!r}; this release reads "
            f"{FORMAT}."
        )
    return found
