"""What is said aloud at a game's table."""

from typing import NamedTuple


class Utterance(NamedTuple):
    """One thing that one player said to all others, beside a move."""

    number: int
    """From 0, over all players."""
    agent: str
    """Who said it, such as "player_0"."""
    text: str
    """The words: no thoughts, no moves, cut to the view's length."""
    at: int
    """Actions of the game made when it was said, nature's and the move it came with included."""
