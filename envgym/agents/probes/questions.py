"""Banks of questions for judge probes: answers that are right, weak and wrong, and near twins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from envgym.types import Candidate, ConfigError
from envgym.types.errors import near_file

_FIELDS = ("id", "question", "right", "weak", "wrong", "twin", "twin_right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """What a judge is examined with."""

    questions: tuple[Candidate, ...]
    """Every question with its right answer, which is its reference too."""
    groups: tuple[tuple[Candidate, ...], ...]
    """Per question the right, the weak and the wrong answer."""
    contrasts: tuple[tuple[Candidate, Candidate], ...]
    """A question and its twin, which differs in little, each with its own right answer."""


def load_bank(file: str | Path | None = None) -> Bank:
    """Return the questions of a JSON Lines file; without a file the bundled ones.

    Each line is an object of texts: id, question, right, weak, wrong; optionally twin (a question
    that differs in little) with twin_right. The bundled questions are ours.

    Raises:
        ConfigError: the file cannot be read, or a line is wrong; names line and field.
    """
    if file is None:
        source: Any = files("envgym.agents.probes").joinpath("data", "questions.jsonl")
        name = source.name
    else:
        source, name = Path(file), str(file)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = near_file(source) if isinstance(source, Path) else ""
        raise ConfigError(f"questions {name} cannot be read: {reason}.{hint}") from None
    lines = [
        _line(f"{name}:{number}", line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    if not lines:
        raise ConfigError(f"{name} holds no questions.")
    ids = [line["id"] for line in lines]
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise ConfigError(f"{name}: two questions have the id '{twice}'; ids must differ.")
    return Bank(
        questions=tuple(_candidate(line, "right") for line in lines),
        groups=tuple(
            tuple(_candidate(line, part) for part in ("right", "weak", "wrong")) for line in lines
        ),
        contrasts=tuple((_candidate(x, "right"), _twin(x)) for x in lines if "twin" in x),
    )


def _line(where: str, text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{where}: not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: expected an object, got {text[:40]!r}.")
    for name, value in found.items():
        if name not in _FIELDS:
            raise ConfigError(f"{where}: unknown field '{name}'; allowed: {', '.join(_FIELDS)}.")
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{where}: field '{name}' must be a non-empty text, got {value!r}.")
    needed = (
        *_FIELDS[:5],
        *(("twin", "twin_right") if "twin" in found or "twin_right" in found else ()),
    )
    for name in needed:
        if name not in found:
            raise ConfigError(f"{where}: the field '{name}' is missing.")
    return found


def _candidate(line: Mapping[str, str], part: str) -> Candidate:
    return Candidate(
        id=f"{line['id']}/{part}",
        records=({"reference": line["right"]},),
        instruction=line["question"],
        text=line[part],
    )


def _twin(line: Mapping[str, str]) -> Candidate:
    # No reference: in a contrast only the instruction says which answer is right.
    return Candidate(
        id=f"{line['id']}/twin", records=({},), instruction=line["twin"], text=line["twin_right"]
    )
