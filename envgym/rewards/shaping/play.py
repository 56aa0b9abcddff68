"""from_play: a deterministic environment as a finite process, by playing every plan."""

from collections.abc import Callable, Sequence
from typing import cast

from envgym.rewards.shaping.mdp import Action, FiniteMDP, Outcome, State
from envgym.rewards.signal import Evidenced
from envgym.types.errors import ConfigError

Plan = tuple[Action, ...]


def from_play(
    play: Callable[[Plan], Sequence[Evidenced]],
    actions: Sequence[Action],
    horizon: int,
    gamma: float = 0.99,
) -> FiniteMDP:
    """Return the process of an environment whose episodes depend on the actions alone.

    A state is the plan that led to it, so ``len(actions) ** horizon`` episodes are played: use a
    few actions and a small budget.

    Args:
        play: resets with one fixed seed, takes the actions in order and returns the evidence of
            reset and of every step, ``info["evidence"]``.
        actions: what the agent may do, the same in every state.
        horizon: the environment's own budget of events.
        gamma: discount.

    Raises:
        ConfigError: if ``play`` returns another number of records than one per action and reset,
            though the episode had not ended.

    >>> def play(plan):
    ...     won = [action == "go" for action in plan]
    ...     ends = ["task" if w else None for w in won]
    ...     return [{"won": False}, *({"won": w, "end": e} for w, e in zip(won, ends))]
    >>> door = from_play(play, ("stay", "go"), horizon=2)
    >>> door.check((), "go")[0].final
    True
    """

    def outcomes(state: State, action: Action) -> Sequence[Outcome]:
        plan = (*cast(Plan, state), action)
        records = play(plan)
        if len(records) != len(plan) + 1:
            raise ConfigError(
                f"from_play.play returned {len(records)} records for {len(plan)} actions; it must "
                "return reset's and one per action."
            )
        last = records[-1]
        return (Outcome(1.0, plan, last, final=last.get("end") is not None),)

    return FiniteMDP(
        start=(),
        reset=play(())[0],
        actions=lambda _: tuple(actions),
        outcomes=outcomes,
        gamma=gamma,
        horizon=horizon,
        name="from_play",
    )
