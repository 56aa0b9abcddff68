"""Episode files: write, read, verify, rescore, export."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from envgym.runtime.episodes.schema import VERSION
from envgym.runtime.episodes.writer import EpisodeWriter

if TYPE_CHECKING:
    from envgym.runtime.episodes.compare import Difference
    from envgym.runtime.episodes.episode import Episode, Turn
    from envgym.runtime.episodes.export import Exported, export_chats
    from envgym.runtime.episodes.reader import Episodes, iter_episodes, read_episodes
    from envgym.runtime.episodes.rerun import Report, verify
    from envgym.runtime.episodes.scoring import Rescored, rescore

__all__ = [
    "VERSION",
    "Difference",
    "Episode",
    "EpisodeWriter",
    "Episodes",
    "Exported",
    "Report",
    "Rescored",
    "Turn",
    "export_chats",
    "iter_episodes",
    "read_episodes",
    "rescore",
    "verify",
]

# Environments need the writer alone. The rest costs an import when it is asked for, and part of
# it knows environments, which import this package.
_LATER = {
    "Difference": "compare",
    "Episode": "episode",
    "Episodes": "reader",
    "Exported": "export",
    "Report": "rerun",
    "Rescored": "scoring",
    "Turn": "episode",
    "export_chats": "export",
    "iter_episodes": "reader",
    "read_episodes": "reader",
    "rescore": "scoring",
    "verify": "rerun",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
