"""Choosing sets one by one for a submodular reward."""

from envgym.envs.bandits.coverage.env import CoverageEnv
from envgym.envs.bandits.coverage.text import CoverageText

__all__ = ["CoverageEnv", "CoverageText"]
