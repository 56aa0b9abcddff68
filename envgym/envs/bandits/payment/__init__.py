"""Payment requests and interventions, with answers that arrive in batches."""

from envgym.envs.bandits.payment.env import PaymentBanditEnv
from envgym.envs.bandits.payment.text import PaymentBanditText

__all__ = ["PaymentBanditEnv", "PaymentBanditText"]
