"""What happens when an agent's message is no move."""

from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from envgym.types import ConfigError
from envgym.types.errors import unknown

Then = Literal["forfeit", "random", "noop"]


@dataclass(frozen=True, slots=True)
class IllegalPolicy:
    """Ask again a few times, then decide for the agent.

    Written as text: "retry:2,forfeit" (the default), "forfeit", "retry:1,random", "noop".

    >>> IllegalPolicy.parse("retry:1,random")
    IllegalPolicy(retries=1, then='random')
    """

    retries: int = 2
    """How often the reason is told and the same agent asked again, per decision; 0 or more."""
    then: Then = "forfeit"
    """forfeit: the agent loses and the episode ends; random: a uniformly drawn legal move is
    played for it; noop: the environment's move that does nothing, where there is one."""

    def __post_init__(self) -> None:
        whole = isinstance(self.retries, int) and not isinstance(self.retries, bool)
        if not whole or not 0 <= self.retries <= 100:
            raise ConfigError(f"illegal: retries must be from 0 to 100, got {self.retries!r}.")
        if self.then not in get_args(Then):
            raise ConfigError(unknown("way to treat an illegal move", self.then, get_args(Then)))

    @classmethod
    def parse(cls, given: Any) -> Self:
        """Return the policy that ``given`` means: a policy, its text, or its fields as a mapping.

        Raises:
            ConfigError: it means none.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, dict):
            given = f"retry:{given.get('retries', 2)},{given.get('then', 'forfeit')}"
        if not isinstance(given, str):
            raise ConfigError(
                "illegal must be a text such as 'retry:2,forfeit', 'random' or 'noop', "
                f"got {given!r}."
            )
        retry, comma, then = given.partition(",")
        if not retry.startswith("retry:"):
            retry, comma, then = "retry:0", ",", given
        count = retry.removeprefix("retry:")
        if not count.isascii() or not count.isdigit():
            raise ConfigError(f"illegal '{given}': expected retry:N with N from 0 to 100.")
        return cls(int(count), (then if comma else "forfeit"))  # type: ignore[arg-type]  # checked

    def __str__(self) -> str:
        return f"retry:{self.retries},{self.then}" if self.retries else self.then
