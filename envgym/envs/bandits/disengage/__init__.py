"""Revenue against a user who may disengage, with the exact dynamic programme."""

from envgym.envs.bandits.disengage.env import DisengageEnv
from envgym.envs.bandits.disengage.text import DisengageText

__all__ = ["DisengageEnv", "DisengageText"]
