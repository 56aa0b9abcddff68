"""The conformance kit: laws that every registered environment keeps.

    from envgym.testing import conformance

    conformance("mylib/MyEnv-v0")

Each law is a function of a ``Subject`` and raises ``LawError`` with one sentence. There are no
waivers: what an environment does otherwise it declares in its ``metadata``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgym.testing.hostile import BULKY, HOSTILE
    from envgym.testing.kit import LAWS, conformance
    from envgym.testing.page import env_tables
    from envgym.testing.proof import Proof, prove
    from envgym.testing.subject import LawError, Subject
    from envgym.testing.trace import Trace, play

_HOME = {
    "BULKY": "hostile",
    "HOSTILE": "hostile",
    "LAWS": "kit",
    "LawError": "subject",
    "Proof": "proof",
    "Subject": "subject",
    "Trace": "trace",
    "conformance": "kit",
    "env_tables": "page",
    "play": "trace",
    "prove": "proof",
}

__all__ = [
    "BULKY",
    "HOSTILE",
    "LAWS",
    "LawError",
    "Proof",
    "Subject",
    "Trace",
    "conformance",
    "env_tables",
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
