"""Policies, learners, solvers and training; they know environments through the API alone."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from envgym.types import MissingExtraError

if __name__ != "envgym.agents":
    raise ImportError(
        "import 'envgym.agents': the top-level link 'agents' is only for reading the source."
    )

if TYPE_CHECKING:
    from envgym.agents.codec import ChatCodec
    from envgym.agents.policies.human import HumanPolicy
    from envgym.agents.policies.openai import OpenAIPolicy
    from envgym.agents.policies.oracle import NoisyOraclePolicy, OraclePolicy
    from envgym.agents.policies.random import RandomPolicy
    from envgym.agents.policies.transformers import TransformersPolicy
    from envgym.agents.resolve import resolve_agent
    from envgym.agents.sampling import Sampling

# Resolved at first use: importing this package loads neither torch nor any client library.
_HOME = {
    "ChatCodec": "envgym.agents.codec",
    "HumanPolicy": "envgym.agents.policies.human",
    "NoisyOraclePolicy": "envgym.agents.policies.oracle",
    "OpenAIPolicy": "envgym.agents.policies.openai",
    "OraclePolicy": "envgym.agents.policies.oracle",
    "RandomPolicy": "envgym.agents.policies.random",
    "Sampling": "envgym.agents.sampling",
    "TransformersPolicy": "envgym.agents.policies.transformers",
    "resolve_agent": "envgym.agents.resolve",
}

_EXTRA = {"httpx": "api"} | dict.fromkeys(
    ("peft", "safetensors", "tokenizers", "torch", "transformers"), "train"
)

__all__ = [
    "ChatCodec",
    "HumanPolicy",
    "NoisyOraclePolicy",
    "OpenAIPolicy",
    "OraclePolicy",
    "RandomPolicy",
    "Sampling",
    "TransformersPolicy",
    "resolve_agent",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym.agents' has no attribute '{name}'")
    try:
        module = import_module(_HOME[name])
    except ModuleNotFoundError as missing:
        extra = _EXTRA.get((missing.name or "").partition(".")[0])
        if extra is None:
            raise
        raise MissingExtraError(f"envgym.agents.{name}", extra) from missing
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
