"""Slates for users who come back, or do not: immediate response, retention, page and items."""

from envgym.envs.bandits.slate.env import SlateRetentionEnv
from envgym.envs.bandits.slate.text import SlateRetentionText

__all__ = ["SlateRetentionEnv", "SlateRetentionText"]
