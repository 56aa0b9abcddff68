"""A game as a PettingZoo AEC environment: one agent acts at a time."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from pettingzoo import AECEnv

from envgym.runtime.games.numeric import (
    NOT_STARTED,
    OVER_NOW,
    NumericGame,
    Observation,
    read_action,
)
from envgym.types import Stream
from envgym.types.game import OVER, Game, State


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All of an episode in flight; ``GameAEC.restore`` continues from it, any number of times."""

    position: State
    seed: int | None
    stream: Stream | None
    agents: tuple[str, ...]
    selection: str
    rewards: dict[str, float]
    cumulative: dict[str, float]
    infos: dict[str, dict[str, Any]]
    returns: tuple[float, ...]
    over: bool
    forfeit: str | None


class GameAEC(NumericGame, AECEnv):  # type: ignore[misc]  # PettingZoo is untyped
    """Any game, with numeric spaces, in PettingZoo's turn-by-turn form.

    Observation: ``{"observation": float32 [observation_size], "action_mask": int8 [num_actions]}``
        of the player's own information; the mask is all 0 for whoever is not to move. New arrays
        each time.
    Action: an integer that the mask allows. Anything else (a word, NaN, an illegal number) never
        raises: the game ends, the offender's total becomes the lowest utility of the game (at most
        0, never above what it had), the others keep what they have won so far, and every agent's
        info is ``{"forfeit": "player_1"}``, naming the offender.
    Rewards: after each step, for all agents, by how much ``State.returns`` changed; ``last`` gives
        what came in since the agent's own last step. Their sum is the final return.
    End of episode: all agents terminate together. A game is finite, so nothing is truncated. As
        PettingZoo wants, each agent then takes one step with None.
    Randomness: nature's moves come from (seed, name of the game) alone. A reset without a seed
        goes on drawing from the same stream, so one seed fixes all episodes that follow it; where
        none was ever given, the operating system gives one.

    Players who move at the same time act one after another and see nothing of each other's
    choice. ``options`` of ``reset`` are ignored.

    Args:
        game: the rules.
        render_mode: "ansi" makes ``render`` return the position in words, as the player to move
            sees it.
    """

    rewards: dict[str, float]
    terminations: dict[str, bool]
    truncations: dict[str, bool]
    infos: dict[str, dict[str, Any]]
    agent_selection: str
    _cumulative_rewards: dict[str, float]

    def __init__(self, game: Game, render_mode: str | None = None) -> None:
        super().__init__(game, render_mode)
        self.metadata = {
            "name": f"{game.name}_v0",
            "render_modes": ["ansi"],
            "is_parallelizable": game.simultaneous,
        }
        self.forfeit: str | None = None
        """The agent whose illegal action ended the episode, or None."""
        self._zeros = dict.fromkeys(self.possible_agents, 0.0)
        self._falses = dict.fromkeys(self.possible_agents, False)
        self._trues = dict.fromkeys(self.possible_agents, True)
        self._start = self._initial.returns()
        self._legal: tuple[int, ...] = ()
        self._over = True
        self._returns = self._start
        self.rewards, self.infos, self._cumulative_rewards = {}, {}, {}
        self.terminations, self.truncations = {}, {}

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin an episode.

        Args:
            seed: 0 to 2**63 - 1; None goes on with the last one's stream.
            options: ignored.

        Raises:
            ConfigError: ``seed`` is not such an integer.
        """
        self.agents = self.possible_agents.copy()
        self._cumulative_rewards = self._zeros.copy()
        self.truncations = self._falses.copy()
        self.infos = {agent: {} for agent in self.possible_agents}
        self.forfeit = None
        self._over = False
        self._returns = self._start
        self.terminations = self._falses.copy()
        self._enter(self._begin(seed))

    def observe(self, agent: str) -> Observation:
        """Return what an agent sees; its mask is all 0 unless it is to move.

        Raises:
            ConfigError: no such agent, or no episode has begun.
        """
        position = self.position
        player = self._seat.get(agent, -1)
        if player < 0:
            self._known(agent)
        acts = player == position.current_player and not self._over
        return {
            "observation": np.array(position.observation(player), np.float32),
            "action_mask": self._mask(self._legal) if acts else self._no_mask.copy(),
        }

    def last(
        self, observe: bool = True
    ) -> tuple[Observation | None, float, bool, bool, dict[str, Any]]:
        """Return observation, reward since its last step, terminated, truncated, info of the agent.

        Raises:
            ResetNeeded: every agent has left, or no episode has begun.
        """
        if not self.agents:
            raise ResetNeeded(NOT_STARTED)
        agent = self.agent_selection
        return (
            self.observe(agent) if observe else None,
            self._cumulative_rewards[agent],
            self.terminations[agent],
            False,
            self.infos[agent],
        )

    def step(self, action: Any) -> None:
        """Play an action of ``agent_selection``; after the end the agent leaves with None.

        Raises:
            ResetNeeded: every agent has left, or no episode has begun.
            ValueError: the agent has terminated and the action is not None.
        """
        if self._over:
            self._leave(action)
            return
        state = self._position
        assert state is not None
        self._cumulative_rewards[self.agent_selection] = 0.0
        move = action if type(action) is int else read_action(action)
        if move in self._legal:
            self._enter(self._settled(state.apply(move)))
        else:
            self._lose(state.current_player)

    def snapshot(self) -> Snapshot:
        """Return the episode as it stands; positions are immutable, so this is cheap.

        Raises:
            ConfigError: no episode has begun.
        """
        return Snapshot(
            position=self.position,
            seed=self.seed,
            stream=copy(self._stream),
            agents=tuple(self.agents),
            selection=self.agent_selection,
            rewards=self.rewards.copy(),
            cumulative=self._cumulative_rewards.copy(),
            infos={agent: info.copy() for agent, info in self.infos.items()},
            returns=self._returns,
            over=self._over,
            forfeit=self.forfeit,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot of this or of another environment of the same game."""
        self._position, self.seed = snapshot.position, snapshot.seed
        self._stream = copy(snapshot.stream)
        self.agents, self.agent_selection = list(snapshot.agents), snapshot.selection
        self.rewards = snapshot.rewards.copy()
        self._cumulative_rewards = snapshot.cumulative.copy()
        self.infos = {agent: info.copy() for agent, info in snapshot.infos.items()}
        self.terminations = dict.fromkeys(self.agents, snapshot.over)
        self.truncations = dict.fromkeys(self.agents, False)
        self._returns, self._over = snapshot.returns, snapshot.over
        self.forfeit = snapshot.forfeit
        self._legal = () if snapshot.over else snapshot.position.legal()

    def _enter(self, state: State) -> None:
        """Make ``state`` the position and pay what it changed."""
        self._position = state
        player = state.current_player
        returns = state.returns()
        if returns != self._returns or player == OVER:
            self._pay(returns)
        else:
            self.rewards = self._zeros.copy()
        if player == OVER:
            self._end()
        else:
            self._legal = state.legal()
            self.agent_selection = self.possible_agents[player]

    def _pay(self, returns: tuple[float, ...]) -> None:
        rewards, total = {}, self._cumulative_rewards
        for agent, now, before in zip(self.possible_agents, returns, self._returns, strict=True):
            rewards[agent] = reward = float(now - before)
            total[agent] += reward
        self.rewards, self._returns = rewards, returns

    def _lose(self, player: int) -> None:
        self.forfeit = self.possible_agents[player]
        self.infos = {agent: {"forfeit": self.forfeit} for agent in self.possible_agents}
        self._pay(self._forfeit_returns(self._returns, (player,)))
        self._end()

    def _end(self) -> None:
        self._over, self._legal = True, ()
        self.terminations = self._trues.copy()
        self.agent_selection = self.possible_agents[0]

    def _leave(self, action: Any) -> None:
        """Take the agent off the table, as PettingZoo's dead steps do."""
        if not self.agents:
            raise ResetNeeded(OVER_NOW)
        agent = self.agent_selection
        if action is not None:
            raise ValueError(f"{agent} has terminated: its only action is None, got {action!r}.")
        self.agents.remove(agent)
        del self.terminations[agent], self.truncations[agent], self.infos[agent]
        del self._cumulative_rewards[agent]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        if self.agents:
            self.agent_selection = self.agents[0]
