"""Online matching with stochastic rewards: arrivals, offline nodes, and chances."""

from envgym.envs.bandits.stochastic_matching.env import StochasticMatchingEnv
from envgym.envs.bandits.stochastic_matching.text import StochasticMatchingText

__all__ = ["StochasticMatchingEnv", "StochasticMatchingText"]
