"""One task played by several rollouts at once, which are rewarded by comparison."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import fsum
from operator import index
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from envgym.rewards import GroupScore, Score, score
from envgym.rewards.comparators import named
from envgym.runtime import registry
from envgym.runtime.episodes.transcripts import transcript_text
from envgym.runtime.groups import (
    check_comparators,
    group_seed,
    member_arguments,
    member_ids,
)
from envgym.runtime.vector import TextVectorEnv
from envgym.types import Candidate, Comparator, ConfigError, Entry, InfraError, Record

_INVALID = {"valid": False, "end": "invalid", "success": None}


class GroupVectorEnv(TextVectorEnv):
    """Step a group of rollouts of one task; group rewards are paid when all have ended.

    All members share seed and task. A member that has ended waits: it reports
    ``terminated=False``, reward 0 and ``waiting=True`` in its info, and its actions are ignored
    and are no turns. When the last one ends the group closes: every member reports
    ``terminated=True`` and its group reward, and its info holds ``end``, ``success``,
    ``step_rewards`` and ``ledger`` with the group's entries, and ``group``. Members that are
    invalid take no part; the group closes with the others and says so in ``group``. If a judge
    itself fails (InfraError), every member is invalid.

    The closing reward belongs to a member's last event: what that event's own step paid and the
    closing reward together are its float in the ledger. Shares become late evidence of the
    recorded episodes, whose own returns are those before the group closed.

    Args:
        env_id: id of a text environment.
        size: members, 1 or more.
        reward: a program, its JSON, its file or a name, as in ``make``; usually one that
            compares rollouts, such as "tournament".
        comparators: judges by the name that the program uses, or one for all of them.
        threads: as for ``TextVectorEnv``.
        **kwargs: of the environment; the same for every member.

    Raises:
        ConfigError, EvidenceError: as ``make`` does.
    """

    def __init__(
        self,
        env_id: str,
        size: int,
        *,
        reward: Any = "tournament",
        comparators: Mapping[str, Comparator] | Comparator | None = None,
        threads: int = 0,
        **kwargs: Any,
    ) -> None:
        size = _whole(size, "GroupVectorEnv.size must be 1 or more")
        if size < 1:
            raise ConfigError(f"GroupVectorEnv.size must be 1 or more, got {size!r}.")
        self.program, member = member_arguments(env_id, {**kwargs, "reward": reward})
        self.comparators = named(comparators)
        check_comparators(self.program, self.comparators)
        make = partial(registry.make, env_id, disable_env_checker=True, **member)
        # Members that record share one folder: the second finds the first one's file there.
        appended = partial(make, append=True) if kwargs.get("record") is not None else make
        super().__init__(
            [make, *[appended] * (size - 1)], threads=threads, autoreset_mode=AutoresetMode.DISABLED
        )
        self._ids: list[str] = []
        self._name = ""
        self._closed = True
        self.result: GroupScore | None = None
        """The score of the group that closed last; None before."""

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Begin a new group: all members get the same seed and task.

        Args:
            seed: one integer, or None to draw one.
            options: as for one environment; ``group`` may name the group (a text).

        Raises:
            ConfigError: several seeds, or a mask: a group is reset whole.
            InfraError: no member could be started.
        """
        options = dict(options or {})
        if "reset_mask" in options:
            raise ConfigError("a group is reset whole; reset_mask is not taken here.")
        if seed is None:
            seed = int(self.np_random.integers(1 << 63))
        number = _whole(seed, "a group shares one seed, so seed must be one integer")
        first: Any = self.envs[0].unwrapped
        name = options.pop("group", f"{first.env_id}-{number}")
        if not isinstance(name, str) or not name:
            raise ConfigError(f"options['group'] must be the group's name, a text, got {name!r}.")
        self._closed = True  # until the new group stands, there is none
        results = self._each(lambda i: self._begin(i, number, options, name), range(self.num_envs))
        self._name = name
        self._ids = member_ids(name, range(self.num_envs), ())
        self._infos: list[dict[str, Any]] = []
        self._said: list[list[tuple[str, str]]] = [[] for _ in self.envs]
        self._opening = [observation for observation, _, _ in results]
        self._failed: list[InfraError | None] = [failure for _, _, failure in results]
        if all(self._failed):
            raise self._failed[0] or InfraError("group")
        self._closed = False
        infos: dict[str, Any] = {}
        for i, (observation, info, failure) in enumerate(results):
            self._shown[i], self._over[i] = observation, failure is not None
            info["waiting"] = failure is not None
            self._infos.append(info)
            infos = self._add(infos, info, i)
        return tuple(self._shown), infos

    def _begin(
        self, i: int, seed: int, options: dict[str, Any], name: str
    ) -> tuple[str, dict[str, Any], InfraError | None]:
        member = {**options, "group": {"id": name, "index": i}}
        try:
            observation, info = self.envs[i].reset(seed=seed, options=member)
        except InfraError as failure:  # the others go on without it
            info = {**_INVALID, "invalid_reason": failure.reason, "step_rewards": (), "ledger": ()}
            info["reward_parts"] = Record()
            info |= {"calls": (), "error": None, "evidence": Record(), "turn": 0}
            return f"The environment failed ({failure.reason}).", info, failure
        return observation, info, None

    def step(
        self, actions: Sequence[str]
    ) -> tuple[tuple[str, ...], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Step the members that have not ended.

        Returns:
            Observations, float64 rewards [n], terminated [n] (all True when the group closes,
            else all False), truncated [n] (all False), infos.

        Raises:
            gymnasium.error.ResetNeeded: the group is closed or has not begun.
        """
        if self._closed:
            raise ResetNeeded("the group is closed or has not begun; call reset() before step().")
        if len(actions) != self.num_envs:
            raise ConfigError(f"step needs {self.num_envs} actions, got {len(actions)}.")
        running = [i for i in range(self.num_envs) if not self._over[i]]
        for k in np.flatnonzero(self._over).tolist():
            self._infos[k] = {**self._infos[k], "reward_parts": Record()}
        results = self._each(lambda i: self.envs[i].step(actions[i]), running)
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        for i, (observation, reward, terminated, truncated, info) in zip(
            running, results, strict=True
        ):
            rewards[i] = reward
            self._shown[i] = observation
            self._said[i].append((actions[i], observation))
            self._over[i] = terminated or truncated
            self._infos[i] = info
        self._closed = bool(self._over.all())
        if self._closed:
            self._close(rewards)
        infos: dict[str, Any] = {}
        for i, info in enumerate(self._infos):
            info = {**info, "waiting": bool(self._over[i]) and not self._closed}
            infos = self._add(infos, info, i)
        ends = np.full(self.num_envs, self._closed)
        return tuple(self._shown), rewards, ends, np.zeros(self.num_envs, dtype=bool), infos

    def _close(self, rewards: NDArray[Any]) -> None:
        """Compare the members, add their group rewards and complete their infos."""
        rollouts = [self._candidate(i) for i in range(self.num_envs)]
        seed = group_seed(0, self._name)
        try:
            self.result = score(rollouts, self.program, comparators=self.comparators, seed=seed)
        except InfraError as failure:  # the judge failed, not the members: nobody is rewarded
            self.result = None
            for i, info in enumerate(self._infos):
                if info["valid"]:
                    self._infos[i] = {**info, **_INVALID, "invalid_reason": failure.reason}
        # What closed without a total, by place in the group.
        found = self.result or ()
        dropped = {i: each.reason for i, each in enumerate(found) if each.total is None}
        dropped |= {
            i: info["invalid_reason"] for i, info in enumerate(self._infos) if not info["valid"]
        }
        facts = Record(
            valid=self.num_envs - len(dropped),
            dropped=tuple((str(i), reason) for i, reason in sorted(dropped.items())),
            partial=bool(dropped),
        )
        for i in range(self.num_envs):
            info = {**self._infos[i], "group": facts}
            if info["valid"] and self.result is not None:
                rewards[i] += self._pay(i, self.result[i], info)
            self._infos[i] = info

    def _pay(self, i: int, each: Score, info: dict[str, Any]) -> float:
        """Write one valid member's group entries into its info and return their sum."""
        env: Any = self.envs[i].unwrapped
        if each.late:
            env.note(dict(each.late), "group")
        if each.reason is not None:
            info |= {**_INVALID, "invalid_reason": each.reason}
            return 0.0
        last = len(each.settled) - 1
        late: list[Entry] = [entry for entry in each.ledger if entry.paid is None]
        info["ledger"] = tuple(
            entry._replace(paid=last) if entry.paid is None else entry for entry in each.ledger
        )
        info["step_rewards"] = each.settled
        parts = dict(info["reward_parts"])
        for entry in late:
            parts[entry.component] = parts.get(entry.component, 0.0) + entry.value
        info["reward_parts"] = Record(parts)
        return fsum(entry.value for entry in late)

    def _candidate(self, i: int) -> Candidate:
        env: Any = self.envs[i].unwrapped
        if not self._infos[i]["valid"]:
            # A record without an end takes no part in any comparison.
            return Candidate(id=self._ids[i], records=({"end": None},))
        return Candidate(
            id=self._ids[i],
            records=env.evidence_so_far(),
            instruction=env.task.instruction or self._opening[i],
            text=transcript_text(self._opening[i], self._said[i]),
        )


def _whole(value: Any, rule: str) -> int:
    """Return an integer of any type, NumPy's too."""
    try:
        if not isinstance(value, bool | np.ndarray):
            return index(value)
    except TypeError:
        pass
    raise ConfigError(f"{rule}, got {value!r}.")
