"""An episode as a trainer sees it: one list of token ids with spans, never text again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envgym.types.policy import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """The ids of a whole conversation and what was earned in it.

    ``ids`` is what the policy read and sampled, in order; it is the canonical form, and
    re-tokenising any text of the episode is not. Arrays share one length n.
    """

    ids: NDArray[np.int64]
    """Token ids, shape [n]."""
    model: NDArray[np.bool_]
    """True where the model sampled the token (stop tokens included), shape [n]."""
    behaviour: NDArray[np.float32]
    """Log-probability under the sampling distribution; 0 where ``model`` is False, shape [n]."""
    turn: NDArray[np.int32]
    """Turn of each token: an observation belongs to the turn that answers it, shape [n]."""
    group: int = 0
    """Members of one group share task and seed."""
    rewards: tuple[float, ...] = ()
    """Settled reward of every turn (contract 3), shape [turns]."""
    parts: dict[str, float] | None = None
    """Return per component of the reward program."""
    success: bool | None = None
    """The environment's verdict; None where it gives none."""
    end: str = "task"
    """Why it ended: task or budget. Invalid episodes make no trajectory."""
    mistakes: int = 0
    """Turns that the environment answered with an error."""

    @property
    def turns(self) -> int:
        """Number of replies."""
        return int(self.turn[-1]) + 1 if self.turn.size else 0


def from_replies(replies: Sequence[Reply], **facts: Any) -> Trajectory:
    """Return the trajectory of one session's replies, in order.

    Each reply appends ``prompt_ids`` (what the environment said) and then ``token_ids`` (what
    the model sampled). Keyword arguments fill the remaining fields.

    Raises:
        ValueError: a reply has no token ids or a log-probability is missing: its policy
            cannot be trained on.
    """
    ids: list[int] = []
    model: list[bool] = []
    behaviour: list[float] = []
    turn: list[int] = []
    for k, reply in enumerate(replies):
        # A reply that found the context full appended nothing at all: finish is "length".
        silent = not reply.token_ids and reply.finish != "length"
        if silent or len(reply.token_ids) != len(reply.logprobs):
            raise ValueError(
                f"turn {k} has {len(reply.token_ids)} token ids and {len(reply.logprobs)} "
                "log-probabilities; training needs both for every sampled token"
            )
        seen, said = len(reply.prompt_ids), len(reply.token_ids)
        ids += [*reply.prompt_ids, *reply.token_ids]
        model += [False] * seen + [True] * said
        behaviour += [0.0] * seen + list(reply.logprobs)
        turn += [k] * (seen + said)
    return Trajectory(
        ids=np.array(ids, np.int64),
        model=np.array(model, np.bool_),
        behaviour=np.array(behaviour, np.float32),
        turn=np.array(turn, np.int32),
        **facts,
    )
