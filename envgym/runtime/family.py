"""What a family of text environments overrides."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import gymnasium

from envgym.rewards import Program
from envgym.runtime.sampling import random_call
from envgym.runtime.tasks import TaskSet, task_digest
from envgym.runtime.tools import collect
from envgym.runtime.validation import check_model
from envgym.types import ConfigError, Evidence, Stream, Task, Value


class Family(gymnasium.Env[str, str]):
    """The hooks of ``TaskEnv``, with what they do where a family says nothing."""

    metadata: dict[str, Any] = {
        "render_modes": ["ansi"],
        "render_fps": 1,  # asked for by Gymnasium's checker; text has no frames
        "stream": "",
        "version": "0",
        "proof": "win",
        "cost": "cheap",
        "snapshot": True,
        "command_tool": None,
        "short_tool": None,
        "max_turns": 30,
    }
    """Beside Gymnasium's: ``stream`` (fixed name of its random streams), ``version``, ``proof``
    (win, equilibrium or reference), ``cost`` (cheap, moderate or costly: how much checks sample),
    ``snapshot``, ``command_tool`` (a tool that bare one-line messages call), ``short_tool`` (the
    one that short forms such as ``<action>3</action>`` call where there are several),
    ``max_turns``, and optionally ``masks`` (regular expressions for what may differ between runs, such as a process
    id in shell output; each match is shown as ``<masked>``)."""
    declares: ClassVar[tuple[Evidence, ...]] = ()
    """The family's own evidence; the kernel's keys are added (``runtime/evidence.py``)."""

    checkers: ClassVar[Mapping[str, Callable[[Any], Mapping[str, Value]]]] = {}
    """What ``Task.checker`` may name: functions of the environment, called once when the episode
    ends, after ``final_facts``. Each returns declared evidence that replaces what is there, and
    may call ``finish`` to overrule the verdict."""

    task: Task
    """The task of the running episode."""
    state: Any = None
    """All mutable state of the running episode; picklable where ``snapshot`` is True."""
    turn: int
    """Steps taken in this episode."""

    def builtin_tasks(self) -> TaskSet:
        """Return the tasks used when the caller gives none."""
        raise ConfigError(f"{type(self).__name__} has no tasks of its own: give tasks=...")

    @classmethod
    def world_digest(cls, task: Task) -> str:
        """Return a name of the task's world: equal for tasks that pose the same problem.

        "Never seen in training" is judged by it. Override it where two tasks may differ in
        scenery only.
        """
        return task_digest(task)

    @classmethod
    def params_model(cls) -> Any:
        """Return the pydantic model that ``Task.params`` must fit, or None for no check."""
        return None

    @classmethod
    def presets(cls) -> Mapping[str, Program]:
        """Return the programs that ``reward`` may name: outcome, dense, gated, process."""
        from envgym.rewards.presets import standard_presets

        return standard_presets()

    def begin(self, task: Task, stream: Stream) -> str:
        """Set ``self.state`` for a new episode and return the first observation.

        Everything random comes from ``stream`` or from ``task.params``.
        """
        raise NotImplementedError

    def facts(self) -> dict[str, Value]:
        """Return every declared cheap step-scope key, as it stands now."""
        return {}

    def final_facts(self) -> dict[str, Value]:
        """Return every declared cheap episode-scope key; called once, when the episode ends."""
        return {}

    def costly_facts(self, keys: Sequence[str]) -> dict[str, Value]:
        """Measure the costly keys asked for, with their declared scope."""
        return {}

    def oracle(self) -> str | None:
        """Return the expert's next message from the current state. Privileged: not for agents."""
        solution = self.task.solution
        if solution is None or self.turn >= len(solution):
            return None
        return solution[self.turn]

    def near_misses(self) -> dict[str, list[str]]:
        """Return named scripts for the task just reset that come close and must not succeed."""
        return {}

    def exploits(self) -> dict[str, list[str]]:
        """Return named scripts of known exploits, which must gain nothing."""
        return {}

    def random_action(self, stream: Stream) -> str:
        """Return a valid random message, for random and noisy policies."""
        return random_call(collect(type(self)), stream)

    @classmethod
    def check_params(cls, params: Mapping[str, Any]) -> Any:
        """Return ``params`` as the family's model; raise TaskError naming the first bad field."""
        return check_model(cls.params_model(), params)
