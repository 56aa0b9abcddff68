"""The text environment of several agents that families subclass: PettingZoo's AEC API."""

import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from gymnasium.error import ResetNeeded

from envgym.rewards import Books, Program
from envgym.runtime import settings
from envgym.runtime.evidence import audit
from envgym.runtime.keeping import MAX_ACTION_CHARS, NOT_RUNNING
from envgym.runtime.multi.closing import ClosingTeam
from envgym.runtime.multi.evidence import Tally, declared_by
from envgym.runtime.multi.illegal import IllegalPolicy
from envgym.runtime.multi.seat import SeatView
from envgym.runtime.options import asked
from envgym.runtime.parse import parse
from envgym.runtime.transcript import KEYS, TRANSCRIPT, transcript
from envgym.runtime.unicode import Unicode, clean, cut, plain_text
from envgym.types import Call, ConfigError, Evidence, InfraError, Stream, ToolError
from envgym.types.errors import unknown
from envgym.types.record import adopt


class TeamEnv(ClosingTeam):
    """Several agents, one message at a time; evidence, a ledger and rewards for each.

    PettingZoo's ``AECEnv`` with text: ``reset``, then for the agent in ``agent_selection``
    ``last()`` and ``step(message)``. Agents who move at the same time are asked one after the
    other and see nothing of each other's choice. ``infos[agent]`` follows the contract of
    ``TaskEnv.step``; ``step_rewards`` holds one amount per decision of the agent.

    Args:
        agents: their names.
        spec: (name, JSON arguments) that make the same environment again; for episode files.
        reward: a preset's name, a program, its JSON or file, for all; or a mapping of agent to
            one of these.
        illegal: what happens when a message is no move; see ``IllegalPolicy``.
        record: folder that gets the episode file; must be empty unless ``append``.
        record_evidence: "needed", "all" or a list of costly keys.
        max_turns: truncate after so many messages of all agents together; None: the family's.
        max_obs_chars: longest observation; longer ones are cut, saying so.
        render_mode: None or "ansi".

    Raises (from the constructor): ConfigError or EvidenceError, one sentence.
    """

    def __init__(
        self,
        agents: Sequence[str],
        *,
        spec: tuple[str, Mapping[str, Any]] | None = None,
        reward: Any = "outcome",
        illegal: Any = "retry:2,forfeit",
        record: Any = None,
        append: bool = False,
        record_evidence: str | Sequence[str] = "needed",
        max_turns: int | None = None,
        max_obs_chars: int = 8192,
        render_mode: str | None = None,
    ) -> None:
        super().__init__()
        self.possible_agents = list(agents)
        self.agents: list[str] = []
        where = self.name = spec[0] if spec is not None else str(self.metadata["name"])
        self._config = settings.to_json(dict(spec[1]) if spec is not None else {})
        settings.check_choice(where, "render_mode", render_mode, (None, "ansi"))
        self.render_mode = render_mode
        if not isinstance(max_obs_chars, int) or max_obs_chars < 200:
            raise ConfigError(f"{where}: max_obs_chars must be 200 or more, got {max_obs_chars!r}.")
        turns = self.metadata["max_turns"] if max_turns is None else max_turns
        self.limits = settings.Limits(turns=turns, tokens=None, seconds=None, cost=None)
        self.limits.check(where)
        self.illegal = IllegalPolicy.parse(illegal)
        if self.illegal.then == "noop" and not self.has_noop():
            raise ConfigError(f"illegal 'noop': {where} has no move that does nothing.")
        self.declared: Mapping[str, Evidence] = declared_by(where, self.declares)
        self._readable = {**self.declared, **{item.key: item for item in TRANSCRIPT}}
        self.programs: Mapping[str, Program] = self._programs(reward)
        self._costly = self._measured(record_evidence)
        self._reads_transcript = any(not KEYS.isdisjoint(p.needs) for p in self.programs.values())
        self.tasks = self.builtin_tasks()
        self._max_obs = max_obs_chars
        text = Unicode(max_length=max_obs_chars), Unicode(max_length=MAX_ACTION_CHARS)
        self.observation_spaces = dict.fromkeys(self.possible_agents, text[0])
        self.action_spaces = dict.fromkeys(self.possible_agents, text[1])
        self.resources = ExitStack()
        self._recorder = self._open_recorder(record, append)
        self._finalizer = weakref.finalize(self, self.resources.close)
        self._live = False

    def observation_space(self, agent: str) -> Unicode:
        """Return the space of the agent's observations: text."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Unicode:
        """Return the space of the agent's messages: text."""
        return self.action_spaces[agent]

    @property
    def unwrapped(self) -> "TeamEnv":
        """Itself."""
        return self

    def seat(self, agent: str) -> SeatView:
        """Return the agent's place, for policies that look at the environment."""
        if agent not in self.possible_agents:
            raise ConfigError(unknown("agent", agent, self.possible_agents))
        return SeatView(self, agent)

    # -- The step API ---------------------------------------------------------------------

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin an episode; the seed drives all its randomness.

        Args:
            seed: 0 to 2**63 - 1; None draws one.
            options: ``task`` (an id, a Task or its JSON) and ``group``, as in ``TaskEnv.reset``.

        Raises:
            InfraError: a service could not be started.
        """
        seed, chosen, group = asked(seed, options)
        self._abandon()
        if seed is None:
            seed = self._unseeded()
        self.seed = seed
        name = self.metadata["stream"] or self.metadata["name"]
        self.task = self._select(chosen, seed)
        self.stream = Stream(seed, name, "episode")
        self.agents = list(self.possible_agents)
        self.tallies = {agent: Tally() for agent in self.agents}
        self.decisions: dict[str, list[int]] = {agent: [] for agent in self.agents}
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self._skip_agent_selection, self._reports, self._void = None, {}, False
        self._event = self._tries = 0
        self._notice: dict[str, str] = {}
        self._shown = {}
        self._forfeited: str | None = None
        self._parts: dict[str, dict[str, float]] = {agent: {} for agent in self.agents}
        self.begin(self.task, self.stream)
        movers = self.movers()
        if not movers:
            raise ConfigError(f"{self.name}: nobody can move at the beginning.")
        self.agent_selection = movers[0]
        evidence = {agent: self._evidence(agent, None, None) for agent in self.agents}
        for found in evidence.values():
            audit(self.name, self.declared, found, self._costly)
        self.paid, self.ended, self._latest = {}, {}, evidence
        self.mistake = None
        first = self.observe(movers[0])
        said = transcript("", "", ()) if self._reads_transcript else {}
        self._books: dict[str, Books] = {
            agent: self.programs[agent].open({**evidence[agent], **said}, agent)
            for agent in self.agents
        }
        self._live = True
        self.infos = {
            agent: {
                "task_id": self.task.id,
                "tools": tuple(spec.schema for spec in self.tools_of(agent).values()),
                "system": self.role(agent),
                "seed": seed,
                "env_version": str(self.metadata["version"]),
                "evidence": adopt(evidence[agent]),
            }
            for agent in self.agents
        }
        if self._recorder is not None:
            self._recorder.begin(self._head(group, None), self._books, {movers[0]: first}, evidence)

    def observe(self, agent: str) -> str:
        """Return what ``agent`` is shown now; asking changes nothing."""
        known = self._shown.get(agent)
        if known is not None:
            return known
        notice = self._notice.get(agent, "")
        text = self.see(agent)
        text = f"{notice}\n\n{text}" if notice and text else notice or text
        if not text.isascii():
            text = clean(text)
        if len(text) > self._max_obs:
            text = cut(text, self._max_obs)
        self._shown[agent] = text
        return text

    def step(self, action: str | None) -> None:
        """Take the selected agent's whole message; None for an agent that is out.

        Nothing in a message raises: see ``IllegalPolicy``.

        Raises:
            ResetNeeded: no episode is running.
            ConfigError: the action is no str.
        """
        if not self.agents:
            raise ResetNeeded(NOT_RUNNING)
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(None)
            return
        text = action if action.__class__ is str else plain_text(action)
        self._happen(agent, cut(clean(str(text)), MAX_ACTION_CHARS), None)

    def concede(self, why: str) -> None:
        """Let the selected agent forfeit: whoever plays it gave no answer.

        Recorded as an empty message and a cut, so that a re-run concedes at the same event.

        Args:
            why: one sentence; shown as the agent's mistake and recorded.

        Raises:
            ResetNeeded: no episode is running.
        """
        if not self.agents or not self._present(self.agent_selection):
            raise ResetNeeded(NOT_RUNNING)
        self._happen(self.agent_selection, "", why)

    def _happen(self, agent: str, text: str, concession: str | None) -> None:
        """Make one event of a message, or of its absence."""
        number, present = self._event, [a for a in self.agents if self._present(a)]
        self._event = number + 1
        self._cumulative_rewards[agent] = 0.0
        self._clear_rewards()
        self._parts[agent] = {}
        tally = self.tallies[agent]
        tally.turn += 1
        tally.tokens += (len(text.encode()) + 3) >> 2
        self.decisions[agent].append(number)
        self._notice.pop(agent, None)
        calls: list[Call] = []
        try:
            self.turned(agent)
            if concession is None:
                error = self._act(agent, text, calls, number)
            else:
                error = self._concede(agent, concession, number)
            self._finish_event(agent, number, text, calls, error)
        except InfraError as failure:
            self._fail(agent, number, text, calls, failure, present)
        except BaseException:
            # Half an event has no defined books. It never happened: the next call is reset().
            self._live, self.agents = False, []
            raise

    def _concede(self, agent: str, why: str, number: int) -> str:
        if self._recorder is not None:
            self._recorder.cut(number, why)
        self._tries = 0
        self._forfeited = agent
        self.forfeit(agent)
        self._notice[agent] = f"{why} You forfeit."
        return why

    def _act(self, agent: str, text: str, calls: list[Call], number: int) -> str | None:
        """Run the message's move; return the agent's mistake."""
        error = self._move(agent, text, calls)
        if error is None:
            self._tries = 0
            return None
        if self._tries < self.illegal.retries:
            self._tries += 1
            self.tallies[agent].retries += 1
            left = self.illegal.retries - self._tries + 1
            tries = "one try" if left == 1 else f"{left} tries"
            self._notice[agent] = f"{error} Nothing has happened yet; you have {tries} left."
            return error
        self._tries = 0
        if self.illegal.then == "forfeit":
            self._forfeited = agent
            self.forfeit(agent)
            self._notice[agent] = f"{error} You forfeit."
        elif self.illegal.then == "noop":
            self.noop(agent)
            self._notice[agent] = f"{error} Your turn was passed over."
        else:
            stream = self.stream.child("illegal", number)
            if self._move(agent, self.random_action(agent, stream), calls, counted=False):
                raise RuntimeError(f"{self.name}: a random action of {agent} was refused")
            self._notice[agent] = f"{error} A random move was made for you."
        return error

    def _move(
        self, agent: str, text: str, calls: list[Call], *, counted: bool = True
    ) -> str | None:
        tally = self.tallies[agent]
        tools = self.tools_of(agent)
        found, error = parse(
            text,
            tools,
            command_tool=self.metadata["command_tool"],
            short_tool=self.short_tool if self.short_tool in tools else None,
        )
        if error is not None:
            tally.format_errors += counted
            return error
        tally.extra_calls += len(found) - 1
        call = found[-1]
        spec = tools[call.name]
        try:
            told = self._run(agent, spec, call, text)
        except ToolError as mistake:
            tally.invalid += counted
            return str(mistake)
        calls.append(call)
        tally.cost += spec.cost
        if told:
            self._notice[agent] = told
        return None

    def _run(self, agent: str, spec: Any, call: Call, text: str) -> str:
        """Run one call; ``self.message`` is the whole message it stood in."""
        self.message = text
        return str(spec.function(self, **spec.validate(call.args)))

    # -- One event ------------------------------------------------------------------------

    def _finish_event(
        self, agent: str, number: int, text: str, calls: list[Call], error: str | None
    ) -> None:
        gone = {a: how for a, how in self.departed().items() if self._present(a)}
        movers = [a for a in self.movers() if a not in gone]
        end = "task" if not movers else None
        if end is None and number + 1 >= (self.limits.turns or float("inf")):
            end = "budget"
        present = [a for a in self.agents if self._present(a)]
        evidence = {a: self._evidence(a, agent, end) for a in self.possible_agents}
        amounts: dict[str, float] = {}
        for each in self.possible_agents:
            record = evidence[each]
            if self._reads_transcript:
                mine = each == agent
                said = transcript(text if mine else "", "", calls if mine else ())
                record = {**record, **said}
            amounts[each], parts = self._books[each].step(record)
            if each in present:
                total = self._parts[each]
                for name, value in parts.items():
                    total[name] = total.get(name, 0.0) + value
        for each, how in gone.items():
            self._books[each].leave()
            self.terminations[each] = how == "terminated"
            self.truncations[each] = how == "truncated"
        for each in present:
            self.rewards[each] = amounts[each]
        self._accumulate_rewards()
        ended = dict(gone)
        if end is not None:
            how = "terminated" if end == "task" else "truncated"
            ended.update((a, how) for a in present if a not in gone)
            for each in present:
                self.terminations[each] = ended[each] == "terminated"
                self.truncations[each] = ended[each] == "truncated"
        self._tell(agent, calls, error, evidence)
        self.agent_selection = self._next(agent, movers, end)
        self._shown = {}
        shown = present if end is not None else [self.agent_selection]
        self.paid, self.ended, self._latest = {a: amounts[a] for a in present}, ended, evidence
        self.mistake = error
        if self._recorder is not None:
            self._recorder.event(self._line(agent, number, text, calls, shown))
        if end is not None:
            self._close_books(end)
        elif gone:
            self._deads_step_first()

    def _line(
        self, agent: str, number: int, text: str, calls: list[Call], shown: Sequence[str]
    ) -> dict[str, Any]:
        """Return the event as its line of the episode file."""
        return {
            "e": number,
            "acts": {agent: text},
            "calls": {agent: [{"name": c.name, "args": c.args} for c in calls]},
            "err": {} if self.mistake is None else {agent: self.mistake},
            "obs": {a: self.observe(a) for a in shown},
            "ev": self._latest,
            "pay": self.paid,
            "ended": self.ended,
        }

    def _evidence(self, agent: str, actor: str | None, end: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {
            **self.tallies[agent].facts(),
            "acted": agent == actor,
            "end": end,
            **self.facts(agent),
        }
        if end is not None:
            found["forfeited"] = self._forfeited == agent
            found["by_forfeit"] = self._forfeited not in (None, agent)
            found.update(self.final_facts(agent))
        keys = [k for k in self._costly if end is not None or self.declared[k].scope == "step"]
        if keys:
            found.update(self.costly_facts(agent, keys))
        return found

    def render(self) -> str | None:
        """Return what the agent to move is shown (render_mode="ansi")."""
        if self.render_mode is None:
            return None
        if not self.agents:
            raise ResetNeeded("nothing to render yet; call reset() before render().")
        return f"{self.agent_selection}:\n{self.observe(self.agent_selection)}"
