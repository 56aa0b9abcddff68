"""Creators who compete for clicks under a platform's re-ranker, as PettingZoo environments."""

from envgym.envs.bandits.creators.env import PUBLIC, action_names, env, parallel_env

__all__ = ["PUBLIC", "action_names", "env", "parallel_env"]
