"""Guess a hidden number: the smallest family, and the benchmark's yardstick."""

from envgym.envs.guess.env import GuessNumberEnv

__all__ = ["GuessNumberEnv"]
