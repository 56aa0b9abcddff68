"""Running a PettingZoo environment one decision at a time, whichever of its two forms it has.

A driver asks one agent after the other, does the steps of agents that are out, steps a parallel
environment once everybody has chosen, and keeps what was paid and who has left.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Literal

from envgym.interop.pettingzoo_actions import Actions
from envgym.interop.pettingzoo_words import MASK
from envgym.types import ConfigError, InfraError

How = Literal["terminated", "truncated"]
_PATIENCE = 10_000
"""Steps in a row in which nobody has a choice, after which an environment counts as stuck."""


class Driver:
    """What both forms share.

    An agent whose mask allows nothing is not asked: its first action is sent for it. Nor is one
    that comes back after it was out. Agents that are not there yet are waited for.

    Args:
        env: the environment.
        actions: every agent's reader of actions, by its name as text.
        ids: the name as text to the environment's own name.
    """

    def __init__(self, env: Any, actions: Mapping[str, Actions], ids: Mapping[str, Any]) -> None:
        self.env, self.actions, self.ids = env, actions, ids
        self._texts = {own: text for text, own in ids.items()}
        self.gone: dict[str, How] = {}
        """Agents that are out, and how."""
        self.paid: dict[str, float] = {}
        """What every agent was paid since ``settle_pay``."""
        self._seen: dict[str, Any] = {}
        """Latest known observations: of agents that are out the last one."""
        self._there: set[str] = set()

    def begin(self, seed: int) -> None:
        """Begin an episode."""
        self.gone, self._seen, self._there = {}, {}, set()
        self.paid = dict.fromkeys(self.ids, 0.0)
        self._reset(seed)

    def settle_pay(self) -> None:
        """Begin to count what is paid anew."""
        self.paid = dict.fromkeys(self.ids, 0.0)

    def movers(self) -> list[str]:
        """Return the agents who have to choose, the one to be asked first in front."""
        raise NotImplementedError

    def act(self, agent: str, action: Any) -> None:
        """Send an agent's action; its mask has been obeyed."""
        raise NotImplementedError

    def seen(self, agent: str) -> Any:
        """Return what the agent observes, of one that is out the last; None: nothing yet."""
        raise NotImplementedError

    def mask(self, agent: str) -> Any:
        """Return the agent's action mask, from its observation or its info; None: there is none."""
        seen = self.seen(agent)
        found = seen.get(MASK) if isinstance(seen, Mapping) else None
        return self._info(agent).get(MASK) if found is None else found

    def _info(self, agent: str) -> Mapping[str, Any]:
        raise NotImplementedError

    def _reset(self, seed: int) -> None:
        raise NotImplementedError

    def _text(self, own: Any) -> str:
        try:
            return self._texts[own]
        except (KeyError, TypeError):
            raise ConfigError(
                f"{own!r} takes part but is not among the environment's possible_agents."
            ) from None

    def _asks(self, agent: str) -> bool:
        return agent not in self.gone and self.actions[agent].open(self.mask(agent))

    def _filler(self, agent: str) -> Any:
        return self.actions[agent].first(self.mask(agent))

    def _collect(self, rewards: Mapping[Any, Any]) -> None:
        """Count rewards; those of agents that are out too."""
        for own, amount in rewards.items():
            agent, value = self._text(own), float(amount)
            if not isfinite(value):
                raise InfraError("reward", f"{agent} was paid {value}")
            self.paid[agent] = self.paid.get(agent, 0.0) + value

    def _note(self, living: Any, terminated: Mapping[Any, Any], truncated: Any) -> None:
        """Note who is there and who has left; whoever vanishes without a word is terminated."""
        now = {self._text(own) for own in living}
        self._there |= now
        for agent in self.ids:
            if agent in self.gone or agent not in self._there:
                continue
            own = self.ids[agent]
            ended, cut = terminated.get(own, False), truncated.get(own, False)
            if ended or cut or agent not in now:
                self.gone[agent] = "truncated" if cut and not ended else "terminated"

    def _stuck(self) -> InfraError:
        return InfraError("stuck", f"nobody has had a choice for {_PATIENCE} steps")


class TurnDriver(Driver):
    """Drives an ``AECEnv``: rewards are ``rewards`` after each step of an agent that is not out."""

    def _reset(self, seed: int) -> None:
        self.env.reset(seed=seed)
        self._settle()

    def movers(self) -> list[str]:
        """Return the selected agent; after the last agent has left nobody."""
        return [self._text(self.env.agent_selection)] if self.env.agents else []

    def act(self, agent: str, action: Any) -> None:
        """Step, then do whatever needs no decision."""
        self.env.step(action)
        self._collect(self.env.rewards)
        self._settle()

    def seen(self, agent: str) -> Any:
        """Return the environment's observation while the agent takes part, then the last one."""
        if agent in self.gone or self.ids[agent] not in self.env.agents:
            return self._seen.get(agent)
        return self.env.observe(self.ids[agent])

    def _info(self, agent: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.env.infos.get(self.ids[agent]) or {}
        return found

    def _settle(self) -> None:
        """Do steps of agents that are out, and of those without a choice, up to a decision."""
        env = self.env
        for _ in range(_PATIENCE):
            before = set(self.gone)
            self._note(env.agents, env.terminations, env.truncations)
            for agent in self.gone:
                if agent not in before and self.ids[agent] in env.agents:
                    self._seen[agent] = env.observe(self.ids[agent])
            if not env.agents:
                return
            own = env.agent_selection
            if env.terminations[own] or env.truncations[own]:
                env.step(None)
                continue
            agent = self._text(own)
            self._seen[agent] = env.observe(own)
            if self._asks(agent):
                return
            env.step(self._filler(agent))
            self._collect(env.rewards)
        raise self._stuck()


class RoundDriver(Driver):
    """Drives a ``ParallelEnv``: it is stepped once every living agent has chosen."""

    def _reset(self, seed: int) -> None:
        self._chosen: dict[str, Any] = {}
        self._infos: dict[str, Mapping[str, Any]] = {}
        self._take(*self.env.reset(seed=seed))
        self._note(self.env.agents, {}, {})
        self._settle()

    def movers(self) -> list[str]:
        """Return the living agents that have not chosen yet, in the environment's order."""
        living = (self._text(own) for own in self.env.agents)
        return [agent for agent in living if agent not in self._chosen and self._asks(agent)]

    def act(self, agent: str, action: Any) -> None:
        """Keep the choice; step if it was the last."""
        self._chosen[agent] = action
        if not self.movers():
            self._step()
            self._settle()

    def seen(self, agent: str) -> Any:
        """Return the agent's latest observation."""
        return self._seen.get(agent)

    def _info(self, agent: str) -> Mapping[str, Any]:
        return self._infos.get(agent) or {}

    def _step(self) -> None:
        chosen, self._chosen = self._chosen, {}
        actions = {}
        for own in self.env.agents:
            agent = self._text(own)
            actions[own] = chosen[agent] if agent in chosen else self._filler(agent)
        seen, rewards, terminated, truncated, infos = self.env.step(actions)
        self._take(seen, infos)
        self._collect(rewards)
        self._note(self.env.agents, terminated, truncated)

    def _settle(self) -> None:
        for _ in range(_PATIENCE):
            # Some environments keep those that are out among their agents, even at the end.
            if all(self._text(own) in self.gone for own in self.env.agents) or self.movers():
                return
            self._step()
        raise self._stuck()

    def _take(self, seen: Mapping[Any, Any], infos: Mapping[Any, Any]) -> None:
        self._seen.update({self._text(own): value for own, value in seen.items()})
        self._infos.update({self._text(own): value for own, value in infos.items()})
