"""Play many episodes of several agents, a policy in every seat."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Any

import numpy as np

from envgym.runtime.multi.asking import Asker, Fault, Faults
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.rollout import Job, Rollout, Turn
from envgym.types import ConfigError, InfraError, Message, Policy, Reply, Request

Seats = Mapping[str, Policy]
"""Agent to the policy that plays it; one policy may play several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One finished episode of several agents."""

    job: Job
    rollouts: Mapping[str, Rollout]
    """Each agent's own episode: its exchanges, its ledger, one settled reward per decision."""
    returns: Mapping[str, float | None]
    """What each agent's program paid; None when the episode is invalid."""
    final: tuple[float, ...] | None = None
    """Of games: the returns in the game's own unit, in seat order; None when invalid."""
    forfeit: str | None = None
    """Who ended the game by having no legal move."""
    players: Mapping[str, str] = field(default_factory=dict)
    """Agent to the name of the policy that played it, a league's snapshot id for instance."""

    @property
    def valid(self) -> bool:
        """False if our side failed."""
        return all(one.valid for one in self.rollouts.values())

    @property
    def reason(self) -> str | None:
        """Why it is invalid."""
        return next((one.reason for one in self.rollouts.values() if not one.valid), None)


def matches(
    make_env: Callable[[], TeamEnv],
    seats: Seats | Callable[[int, Job], Seats],
    jobs: Iterable[Job],
    *,
    batch: int = 16,
    record_tokens: bool = False,
    faults: Faults = "raise",
    timeout: float | None = None,
) -> Iterator[tuple[int, Match]]:
    """Play ``jobs`` with up to ``batch`` environments at once; yield (job number, match).

    In every round each policy is asked once, for all agents it has to speak for. For
    deterministic policies a match depends on its job and seats alone, not on the batch.

    Args:
        make_env: makes one environment; called at most ``batch`` times.
        seats: who plays which agent, or a function of (job number, job) that says so. Policies
            with ``attach`` are given the agent's ``SeatView``.
        jobs: read as places become free. ``index`` varies the sampling, ``seed`` the world.
        batch: 1 or more environments.
        record_tokens: write sampled token ids and log-probabilities as late evidence.
        faults: "raise" lets a policy's exception propagate; "forfeit" makes every agent that was
            asked in that call forfeit its episode, as a tournament among strangers needs it.
        timeout: seconds for a policy's answer, None: no limit; more is a fault too.

    Raises:
        ConfigError: an agent without a policy.
        Exception: whatever an environment or (see ``faults``) a policy raises except InfraError,
            which makes that one episode invalid, as does a reply with ``finish="error"``.
    """
    if batch < 1:
        raise ConfigError(f"batch must be 1 or more, got {batch}.")
    asker = Asker(faults, timeout)
    queue = enumerate(jobs)
    tables: list[_Table] = []
    drained = False
    try:
        while True:
            free = [table for table in tables if not table.busy]
            while not drained and (free or len(tables) < batch):
                number, job = next(queue, (-1, None))
                if job is None:
                    drained = True
                    break
                if not free:
                    free.append(_Table(make_env(), record_tokens))
                    tables.append(free[-1])
                found = seats(number, job) if callable(seats) else seats
                failed = free[-1].open(number, job, found)
                if failed is not None:
                    yield number, failed
                    continue
                free.pop()
            active = [table for table in tables if table.busy]
            if not active:
                return
            for table, reply in _asked(active, asker):
                done = table.advance(reply)
                if done is not None:
                    yield table.number, done
    finally:
        for table in tables:
            table.leave()
            table.env.close()


def _asked(active: Sequence["_Table"], asker: Asker) -> Iterator[tuple["_Table", Reply | Fault]]:
    """Yield a reply for every running table; each policy is asked once for all of its seats."""
    groups: dict[int, tuple[Policy, list[_Table]]] = {}
    for table in active:
        policy = table.policy
        groups.setdefault(id(policy), (policy, []))[1].append(table)
    for policy, members in groups.values():
        requests = [table.request() for table in members]
        replies: Sequence[Reply | Fault]
        try:
            replies = asker.ask(policy, requests)
        except Fault as fault:
            replies = [fault] * len(members)
        except InfraError as failure:
            replies = [Reply(text=str(failure), finish="error")] * len(members)
        yield from zip(members, replies, strict=True)


class _Table:
    """One environment and the episode it plays now."""

    def __init__(self, env: TeamEnv, tokens: bool) -> None:
        self.env, self.tokens = env, tokens
        self.busy = False

    def open(self, number: int, job: Job, seats: Seats) -> Match | None:
        """Reset; return an invalid match if the environment could not start."""
        env = self.env
        for agent in env.possible_agents:
            if agent not in seats:
                raise ConfigError(f"{env.name}: nobody plays {agent}.")
        self.number, self.job, self.seats = number, job, seats
        self.turns: dict[str, list[Turn]] = {agent: [] for agent in env.possible_agents}
        self.floats: dict[str, list[float]] = {agent: [] for agent in env.possible_agents}
        self.busy = True
        options: dict[str, Any] = {}
        if job.task is not None:
            options["task"] = job.task
        if job.group is not None:
            options["group"] = {"id": job.group, "index": job.index}
        try:
            env.reset(seed=job.seed, options=options)
        except InfraError as failure:
            return self._invalid(failure.reason, str(failure))
        for agent, policy in seats.items():
            attach = getattr(policy, "attach", None)
            if attach is not None:
                attach(self.session(agent), env.seat(agent))
        return None

    @property
    def policy(self) -> Policy:
        """Who has to speak now."""
        return self.seats[self.env.agent_selection]

    def session(self, agent: str) -> str:
        """Return the name of the agent's conversation."""
        return f"{self.number}:{self.job.seed}:{self.job.index}:{agent}"

    def request(self) -> Request:
        """Return what the agent to move is asked: all that is new to it."""
        env = self.env
        agent = env.agent_selection
        first = not self.turns[agent]
        shown = Message("user", env.observe(agent))
        opening = (Message("system", env.role(agent)),) if first else ()
        self.messages = (*opening, shown)
        seed = (self.job.seed * 1_000_003 + self.job.index) % (1 << 63)
        tools = tuple(spec.schema for spec in env.tools_of(agent).values()) if first else ()
        return Request(
            session=self.session(agent), messages=self.messages, agent=agent, tools=tools, seed=seed
        )

    def advance(self, reply: Reply | Fault) -> Match | None:
        """Step with a reply; return the match once the episode is over."""
        env = self.env
        agent = env.agent_selection
        if isinstance(reply, Fault):
            env.concede(str(reply))
            silence = Reply(text="", info={"fault": str(reply)})
            paid = env.paid.get(agent, 0.0)
            self.turns[agent].append(
                Turn(messages=self.messages, reply=silence, reward=paid, error=env.mistake)
            )
            return self._over()
        if reply.finish == "error":
            env.invalidate("policy")
            return self._invalid("policy", reply.text)
        try:
            env.step(reply.text)
            self.turns[agent].append(
                Turn(
                    messages=self.messages,
                    reply=reply,
                    reward=env.paid.get(agent, 0.0),
                    error=env.mistake,
                )
            )
            if self.tokens and reply.token_ids:
                arrays = {
                    "token_ids": np.array(reply.token_ids),
                    "logprobs": np.array(reply.logprobs),
                }
                env.note(agent, arrays, "policy")
        except InfraError as failure:  # a disk that takes no more tokens
            env.invalidate(failure.reason)
            return self._invalid(failure.reason, str(failure))
        return self._over()

    def _over(self) -> Match | None:
        """Take the steps of agents that are out; return the match if all of them are."""
        env = self.env
        while env.agents and self._out(env.agent_selection):
            if all(map(self._out, env.agents)):
                return self._finished()
            env.step(None)
        return None

    def _out(self, agent: str) -> bool:
        return bool(self.env.terminations[agent] or self.env.truncations[agent])

    def _finished(self) -> Match:
        env = self.env
        rollouts = {agent: self._rollout(agent) for agent in env.possible_agents}
        valid = all(one.valid for one in rollouts.values())
        returns = getattr(env, "returns", None)
        self.leave()
        return Match(
            job=self.job,
            rollouts=rollouts,
            returns={agent: one.total for agent, one in rollouts.items()},
            final=tuple(returns()) if valid and returns is not None else None,
            forfeit=env.forfeited,
            players={agent: policy.name for agent, policy in self.seats.items()},
        )

    def _rollout(self, agent: str) -> Rollout:
        env, info = self.env, self.env.report(agent)
        valid = bool(info["valid"])
        return Rollout(
            job=self.job,
            task_id=env.task.id,
            turns=tuple(self.turns[agent]),
            total=fsum(entry.value for entry in info["ledger"]) if valid else None,
            step_rewards=info["step_rewards"],
            success=None if info["success"] is None else info["success"] == "yes",
            end=info["end"],
            valid=valid,
            reason=info["invalid_reason"],
            observation=env.observe(agent),
            evidence=dict(env.latest_evidence(agent)),
            ledger=info["ledger"],
            records=env.evidence_so_far(agent) if valid else (),
            instruction=env.task.instruction,
        )

    def _invalid(self, reason: str, text: str) -> Match:
        job, seats = self.job, self.seats
        task = getattr(job.task, "id", job.task) or ""
        rollouts = {
            agent: Rollout(
                job=job,
                task_id=str(task),
                turns=tuple(self.turns[agent]),
                total=None,
                step_rewards=(),
                success=None,
                end="invalid",
                valid=False,
                reason=reason,
                observation=text,
            )
            for agent in self.env.possible_agents
        }
        self.leave()
        return Match(
            job=job,
            rollouts=rollouts,
            returns=dict.fromkeys(rollouts),
            players={agent: policy.name for agent, policy in seats.items()},
        )

    def leave(self) -> None:
        """Let the policies forget this episode."""
        if self.busy:
            self.busy = False
            for agent, policy in self.seats.items():
                policy.close([self.session(agent)])
