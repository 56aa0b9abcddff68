"""An expert that errs, and its episodes as trajectories to imitate."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from envgym.agents.codec import ChatCodec
from envgym.agents.train.trajectory import Trajectory, from_replies
from envgym.runtime.rollout import Rollout
from envgym.types import ConfigError, Reply, Request, Stream


class NoisyExpert:
    """Plays the environment's own expert; with probability ``noise`` a random valid message.

    The expert knows the way from any state it can win from, so it also shows how to recover.
    Deterministic per request seed. Privileged: it looks into the environment.
    """

    def __init__(self, noise: float = 0.0) -> None:
        self.name = "oracle" if noise == 0 else f"oracle with {noise:.0%} noise"
        self._noise = noise
        self._envs: dict[str, tuple[Any, Stream | None]] = {}

    def attach(self, session: str, env: Any) -> None:
        """Learn which environment a session plays in; ``rollout`` calls it."""
        self._envs[session] = (env.unwrapped, None)

    def act(self, requests: Sequence[Request]) -> list[Reply]:
        """Return the expert's message or a random one for each request."""
        return [self._one(request) for request in requests]

    def close(self, sessions: Sequence[str]) -> None:
        """Forget these sessions."""
        for session in sessions:
            self._envs.pop(session, None)

    def _one(self, request: Request) -> Reply:
        env, stream = self._envs[request.session]
        if stream is None:
            stream = Stream(request.seed, "noisy-expert")
            self._envs[request.session] = (env, stream)
        # Drawn every turn, so the noise of later turns does not depend on earlier branches.
        slip = stream.uniform() < self._noise
        said = env.random_action(stream.child("slip", stream.drawn)) if slip else env.oracle()
        if said is None:
            # No way to win from here (or no expert at all): fall back on a random message.
            said = env.random_action(stream.child("lost", stream.drawn))
        return Reply(text=said, info={"tools": list(request.tools)})


def check_expert(env: Any, env_id: str) -> None:
    """Raise ConfigError unless the environment, just reset, has an expert."""
    if env.unwrapped.oracle() is None:
        raise ConfigError(
            f"{env_id} has no expert to imitate; set [sft] steps = 0 and give a model that "
            "already solves some tasks"
        )


def texts(rollouts: Iterable[Rollout]) -> list[str]:
    """Return everything that was said in episodes, for training a tokenizer."""
    said: list[str] = []
    for rollout in rollouts:
        for turn in rollout.turns:
            said += [message.content for message in turn.messages]
            said.append(turn.reply.text)
    return said


def words(rollouts: Iterable[Rollout]) -> tuple[str, ...]:
    """Return the distinct words of the expert's messages: each becomes one token."""
    found = {
        word
        for rollout in rollouts
        for turn in rollout.turns
        for word in turn.reply.text.split()
        if word.isascii() and word.isalpha()
    }
    return tuple(sorted(found))


def encode(rollout: Rollout, codec: ChatCodec) -> Trajectory:
    """Return an episode of text as the trajectory a model meets when it plays the same.

    Encoded once, exactly as the decode loop builds a conversation; the log-probabilities of
    an expert without tokens are 0 and no loss of imitation reads them.
    """
    replies: list[Reply] = []
    last: int | None = None
    for k, turn in enumerate(rollout.turns):
        if k == 0:
            prompt = codec.open(turn.messages, turn.reply.info.get("tools", ()))
        else:
            prompt = codec.suffix(turn.messages, after=last)
        said = codec.reply(turn.reply.text)
        last = said[-1]
        replies.append(
            replace(
                turn.reply,
                prompt_ids=tuple(prompt),
                token_ids=tuple(said),
                logprobs=(0.0,) * len(said),
            )
        )
    return from_replies(replies, **facts(rollout))


def facts(rollout: Rollout) -> dict[str, Any]:
    """Return the fields of a trajectory that do not depend on tokens."""
    return {
        "rewards": rollout.step_rewards,
        "success": rollout.success,
        "end": rollout.end,
        "mistakes": int(np.sum([turn.error is not None for turn in rollout.turns])),
    }
