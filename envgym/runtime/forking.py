"""Forks: an episode kept at every decision, continued from any of them, valued by rollouts.

Credit assignment that asks what a state is worth (cookbook E4, E5, E9), or what would have
happened from a step on (E11), needs a real environment that can go back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any, Literal

import gymnasium

from envgym.types import ConfigError, InfraError, Message, Policy, Reply, Request, Stream

Measure = Literal["success", "return"]
"""What a finished continuation counts for: 1 or 0 for success, or its whole return."""

Environments = gymnasium.Env[str, str] | Sequence[gymnasium.Env[str, str]]
"""One text environment, or several of one family and arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A running episode just before a decision."""

    snapshot: bytes
    """The environment, from ``TaskEnv.snapshot``."""
    messages: tuple[Message, ...]
    """The whole conversation so far, the observation to answer included."""
    tools: tuple[dict[str, Any], ...]
    """OpenAI tool schemas."""
    turn: int
    """Replies given before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A finished episode that can be entered again before each of its turns."""

    forks: tuple[Fork, ...]
    """One per turn, in order; [T]."""
    replies: tuple[Reply, ...]
    """What was answered at each; [T]."""
    total: float | None
    """Return; None if the episode is invalid."""
    step_rewards: tuple[float, ...]
    """Settled reward per turn; empty if invalid."""
    success: bool | None
    reason: str | None
    """Why it is invalid; None if it is valid."""
    start: int = 0
    """First turn that is not shared with the path it was retried from."""

    @property
    def valid(self) -> bool:
        """Whether it may count."""
        return self.reason is None

    def worth(self, measure: Measure) -> float | None:
        """Return what it counts for; None if it is invalid, or defines no success."""
        if not self.valid:
            return None
        if measure == "return":
            return self.total
        return None if self.success is None else float(self.success)


def play_path(
    env: gymnasium.Env[str, str],
    policy: Policy,
    *,
    seed: int,
    task: Any = None,
    sample: int = 0,
) -> Path:
    """Return one episode, kept before every turn.

    Args:
        env: a text environment whose family can take snapshots.
        policy: who plays; ``attach(session, env)`` is called where it exists.
        seed: of the episode.
        task: a task or its id; None lets the seed choose.
        sample: varies the policy's sampling seed.

    Raises:
        ConfigError: the family cannot take snapshots.
    """
    inner = _forkable(env)
    observation, info = inner.reset(seed=seed, options={} if task is None else {"task": task})
    messages = (Message("system", info["system"]), Message("user", observation))
    first = Fork(snapshot=inner.snapshot(), messages=messages, tools=tuple(info["tools"]), turn=0)
    return _finish(_Seat(inner, first, _seed(seed, "path", sample), kept=[]), policy)


def retry_from(
    env: gymnasium.Env[str, str],
    policy: Policy,
    path: Path,
    turn: int,
    *,
    seed: int = 0,
    hint: str | None = None,
) -> Path:
    """Return another ending of ``path``, played from before ``turn``.

    Formula: turns 0 to turn - 1 are those of ``path``; ``start`` = turn is the pivot to give
             ``envgym.rewards.credit.pivotal`` for both branches
    Source:  cookbook E11, R3L (seen: shiweijiezero/R3L)

    Args:
        env: of the same family and arguments; a running episode ends as external.
        policy: who plays on.
        path: where to start.
        turn: 0 to T - 1.
        seed: varies the policy's sampling seed.
        hint: text added to the observation at the fork, such as a reflection on the failure;
            it is in the messages of the new path, so a trainer can leave it out.

    Raises:
        ConfigError: ``turn`` is not one of the path's.
    """
    if isinstance(turn, bool) or not isinstance(turn, int) or not 0 <= turn < len(path.forks):
        raise ConfigError(f"retry_from.turn must be 0 to {len(path.forks) - 1}, got {turn!r}.")
    inner = _forkable(env)
    fork = path.forks[turn]
    inner.restore(fork.snapshot)
    if hint:
        *earlier, last = fork.messages
        shown = Message(last.role, f"{last.content}\n\n{hint}")
        fork = replace(fork, messages=(*earlier, shown))
    seat = _Seat(inner, fork, _seed(seed, "retry", turn), kept=list(path.forks[:turn]))
    seat.replies = list(path.replies[:turn])
    return _finish(seat, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What each state is worth under a policy, from finished continuations."""

    means: tuple[float | None, ...]
    """Mean worth per state; None where no continuation was valid: unknown, not 0."""
    counts: tuple[int, ...]
    """Valid continuations per state."""
    errors: tuple[float, ...]
    """Standard error of each mean (sample std / sqrt(count)); 0 below two continuations."""

    def known(self) -> tuple[float, ...]:
        """Return the means.

        Raises:
            InfraError: a state has no valid continuation.
        """
        if None in self.means:
            state = self.means.index(None)
            raise InfraError("fork", f"no continuation from state {state} was valid.")
        return tuple(mean for mean in self.means if mean is not None)


def completion_values(
    env: Environments,
    policy: Policy,
    forks: Sequence[Fork],
    k: int,
    *,
    measure: Measure = "success",
    seed: int = 0,
) -> Values:
    """Return the value of each state: the mean of ``k`` continuations by a policy.

    Formula: V(s) = mean over k rollouts from s of [success], or of the return
    Source:  cookbook E4, PAV, and E5, GenPRM (recalled)
    Range:   [0, 1] for success
    Laws:    the same arguments give the same values, and so does any number of environments
             (for deterministic policies); a state's value depends on its turn and ``seed``, not
             on the other states asked for

    Where an environment draws random numbers during play, continuations share its stream, as
    the snapshot holds it: only the policy's choices vary. An environment that records writes
    every continuation as a child episode.

    Args:
        env: of the family and arguments that made the forks; several of them let the policy
            answer for several continuations at once. A running episode of theirs ends as
            external, and they stand at the end of a continuation: keep another one to play on.
        policy: the prover; it must not be the policy that is trained, or progress is its own
            advantage.
        forks: states, for instance ``path.forks``.
        k: continuations per state, 1 or more.
        measure: "success", or "return" (of the whole episode, what was earned before included).
        seed: varies the policy's sampling seeds.

    Raises:
        ConfigError: ``k`` or ``measure`` is not allowed, or the family cannot take snapshots.
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ConfigError(f"completion_values.k must be 1 or more, got {k!r}.")
    if measure not in ("success", "return"):
        raise ConfigError(f"completion_values.measure must be success or return, got {measure!r}.")
    inners = [_forkable(e) for e in ([env] if isinstance(env, gymnasium.Env) else env)]
    if not inners:
        raise ConfigError("completion_values needs at least one environment, got none.")
    jobs = (
        (state, fork, _seed(seed, "completion", fork.turn, attempt))
        for state, fork in enumerate(forks)
        for attempt in range(k)
    )
    worth: list[list[float]] = [[] for _ in forks]
    for state, path in _continue(inners, policy, jobs):
        end = path.worth(measure)
        if end is not None:
            worth[state].append(end)
    return Values(
        means=tuple(fsum(found) / len(found) if found else None for found in worth),
        counts=tuple(map(len, worth)),
        errors=tuple(map(_standard_error, worth)),
    )


def path_values(
    env: Environments,
    policy: Policy,
    path: Path,
    k: int,
    *,
    measure: Measure = "success",
    seed: int = 0,
) -> tuple[float, ...]:
    """Return the value of every state of a path, the final one included; [T + 1].

    The final state is worth what the path itself reached. Feed it to ``pav_rewards``,
    ``relative_progress`` or ``turning_rewards``.

    Raises:
        ConfigError: the path is invalid or defines no success, or as ``completion_values``.
        InfraError: a state has no valid continuation.
    """
    final = path.worth(measure)
    if final is None:
        raise ConfigError(
            f"path_values needs a valid path with a {measure}; this one is "
            f"{path.reason or 'without success'}."
        )
    found = completion_values(env, policy, path.forks, k, measure=measure, seed=seed)
    return (*found.known(), final)


def _forkable(env: gymnasium.Env[str, str]) -> Any:
    inner: Any = env.unwrapped
    if not callable(getattr(inner, "snapshot", None)) or not inner.metadata.get("snapshot"):
        raise ConfigError(f"{type(inner).__name__} cannot take snapshots, so it cannot be forked.")
    return inner


def _seed(seed: int, *path: int | str) -> int:
    return Stream(seed, "fork", *path).word() >> 1


class _Seat:
    """One environment and the continuation that is played in it."""

    def __init__(
        self, inner: Any, fork: Fork, seed: int, *, kept: list[Fork] | None, number: int = 0
    ) -> None:
        self.inner, self.fork, self.seed, self.number = inner, fork, seed, number
        self.session = f"fork:{number}:{seed}"
        self.kept = kept
        self.replies: list[Reply] = []
        self.fresh = self.history = fork.messages
        self.turn = fork.turn

    def request(self, policy: Policy) -> Request:
        """Return what to ask, after noting the state if states are kept."""
        if self.turn == self.fork.turn:
            attach = getattr(policy, "attach", None)
            if attach is not None:
                attach(self.session, self.inner)
        if self.kept is not None:
            here = self.fork
            if self.turn != here.turn:
                here = replace(
                    here,
                    snapshot=self.inner.snapshot(),
                    messages=self.history,
                    turn=self.turn,
                )
            self.kept.append(here)
        return Request(
            session=self.session,
            messages=self.fresh,
            tools=self.fork.tools if self.turn == self.fork.turn else (),
            seed=self.seed,
        )

    def advance(self, reply: Reply) -> Path | None:
        """Step with a reply; return the path once the episode is over."""
        self.replies.append(reply)
        if reply.finish == "error":
            self.inner.invalidate("policy")
            return self._ended(None, "policy")
        observation, _, terminated, truncated, info = self.inner.step(reply.text)
        self.turn += 1
        if terminated or truncated:
            return self._ended(info, info["invalid_reason"])
        self.fresh = (Message("user", observation),)
        if self.kept is not None:
            self.history = (*self.history, Message("assistant", reply.text), *self.fresh)
        return None

    def _ended(self, info: Any, reason: str | None) -> Path:
        valid = info is not None and bool(info["valid"])
        success = info["success"] if valid else None
        return Path(
            forks=tuple(self.kept or ()),
            replies=tuple(self.replies),
            total=fsum(entry.value for entry in info["ledger"]) if valid else None,
            step_rewards=tuple(info["step_rewards"]) if valid else (),
            success=None if success is None else success == "yes",
            reason=None if valid else reason or "invalid",
            start=self.fork.turn,
        )


def _finish(seat: _Seat, policy: Policy) -> Path:
    """Play one seat to its end."""
    try:
        while True:
            (reply,) = policy.act([seat.request(policy)])
            path = seat.advance(reply)
            if path is not None:
                return path
    finally:
        policy.close([seat.session])


def _continue(
    inners: Sequence[Any], policy: Policy, jobs: Iterable[tuple[int, Fork, int]]
) -> Iterator[tuple[int, Path]]:
    """Play jobs (state, fork, seed) with all environments at once; yield (state, path)."""
    queue = enumerate(jobs)
    seats: list[tuple[int, _Seat]] = []
    free = list(inners)
    try:
        while True:
            while free and (job := next(queue, None)) is not None:
                number, (state, fork, seed) = job
                inner = free.pop()
                inner.restore(fork.snapshot)
                seats.append((state, _Seat(inner, fork, seed, kept=None, number=number)))
            if not seats:
                return
            replies = policy.act([seat.request(policy) for _, seat in seats])
            playing = []
            for (state, seat), reply in zip(seats, replies, strict=True):
                path = seat.advance(reply)
                if path is None:
                    playing.append((state, seat))
                else:
                    policy.close([seat.session])
                    free.append(seat.inner)
                    yield state, path
            seats = playing
    finally:
        policy.close([seat.session for _, seat in seats])


def _standard_error(values: Sequence[float]) -> float:
    count = len(values)
    if count < 2:
        return 0.0
    mean = fsum(values) / count
    return float((fsum((v - mean) ** 2 for v in values) / (count - 1) / count) ** 0.5)
