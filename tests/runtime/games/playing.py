"""What the tests of both PettingZoo forms share: games, warnings, choices, garbage."""

import numpy as np
import pytest

from envgym.runtime.games.registry import game_names, make_game
from tests.runtime.games.coin_game import CoinGame

NAMES = ["coin", *game_names()]


def made(name):
    return CoinGame() if name == "coin" else make_game(name)


GARBAGE = [
    None,
    "x",
    "0",
    10**30,
    -1,
    3,
    float("nan"),
    0.0,
    np.float32(1),
    np.array([0]),
    np.array([0, 1]),
    np.array(0.0),
    [],
    [0],
    {},
    b"0",
    object(),
    np.bool_(True),
    2,
]
"""Nothing here is a legal first action of the coin game; 2 is an action, but not a legal one."""

# PettingZoo asks for plain arrays, unless an environment has the name of one of its own; a mask
# has its documented place in a Dict. Whoever has left the game has nothing to choose from.
PLAIN = [
    pytest.mark.filterwarnings("ignore:Observation is not a NumPy array:UserWarning"),
    pytest.mark.filterwarnings("ignore:Observation space for each agent probably:UserWarning"),
    pytest.mark.filterwarnings("ignore:Action mask numpy array is all zeros:UserWarning"),
]


def plain(test):
    for mark in PLAIN:
        test = mark(test)
    return test


def legal_move(observation, choices):
    """Return a random action that the mask allows, None where it allows none."""
    legal = np.flatnonzero(observation["action_mask"])
    return int(legal[choices.below(len(legal))]) if len(legal) else None


def named(action):
    """An id that is the same in every process: no addresses."""
    return type(action).__name__ if "0x" in repr(action) else repr(action)
