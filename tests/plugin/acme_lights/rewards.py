"""A reward node that JSON finds because this package is installed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from envgym.rewards import Bounds, Reading
from envgym.rewards.reading import TEXT, text


@dataclass(frozen=True)
class Courtesy(Reading):
    """1 for a message that says please, else 0."""

    kind: ClassVar[str] = "acme.courtesy"
    scope: str = "step"

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        return {"message": TEXT}

    @property
    def bounds(self) -> Bounds:
        return Bounds(0.0, 1.0)

    def read(self, record):
        said = text(record, "message")
        return None if said is None else float("please" in said)
