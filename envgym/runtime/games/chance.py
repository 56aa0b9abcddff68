"""Nature's moves, drawn from a stream: the one place where a numeric game uses randomness."""

from collections.abc import Sequence

from envgym.types import Stream
from envgym.types.game import CHANCE, Game, State


def chance_stream(game: Game, seed: int) -> Stream:
    """Return the stream that nature's moves of one episode come from.

    Every form of a game uses this one, so that equal seeds and equal choices give equal episodes
    in all of them.
    """
    return Stream(seed, f"game:{game.name}", "chance")


def draw(outcomes: Sequence[tuple[int, float]], stream: Stream) -> int:
    """Return an action with its probability; takes one word of the stream.

    Args:
        outcomes: (action, probability) as of ``State.chance_outcomes``; probabilities sum to 1.
        stream: where the word comes from.
    """
    point = stream.uniform()
    action = -1
    for outcome, probability in outcomes:
        if probability > 0.0:
            action = outcome  # the last possible one, should rounding leave the sum below 1
            point -= probability
            if point < 0.0:
                break
    return action


def after_chance(state: State, stream: Stream) -> State:
    """Return the next position where a player moves or the game is over."""
    while state.current_player == CHANCE:
        state = state.apply(draw(state.chance_outcomes(), stream))
    return state
