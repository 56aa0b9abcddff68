"""The creator market as a PettingZoo parallel environment."""

from collections.abc import Mapping
from secrets import randbits
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from envgym.envs.bandits.creators.market import (
    LEVELS,
    Books,
    Market,
    open_market,
    publish,
    serve,
)
from envgym.runtime.games.numeric import NOT_STARTED, OVER_NOW, read_action
from envgym.runtime.numeric.noise import generator
from envgym.runtime.options import asked
from envgym.types import ConfigError, derive
from envgym.types.errors import unknown

STREAM = "creator_market"
COLUMNS = ("present", "topic", "level", "age", "views", "clicks", "new views", "new clicks")
"""What a row of ``items`` holds."""

Observations = dict[str, dict[str, NDArray[Any]]]
Infos = dict[str, dict[str, Any]]


class CreatorMarket(ParallelEnv):  # type: ignore[misc]  # PettingZoo is untyped
    """A market of content: every round each creator publishes one item, a platform shows lists of
    items to its active users, and a click on your item earns 1. An item can be shown for some
    rounds. Action = topic * 3 + level; level 0, 1, 2 makes better items and costs more. Practice of
    a topic raises your skill in it. You see the views and clicks of your own items and nothing of
    the others'. Each row of items is one of yours, newest first: present, topic, level, age, views,
    clicks, and views and clicks of the latest round.

    Observation: Dict of float32: round [1], share of the rounds played; skill [topics], 0 to 1; items
        [lifetime, 8], see ``COLUMNS``, a row of 0 where there is none. Own items only.
    Action: Discrete(topics * 3). Anything else, or nothing, publishes no item; ``info["error"]`` says
        so. Nothing raises.
    Rewards: clicks on own items in the round - effort * level.
    Infos: views, clicks, effort, error: the agent's own; market: figures of the whole market for
        who evaluates (lists, clicks, rate, expected, diversity, equality, lowest_share), not part
        of what a creator may know.
    Starting state: users' tastes and creators' skills from the seed; nothing published.
    End of episode: all terminate together after ``rounds`` rounds.

    Args:
        market: the rules.
        render_mode: "ansi" makes ``render`` return the latest round as a table.
    """

    def __init__(self, market: Market, render_mode: str | None = None) -> None:
        if render_mode not in (None, "ansi"):
            raise ConfigError(f"render_mode must be None or 'ansi', got {render_mode!r}.")
        self.market, self.render_mode = market, render_mode
        self.metadata = {
            "name": "creator_market_v0",
            "render_modes": ["ansi"],
            "is_parallelizable": True,
        }
        self.possible_agents = [f"creator_{number}" for number in range(market.creators)]
        self.agents: list[str] = []
        self.seed: int | None = None
        """The last seed given, or drawn by the first reset where none was."""
        self._unseeded = 0
        self._books: Books | None = None
        most = float(market.users * market.lifetime)
        high = [1.0, market.topics - 1, LEVELS - 1, market.lifetime - 1, most, most]
        high += [float(market.users)] * 2
        items = np.tile(np.array(high, np.float32), (market.lifetime, 1))
        self.observation_spaces = {
            agent: spaces.Dict(
                {
                    "round": spaces.Box(0.0, 1.0, (1,), np.float32),
                    "skill": spaces.Box(0.0, 1.0, (market.topics,), np.float32),
                    "items": spaces.Box(np.zeros_like(items), items, dtype=np.float32),
                }
            )
            for agent in self.possible_agents
        }
        self.action_spaces = {
            agent: spaces.Discrete(market.actions) for agent in self.possible_agents
        }

    def observation_space(self, agent: str) -> spaces.Dict:
        """Return the observation space of an agent, the same object each time."""
        return self.observation_spaces[self._known(agent)]

    def action_space(self, agent: str) -> spaces.Discrete:
        """Return the action space of an agent, the same object each time."""
        return self.action_spaces[self._known(agent)]

    def _known(self, agent: str) -> str:
        if agent not in self.possible_agents:
            raise ConfigError(unknown("agent", str(agent), self.possible_agents))
        return agent

    @property
    def books(self) -> Books:
        """The whole market. Privileged.

        Raises:
            ConfigError: no episode has begun.
        """
        if self._books is None:
            raise ConfigError(NOT_STARTED)
        return self._books

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, Infos]:
        """Begin an episode; return observations and infos of all agents.

        Args:
            seed: 0 to 2**63 - 1; None goes on from the last one, so that one seed fixes all episodes
                that follow it.
            options: ignored.
        """
        if seed is not None:
            self.seed, self._unseeded = asked(seed, None).seed, 0
            episode = self.seed
        else:
            if self.seed is None:
                self.seed = randbits(63)
            self._unseeded += 1
            episode = derive(self.seed, STREAM, "next", self._unseeded) >> 65
        assert episode is not None
        self._rng = generator(episode, STREAM, "rounds")
        self._books = open_market(self.market, generator(episode, STREAM, "world"))
        self.agents = self.possible_agents.copy()
        return self._observations(), {agent: {} for agent in self.agents}

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Play a round.

        Args:
            actions: agent to action.

        Raises:
            ResetNeeded: the episode is over or none has begun.
            ConfigError: ``actions`` is not a mapping.
        """
        if not self.agents:
            raise ResetNeeded(OVER_NOW)
        if not isinstance(actions, Mapping):
            raise ConfigError(
                f"step takes a mapping of agent to action, got {type(actions).__name__}."
            )
        market, books, agents = self.market, self.books, self.possible_agents
        given = np.array([self._read(actions.get(agent)) for agent in agents], np.int64)
        publish(market, books, given)
        clicks = serve(market, books, self._rng)
        cost = market.effort * np.where(given >= 0, given % LEVELS, 0)
        views = books.new_views.sum(axis=0)
        over = books.round >= market.rounds
        if over:
            self.agents = []
        infos: Infos = {}
        for number, agent in enumerate(agents):
            infos[agent] = {
                "views": int(views[number]),
                "clicks": int(clicks[number]),
                "effort": float(cost[number]),
                "error": None
                if given[number] >= 0
                else f"the action must be an integer from 0 to {market.actions - 1}; nothing was "
                "published.",
                "market": dict(books.report),
            }
        rewards = {agent: float(clicks[n] - cost[n]) for n, agent in enumerate(agents)}
        ended, cut = dict.fromkeys(agents, over), dict.fromkeys(agents, False)
        return self._observations(), rewards, ended, cut, infos

    def _read(self, action: Any) -> int:
        number = read_action(action)
        return number if 0 <= number < self.market.actions else -1

    def _observations(self) -> Observations:
        return {agent: self.observe(agent) for agent in self.possible_agents}

    def observe(self, agent: str) -> dict[str, NDArray[Any]]:
        """Return what an agent knows, new arrays: its own column of the books and the clock."""
        market, books = self.market, self.books
        me = self.possible_agents.index(self._known(agent))
        newest = books.round - 1
        ages = np.arange(market.lifetime)
        rows = (newest - ages) % market.lifetime
        topic = books.topic[rows, me]
        parts = (topic, books.level[rows, me], ages, books.views[rows, me], books.clicks[rows, me])
        news = (books.new_views[rows, me], books.new_clicks[rows, me])
        items = np.stack([np.ones_like(topic), *parts, *news], axis=1)
        items[topic < 0] = 0
        return {
            "round": np.array([books.round / market.rounds], np.float32),
            "skill": books.skill[me].astype(np.float32),
            "items": items.astype(np.float32),
        }

    def render(self) -> str | None:
        """Return the latest round as a table, one creator per line; None without "ansi"."""
        if self.render_mode is None:
            return None
        market, books = self.market, self.books
        lines = [f"round {books.round} of {market.rounds}, platform: {market.policy}"]
        row = (books.round - 1) % market.lifetime
        for number, agent in enumerate(self.possible_agents):
            if books.topic[row, number] < 0:
                item = "nothing new"
            else:
                item = f"topic {books.topic[row, number]} level {books.level[row, number]}"
            lines.append(
                f"{agent:12} {item:16} views {books.new_views[:, number].sum():5d}"
                f" clicks {books.new_clicks[:, number].sum():5d}"
                f" exposure so far {books.exposure[number]:7.0f}"
            )
        told = ", ".join(f"{key} {value:.3g}" for key, value in books.report.items())
        return "\n".join([*lines, told] if told else lines)

    def close(self) -> None:
        """Do nothing: there is nothing to free."""
