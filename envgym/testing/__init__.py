"""The conformance kit: laws that every registered environment and every game keeps.

    from envgym.testing import conformance, game_conformance

    conformance("mylib/MyEnv-v0")
    game_conformance("mylib/poker", players=3)

Each law is a function of a ``Subject`` or a ``GameSubject`` and raises ``LawError`` with one
sentence. There are no
waivers: what an environment does otherwise it declares in its ``metadata``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgym.testing.games.hostile import HOSTILE_MOVES, HostileMove
    from envgym.testing.games.kit import GAME_LAWS, TEAM_LAWS, game_conformance
    from envgym.testing.games.subject import GameSubject
    from envgym.testing.hostile import BULKY, HOSTILE
    from envgym.testing.kit import LAWS, NUMERIC_LAWS, conformance, numeric_subject
    from envgym.testing.page import env_tables
    from envgym.testing.proof import Proof, prove
    from envgym.testing.subject import LawError, Subject
    from envgym.testing.trace import Trace, play

_HOME = {
    "BULKY": "hostile",
    "GAME_LAWS": "games.kit",
    "GameSubject": "games.subject",
    "HOSTILE": "hostile",
    "HOSTILE_MOVES": "games.hostile",
    "HostileMove": "games.hostile",
    "LAWS": "kit",
    "LawError": "subject",
    "NUMERIC_LAWS": "kit",
    "Proof": "proof",
    "Subject": "subject",
    "TEAM_LAWS": "games.kit",
    "Trace": "trace",
    "conformance": "kit",
    "env_tables": "page",
    "game_conformance": "games.kit",
    "numeric_subject": "kit",
    "play": "trace",
    "prove": "proof",
}

__all__ = [
    "BULKY",
    "GAME_LAWS",
    "HOSTILE",
    "HOSTILE_MOVES",
    "LAWS",
    "NUMERIC_LAWS",
    "TEAM_LAWS",
    "GameSubject",
    "HostileMove",
    "LawError",
    "Proof",
    "Subject",
    "Trace",
    "conformance",
    "env_tables",
    "game_conformance",
    "numeric_subject",
    "play",
    "prove",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym.testing' has no attribute {name!r}")
    value = getattr(import_module(f"envgym.testing.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
