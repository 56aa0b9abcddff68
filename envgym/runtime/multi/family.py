"""What a family of text environments for several agents overrides."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from envgym.rewards import Program
from envgym.runtime.multi.evidence import Tally
from envgym.runtime.sampling import random_call
from envgym.runtime.tasks import ListTasks, TaskSet
from envgym.runtime.tools import ToolSpec, collect, help_text
from envgym.runtime.validation import check_model
from envgym.types import ConfigError, Evidence, MissingExtraError, Stream, Task, Value

try:
    from pettingzoo import AECEnv
except ModuleNotFoundError as missing:
    raise MissingExtraError("an environment of several agents", "games") from missing


class TeamFamily(AECEnv):  # type: ignore[misc]  # PettingZoo is not typed
    """The hooks of ``TeamEnv``, with what they do where a family says nothing."""

    metadata: dict[str, Any] = {
        "render_modes": ["ansi"],
        "name": "",
        "is_parallelizable": False,
        "stream": "",
        "version": "0",
        "proof": "reference",
        "cost": "cheap",
        "command_tool": None,
        "max_turns": 200,
    }
    """Beside PettingZoo's: those of ``envgym.TaskEnv``. ``max_turns`` counts the messages of all
    agents together."""
    declares: tuple[Evidence, ...] = ()
    """The family's own evidence, reported for every agent; ``multi.evidence.TEAM`` is added."""
    short_tool: ClassVar[str | None] = None
    """The tool of one argument that ``[[...]]`` and ``\\boxed{...}`` call."""

    possible_agents: list[str]
    agents: list[str]
    """Those who still take part."""
    agent_selection: str
    """Who is asked."""
    task: Task
    """The task of the running episode."""
    state: Any = None
    """All mutable state of the running episode; picklable."""
    tallies: Mapping[str, Tally]
    """What is counted of each agent."""

    def builtin_tasks(self) -> TaskSet:
        """Return the tasks used when the caller gives none."""
        return ListTasks([Task(id=str(self.metadata["name"]))])

    @classmethod
    def params_model(cls) -> Any:
        """Return the pydantic model that ``Task.params`` must fit, or None for no check."""
        return None

    @classmethod
    def check_params(cls, params: Mapping[str, Any]) -> Any:
        """Return ``params`` as the family's model; raise TaskError naming the first bad field."""
        return check_model(cls.params_model(), params)

    def presets(self) -> Mapping[str, Program]:
        """Return the programs that ``reward`` may name."""
        from envgym.rewards.presets import standard_presets

        return standard_presets()

    def begin(self, task: Task, stream: Stream) -> None:
        """Set ``self.state`` for a new episode. Everything random comes from ``stream``."""
        raise NotImplementedError

    def movers(self) -> Sequence[str]:
        """Return the agents who have to act now, the one to be asked first in front.

        () ends the episode as its task's end.
        """
        raise NotImplementedError

    def departed(self) -> Mapping[str, str]:
        """Return agents that are out before the end, each "terminated" or "truncated"."""
        return {}

    def role(self, agent: str) -> str:
        """Return the system prompt: who the agent is, the rules, how to answer."""
        return help_text(self.tools_of(agent), command_tool=self.metadata["command_tool"])

    def see(self, agent: str) -> str:
        """Return what the agent is shown: what is new since it last acted, and the situation."""
        raise NotImplementedError

    def turned(self, agent: str) -> None:
        """Note that ``agent`` has seen everything up to now: it sends a message."""

    def tools_of(self, agent: str) -> Mapping[str, ToolSpec]:
        """Return the tools that ``agent`` may call, by name."""
        return collect(type(self))

    def facts(self, agent: str) -> dict[str, Value]:
        """Return every declared cheap step-scope key for ``agent``, as it stands now."""
        return {}

    def final_facts(self, agent: str) -> dict[str, Value]:
        """Return every declared cheap episode-scope key; called once, when the episode ends."""
        return {}

    def costly_facts(self, agent: str, keys: Sequence[str]) -> dict[str, Value]:
        """Measure the costly keys asked for, with their declared scope."""
        return {}

    def succeeded(self, agent: str) -> bool | None:
        """Return the verdict at the end; None where success is not defined."""
        return None

    def forfeit(self, agent: str) -> None:
        """End the episode, or go on without ``agent``: it had no move within its tries."""
        raise NotImplementedError

    def noop(self, agent: str) -> None:
        """Play the move that does nothing, for the illegal policy "noop"."""
        raise ConfigError(f"{self.metadata['name']} has no move that does nothing.")

    def has_noop(self) -> bool:
        """Return whether ``noop`` is there."""
        return False

    def oracle(self, agent: str) -> str | None:
        """Return the reference policy's next message for ``agent``; None: there is none."""
        return None

    def random_action(self, agent: str, stream: Stream) -> str:
        """Return a valid random message, for random policies and illegal moves."""
        return random_call(self.tools_of(agent), stream)
