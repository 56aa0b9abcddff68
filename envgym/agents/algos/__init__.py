"""Policy-gradient arithmetic: small pure functions over arrays, no model inside.

NumPy is the reference; ``losses_torch`` is the twin that gradients flow through, equal to
the reference to 1e-6. Importing this package does not import torch.
"""

from envgym.agents.algos.advantages import (
    ESTIMATORS,
    discounted,
    dr_grpo,
    group_advantages,
    grpo,
    rewards_to_go,
    rloo,
    turn_advantages,
)
from envgym.agents.algos.losses import ppo_clip, token_weights, weighted_logprob

__all__ = [
    "ESTIMATORS",
    "discounted",
    "dr_grpo",
    "group_advantages",
    "grpo",
    "ppo_clip",
    "rewards_to_go",
    "rloo",
    "token_weights",
    "turn_advantages",
    "weighted_logprob",
]
