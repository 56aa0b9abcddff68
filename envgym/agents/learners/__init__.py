"""Learners that play batches of closed-loop problems, by name: ``make_learner("ofs:c=0.5")``."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgym.agents.learners.registry import LEARNERS, learner_names, make_learner

__all__ = ["LEARNERS", "learner_names", "make_learner"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'envgym.agents.learners' has no attribute '{name}'")
    return getattr(import_module("envgym.agents.learners.registry"), name)
