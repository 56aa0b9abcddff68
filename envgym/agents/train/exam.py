"""The exam: fixed worlds that training never meets, one episode each."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envgym.agents.train.collect import make_envs, play
from envgym.agents.train.config import TrainConfig
from envgym.agents.train.stats import wilson
from envgym.runtime.rollout import Job
from envgym.types import Policy, Stream, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """What one exam showed."""

    successes: int
    trials: int
    """Valid episodes."""
    invalid: int
    """Episodes that infrastructure ended; not in ``trials``."""
    mean_return: float
    mean_turns: float
    wins: tuple[bool, ...]
    """Success per task, in the tasks' order; False where invalid."""
    folder: Path | None
    """Where the episodes were recorded."""

    @property
    def rate(self) -> float:
        """Share of valid episodes that succeeded."""
        return self.successes / max(self.trials, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval of the rate."""
        return wilson(self.successes, self.trials)

    def __str__(self) -> str:
        low, high = self.interval
        lost = f", {self.invalid} invalid left out" if self.invalid else ""
        return (
            f"{self.successes} of {self.trials} = {self.rate:.1%} "
            f"[95% interval {low:.1%} to {high:.1%}]{lost}"
        )

    def event(self) -> dict[str, Any]:
        """Return the fields of a metrics line."""
        low, high = self.interval
        return {
            "success": self.rate,
            "low": low,
            "high": high,
            "successes": self.successes,
            "trials": self.trials,
            "infra_errors": self.invalid,
            "return": self.mean_return,
            "turns": self.mean_turns,
        }


def hold(
    config: TrainConfig,
    policy: Policy,
    tasks: Sequence[Task],
    *,
    record: Path | None = None,
    on_end: Callable[[int], None] | None = None,
) -> Exam:
    """Return the result of one episode per task; tasks, seeds and sampling seeds are fixed.

    Args:
        config: whose [env] is used; the exam has environments of its own.
        policy: plays; at the temperature that the exam wants.
        tasks: one episode each.
        record: new folder for the episodes.
        on_end: told the number of finished episodes.
    """
    kwargs = dict(config.env.kwargs)
    if record is not None:
        kwargs |= {"record": str(record), "append": True}
    with contextlib.ExitStack() as stack:
        envs = make_envs(config.env.id, kwargs, min(config.run.batch, len(tasks)))
        for env in envs:
            stack.callback(env.close)
        jobs = [
            Job(seed=Stream(config.run.seed, "train", "exam", k).word() >> 1, task=task)
            for k, task in enumerate(tasks)
        ]
        rollouts = play(envs, policy, jobs, threads=config.run.threads, on_end=on_end)
    valid = [one for one in rollouts if one.valid]
    return Exam(
        successes=sum(one.success is True for one in valid),
        trials=len(valid),
        invalid=len(rollouts) - len(valid),
        mean_return=sum(one.total or 0.0 for one in valid) / max(len(valid), 1),
        mean_turns=sum(len(one.turns) for one in valid) / max(len(valid), 1),
        wins=tuple(one.success is True for one in rollouts),
        folder=record,
    )
