"""Episode files: write, read, verify, rescore, export."""

from envgym.runtime.episodes.episode import Episode, Turn
from envgym.runtime.episodes.reader import Episodes, iter_episodes, read_episodes
from envgym.runtime.episodes.schema import VERSION
from envgym.runtime.episodes.writer import EpisodeWriter

__all__ = [
    "VERSION",
    "Episode",
    "EpisodeWriter",
    "Episodes",
    "Turn",
    "iter_episodes",
    "read_episodes",
]
