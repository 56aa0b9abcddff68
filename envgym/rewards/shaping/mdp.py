"""FiniteMDP: an environment small enough to be enumerated, with the evidence it reports."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NamedTuple

from envgym.types.errors import ConfigError

State = Hashable
Action = Hashable


class Outcome(NamedTuple):
    """One way in which an action may turn out."""

    probability: float
    """Above 0; the outcomes of an action sum to 1."""
    state: State
    """The state after it."""
    evidence: Mapping[str, Any]
    """What the environment reports with it."""
    final: bool = False
    """Whether the episode ends here: by the evidence's "end" if it has one, else by the task."""


@dataclass(frozen=True)
class FiniteMDP:
    """A Markov decision process whose rewards are left to programs.

    A reward program is a function of evidence, so that is what the process supplies: record 0 at
    reset, then one record per transition.

    >>> def actions(state):
    ...     return ("stay", "go")
    >>> def outcomes(state, action):
    ...     won = action == "go"
    ...     return (Outcome(1.0, state + won, {"won": won}, final=won),)
    >>> door = FiniteMDP(0, {"won": False}, actions, outcomes, gamma=0.9)
    >>> door.check(0, "go")[0].state
    1
    """

    start: State
    """The state at reset."""
    reset: Mapping[str, Any]
    """Evidence of record 0, "end" aside."""
    actions: Callable[[State], Sequence[Action]]
    """Actions of a state that is not final; at least one."""
    outcomes: Callable[[State, Action], Sequence[Outcome]]
    """What an action may lead to."""
    gamma: float = 0.99
    """Discount of the trainer: 0 to 1; below 1 unless there is a horizon."""
    horizon: int | None = None
    """Events after which a budget ends the episode; None: only final states end it."""
    name: str = field(default="mdp", kw_only=True)
    """For reports."""

    def __post_init__(self) -> None:
        if not 0 <= self.gamma <= 1:
            raise ConfigError(f"FiniteMDP.gamma must be 0 to 1, got {self.gamma!r}.")
        if self.horizon is None and self.gamma == 1:
            raise ConfigError(
                "FiniteMDP.gamma must be below 1 without a horizon: a return may be infinite."
            )
        if self.horizon is not None and self.horizon < 1:
            raise ConfigError(f"FiniteMDP.horizon must be 1 or more, got {self.horizon!r}.")

    def check(self, state: State, action: Action) -> Sequence[Outcome]:
        """Return the outcomes of an action, checked.

        Raises:
            ConfigError: if there is none or the probabilities do not sum to 1.
        """
        found = self.outcomes(state, action)
        whole = sum(each.probability for each in found)
        if not found or not isfinite(whole) or abs(whole - 1) > 1e-9:
            raise ConfigError(
                f"{self.name}: the outcomes of action {action!r} in state {state!r} have "
                f"probabilities that sum to {whole:g}, not to 1."
            )
        return found


def from_table(
    table: Mapping[Any, Mapping[Any, Sequence[tuple[float, Any, float, bool]]]],
    start: State,
    gamma: float = 0.99,
    horizon: int | None = None,
) -> FiniteMDP:
    """Return the process behind a table of transitions, such as Gymnasium's toy text ``env.P``.

    Evidence: ``state``, ``reward`` (the table's, 0 at reset) and ``outcome`` (the same at a
    final transition, so that an episode ``Source`` can read the last one).

    Args:
        table: state to action to (probability, next state, reward, final).
        start: state at reset.
        gamma: discount.
        horizon: budget in events; None: none.

    >>> table = {0: {"go": [(1.0, 1, 0.5, True)]}}
    >>> from_table(table, 0).check(0, "go")[0].evidence["reward"]
    0.5
    """

    def outcomes(state: State, action: Action) -> Sequence[Outcome]:
        return [
            Outcome(
                float(p), to, {"state": to, "reward": float(r), "outcome": float(r)}, bool(done)
            )
            for p, to, r, done in table[state][action]
            if p > 0
        ]

    reset = {"state": start, "reward": 0.0, "outcome": 0.0}
    return FiniteMDP(start, reset, lambda s: tuple(table[s]), outcomes, gamma, horizon)
