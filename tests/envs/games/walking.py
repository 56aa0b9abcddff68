"""Positions of the games: whole trees where they are small, random play elsewhere."""

from dataclasses import dataclass

import pytest

from envgym.runtime.games.registry import make_game
from envgym.types import Stream
from envgym.types.game import CHANCE, OVER


def options(state):
    if state.current_player == CHANCE:
        return tuple(action for action, _ in state.chance_outcomes())
    return state.legal()


def whole_tree(game):
    stack = [game.initial()]
    while stack:
        state = stack.pop()
        yield state
        stack.extend(state.apply(action) for action in options(state))


def random_episode(game, seed):
    """Return the positions of one episode of random play."""
    stream, state = Stream(seed, "episode", game.name), game.initial()
    states = [state]
    while state.current_player != OVER:
        state = state.apply(stream.choice(options(state)))
        states.append(state)
    return states


@dataclass(frozen=True)
class Case:
    """A game, and whether its tree is small enough to walk."""

    name: str
    params: tuple[tuple[str, object], ...] = ()
    small: bool = True
    episodes: int = 40

    @property
    def game(self):
        return make_game(self.name, **dict(self.params))

    def states(self):
        """Return every position, or those of random episodes."""
        if self.small:
            return list(whole_tree(self.game))
        game = self.game
        return [s for seed in range(self.episodes) for s in random_episode(game, seed)]

    def __str__(self):
        return f"{self.name}({', '.join(f'{k}={v}' for k, v in self.params)})"


def case(name, small=True, **params):
    return Case(name, tuple(params.items()), small)


THREE = (
    (((1, 2), (3, 4)), ((5, 6), (7, 8))),
    (((0, 1), (0, 1)), ((0, 1), (0, 1))),
    (((-1, -1), (-1, -1)), ((2, 2), (2, 2))),
)
"""Payoffs of three players with two actions each."""

CASES = [
    case("kuhn"),
    case("kuhn", players=3),
    case("kuhn", players=4),
    case("leduc"),
    case("leduc", small=False, players=3),
    case("goofspiel"),
    case("goofspiel", imp_info=False, returns="total_points"),
    case("goofspiel", cards=3, points="random", returns="point_difference"),
    case("goofspiel", cards=3, players=3, points="ascending", returns="point_difference"),
    case("goofspiel", small=False, cards=7, players=4),
    case("liars_dice"),
    case("liars_dice", sides=2, dice=2),
    case("liars_dice", sides=2, players=3),
    case("tic_tac_toe", small=False),
    case("connect_four", small=False),
    case("hex", small=False),
    case("hex", board_size=2),
    case("hex", small=False, board_size=11),
    *(
        case("matrix", preset=preset)
        for preset in ("rps", "prisoners_dilemma", "battle_of_the_sexes", "chicken")
    ),
    case("matrix", payoffs=THREE),
    case("repeated_matrix", rounds=3),
    case("repeated_matrix", preset="matching_pennies", rounds=2),
    case("blotto", coins=4),
    case("blotto", coins=2, players=3),
]


EVERY = pytest.mark.parametrize("case", CASES, ids=str)
"""Each game in turn."""
