"""Run many environments against one policy."""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import fsum
from typing import Any

import gymnasium
import numpy as np

from envgym.types import ConfigError, Entry, InfraError, Message, Policy, Reply, Request, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One episode to play."""

    seed: int
    """Goes to ``reset``."""
    task: str | Task | None = None
    """Task id or task; None lets the seed choose."""
    group: str | None = None
    """Name shared by the members of a group, which share seed and task too."""
    index: int = 0
    """Place within the group; also varies the policy's sampling seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One exchange."""

    messages: tuple[Message, ...]
    """What was new to the policy before it replied."""
    reply: Reply
    reward: float
    """The float that ``step`` returned."""
    error: str | None
    """The agent's mistake, if it made one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One finished episode, with everything a trainer needs."""

    job: Job
    task_id: str
    turns: tuple[Turn, ...]
    total: float | None
    """Return; None when the episode is invalid."""
    step_rewards: tuple[float, ...]
    """Settled reward per turn, in the turn that earned it."""
    success: bool | None
    end: str
    """task, budget or invalid."""
    valid: bool
    reason: str | None
    """Why it is invalid."""
    observation: str = ""
    """The last observation."""
    evidence: dict[str, Any] = field(default_factory=dict)
    """Evidence of the last record."""
    ledger: tuple[Entry, ...] = ()
    """Every unit of reward; see ``step_rewards`` for its sum per turn."""
    records: tuple[Mapping[str, Any], ...] = ()
    """Evidence as the reward program read it: reset's record, then one per turn; empty if the
    episode is invalid."""
    instruction: str = ""
    """What the task asks for."""


_FEW = 20
"""Episodes below which a crash rate means nothing."""


class _Seat:
    """One environment and the episode it plays now."""

    def __init__(self, env: gymnasium.Env[str, str], slot: int, tokens: bool) -> None:
        self.env, self.slot, self.tokens = env, slot, tokens
        self.busy = False

    def open(self, job: Job, policy: Policy, number: int) -> Rollout | None:
        """Reset; return a finished, invalid rollout if the environment could not start."""
        self.job, self.turns, self.task_id = job, list[Turn](), _task_id(job)
        self.session = f"{number}:{job.seed}:{job.index}"
        options: dict[str, Any] = {}
        if job.task is not None:
            options["task"] = job.task
        if job.group is not None:
            options["group"] = {"id": job.group, "index": job.index}
        try:
            observation, info = self.env.reset(seed=job.seed, options=options)
        except InfraError as failure:
            return _invalid(job, self.task_id, (), failure.reason, str(failure))
        self.busy = True
        self.task_id, self.tools = str(info["task_id"]), tuple(info["tools"])
        self.messages: tuple[Message, ...] = (
            Message("system", info["system"]),
            Message("user", observation),
        )
        attach = getattr(policy, "attach", None)
        if attach is not None:
            attach(self.session, self.env)
        return None

    def request(self) -> Request:
        first = not self.turns
        # The group index is part of the seed: members share the world, not the samples.
        seed = (self.job.seed * 1_000_003 + self.job.index) % (1 << 63)
        return Request(
            session=self.session,
            messages=self.messages,
            tools=self.tools if first else (),
            seed=seed,
        )

    def advance(self, reply: Reply) -> Rollout | None:
        """Step with a reply; return the rollout once the episode is over."""
        inner: Any = self.env.unwrapped
        if reply.finish == "error":
            return self.fail("policy", reply.text)
        observation, reward, terminated, truncated, info = self.env.step(reply.text)
        self.turns.append(
            Turn(messages=self.messages, reply=reply, reward=float(reward), error=info["error"])
        )
        self.messages = (Message("user", observation),)
        if self.tokens and reply.token_ids:
            arrays = {"token_ids": np.array(reply.token_ids), "logprobs": np.array(reply.logprobs)}
            inner.note(arrays, "policy")
        if not (terminated or truncated):
            return None
        self.busy = False
        valid = bool(info["valid"])
        return Rollout(
            job=self.job,
            task_id=self.task_id,
            turns=tuple(self.turns),
            total=fsum(entry.value for entry in info["ledger"]) if valid else None,
            step_rewards=info["step_rewards"],
            success=None if info["success"] is None else info["success"] == "yes",
            end=info["end"],
            valid=valid,
            reason=info["invalid_reason"],
            observation=observation,
            evidence=dict(info["evidence"]),
            ledger=info["ledger"],
            records=inner.evidence_so_far() if valid else (),
            instruction=inner.task.instruction,
        )

    def crash(self, bug: Exception) -> Rollout:
        """Give up the episode because of a bug of ours; the traceback is the observation."""
        text = "".join(traceback.format_exception(bug))
        return self.fail(f"bug:{type(bug).__name__}", text)

    def fail(self, reason: str, text: str) -> Rollout:
        """Give up the episode: it is invalid, and ``text`` says why."""
        inner: Any = self.env.unwrapped
        inner.invalidate(reason)
        self.busy = False
        return _invalid(self.job, self.task_id, tuple(self.turns), reason, text)


def _invalid(job: Job, task_id: str, turns: tuple[Turn, ...], reason: str, text: str) -> Rollout:
    return Rollout(
        job=job, task_id=task_id, turns=turns, total=None, step_rewards=(), success=None,
        end="invalid", valid=False, reason=reason, observation=text,
    )  # fmt: skip


def _task_id(job: Job) -> str:
    """Return the id that the job itself names, "" if the seed chooses."""
    return job.task.id if isinstance(job.task, Task) else job.task or ""


def rollout(
    make_env: Callable[[], gymnasium.Env[str, str]],
    policy: Policy,
    jobs: Iterable[Job],
    *,
    batch: int = 16,
    threads: int = 0,
    envs: Sequence[gymnasium.Env[str, str]] | None = None,
    crash_rate: float = 0.0,
    record_tokens: bool = False,
) -> Iterator[tuple[int, Rollout]]:
    """Play ``jobs`` with up to ``batch`` environments at once; yield (job number, rollout).

    The policy is asked once per round for all running episodes. Rollouts are yielded as they
    end; for a deterministic policy each one depends on its job alone, not on batch or threads.

    Args:
        make_env: makes one text environment; called at most ``batch`` times.
        policy: answers requests in batches; ``attach(session, env)`` is called where it exists.
        jobs: read as places become free.
        batch: 1 or more environments.
        threads: 0 steps in this thread; k > 0 steps environments in k threads.
        envs: use these environments instead of making some; they stay open.
        crash_rate: share of episodes, 0 to 1, that an environment's bug may spoil before it is
            raised (counted over at least 20 episodes). Spoilt ones are yielded as invalid, with
            the traceback as observation. 0 raises the first.
        record_tokens: where environments record, write each reply's token ids and
            log-probabilities as late evidence ``token_ids`` and ``logprobs`` (source "policy").

    Raises:
        Exception: whatever an environment or the policy raises except InfraError, which makes
            that one episode invalid. The environments made here are closed in any case.
    """
    if batch < 1 or threads < 0:
        raise ConfigError(f"batch must be 1 or more and threads 0 or more, got {batch}, {threads}.")
    if not 0.0 <= crash_rate <= 1.0:
        raise ConfigError(f"crash_rate must be from 0 to 1, got {crash_rate}.")
    queue = enumerate(jobs)
    seats = [_Seat(env, i, record_tokens) for i, env in enumerate(envs or ())]
    owned: list[_Seat] = []
    numbers: dict[int, int] = {}
    pool = ThreadPoolExecutor(threads) if threads else None
    each: Callable[..., Iterable[Any]] = map if pool is None else pool.map
    drained = False
    played = crashed = 0

    def advance(seat: _Seat, reply: Reply) -> Rollout | Exception | None:
        try:
            return seat.advance(reply)
        except InfraError as failure:  # a disk that takes no more tokens
            return seat.fail(failure.reason, str(failure))
        except Exception as bug:  # noqa: BLE001  # counted and raised above the set rate
            return bug

    try:
        while True:
            free = [seat for seat in seats if not seat.busy]
            while not drained:
                if not free:
                    if envs is not None or len(seats) >= batch:
                        break
                    free.append(_Seat(make_env(), len(seats), record_tokens))
                    seats.append(free[-1])
                    owned.append(free[-1])
                number, job = next(queue, (-1, None))
                if job is None:
                    drained = True
                    break
                try:
                    failed = free[-1].open(job, policy, number)
                except Exception as error:
                    crashed += 1
                    if crashed > crash_rate * max(played + crashed, _FEW):
                        raise
                    failed = free[-1].crash(error)
                if failed is not None:
                    played += 1
                    yield number, failed
                    continue
                numbers[free.pop().slot] = number
            active = [seat for seat in seats if seat.busy]
            if not active:
                return
            replies = policy.act([seat.request() for seat in active])
            ended = list(each(advance, active, replies))
            for i, (seat, bug) in enumerate(zip(active, ended, strict=True)):
                if isinstance(bug, Exception):
                    crashed += 1
                    if crashed > crash_rate * max(played + crashed, _FEW):
                        raise bug
                    ended[i] = seat.crash(bug)
            finished = [seat.session for seat, done in zip(active, ended, strict=True) if done]
            if finished:
                policy.close(finished)
            for seat, done in zip(active, ended, strict=True):
                if isinstance(done, Rollout):
                    played += 1
                    yield numbers[seat.slot], done
    finally:
        policy.close([seat.session for seat in seats if seat.busy])
        for seat in owned:
            seat.env.close()
        if pool is not None:
            pool.shutdown()
