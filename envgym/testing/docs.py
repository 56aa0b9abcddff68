"""The class docstring says what the class is: eight sections, compared with the code."""

import inspect
import re

from envgym.runtime.settings import KernelArgs
from envgym.runtime.tools import collect
from envgym.testing.subject import Subject

SECTIONS = (
    "Observation",
    "Action",
    "Rewards and evidence",
    "Starting state",
    "End of episode",
    "Arguments",
    "Version history",
)
"""Sections of an environment's docstring after its first line, in order. The line is the eighth."""


def docstring(subject: Subject) -> None:
    """One line, then seven sections in order, naming every tool, argument and evidence key."""
    found = sections(subject.cls)
    subject.require(
        tuple(found) == ("", *SECTIONS),
        f"the docstring's sections are {list(found)[1:]}, expected {list(SECTIONS)}",
    )
    subject.require(
        found[""].endswith(".") and len(found[""]) <= 120, "the docstring's first line is no line"
    )
    for name in collect(subject.cls):
        _named(subject, found, "Action", name, "tool")
    for item in subject.cls.declares:
        _named(subject, found, "Rewards and evidence", item.key, "evidence")
    for name in own_arguments(subject.cls):
        _named(subject, found, "Arguments", name, "argument")
    for preset in subject.cls.presets():
        _named(subject, found, "Rewards and evidence", preset, "preset")
    version = f"v{subject.metadata.get('version')}"
    _named(subject, found, "Version history", version, "version")
    subject.require(
        subject.env_id.endswith(f"-{version}"), f"the id does not end in -{version}, its version"
    )
    env = subject.make()
    try:
        limit = getattr(env.observation_space, "max_length", None)
    finally:
        env.close()
    length = "" if limit is None else f"{limit:,}"
    subject.require(
        length in found["Observation"],
        f"the section Observation does not state {length} characters",
    )


def sections(cls: type) -> dict[str, str]:
    """Return a class docstring's sections by heading; the part before the first under ""."""
    text = inspect.getdoc(cls) or ""
    parts = re.split(rf"^({'|'.join(SECTIONS)}):", text, flags=re.MULTILINE)
    found = {"": parts[0].strip()}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        found[heading] = body.strip()
    return found


def own_arguments(cls: type) -> dict[str, inspect.Parameter]:
    """Return the constructor's keyword arguments that not every environment has."""
    if hasattr(cls, "own_parameters"):  # arguments that are the fields of a dataclass
        found: dict[str, inspect.Parameter] = cls.own_parameters()
        return found
    signature = inspect.signature(cls.__init__)  # type: ignore[misc]  # any class has one
    return {
        name: item
        for name, item in list(signature.parameters.items())[1:]
        if item.kind is item.KEYWORD_ONLY and name not in KernelArgs.__annotations__
    }


def _named(subject: Subject, found: dict[str, str], section: str, name: str, kind: str) -> None:
    subject.require(
        re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", found[section]) is not None,
        f"the docstring's section '{section}' does not name the {kind} '{name}'",
    )
