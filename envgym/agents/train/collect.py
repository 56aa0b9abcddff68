"""Episodes for training: grouped rollouts in, trajectories and counts out."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from envgym.agents.train.batch import degenerate, returns
from envgym.agents.train.demonstrations import facts
from envgym.agents.train.trajectory import Trajectory, from_replies
from envgym.rewards import Program
from envgym.runtime.codec import as_text
from envgym.runtime.groups import close_groups, member_arguments
from envgym.runtime.registry import make
from envgym.runtime.rollout import Job, Rollout, rollout
from envgym.types import Comparator, ConfigError, Policy, Stream, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The valid episodes of some groups, and what was dropped."""

    trajectories: tuple[Trajectory, ...]
    """Sorted by job, so that nothing depends on which episode ended first."""
    invalid: Counter[str]
    """Dropped episodes by reason; they are never a reward of 0."""

    def summary(self, gamma: float) -> dict[str, Any]:
        """Return the means that a metrics line shows."""
        runs = self.trajectories
        count = max(len(runs), 1)
        values = returns(runs, 1.0)
        scored = [t.success for t in runs if t.success is not None]
        return {
            "episodes": len(runs),
            "success": sum(scored) / max(len(scored), 1),
            "return": float(values.sum()) / count,
            "turns": sum(t.turns for t in runs) / count,
            "tokens_per_episode": sum(int(t.model.sum()) for t in runs) / count,
            "mistakes": sum(t.mistakes for t in runs) / count,
            "over_budget": sum(t.end == "budget" for t in runs) / count,
            "degenerate": degenerate(returns(runs, gamma), [t.group for t in runs]),
            "return_parts": _parts(runs),
            "infra_errors": sum(self.invalid.values()),
            "infra_reasons": dict(self.invalid),
        }


def make_envs(env_id: str, kwargs: dict[str, Any], count: int) -> list[Any]:
    """Return ``count`` text environments of one id.

    Raises:
        ConfigError: the id is unknown or its arguments are not allowed.
    """
    try:
        # A group program is paid after playing: members are made under what each earns alone.
        _, member = member_arguments(env_id, kwargs)
        made = (make(env_id, disable_env_checker=True, **member) for _ in range(count))
        return [as_text(env) for env in made]
    except TypeError as error:
        raise ConfigError(f"[env]: kwargs: {env_id}: {error}") from error


def grouped_jobs(tasks: Sequence[Task], members: int, seed: int, *where: int | str) -> list[Job]:
    """Return ``members`` jobs per task; members share task and seed, not the samples."""
    jobs = []
    for number, task in enumerate(tasks):
        shared = Stream(seed, "train", *where, number).word() >> 1
        name = "-".join(map(str, (*where, number)))
        jobs += [Job(seed=shared, task=task, group=name, index=i) for i in range(members)]
    return jobs


def play(
    envs: Sequence[Any],
    policy: Policy,
    jobs: Sequence[Job],
    *,
    threads: int = 0,
    on_end: Callable[[int], None] | None = None,
    program: Program | None = None,
    comparator: Comparator | None = None,
    seed: int = 0,
) -> list[Rollout]:
    """Return one rollout per job, in the jobs' order.

    ``program`` compares the members of each group once all have ended, asking ``comparator``
    where it needs one; None: what the environments paid is all there is.
    """
    done: dict[int, Rollout] = {}
    batch = len(envs)
    for number, finished in rollout(_no_env, policy, jobs, envs=envs, batch=batch, threads=threads):
        done[number] = finished
        if on_end is not None:
            on_end(len(done))
    ordered = [done[number] for number in range(len(jobs))]
    if program is None or program.phase != "group":
        return ordered
    return close_groups(ordered, program, comparators=comparator, seed=seed)[0]


def gather(rollouts: Iterable[Rollout], members: int) -> Collected:
    """Return the trajectories of rollouts that a token policy played, job by job.

    Job k belongs to group k // members. Invalid episodes are left out and counted; the rest
    of their group stays and is compared among itself.
    """
    kept: list[Trajectory] = []
    invalid: Counter[str] = Counter()
    for number, one in enumerate(rollouts):
        if not one.valid:
            invalid[one.reason or "unknown"] += 1
            continue
        replies = [turn.reply for turn in one.turns]
        parts: dict[str, float] = {}
        for entry in one.ledger:
            parts[entry.component] = parts.get(entry.component, 0.0) + entry.value
        facts_of = {**facts(one), "parts": parts}
        kept.append(from_replies(replies, group=number // members, **facts_of))
    return Collected(trajectories=tuple(kept), invalid=invalid)


def _parts(runs: Sequence[Trajectory]) -> dict[str, float]:
    totals: Counter[str] = Counter()
    for run in runs:
        totals.update(run.parts or {})
    return {name: value / max(len(runs), 1) for name, value in sorted(totals.items())}


def _no_env() -> Any:
    raise AssertionError("rollout was given its environments")
