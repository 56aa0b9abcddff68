"""play_shard: one agent in a block of seeds of one environment."""

import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from envgym.agents.learners.registry import make_learner
from envgym.agents.study.settings import Shard
from envgym.agents.study.tally import Tally, Totals
from envgym.runtime import registry
from envgym.runtime.numeric.vector import NumericVectorEnv
from envgym.types import EnvgymError
from envgym.types.bandit import Outcome, Problem

_ASK_EVERY = 256
"""Rounds between two looks at whether to stop."""


class StudyStoppedError(EnvgymError):
    """The study was told to stop before this shard was done."""


def play_shard(shard: Shard, stop: Callable[[], bool] | None = None) -> Totals:
    """Return the totals of one agent's episodes.

    Every seed has its own random streams, for the environment and for the learner, so that its
    numbers depend neither on the other seeds nor on the agents beside it: agents meet equal worlds
    on equal seeds.

    Args:
        shard: who plays what.
        stop: asked now and then; True ends the shard.

    Raises:
        ConfigError: the learner does not fit the environment.
        StudyStoppedError: ``stop`` said so.
    """
    began = time.perf_counter()
    family: Any = registry.env_class(shard.env_id)
    seeds = list(shard.seeds)
    env = NumericVectorEnv(family, len(seeds), streams="rows", **shard.params)
    problem = env.problem
    obs, infos = env.reset(seed=seeds)
    learner = _seated(shard.agent, env, seeds)
    discrete = isinstance(env.single_action_space, gymnasium.spaces.Discrete)
    tally = Tally(
        len(seeds), problem.horizon, problem.actions if discrete else 0, generation(problem)
    )
    for t in range(problem.horizon):
        if stop is not None and t % _ASK_EVERY == 0 and stop():
            raise StudyStoppedError(f"the study was stopped while {shard.agent} was playing.")
        alive = tally.live
        actions = learner.act(obs, infos.get("mask"))
        obs, _, done, _, infos = env.step(actions)
        if not tally.add(t, infos["evidence"], actions, done, infos.get("error")):
            break
        learner.update(revealed(infos["revealed"], alive))
    env.close()
    return tally.totals(shard.seeds, time.perf_counter() - began)


def check_agent(shard: Shard, agent: str) -> None:
    """Refuse an agent that is unknown, or does not fit the environment of a shard.

    Raises:
        ConfigError: saying why.
    """
    env = NumericVectorEnv(registry.env_class(shard.env_id), 1, streams="rows", **shard.params)
    _seated(agent, env, [0])
    env.close()


def _seated(agent: str, env: NumericVectorEnv, seeds: list[int]) -> Any:
    """Return the agent, ready for an environment."""
    learner: Any = make_learner(agent)
    attach = getattr(learner, "attach", None)
    if attach is not None:  # privileged ones ask the environment
        attach(env)
    learner.begin(env.problem, len(seeds), seeds)
    return learner


def generation(problem: Problem) -> int:
    """Return how many rounds the environment logs together, 0: it does not."""
    batch = problem.more.get("batch", 0)
    return batch if isinstance(batch, int) and batch > 0 else 0


def revealed(outcomes: tuple[Outcome, ...], alive: Any) -> tuple[Outcome, ...]:
    """Return the outcomes without what came of environments that had ended and begun anew."""
    if alive.all():
        return outcomes
    return tuple(each._replace(round=np.where(alive, each.round, -1)) for each in outcomes)
