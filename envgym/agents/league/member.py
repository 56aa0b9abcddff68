"""One agent of a league, living or past."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from envgym.types import ConfigError, Policy
from envgym.types.errors import unknown

Role = Literal["main", "main_exploiter", "league_exploiter", "past"]
"""main meets past members; main_exploiter meets living main agents and nobody else;
league_exploiter meets all past members; past does not learn any more."""

ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who somebody is; a new value takes its place when a living agent changes."""

    id: str
    """Unique in the league; what episodes record."""
    player: str | Policy | None
    """Agent string ("hf:runs/a/step-20", "table:past.json", "random") or a policy; None: it is
    trained and cannot be met."""
    role: Role
    created: int
    """Place in the order of joining, from 0."""
    parent: str | None = None
    """The living agent that it is a snapshot of."""

    def __post_init__(self) -> None:
        words = isinstance(self.id, str) and self.id.isprintable()
        if not words or not self.id or self.id != self.id.strip():
            raise ConfigError(f"league: an id is a word or several, got {self.id!r}.")
        if self.role not in ROLES:
            raise ConfigError(f"league: {unknown('role', str(self.role), ROLES)}")
        if self.player is None:
            if self.frozen:
                raise ConfigError(f"league: past member '{self.id}' needs a player.")
        elif isinstance(self.player, type) or not isinstance(self.player, str | Policy):
            raise ConfigError(
                f"league: the player of '{self.id}' must be an agent string or a policy, got "
                f"{self.player!r:.80}."
            )

    @property
    def frozen(self) -> bool:
        """Whether it does not change any more."""
        return self.role == "past"

    def to_json(self) -> dict[str, Any]:
        """Return the member as JSON.

        Raises:
            ConfigError: its player is a live policy, which no file can hold.
        """
        if not isinstance(self.player, str | None):
            raise ConfigError(
                f"league: '{self.id}' is a live policy, which no file can hold; give it an agent "
                "string, such as hf:PATH or table:PATH."
            )
        return {
            "id": self.id,
            "player": self.player,
            "role": self.role,
            "created": self.created,
            "parent": self.parent,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Member":
        """Return the member that ``to_json`` gave.

        Raises:
            ConfigError, KeyError, TypeError: it is none.
        """
        return cls(
            id=data["id"],
            player=data["player"],
            role=data["role"],
            created=int(data["created"]),
            parent=data["parent"],
        )
