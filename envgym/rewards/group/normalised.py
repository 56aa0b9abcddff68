"""GroupNormalised: an episode's value compared with the other rollouts of its task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from envgym.rewards.group.groupmap import GroupUnary
from envgym.types.errors import ConfigError


@dataclass(frozen=True)
class GroupNormalised(GroupUnary):
    """Normalise a value over the rollouts of one task.

    Formula: that of the estimator, see ``envgym.rewards.group.normalise``
    Source:  cookbook D1
    Shapes:  [G] to [G]; each rollout's share is earned by its last step
    Range:   unbounded; sums to 0 over a group
    Laws:    equivariant under permutation (L4); invalid rollouts neither count nor score

    Runs when the group is complete, never inside ``step``: ``GroupVectorEnv`` or
    ``envgym.rewards.score``.

    >>> from envgym.rewards import Source
    >>> GroupNormalised(Source("outcome", "episode"), "dr_grpo").over([1.0, 0.0])
    (0.5, -0.5)
    >>> print(GroupNormalised(Source("outcome", "episode"), "grpo", floor=0.1, clamp=True))
    grpo(outcome, floor=0.1, clamp)
    """

    kind: ClassVar[str] = "group.normalised"

    estimator: Literal["grpo", "dr_grpo", "rloo"] = "rloo"
    """Which normaliser."""
    floor: float = 1e-6
    """grpo only: added to the spread, or with ``clamp`` its lowest value; more than 0."""
    ddof: int = 0
    """grpo only: 0 for the population's std, 1 for the sample's."""
    clamp: bool = False
    """grpo only: divide by max(std, floor) where False divides by std + floor."""

    def validate(self) -> None:
        """Refuse options that the estimator does not have, and a floor of 0."""
        if self.estimator != "grpo" and self._options:
            raise ConfigError(
                f"GroupNormalised.{next(iter(self._options))} belongs to estimator 'grpo'; "
                f"'{self.estimator}' does not divide by a spread."
            )
        if not self.floor > 0:
            raise ConfigError(f"GroupNormalised.floor must be more than 0, got {self.floor:g}.")
        if self.ddof not in (0, 1):
            raise ConfigError(f"GroupNormalised.ddof must be 0 or 1, got {self.ddof}.")

    @property
    def _options(self) -> dict[str, Any]:
        """What differs from the estimator's own defaults."""
        given = {"floor": self.floor, "ddof": self.ddof, "clamp": self.clamp}
        defaults = {"floor": 1e-6, "ddof": 0, "clamp": False}
        return {name: value for name, value in given.items() if value != defaults[name]}

    def over(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the share of each rollout; values [G], finite."""
        from envgym.rewards.group.normalise import estimator

        return tuple(estimator(self.estimator)(values, **self._options).tolist())

    @property
    def formula(self) -> str:
        """For instance ``rloo(outcome)``; options only where they were set."""
        said = [
            name if value is True else f"{name}={value:g}" for name, value in self._options.items()
        ]
        return f"{self.estimator}({', '.join([self.of.formula, *said])})"
