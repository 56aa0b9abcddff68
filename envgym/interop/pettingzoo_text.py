"""The text kernel around a PettingZoo environment."""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pettingzoo import AECEnv, ParallelEnv

from envgym.interop.pettingzoo_driver import Driver, RoundDriver, TurnDriver
from envgym.interop.pettingzoo_options import (
    agent_ids,
    check_number,
    noop_texts,
    readers,
    reads,
    rule_texts,
)
from envgym.interop.pettingzoo_words import told
from envgym.rewards import Program, ProgressDelta, Source
from envgym.rewards.presets import standard_presets
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.tools import tool
from envgym.types import ConfigError, Evidence, Stream, Task, Value

_EVIDENCE: tuple[Evidence, ...] = (
    Evidence(key="payoff", type="float", help="sum of the environment's rewards so far"),
    Evidence(key="reward", type="float", help="what the environment paid in this event"),
    Evidence(
        key="outcome", type="float", scope="episode", help="final sum of the environment's rewards"
    ),
    Evidence(
        key="won",
        type="bool",
        scope="episode",
        help="whether the environment ended with its sum strictly above all others",
    ),
    Evidence(
        key="truncated",
        type="bool",
        scope="episode",
        help="whether the environment cut the agent's part short",
    ),
)


@dataclass(slots=True)
class Ongoing:
    """An episode in progress."""

    driver: Driver = field(repr=False)
    totals: dict[str, float]
    """What every agent was paid so far."""
    shown: dict[str, float] = field(repr=False)
    """What of it the agent has been told."""
    moves: list[tuple[str, str]] = field(default_factory=list)
    """(agent, action) sent so far."""
    forfeited: str | None = None


class ForeignText(TeamEnv):
    """A PettingZoo environment in words.

    Each agent is shown its observation, what it was paid, and its legal actions by number. Agents
    of a parallel environment choose one after the other, unseen, and it is stepped once all have.
    Steps of agents that are out are done inside; such an agent departs, and what the environment
    pays it afterwards still reaches its evidence and its ledger. An agent whose mask allows
    nothing is not asked. Determinism is the environment's: it is reset with the seed of ``reset``.

    Rewards are the environment's own numbers, without bounds. Presets: ``outcome`` is the final
    sum, paid at the end; ``dense`` and ``delta`` the same as it comes in; ``gated`` the outcome
    and, behind an outcome above 0, the sum of ``dense`` clipped to 0.4 of ``gap`` each way;
    ``process`` the outcome with potential-based shaping on the sum so far.

    Args:
        env: an AEC or parallel environment; closed with the view.
        rules: what agents are told of the environment, for all or a mapping of agent to text;
            None: its name and the first paragraph of its docstring.
        action_names: names of the actions of ``Discrete`` spaces, in order, or a mapping of number
            to name.
        noop: the action that does nothing, as an agent would write it, for ``illegal="noop"``;
            where it is masked the first legal action is played.
        gap: width of the outcome's smallest step, for ``gated``; more than 0.
        forfeit_return: an agent that forfeits ends with this, never with more than it had; at
            most 0.
        **arguments: those of ``TeamEnv``; ``max_turns`` is 1000 unless given.

    Raises (from the constructor): ConfigError or EvidenceError, one sentence.
    """

    short_tool = "act"
    declares = _EVIDENCE

    def __init__(
        self,
        env: Any,
        *,
        rules: str | Mapping[str, str] | None = None,
        action_names: Sequence[str] | Mapping[Any, str] | None = None,
        noop: Any = None,
        gap: float = 1.0,
        forfeit_return: float = -1.0,
        **arguments: Any,
    ) -> None:
        where = str(arguments["spec"][0] if arguments.get("spec") else type(env).__name__)
        if isinstance(env, TeamEnv):
            raise ConfigError(f"{where}: {env.name} is text already.")
        if not isinstance(env, AECEnv | ParallelEnv):
            raise ConfigError(
                f"{where}: expected a PettingZoo AECEnv or ParallelEnv, got {type(env).__name__}."
            )
        ids = agent_ids(where, env)
        self.foreign = env
        self.actions = readers(where, env, ids, action_names)
        self._rules = rule_texts(where, env, ids, rules)
        self._noop = noop_texts(where, self.actions, noop)
        check_number(where, "gap", gap, lo=0.0, strict=True)
        check_number(where, "forfeit_return", forfeit_return, hi=0.0)
        self._gap, self._lowest = float(gap), float(forfeit_return)
        drive = TurnDriver if isinstance(env, AECEnv) else RoundDriver
        self._driver: Driver = drive(env, self.actions, ids)
        self.metadata = {
            **type(self).metadata,
            "name": where,
            "stream": where,
            "command_tool": "act",
            "max_turns": 1000,
        }
        super().__init__(list(ids), **arguments)

    @tool
    def act(self, action: str) -> str:
        """Take one of your legal actions.

        Args:
            action: its number, or its name where it has one; several numbers with commas.
        """
        agent = self.agent_selection
        driver = self._ongoing.driver
        self._send(agent, self.actions[agent].read(action, driver.mask(agent)))
        return ""

    @property
    def _ongoing(self) -> Ongoing:
        found: Ongoing = self.state
        return found

    def _send(self, agent: str, action: Any) -> None:
        ongoing = self._ongoing
        ongoing.moves.append((agent, str(action)))
        ongoing.driver.act(agent, action)
        for each, amount in ongoing.driver.paid.items():
            ongoing.totals[each] += amount

    # -- Hooks ----------------------------------------------------------------------------

    def presets(self) -> Mapping[str, Program]:
        """Return outcome, dense, gated, process and delta; see the class."""
        payoff = Source("payoff", "step")
        found = standard_presets(
            outcome=Source("outcome", "episode"), progress=payoff, gap=self._gap
        )
        for name in ("dense", "delta"):
            found[name] = Program(name, ProgressDelta(payoff))
        return found

    def begin(self, task: Task, stream: Stream) -> None:
        """Reset the environment with the episode's seed."""
        self._driver.begin(self.seed)
        shown = dict.fromkeys(self.possible_agents, 0.0)
        self.state = Ongoing(self._driver, dict(self._driver.paid), shown)

    def movers(self) -> Sequence[str]:
        """Return the agents that have to choose."""
        ongoing = self._ongoing
        return () if ongoing.forfeited is not None else ongoing.driver.movers()

    def departed(self) -> Mapping[str, str]:
        """Return the agents that the environment has taken out."""
        return self._ongoing.driver.gone

    def role(self, agent: str) -> str:
        """Return what the environment is, who takes part, and how an action is written."""
        others = ", ".join(a for a in self.possible_agents if a != agent)
        beside = f"; the others are {others}" if others else ""
        actions = self.actions[agent]
        return (
            f"{self._rules[agent]}\n\nYou are {agent}{beside}.\nActions: {actions.listed(None)}."
            "\n\nWhen it is your turn, end your message with your action in double brackets, for "
            f"instance [[{actions.example}]]. If there are several, the last one counts."
        )

    def see(self, agent: str) -> str:
        """Return what the agent was paid, its observation and its legal actions."""
        ongoing = self._ongoing
        driver, total = ongoing.driver, self._payoff(agent)
        over = ongoing.forfeited is not None or not driver.movers()
        new = total - ongoing.shown[agent]
        parts = []
        if over:
            parts.append(f"The episode is over. Your total reward is {total:.6g}.")
        elif agent in driver.gone:
            parts.append(f"You are out. Your total reward so far is {total:.6g}.")
        elif new or total:
            parts.append(f"Reward since your last action: {new:.6g}; in all: {total:.6g}.")
        if ongoing.forfeited is not None:
            parts.append(f"{ongoing.forfeited} had no legal action and forfeits.")
        seen = driver.seen(agent)
        if seen is not None:
            text = told(seen)
            parts.append(f"Observation:\n{text}" if "\n" in text else f"Observation: {text}")
        if not over and agent in driver.movers():
            parts.append(f"Legal actions: {self.actions[agent].listed(driver.mask(agent))}")
        return "\n\n".join(parts)

    def turned(self, agent: str) -> None:
        """Note what the agent has been told; payments of the new event are counted from 0."""
        ongoing = self._ongoing
        ongoing.shown[agent] = ongoing.totals[agent]
        ongoing.driver.settle_pay()

    def forfeit(self, agent: str) -> None:
        """End the episode: the agent gets the return of a forfeit, the others what they have."""
        self._ongoing.forfeited = agent

    def has_noop(self) -> bool:
        """Return whether ``noop`` was given."""
        return self._noop is not None

    def noop(self, agent: str) -> None:
        """Send the action that does nothing, the first legal one where it is masked."""
        assert self._noop is not None
        mask = self._ongoing.driver.mask(agent)
        actions = self.actions[agent]
        chosen = reads(actions, self._noop[agent], mask)
        self._send(agent, actions.first(mask) if chosen is None else chosen)

    def returns(self) -> tuple[float, ...]:
        """Return what every agent has been paid so far, in seat order; a forfeit is paid for."""
        return tuple(map(self._payoff, self.possible_agents))

    def _payoff(self, agent: str) -> float:
        ongoing = self._ongoing
        total = ongoing.totals[agent]
        return min(total, self._lowest) if agent == ongoing.forfeited else total

    def facts(self, agent: str) -> dict[str, Value]:
        """Return the sum so far and the event's part of it."""
        return {"payoff": self._payoff(agent), "reward": self._ongoing.driver.paid[agent]}

    def final_facts(self, agent: str) -> dict[str, Value]:
        """Return the final sum, the verdict, and whether the environment cut the agent off."""
        return {
            "outcome": self._payoff(agent),
            "won": self._won(agent),
            "truncated": self._ongoing.driver.gone.get(agent) == "truncated",
        }

    def _won(self, agent: str) -> bool:
        """Whether the environment came to its end with the agent strictly above all others."""
        if self._ongoing.driver.movers():
            return False  # ended from outside, by a forfeit or a budget
        mine = self._payoff(agent)
        others = [self._payoff(each) for each in self.possible_agents if each != agent]
        return bool(others) and all(mine > x for x in others)

    def succeeded(self, agent: str) -> bool | None:
        """Return whether the agent ended strictly above all others, not by a forfeit or a budget.

        None where there is but one agent: its rewards alone say nothing of success.
        """
        return self._won(agent) if len(self.possible_agents) > 1 else None

    def random_action(self, agent: str, stream: Stream) -> str:
        """Return a uniformly drawn legal action."""
        return f"[[{self.actions[agent].draw(self._ongoing.driver.mask(agent), stream)}]]"

    def snapshot(self) -> bytes:
        """Return the running episode whole, the environment with it.

        Raises:
            ConfigError: the environment cannot be pickled.
        """
        try:
            return super().snapshot()
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ConfigError(f"{self.name}: the environment cannot be kept: {error}.") from error

    def close(self) -> None:
        """End a running episode as ``external`` and close the environment; idempotent."""
        super().close()
        self.foreign.close()
