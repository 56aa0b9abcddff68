"""Online allocation of budgets to offers, with fluid bounds and hindsight."""

from envgym.envs.bandits.allocation.env import OnlineAllocationEnv
from envgym.envs.bandits.allocation.text import OnlineAllocationText

__all__ = ["OnlineAllocationEnv", "OnlineAllocationText"]
