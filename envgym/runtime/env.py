"""The text environment that families subclass: tools in, evidence and rewards out."""

import math
import pickle
import re
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from gymnasium.error import ResetNeeded

from envgym.rewards import Books, Program, resolve
from envgym.runtime import settings
from envgym.runtime.ending import Ending, call_records
from envgym.runtime.episodes import EpisodeWriter
from envgym.runtime.evidence import KERNEL, audit, declared, readable
from envgym.runtime.keeping import MAX_ACTION_CHARS, NOT_RUNNING
from envgym.runtime.options import asked
from envgym.runtime.parse import parse
from envgym.runtime.recording import Recorder
from envgym.runtime.tasks import ListTasks, TaskSet, check_task, parse_task, resolve_tasks
from envgym.runtime.tools import ToolSpec, collect, help_text
from envgym.runtime.transcript import KEYS, transcript
from envgym.runtime.unicode import Unicode, clean, cut, plain_text
from envgym.types import (
    Call,
    ConfigError,
    Evidence,
    InfraError,
    Stream,
    Task,
    ToolError,
)
from envgym.types.record import adopt


class TaskEnv(Ending):
    """A Gymnasium environment whose actions are an assistant's messages.

    A family subclasses it, declares its evidence, marks methods with ``@tool`` and keeps all
    state of an episode in ``self.state`` (picklable). What it overrides is listed in ``Family``;
    the rest is shared: parsing, budgets, evidence, rewards, recording, snapshots.
    ``docs/custom_environment.md`` shows one on a page.

    Raises (from the constructor): ConfigError, TaskError or EvidenceError, each one sentence.
    """

    def __init__(
        self,
        *,
        tasks: Any = None,
        split: str = "train",
        lenient: bool = False,
        reward: Any = "outcome",
        record_evidence: str | Sequence[str] = "needed",
        record: Any = None,
        append: bool = False,
        max_turns: int | None = None,
        max_tokens: int | None = None,
        max_seconds: float | None = None,
        max_cost: float | None = None,
        calls: str = "last",
        max_obs_chars: int = 8192,
        render_mode: str | None = None,
        **unknown_arguments: Any,
    ) -> None:
        where = type(self).__name__
        settings.refuse_unknown(type(self), unknown_arguments)
        wanted = settings.check_evidence(type(self), record_evidence)
        settings.check_choice(where, "calls", calls, ("last", "all"))
        settings.check_choice(where, "render_mode", render_mode, (None, "ansi"))
        if not isinstance(max_obs_chars, int) or max_obs_chars < 200:
            raise ConfigError(f"{where}: max_obs_chars must be 200 or more, got {max_obs_chars!r}.")
        turns = self.metadata.get("max_turns", 30) if max_turns is None else max_turns
        self.limits = settings.Limits(
            turns=turns, tokens=max_tokens, seconds=max_seconds, cost=max_cost
        ).check(where)
        self.render_mode = render_mode
        family: Any = type(self)  # mypy takes a class for unhashable
        self.declared: Mapping[str, Evidence] = declared(family)
        self.program: Program = resolve(reward, self.presets(), where)
        self.program.check(readable(family), where)
        if self.program.phase in ("group", "trainer"):
            raise ConfigError(
                f"{where}: reward '{self.program.name}' compares the rollouts of a group or needs"
                " the trainer; step() cannot pay it. Step the group in envgym.GroupVectorEnv, or"
                " score it when it is finished with envgym.rewards.score."
            )
        self._reads_transcript = not KEYS.isdisjoint(self.program.needs | wanted)
        # What any preset reads is always there, so that one recording can be scored under all.
        read = self.program.needs.union(*(p.needs for p in self.presets().values()))
        self._costly = tuple(
            item.key
            for item in self.declares
            if item.cost == "costly" and (item.key in wanted or item.key in read)
        )
        self.tasks: TaskSet = (
            self.builtin_tasks()
            if tasks is None
            else resolve_tasks(tasks, self.check_params, self.checkers, lenient=lenient)
        )
        # Sets that are read lazily can only be checked task by task.
        self._unchecked = tasks is not None and not isinstance(self.tasks, ListTasks)
        if tasks is not None and split == "train" and "train" not in self.tasks.splits:
            split = next(iter(self.tasks.splits))
        if not self.tasks.size(split):
            raise ConfigError(f"{where}: split '{split}' has no tasks.")
        self.split = split
        self._tools: Mapping[str, ToolSpec] = collect(type(self))
        self._command_tool: str | None = self.metadata.get("command_tool")
        self._short_tool: str | None = self.metadata.get("short_tool")
        self._all_calls = calls == "all"
        self._turn_limit = math.inf if self.limits.turns is None else self.limits.turns
        self._budgeted = not (max_tokens is None and max_seconds is None and max_cost is None)
        self._max_obs = max_obs_chars
        self._masks = tuple(map(re.compile, self.metadata.get("masks", ())))
        self.action_space = Unicode(max_length=MAX_ACTION_CHARS)
        self.observation_space = Unicode(max_length=max_obs_chars)
        self._schemas = pickle.dumps(tuple(spec.schema for spec in self._tools.values()))
        self._system = help_text(self._tools, command_tool=self._command_tool)
        self.resources = ExitStack()
        self._recorder = self._open_recorder(record, append)
        # After the writer's own: at interpreter exit finalizers run in reverse order of creation.
        self._finalizer = weakref.finalize(self, self.resources.close)
        self._live = False

    def _open_recorder(self, record: Any, append: bool) -> Recorder | None:
        if record is None:
            return None
        writer = EpisodeWriter.shared(record, append=append)
        recorder = Recorder(writer)
        self.resources.callback(writer.close)
        self.resources.callback(recorder.abandon)
        return recorder

    # -- For tools ------------------------------------------------------------------------

    def finish(self, success: bool | None) -> None:
        """End the episode after the current call; None where success is not defined."""
        self._finished, self._success = True, success

    def spend(self, cost: float) -> None:
        """Count ``cost`` against ``max_cost``; finite and not negative."""
        if not 0 <= cost < math.inf:
            raise ValueError(f"cost must be finite and not negative, got {cost}")
        self._cost += cost

    # -- The step API ---------------------------------------------------------------------

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode: the seed selects a task of the split and drives all randomness.

        Args:
            seed: 0 to 2**63 - 1; None draws one from ``np_random``.
            options: ``task`` (an id, a Task, or a task's JSON) instead of the seed's choice;
                ``group`` ({"id": str, "index": int}), noted in the episode file.

        Raises:
            InfraError: a container, browser or other service could not be started.
        """
        seed, chosen, group = asked(seed, options)
        super().reset(seed=seed)
        self._abandon()
        if seed is None:
            seed = int(self.np_random.integers(1 << 63))
        self.seed = seed
        name = self.metadata["stream"] or type(self).__name__
        self.task = self._select(chosen, Stream(self.seed, name, "task"))
        self.stream = Stream(self.seed, name, "episode")
        self.turn = self._errors = self._extra = self._tokens = 0
        self._cost: float = 0.0
        self._finished, self._success = False, None
        self._end: str | None = None
        observation = self._shown(self.begin(self.task, self.stream))
        self._started = time.monotonic()
        evidence = self._evidence()
        audit(type(self).__name__, self.declared, evidence, self._costly)
        opening = (
            {**evidence, **transcript("", observation, ())} if self._reads_transcript else evidence
        )
        self._books: Books = self.program.open(opening)
        self._live = True
        self._last = ("", observation)
        if self._recorder is not None:
            self._recorder.begin(self._head(group, None), self._books, observation, evidence)
        return observation, {
            "task_id": self.task.id,
            "tools": pickle.loads(self._schemas),  # a copy: callers may edit theirs
            "system": self._system,
            "seed": self.seed,
            "env_version": str(self.metadata.get("version", "0")),
            "evidence": adopt(evidence),
        }

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take the assistant's whole message; return the new text, the float, and the books.

        Nothing in a message raises: a mistake costs the turn and is told in the observation.
        After any other exception the episode is over and ``reset`` is needed.

        Raises:
            ResetNeeded: no episode is running.
            ConfigError: the action is no str.
        """
        if not self._live:
            raise ResetNeeded(NOT_RUNNING)
        if action.__class__ is not str:
            action = plain_text(action)
        if action.isascii():
            text, size = action, len(action)
        else:
            text = clean(action)
            size = len(text.encode())
        if size > MAX_ACTION_CHARS and len(text) > MAX_ACTION_CHARS:
            text = cut(text, MAX_ACTION_CHARS)
            size = len(text.encode())  # of what is kept: a re-run of the recording counts the same
        number = self.turn
        self.turn = number + 1
        self._tokens += (size + 3) >> 2
        calls: list[Call] = []
        try:
            observation, error = self._act(text, calls)
            if self._finished:
                self._end = "task"
            elif number + 1 >= self._turn_limit or (self._budgeted and self._spent(number)):
                self._end = "budget"
            evidence = self._evidence()
            if self._reads_transcript:
                shown = transcript(text, observation, calls)
                amount, parts = self._books.step({**evidence, **shown})
            else:
                amount, parts = self._books.step(evidence)
        except InfraError as failure:
            return self._invalid(number, text, calls, failure)
        except BaseException:
            # Half an event has no defined books. It never happened: the next call is reset().
            self._live, self.turn = False, number
            raise
        info: dict[str, Any] = {
            "calls": call_records(calls),
            "error": error,
            "evidence": adopt(evidence),
            "reward_parts": adopt(parts),
            "turn": number + 1,
            "valid": self._books.reason is None,
        }
        self._last = (text, observation)
        if self._end is not None:
            return self._close_episode(
                number, text, calls, error, observation, evidence, amount, info
            )
        recorder = self._recorder
        if recorder is not None and recorder.ep is not None:
            try:
                recorder.writer.event(
                    recorder.ep, number, text, calls, error, observation, evidence, amount, None
                )
            except InfraError as failure:
                return self._invalid(number, text, calls, failure, amount, parts)
        return observation, amount, False, False, info

    # -- One event ------------------------------------------------------------------------

    def _act(self, text: str, calls: list[Call]) -> tuple[str, str | None]:
        """Run the message's calls; append those that ran to ``calls``."""
        found, error = parse(
            text, self._tools, command_tool=self._command_tool, short_tool=self._short_tool
        )
        if error is not None:
            self._errors += 1
            return self._shown(error), error
        if len(found) > 1:
            if self._all_calls:
                return self._act_all(found, calls)
            self._extra += len(found) - 1
        call = found[-1]
        calls.append(call)
        spec = self._tools[call[0]]
        try:
            observation = spec.function(self, **spec.validate(call[1]))
            if spec.cost:
                self.spend(spec.cost)
        except ToolError as mistake:
            self._errors += 1
            observation = error = str(mistake)
        if observation.isascii() and len(observation) <= self._max_obs and not self._masks:
            return observation, error
        observation = self._shown(observation)
        return observation, None if error is None else observation

    def _act_all(self, found: list[Call], calls: list[Call]) -> tuple[str, str | None]:
        """Run several calls in order until one ends the episode."""
        shown: list[str] = []
        error: str | None = None
        for call in found:
            calls.append(call)
            spec = self._tools[call.name]
            try:
                shown.append(spec.function(self, **spec.validate(call.args)))
                self.spend(spec.cost)
            except ToolError as mistake:
                self._errors += 1
                error = self._shown(str(mistake))
                shown.append(error)
            if self._finished:
                break
        return self._shown("\n\n".join(shown)), error

    def _shown(self, text: str) -> str:
        if not text.isascii():  # a tool may pass on what it read somewhere
            text = clean(text)
        for mask in self._masks:
            text = mask.sub("<masked>", text)
        return text if len(text) <= self._max_obs else cut(text, self._max_obs)

    def _spent(self, number: int) -> bool:
        """Return whether a budget other than turns ends the episode at this event."""
        limits = self.limits
        if limits.tokens is not None and self._tokens >= limits.tokens:
            return True
        if limits.cost is not None and self._cost >= limits.cost:
            return True
        if self._replayed is not None:
            return number in self._replayed
        if limits.seconds is not None and time.monotonic() - self._started >= limits.seconds:
            if self._recorder is not None:
                self._recorder.cut(number, "seconds")
            return True
        return False

    def _evidence(self) -> dict[str, Any]:
        evidence = {
            "turn": self.turn,
            "errors": self._errors,
            "extra_calls": self._extra,
            "tokens": self._tokens,
            "cost": self._cost,
            "end": self._end,
            **self.facts(),
        }
        if self._end is not None:
            evidence.update(self.final_facts())
            if self.task.checker is not None:
                evidence.update(self.checkers[self.task.checker](self))
        if self._costly:
            keys = [
                key
                for key in self._costly
                if self._end is not None or self.declared[key].scope == "step"
            ]
            if keys:
                evidence.update(self.costly_facts(keys))
        return evidence

    def _select(self, chosen: Any, stream: Stream) -> Task:
        if chosen is None:
            size = self.tasks.size(self.split)
            task = self.tasks.pick(self.split, stream.below(size))
        elif isinstance(chosen, str):
            task = self.tasks.by_id(chosen)
        else:
            data = chosen.to_json() if isinstance(chosen, Task) else chosen
            return parse_task(data, "options['task']", self.check_params, self.checkers)
        if self._unchecked:
            check_task(task, self.check_params, self.checkers)
        return task

    def render(self) -> str | None:
        """Return the last message and its observation as text (render_mode="ansi")."""
        if self.render_mode is None:
            return None
        if not hasattr(self, "_last"):
            raise ResetNeeded("nothing to render yet; call reset() before render().")
        action, observation = self._last
        return f"> {action}\n{observation}" if action else str(observation)

    def close(self) -> None:
        """End a running episode as ``external`` and free everything; idempotent."""
        self._abandon()
        self._finalizer()


__all__ = ["KERNEL", "MAX_ACTION_CHARS", "TaskEnv"]
