"""A Bayesian-optimisation task: find the highest point of an unknown function."""

from envgym.envs.bandits.black_box.env import BlackBoxEnv
from envgym.envs.bandits.black_box.text import BlackBoxText

__all__ = ["BlackBoxEnv", "BlackBoxText"]
