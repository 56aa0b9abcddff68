"""Text quests: rooms, doors and keys, containers, one-line commands."""

from envgym.envs.quest.env import QuestEnv
from envgym.envs.quest.knobs import LEVELS, Knobs
from envgym.envs.quest.world import world_digest

__all__ = ["LEVELS", "Knobs", "QuestEnv", "world_digest"]
