"""What the AEC and the parallel form of a game share: spaces, seeds, actions, forfeits."""

from collections.abc import Iterable
from operator import index
from secrets import randbits
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from envgym.runtime.games.chance import after_chance, chance_stream
from envgym.runtime.options import asked
from envgym.types import ConfigError, Stream
from envgym.types.errors import unknown
from envgym.types.game import CHANCE, Game, State

Observation = dict[str, NDArray[Any]]
"""``observation``: float32 [observation_size]; ``action_mask``: int8 [num_actions], 0 or 1."""

NOT_STARTED = "no episode has begun; call reset() first."
OVER_NOW = "the episode is over or has not begun; call reset() before step()."


class NumericGame:
    """Spaces and seeds of a game whose agents are ``player_0``, ``player_1`` and so on.

    Args:
        game: the rules.
        render_mode: None or "ansi".

    Raises:
        ConfigError: another render mode.
    """

    def __init__(self, game: Game, render_mode: str | None = None) -> None:
        if render_mode not in (None, "ansi"):
            raise ConfigError(f"render_mode must be None or 'ansi', got {render_mode!r}.")
        self.game = game
        self.render_mode = render_mode
        self.seed: int | None = None
        """The last seed given, or drawn by the first reset where none was."""
        self.possible_agents = [f"player_{player}" for player in range(game.players)]
        self.agents: list[str] = []
        self._seat = {agent: player for player, agent in enumerate(self.possible_agents)}
        self._size = game.num_actions
        # One object per agent, so that seeding one agent's space leaves the others alone.
        self.observation_spaces = {
            agent: spaces.Dict(
                {
                    "observation": spaces.Box(
                        -np.inf, np.inf, (game.observation_size,), np.float32
                    ),
                    "action_mask": spaces.Box(0, 1, (self._size,), np.int8),
                }
            )
            for agent in self.possible_agents
        }
        self.action_spaces = {agent: spaces.Discrete(self._size) for agent in self.possible_agents}
        self.state_space = spaces.Box(
            -np.inf, np.inf, (game.players, game.observation_size), np.float32
        )
        self._no_mask = np.zeros(self._size, np.int8)
        self._masks: dict[tuple[int, ...], NDArray[np.int8]] = {}
        self._initial = game.initial()
        self._position: State | None = None
        self._stream: Stream | None = None

    def observation_space(self, agent: str) -> spaces.Dict:
        """Return the observation space of an agent, the same object each time."""
        return self.observation_spaces[self._known(agent)]

    def action_space(self, agent: str) -> spaces.Discrete:
        """Return the action space of an agent, the same object each time."""
        return self.action_spaces[self._known(agent)]

    @property
    def position(self) -> State:
        """The current position, immutable; the last one before it after a forfeit.

        Raises:
            ConfigError: no episode has begun.
        """
        if self._position is None:
            raise ConfigError(NOT_STARTED)
        return self._position

    def state(self) -> NDArray[np.float32]:
        """Return what all players see, float32 [players, observation_size]: for a central critic.

        In a game of hidden information this shows every player's secrets; never give it to one.
        """
        position = self.position
        return np.array(
            [position.observation(player) for player in range(self.game.players)], np.float32
        )

    def render(self) -> str | None:
        """Return the position in words as the player to move sees it; None without "ansi".

        At the end it is the first player's view.
        """
        if self.render_mode is None:
            return None
        return self.position.text(max(self.position.current_player, 0))

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def _known(self, agent: str) -> str:
        if agent not in self._seat:
            raise ConfigError(unknown("agent", str(agent), self.possible_agents))
        return agent

    def _begin(self, seed: int | None) -> State:
        """Return the first position in which a player moves.

        Without a seed the stream of the last one goes on, as ``np_random`` does in Gymnasium: a
        new stream costs half as much as a game of Kuhn poker.
        """
        if seed is not None:
            self.seed, self._stream = asked(seed, None).seed, None
        elif self.seed is None:
            self.seed = randbits(63)
        return self._settled(self._initial)

    def _settled(self, state: State) -> State:
        if state.current_player == CHANCE:
            if self._stream is None:  # made when first needed: many games never do
                assert self.seed is not None
                self._stream = chance_stream(self.game, self.seed)
            return after_chance(state, self._stream)
        return state

    def _mask(self, legal: tuple[int, ...]) -> NDArray[np.int8]:
        """Return a new mask of the legal actions."""
        mask = self._masks.get(legal)
        if mask is None:
            mask = self._no_mask.copy()
            mask[list(legal)] = 1
            if len(self._masks) < _MASKS:
                self._masks[legal] = mask
        return mask.copy()

    def _forfeit_returns(
        self, returns: tuple[float, ...], offenders: Iterable[int]
    ) -> tuple[float, ...]:
        """Return final returns after illegal actions.

        An offender ends with the game's lowest utility, never above 0 and never above what it
        had; the others keep what they have won so far, which is 0 in games paid at the end.
        """
        final = list(returns)
        for player in offenders:
            final[player] = min(self.game.utility[0], 0.0, returns[player])
        return tuple(final)


_MASKS = 4096
"""Most masks kept at a time; small games have a handful, Hex has more than memory holds."""


def read_action(action: Any) -> int:
    """Return an action as a Python integer, -1 for anything that is not one.

    Integers of Python and NumPy pass, arrays of no dimension included, exactly as a ``Discrete``
    space takes them. No code of the caller's object runs.
    """
    if isinstance(action, np.ndarray):
        if action.ndim or not np.issubdtype(action.dtype, np.integer):
            return -1
        return int(action)
    if isinstance(action, int):
        return int.__index__(action)  # True becomes 1
    return index(action) if isinstance(action, np.integer) else -1
