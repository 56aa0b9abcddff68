"""Learning from one's own games."""

from envgym.agents.selfplay.role_baseline import RoleBaseline
from envgym.agents.selfplay.tabular import Learnt, SelfPlay, self_play

__all__ = ["Learnt", "RoleBaseline", "SelfPlay", "self_play"]
