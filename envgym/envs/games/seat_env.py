"""One seat of a game with numeric spaces, for tabular learners and small networks."""

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from envgym.runtime.games.chance import after_chance, chance_stream
from envgym.runtime.games.reference import reference_of
from envgym.runtime.games.registry import make_game
from envgym.runtime.options import asked
from envgym.runtime.settings import check_choice
from envgym.types import ConfigError, Stream
from envgym.types.game import Game, State

Observation = dict[str, NDArray[Any]]
Choose = Callable[[State, Stream], int]
"""From a position and a source of chance to a legal action."""

OPPONENTS = ("random", "expert")
LIMIT = 1e9
"""Bound of the observation space: Gymnasium's checker warns of infinite ones, and no game's
features come near it."""


class SeatEnv(gym.Env[Any, Any]):
    """A game seen from one seat; the others are played inside ``reset`` and ``step``.

    Observation: ``{"observation": float32 [observation_size], "action_mask": int8 [num_actions]}``,
        this seat's information; the mask is all 0 at the end. New arrays each time.
    Action: an integer (or an array of one, without axes) that the mask allows. Any other ends the
        game as a forfeit: the total becomes the game's lowest return (at most 0, never above what
        was won so far).
    Rewards: by how much this seat's return changed, in the game's own unit.
    End of episode: terminated with the game, never truncated; where the others end it before this
        seat's first move, with the first step, whose action plays no part (the mask is all 0).
        ``info`` holds ``seat`` (int), ``forfeit`` (bool) and ``final`` (tuple of all returns; ()
        before the game's end).
    Randomness: nature's moves as in every other form of the game, from (seed, name of the game);
        the opponents' from (seed, seat). A reset without a seed goes on from the last one.

    Args:
        game: the rules, or a game's name.
        params: arguments of a game given by name.
        seat: a player from 0, "random" (drawn per episode) or "rotate" (the seed modulo the number
            of players, then one further at each reset without a seed).
        opponent: who plays all other seats: "random"; "expert" (the solved game's reference
            profile, else the game's own expert); anything with ``policy(state)`` that gives the
            probabilities of ``state.legal()``, such as a policy table; or a function from the
            position to a legal action.

    Raises (from the constructor): ConfigError, one sentence.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 1}

    def __init__(
        self,
        game: Game | str = "kuhn",
        *,
        params: Mapping[str, Any] | None = None,
        seat: int | str = "random",
        opponent: Any = "random",
        render_mode: str | None = None,
    ) -> None:
        if isinstance(game, str):
            game = make_game(game, **(params or {}))
        elif params:
            raise ConfigError("SeatEnv: params belong to a game that is given by name.")
        check_choice("SeatEnv", "render_mode", render_mode, (None, "ansi"))
        whole = isinstance(seat, int) and not isinstance(seat, bool) and 0 <= seat < game.players
        if not whole and seat not in ("random", "rotate"):
            raise ConfigError(
                f"SeatEnv: seat must be from 0 to {game.players - 1}, 'random' or 'rotate', "
                f"got {seat!r}."
            )
        self.game, self.render_mode = game, render_mode
        self.seat = 0
        """Of the running episode."""
        self._wanted = seat
        self._choose = _chooser(game, opponent)
        self._initial = game.initial()
        self._position: State | None = None
        self._key: int | None = None
        self._count = 0
        self._paid = 0.0
        self._final: tuple[float, ...] = ()
        self.observation_space = spaces.Dict(
            {
                "observation": spaces.Box(-LIMIT, LIMIT, (game.observation_size,), np.float32),
                "action_mask": spaces.Box(0, 1, (game.num_actions,), np.int8),
            }
        )
        self.action_space = spaces.Discrete(game.num_actions)

    @property
    def position(self) -> State:
        """The game's current state.

        Raises:
            ResetNeeded: no episode has begun.
        """
        if self._position is None:
            raise ResetNeeded("no episode has begun; call reset() first.")
        return self._position

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode and let those move who move first.

        Args:
            seed: 0 to 2**63 - 1; None goes on with the last one's streams.
            options: ignored.
        """
        if seed is not None:
            seed = asked(seed, None).seed
        super().reset(seed=seed)
        if seed is not None or self._key is None:
            if seed is None:
                seed = int(self.np_random.integers(1 << 63))
            self._key, self._count = seed, 0
            self._chance = chance_stream(self.game, seed)
            self._others = Stream(seed, "seat env", "others")
            self._seats = Stream(seed, "seat env", "seat")
        players = self.game.players
        if self._wanted == "random":
            self.seat = self._seats.below(players)
        elif self._wanted == "rotate":
            self.seat = (self._key + self._count) % players
        else:
            self.seat = int(self._wanted)
        self._count += 1
        dealt = after_chance(self._initial, self._chance)
        self._paid = dealt.returns()[self.seat]
        self._position = self._settled(dealt)
        self._end(self._position)
        self._done = False  # Gymnasium has no reset that ends the episode
        return self._seen(), self._info()

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Play one action, then the others' until this seat moves again or the game is over.

        Raises:
            ResetNeeded: no episode is running.
        """
        if self._position is None or self._done:
            raise ResetNeeded("the episode is over or has not begun; call reset() before step().")
        if self._final:
            self._done = True
            return self._seen(), self._final[self.seat] - self._paid, True, False, self._info()
        legal = self._position.legal()
        if isinstance(action, np.ndarray) and action.shape == ():
            action = action[()]  # what learners' predict gives for a single environment
        chosen = int(action) if isinstance(action, int | np.integer) else -1
        if chosen not in legal:
            self._forfeit = self._done = True
            low = min(self.game.utility[0], 0.0, self._paid)
            self._final = tuple(
                low if player == self.seat else won
                for player, won in enumerate(self._position.returns())
            )
            return self._seen(), low - self._paid, True, False, self._info()
        after = after_chance(self._position.apply(chosen), self._chance)
        self._position = position = self._settled(after)
        before, self._paid = self._paid, position.returns()[self.seat]
        self._end(position)
        return self._seen(), self._paid - before, self._done, False, self._info()

    def action_masks(self) -> NDArray[np.bool_]:
        """Return bool [num_actions], what may be played now: the name maskable learners call."""
        return self._mask().astype(np.bool_)

    def render(self) -> str | None:
        """Return the position in words as this seat sees it; None without "ansi"."""
        return None if self.render_mode is None else self.position.text(self.seat)

    def _settled(self, position: State) -> State:
        """Return the next position in which this seat moves, or the end."""
        seat, choose = self.seat, self._choose
        while (mover := position.current_player) >= 0 and mover != seat:
            position = after_chance(position.apply(choose(position, self._others)), self._chance)
        return position

    def _end(self, position: State) -> None:
        self._forfeit, self._done = False, position.current_player < 0
        self._final = position.returns() if self._done else ()

    def _mask(self) -> NDArray[np.int8]:
        mask, position = np.zeros(self.game.num_actions, np.int8), self.position
        if not self._final:
            mask[list(position.legal())] = 1
        return mask

    def _seen(self) -> Observation:
        seen = np.array(self.position.observation(self.seat), np.float32)
        return {"observation": seen, "action_mask": self._mask()}

    def _info(self) -> dict[str, Any]:
        return {"seat": self.seat, "forfeit": self._forfeit, "final": self._final}


def _chooser(game: Game, opponent: Any) -> Choose:
    """Return how the other seats choose.

    Raises:
        ConfigError: an unknown word, no callable, or a game without an expert.
    """
    if opponent == "random":
        return lambda state, stream: stream.choice(state.legal())
    if opponent == "expert":
        solved = reference_of(game)
        if solved is not None:
            return _sampled(solved.policy)
        return _expert(game)
    if isinstance(opponent, str):
        check_choice("SeatEnv", "opponent", opponent, OPPONENTS)
    policy = getattr(opponent, "policy", None)
    if callable(policy):
        return _sampled(policy)
    if not callable(opponent):
        raise ConfigError(
            "SeatEnv: opponent must be 'random', 'expert', a policy table or a function of the "
            f"position, got {opponent!r:.80}."
        )
    return lambda state, stream: int(opponent(state))


def _sampled(policy: Callable[[State], tuple[float, ...]]) -> Choose:
    def choose(state: State, stream: Stream) -> int:
        point, legal = stream.uniform(), state.legal()
        for action, probability in zip(legal, policy(state), strict=True):
            point -= probability
            if point < 0.0:
                return action
        return legal[-1]

    return choose


def _expert(game: Game) -> Choose:
    def choose(state: State, stream: Stream) -> int:
        found = game.expert(state)
        if found is None:
            raise ConfigError(f"SeatEnv: {game.name} has no expert; take another opponent.")
        return found

    return choose
