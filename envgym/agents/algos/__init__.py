"""Policy-gradient arithmetic: small pure functions over arrays, no model inside.

NumPy is the reference; ``losses_torch`` is the twin that gradients flow through, equal to
the reference to 1e-6. Importing this package does not import torch. The estimators that
compare the members of a group (RLOO, GRPO, Dr. GRPO) are the reward kernel's:
``envgym.rewards.group.normalise``.
"""

from envgym.agents.algos.advantages import (
    discounted,
    episode_advantages,
    rewards_to_go,
    turn_advantages,
)
from envgym.agents.algos.losses import ppo_clip, token_weights, weighted_logprob

__all__ = [
    "discounted",
    "episode_advantages",
    "ppo_clip",
    "rewards_to_go",
    "token_weights",
    "turn_advantages",
    "weighted_logprob",
]
