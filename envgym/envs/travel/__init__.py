"""Travel planning in a seeded world of real cities: ``envgym/TravelPlan-v0``."""

from envgym.envs.travel.env import TravelPlanEnv

__all__ = ["TravelPlanEnv"]
