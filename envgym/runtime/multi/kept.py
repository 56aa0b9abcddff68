"""What of an episode of several agents outlives its process, and how it is configured."""

import json
import pickle
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding

from envgym.rewards import Books, Program, resolve
from envgym.runtime import settings
from envgym.runtime.episodes import EpisodeWriter
from envgym.runtime.keeping import MAX_ACTION_CHARS, NOT_RUNNING
from envgym.runtime.multi.evidence import TEAM
from envgym.runtime.multi.family import TeamFamily
from envgym.runtime.multi.recording import TeamRecorder
from envgym.runtime.tasks import TaskSet, parse_task
from envgym.types import ConfigError, Evidence, InfraError, Stream, Task
from envgym.types.errors import unknown

_SNAPSHOT = (
    "state", "task", "seed", "stream", "agents", "agent_selection", "rewards", "terminations",
    "truncations", "infos", "tallies", "decisions", "_cumulative_rewards", "_books", "_event",
    "_tries", "_notice", "_forfeited", "_parts", "_live", "paid", "ended", "mistake",
    "_latest", "_skip_agent_selection",
)  # fmt: skip


class KeptTeam(TeamFamily):
    """Configuration, recording and snapshots; the middle floor of ``TeamEnv``."""

    name: str
    """What makes it again, with its configuration: a game's name or a registered one."""
    seed: int
    """Seed of the running episode."""
    decisions: dict[str, list[int]]
    """Events at which each agent acted."""
    programs: Mapping[str, Program]
    declared: Mapping[str, Evidence]
    resources: ExitStack
    tasks: TaskSet
    paid: Mapping[str, float]
    """The floats of the latest event; agents that are out are absent."""
    mistake: str | None
    """What was wrong with the latest message."""
    ended: Mapping[str, str]
    """Agents that the latest event ended: "terminated" or "truncated"."""
    _books: dict[str, Books]
    _config: Mapping[str, Any]
    _event: int
    _forfeited: str | None
    _finalizer: "weakref.finalize[Any, Any]"
    _latest: Mapping[str, Mapping[str, Any]]
    _live: bool
    _max_obs: int
    _readable: Mapping[str, Evidence]
    _recorder: TeamRecorder | None
    _reports: dict[str, dict[str, Any]]
    """What ``infos`` says at the end; {} before it."""
    _skip_agent_selection: str | None
    """PettingZoo's: who is asked once agents that are out have taken their last step."""
    _void: bool
    """Whether our side failed in the running or latest episode."""
    _shown: dict[str, str]
    """Observations of the current situation, as far as they were asked for."""

    def invalidate(self, reason: str) -> None:
        """End the running episode as invalid from outside: a policy or a judge failed."""
        if self._live:
            for books in self._books.values():
                books.void()
            if self._recorder is not None:
                with suppress(InfraError):
                    self._recorder.end("invalid", dict.fromkeys(self._books), False, reason)
            self._live = False
            self.agents = []

    def note(self, agent: str, evidence: Mapping[str, Any], source: str) -> None:
        """Append late evidence of an agent to the recorded episode, dated to the latest event.

        Raises:
            ConfigError: no such agent, or a key is one that the kernel counts itself.
        """
        if agent not in self.possible_agents:
            raise ConfigError(unknown("agent", agent, self.possible_agents))
        for item in TEAM:
            if item.key in evidence:
                raise ConfigError(f"late evidence cannot replace the kernel's '{item.key}'.")
        if self._recorder is not None:
            self._recorder.late(self._event - 1, agent, evidence, source)

    def latest_evidence(self, agent: str) -> Mapping[str, Any]:
        """Return the agent's record of the latest event, of the reset before the first."""
        return self._latest[agent]

    @property
    def forfeited(self) -> str | None:
        """Who had no move within its tries in the running or latest episode."""
        return self._forfeited

    def evidence_so_far(self, agent: str) -> tuple[Mapping[str, Any], ...]:
        """Return the running or latest episode's records as the agent's program read them."""
        return tuple(self._books[agent].records)

    @property
    def total(self) -> Mapping[str, float | None]:
        """Every agent's return; None before the end, after a cut, and if it is invalid."""
        valid = not self._void and all(books.valid for books in self._books.values())
        return {a: books.total if valid else None for a, books in self._books.items()}

    def snapshot(self) -> bytes:
        """Return the running episode whole: state, streams, budgets, reward books."""
        if not self._live:
            raise ResetNeeded(NOT_RUNNING)
        kept = {name: getattr(self, name) for name in _SNAPSHOT}
        ep = self._recorder.ep if self._recorder is not None else None
        return pickle.dumps((type(self).__name__, self._world(), kept, ep), protocol=5)

    def restore(self, snapshot: bytes) -> None:
        """Continue from a snapshot of the same family, arguments and programs.

        A recorded one opens a child episode. Only for snapshots of your own: unpickling runs
        code.

        Raises:
            ConfigError: it is no snapshot, or one of another family, of other arguments or of
                another reward program.
        """
        try:
            family, world, kept, ep = pickle.loads(snapshot)
        except (pickle.UnpicklingError, EOFError, TypeError, ValueError):
            raise ConfigError(f"{self.name}: these bytes are no snapshot.") from None
        if family != type(self).__name__:
            raise ConfigError(f"this is a snapshot of {family}, not of {type(self).__name__}.")
        if world != (mine := self._world()):
            raise ConfigError(f"this is a snapshot of {world}, this environment is {mine}.")
        if {a: b.program for a, b in kept["_books"].items()} != dict(self.programs):
            raise ConfigError(f"{self.name}: the snapshot was taken under other rewards.")
        self._abandon()
        for name, value in kept.items():
            setattr(self, name, value)
        self._shown, self._reports, self._void = {}, {}, False
        if self._recorder is not None:
            asked = self._skip_agent_selection or self.agent_selection
            head = self._head(None, {"ep": ep, "e": self._event})
            self._recorder.begin(head, self._books, {asked: self.observe(asked)}, self._latest)

    def close(self) -> None:
        """End a running episode as ``external`` and free everything; idempotent."""
        self._abandon()
        self.agents = []
        self._finalizer()

    def _abandon(self) -> None:
        self._live = False
        if self._recorder is not None:
            self._recorder.abandon()

    # -- Configuration --------------------------------------------------------------------

    def _world(self) -> str:
        """Return name and arguments as text, without those that change no episode's course."""
        aside = ("reward", "record_evidence", "render_mode")
        given = {k: v for k, v in self._config.items() if k not in aside}
        return f"{self.name} {json.dumps(given, sort_keys=True)}" if given else self.name

    def _programs(self, reward: Any) -> dict[str, Program]:
        presets = self.presets()
        each = isinstance(reward, Mapping) and not set(self.possible_agents).isdisjoint(reward)
        for agent in reward if each else ():
            if agent not in self.possible_agents:
                said = unknown("agent in reward", str(agent), self.possible_agents)
                raise ConfigError(f"{self.name}: {said}")
        given = {a: reward.get(a, "outcome") if each else reward for a in self.possible_agents}
        found = {}
        for agent, value in given.items():
            program = resolve(value, presets, self.name)
            program.check(self._readable, self.name)
            if program.phase in ("group", "trainer"):
                raise ConfigError(
                    f"{self.name}: reward '{program.name}' compares rollouts or needs the"
                    " trainer; step() cannot pay it. Record the episodes and score them with"
                    " `envgym rescore` or envgym.rewards.score."
                )
            found[agent] = program
        return found

    def _measured(self, wanted: str | Sequence[str]) -> tuple[str, ...]:
        """Return the costly keys that are measured: asked for, or read by any preset."""
        costly = [item.key for item in self.declares if item.cost == "costly"]
        if wanted == "all":
            return tuple(costly)
        if isinstance(wanted, str):
            settings.check_choice(self.name, "record_evidence", wanted, ("needed", "all"))
            wanted = ()
        for key in wanted:
            if key not in self._readable:
                said = unknown("key", key, self._readable)
                raise ConfigError(f"{self.name}: record_evidence: {said}")
        programs = (*self.programs.values(), *self.presets().values())
        read = frozenset().union(*(program.needs for program in programs))
        return tuple(key for key in costly if key in read or key in wanted)

    def _open_recorder(self, record: Any, append: bool) -> TeamRecorder | None:
        if record is None:
            return None
        writer = EpisodeWriter.shared(record, append=append)
        recorder = TeamRecorder(writer)
        self.resources.callback(writer.close)
        self.resources.callback(recorder.abandon)
        return recorder

    def _select(self, chosen: Any, seed: int) -> Task:
        if chosen is None:
            split, size = next(iter(self.tasks.splits.items()))
            name = self.metadata["stream"] or self.metadata["name"]
            return self.tasks.pick(split, Stream(seed, name, "task").below(size) if size > 1 else 0)
        if isinstance(chosen, str):
            return self.tasks.by_id(chosen)
        data = chosen.to_json() if isinstance(chosen, Task) else chosen
        return parse_task(data, "options['task']", self.check_params, ())

    def _unseeded(self) -> int:
        """Return a seed drawn as Gymnasium draws one where none is given."""
        if not hasattr(self, "_np_random"):
            self._np_random, _ = seeding.np_random()
        return int(self._np_random.integers(1 << 63))

    def _head(self, group: Any, parent: Mapping[str, Any] | None) -> dict[str, Any]:
        tools = {n: s for a in self.possible_agents for n, s in self.tools_of(a).items()}
        specs = {agent: program.spec() for agent, program in self.programs.items()}
        same = all(spec == next(iter(specs.values())) for spec in specs.values())
        space = {
            "observation": {"type": "text", "max_length": self._max_obs},
            "action": {"type": "text", "max_length": MAX_ACTION_CHARS},
        }
        volatile = [
            f"/ev/{agent}/{item.key}"
            for agent in self.possible_agents
            for item in self.declared.values()
            if item.volatile
        ]
        return {
            "env": self.name,
            "version": str(self.metadata["version"]),
            "config": self._config,
            "seed": self.seed,
            "task": self.task.to_json(),
            "agents": list(self.possible_agents),
            "spaces": dict.fromkeys(self.possible_agents, space),
            "tools": [spec.schema for spec in tools.values()],
            "program": next(iter(specs.values())) if same else {"agents": specs},
            "parent": parent,
            "group": group,
            "volatile": volatile,
        }
