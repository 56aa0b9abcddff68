"""Prompts of the writers: versioned files with places, filled behind fences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from envgym.agents.judges.fence import fenced, mark_for
from envgym.types import ConfigError, Message
from envgym.types.errors import unknown

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_PARTS = re.compile(r"^\[(system|user)\][ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of one prompt; the file ``NAME-vN.txt`` has a [system] and a [user] part."""

    tag: str
    """Name, version and digest: ``eureka_first-v1-3f0c92ab17de``."""
    system: str
    user: str

    @property
    def places(self) -> frozenset[str]:
        """Names of what has to be filled in."""
        return frozenset(_PLACE.findall(self.system + self.user)) - {"mark"}

    def fill(self, **fields: str) -> tuple[Message, Message]:
        """Return the messages, every field between lines that nothing inside it can forge.

        Raises:
            ConfigError: a place is missing, or a field has none.
        """
        for name in fields.keys() ^ self.places:
            raise ConfigError(unknown(f"field of prompt {self.tag}", name, self.places))
        mark = mark_for([fields[name] for name in sorted(fields)])
        shown = {name: fenced(name, text, mark) for name, text in fields.items()}
        shown["mark"] = mark
        return (
            Message("system", _filled(self.system, shown)),
            Message("user", _filled(self.user, shown)),
        )


@cache
def load_prompt(name: str) -> Prompt:
    """Return a packaged prompt by name (its newest version) or by name and version.

    Raises:
        ConfigError: there is none.

    >>> sorted(load_prompt("eureka_first").places)
    ['contract', 'environment', 'task']
    """
    found: dict[str, str] = {}
    newest: dict[str, int] = {}
    for file in files("envgym.agents.reward_writers").joinpath("prompts").iterdir():
        stem, _, version = file.name.removesuffix(".txt").rpartition("-v")
        text = file.read_text(encoding="utf-8")
        found[f"{stem}-v{version}"] = text
        if int(version) > newest.get(stem, 0):
            newest[stem] = int(version)
            found[stem] = text
    if name not in found:
        raise ConfigError(unknown("writer's prompt", name, found))
    full = name if "-v" in name else f"{name}-v{newest[name]}"
    text = found[name]
    _, *rest = _PARTS.split(text)
    parts = dict(zip(rest[::2], (body.strip("\n") for body in rest[1::2]), strict=True))
    digest = blake2b(text.encode(), digest_size=6).hexdigest()
    return Prompt(f"{full}-{digest}", parts["system"], parts["user"])


@cache
def contract() -> str:
    """Return what every writer of code is told about the form of its answer."""
    return load_prompt("contract").user


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fill each place once; what a value holds is never read as a place."""
    return _PLACE.sub(lambda match: values[match[1]], text)
