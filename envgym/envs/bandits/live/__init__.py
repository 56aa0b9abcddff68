"""Inserting live streams among short videos, with the exact constrained optimum."""

from envgym.envs.bandits.live.env import LiveInsertEnv
from envgym.envs.bandits.live.text import LiveInsertText

__all__ = ["LiveInsertEnv", "LiveInsertText"]
