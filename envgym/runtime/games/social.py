"""The seven dimensions of social judgement, shared by judge-free figures and judges.

Source: Sotopia; names and ranges seen in games 3, the wording of the questions ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import NamedTuple

from envgym.types import ConfigError


class Dimension(NamedTuple):
    """One dimension: an 11-point scale of whole numbers."""

    lo: int
    hi: int
    asks: str
    """The question a judge answers; a sentence that names both ends."""


DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        "believability": Dimension(
            0, 10, "Does it act like a person with its goals and knowledge would? Lowest: "
            "incoherent or out of role; highest: natural throughout."
        ),
        "relationship": Dimension(
            -5, 5, "What became of its standing with the others? Lowest: ruined; middle: as "
            "before; highest: much better."
        ),
        "knowledge": Dimension(
            0, 10, "Did it learn something new that matters to it? Lowest: nothing; highest: all "
            "it could."
        ),
        "secret": Dimension(
            -10, 0, "Did it keep what it was to keep to itself? Lowest: told outright; highest: "
            "nothing was given away."
        ),
        "social_rules": Dimension(
            -10, 0, "Did it break laws, rules or norms? Lowest: gravely; highest: not at all."
        ),
        "financial": Dimension(
            -5, 5, "What became of its possessions? Lowest: heavy loss; middle: nothing gained or "
            "lost; highest: large gain."
        ),
        "goal": Dimension(
            0, 10, "How far did it reach its own goal? Lowest: not at all; highest: completely."
        ),
    }
)  # fmt: skip
"""Name to scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialScores:
    """One player's scores, each in the range of its dimension; None: not known.

    Raises:
        ConfigError: a score is out of range.

    >>> SocialScores(goal=7.0, secret=-10.0).overall
    -1.5
    """

    believability: float | None = None
    relationship: float | None = None
    knowledge: float | None = None
    secret: float | None = None
    social_rules: float | None = None
    financial: float | None = None
    goal: float | None = None

    def __post_init__(self) -> None:
        for name, scale in DIMENSIONS.items():
            value = getattr(self, name)
            if value is not None and not scale.lo <= value <= scale.hi:
                raise ConfigError(
                    f"social score '{name}' must be from {scale.lo} to {scale.hi}, got {value}."
                )

    @property
    def known(self) -> dict[str, float]:
        """The scores that are known, by name."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value is not None}

    def filled(self, other: "SocialScores") -> "SocialScores":
        """Return these scores; where one is not known, that of ``other``.

        >>> SocialScores(goal=7.0).filled(SocialScores(goal=2.0, knowledge=1.0)).known
        {'knowledge': 1.0, 'goal': 7.0}
        """
        return SocialScores(**(other.known | self.known))

    @property
    def overall(self) -> float | None:
        """Mean of what is known, as Sotopia averages its dimensions (recalled); None: nothing is.

        Means over different dimensions do not compare.
        """
        known = self.known
        return sum(known.values()) / len(known) if known else None
