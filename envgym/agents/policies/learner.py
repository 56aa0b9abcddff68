"""A learner that plays the text view of a closed-loop environment."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import gymnasium
import numpy as np

from envgym.agents.learners.registry import make_learner
from envgym.agents.policies.attached import AttachedPolicy, Seat
from envgym.types import ConfigError, InfraError, Request
from envgym.types.bandit import Learner, Outcome


class LearnerPolicy(AttachedPolicy):
    """Plays ``learner:NAME``: one learner per session, from that session's seed.

    It sees what a learner of the numeric environment sees (observation, mask, revealed outcomes) and
    answers with the message that plays its action, so that learners and language models meet on
    equal seeds. Recorded episodes get the probability of each action, where the learner knows it, as
    late evidence ``propensity`` for off-policy evaluation.

    Args:
        spec: as for ``make_learner``, for example ``ofs:c=0.5``.
    """

    def __init__(self, spec: str) -> None:
        super().__init__()
        make_learner(spec)  # refuse a bad one before any episode
        self.spec, self.name = spec, f"learner:{spec}"
        self._learners: dict[str, Learner] = {}

    def attach(self, session: str, env: gymnasium.Env[Any, Any]) -> None:
        """Let the policy see the environment of a session; refuse one without a learner's view.

        Raises:
            ConfigError: the environment is no text view of a numeric one.
        """
        super().attach(session, env)
        self._learners.pop(session, None)
        seat = self._seats[session]
        if not hasattr(seat.env, "learner_view"):
            raise ConfigError(
                f"policy '{self.name}' plays the text views of numeric environments, which have"
                f" learner_view(); {type(seat.env).__name__} has none"
            )

    def close(self, sessions: Sequence[str]) -> None:
        """Forget these sessions."""
        for session in sessions:
            learner, seat = self._learners.pop(session, None), self._seats.get(session)
            if learner is not None and seat is not None:
                self._note(learner, seat)
        super().close(sessions)

    def say(self, request: Request, seat: Seat) -> str:
        """Return the message that plays the learner's action."""
        problem, obs, mask, outcomes = seat.env.learner_view()
        learner = self._learners.get(request.session)
        if learner is None:
            learner = self._learners[request.session] = make_learner(self.spec)
            learner.begin(problem, 1, request.seed)
            attach = getattr(learner, "attach", None)
            if attach is not None:
                attach(seat.env)
        else:
            self._note(learner, seat)
        learner.update([_batched(outcome) for outcome in outcomes])
        action = learner.act(_wide(obs), None if mask is None else np.asarray(mask)[None])
        return str(self.ask(seat, "action_message", action[0]))

    def _note(self, learner: Learner, seat: Seat) -> None:
        """Tell the recording how probable the action of the latest turn was."""
        note, chance = getattr(seat.env, "note", None), learner.propensity
        if note is None or chance is None or getattr(seat.env, "turn", None) != seat.turn:
            return  # the last: an episode that broke off before the action was played
        with suppress(InfraError):  # a disk that failed is the environment's to report
            note({"propensity": float(chance[0])}, "learner")


def _wide(obs: Any) -> Any:
    """Return an observation as a batch of one."""
    if isinstance(obs, dict):
        return {key: np.asarray(value)[None] for key, value in obs.items()}
    return np.asarray(obs)[None]


def _batched(outcome: Outcome) -> Outcome:
    """Return an outcome of plain numbers as a batch of one."""
    return Outcome(
        np.asarray(outcome.round)[None],
        np.asarray(outcome.action)[None],
        np.asarray(outcome.reward, dtype=np.float64)[None],
        tuple(np.asarray(each, dtype=np.float64)[None] for each in outcome.residuals),
    )
