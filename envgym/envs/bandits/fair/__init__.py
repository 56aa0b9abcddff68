"""Fair thresholds in a closed loop: bandits with fairness and service constraints [7]."""

from envgym.envs.bandits.fair.env import FairThresholdEnv
from envgym.envs.bandits.fair.text import FairThresholdText

__all__ = ["FairThresholdEnv", "FairThresholdText"]
