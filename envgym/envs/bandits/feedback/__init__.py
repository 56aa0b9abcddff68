"""Reply styles paid by reactions, one of which a warm closing can hack."""

from envgym.envs.bandits.feedback.env import FeedbackHackEnv
from envgym.envs.bandits.feedback.text import FeedbackHackText

__all__ = ["FeedbackHackEnv", "FeedbackHackText"]
