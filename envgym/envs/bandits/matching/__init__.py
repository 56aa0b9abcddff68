"""Items for visitors over a sparse cluster-item graph, learnt from clicks."""

from envgym.envs.bandits.matching.env import OnlineMatchingEnv
from envgym.envs.bandits.matching.text import OnlineMatchingText

__all__ = ["OnlineMatchingEnv", "OnlineMatchingText"]
