"""A game as a PettingZoo parallel environment: one action of every player to move at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from pettingzoo import ParallelEnv

from envgym.runtime.games.numeric import OVER_NOW, NumericGame, Observation, read_action
from envgym.types import ConfigError
from envgym.types.game import OVER, Game, State

Observations = dict[str, Observation]
Infos = dict[str, dict[str, Any]]


class GameParallel(NumericGame, ParallelEnv):  # type: ignore[misc]  # PettingZoo is untyped
    """Any game, with numeric spaces, in PettingZoo's all-at-once form.

    A step takes the actions of everybody who moves now: all of them in a simultaneous move, one
    player in a turn-based position. The mask of everybody else is all 0 and what they send is
    ignored, so any policy can act for every agent in every step.

    Observation: ``{"observation": float32 [observation_size], "action_mask": int8 [num_actions]}``
        of the player's own information. New arrays each time.
    Action: an integer that the mask allows. Anything else of a player to move, or nothing, never
        raises: the game ends, each offender's total becomes the lowest utility of the game (at
        most 0, never above what it had), the others keep what they have won so far, and every
        agent's info is ``{"forfeit": "player_1"}``, naming the first offender in seat order.
    Rewards: by how much ``State.returns`` changed; their sum is the final return.
    End of episode: all agents terminate together; nothing is truncated.
    Randomness: as in ``GameAEC``: equal seeds and equal choices give equal episodes in both forms.

    ``options`` of ``reset`` are ignored.

    Args:
        game: the rules.
        render_mode: "ansi" makes ``render`` return the position in words.
    """

    def __init__(self, game: Game, render_mode: str | None = None) -> None:
        super().__init__(game, render_mode)
        self.metadata = {"name": f"{game.name}_v0", "render_modes": ["ansi"]}
        self.forfeit: str | None = None
        """The agent whose illegal action ended the episode, or None."""
        self._choices: dict[int, tuple[int, ...]] = {}
        self._returns: tuple[float, ...] = ()

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, Infos]:
        """Begin an episode; return observations and empty infos of all agents.

        Args:
            seed: 0 to 2**63 - 1; None goes on with the last one's stream.
            options: ignored.

        Raises:
            ConfigError: ``seed`` is not such an integer.
        """
        self.forfeit = None
        state = self._begin(seed)
        self._returns = self._initial.returns()
        self._position, self._choices = state, choices(state)
        self.agents = [] if state.current_player == OVER else self.possible_agents.copy()
        return self._observations(), {agent: {} for agent in self.possible_agents}

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Play the actions of those who move.

        Args:
            actions: agent to action; agents who do not move may be left out.

        Returns:
            Observations, rewards, terminations, truncations (all False) and infos of all agents.

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
        state = self.position
        moves = {p: read_action(actions.get(self.possible_agents[p])) for p in self._choices}
        offenders = sorted(p for p, move in moves.items() if move not in self._choices[p])
        if offenders:
            self.forfeit = self.possible_agents[offenders[0]]
            returns = self._forfeit_returns(self._returns, offenders)
        else:
            for move in moves.values():
                state = state.apply(move)
            state = self._settled(state)
            returns = state.returns()
        over = bool(offenders) or state.current_player == OVER
        rewards = {
            agent: float(now - before)
            for agent, now, before in zip(self.possible_agents, returns, self._returns, strict=True)
        }
        self._position, self._returns = state, returns
        self._choices = {} if over else choices(state)
        if over:
            self.agents = []
        return (
            self._observations(),
            rewards,
            dict.fromkeys(self.possible_agents, over),
            dict.fromkeys(self.possible_agents, False),
            {
                agent: {"forfeit": self.forfeit} if offenders else {}
                for agent in self.possible_agents
            },
        )

    def _observations(self) -> Observations:
        position = self.position
        return {
            agent: {
                "observation": np.array(position.observation(player), np.float32),
                "action_mask": self._mask(self._choices.get(player, ())),
            }
            for agent, player in self._seat.items()
        }


def choices(state: State) -> dict[int, tuple[int, ...]]:
    """Return the legal actions of every player who moves now, in the order they are asked.

    Whoever moves at the same time knows nothing of the others' choices, so what a later player may
    do is read off behind any choice of the earlier ones.
    """
    found: dict[int, tuple[int, ...]] = {}
    waiting = len(state.movers())
    while waiting:
        legal = state.legal()
        found[state.current_player] = legal
        waiting -= 1
        if waiting:
            state = state.apply(legal[0])
    return found
