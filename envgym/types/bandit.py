"""What learners and closed-loop environments tell each other: the problem, and what was revealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a learner may know of an environment before the first round."""

    actions: int
    """Number of discrete actions A, or of actions per slot; 0: the action is no number."""
    horizon: int
    """Rounds per episode."""
    low: float = 0.0
    """Lowest reward of one round."""
    high: float = 1.0
    """Highest reward of one round."""
    scale: float = 1.0
    """Sub-Gaussian scale of one round's reward: its noise has at most this standard deviation."""
    residuals: tuple[str, ...] = ()
    """Names of the constraints' residuals; each must be at most 0."""
    residual_scales: tuple[float, ...] = ()
    """Sub-Gaussian scale of each residual."""
    context: int = 0
    """Length d of the context vector in the observation; 0: there is none."""
    null: int | None = None
    """The action that does nothing, where there is one."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else a family discloses, for instance budgets or the edges of a graph; see its page."""


class Outcome(NamedTuple):
    """What one earlier round of every environment in a batch of B has just revealed.

    Under full feedback ``reward`` and each residual have shape [B, A]: every action's.
    """

    round: NDArray[Any]
    """int64 [B]: the round it belongs to, from 0; -1: nothing was revealed to this environment."""
    action: NDArray[Any]
    """int64 [B] (or [B, slots]): what was played in that round."""
    reward: NDArray[Any]
    """float64 [B]: its realised reward."""
    residuals: tuple[NDArray[Any], ...] = ()
    """One float64 [B] per constraint, signed; at most 0 is allowed. After them come parts of the
    reward that ``problem.more["channels"]`` names, negated like residuals of a floor of 0."""


class Learner(Protocol):
    """An algorithm that plays a batch of B equal problems, each learning on its own.

    Deterministic given (problem, batch, seed) and what it is shown.
    """

    name: str
    """As in ``learner:NAME``."""

    def begin(self, problem: Problem, batch: int, seed: int | Sequence[int] = 0) -> None:
        """Forget everything and get ready for ``batch`` episodes; one seed, or one for each."""
        ...

    def act(self, obs: Any, mask: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return one action per environment.

        Args:
            obs: batched observations: an array [B, ...] or a dict of such arrays.
            mask: bool [B, A], which actions are valid; None: all.
        """
        ...

    def update(self, outcomes: Sequence[Outcome]) -> None:
        """Learn from what the latest step revealed; may be empty."""
        ...

    @property
    def propensity(self) -> NDArray[Any] | None:
        """float64 [B]: probability with which the latest actions were drawn; None: unknown."""
        ...
