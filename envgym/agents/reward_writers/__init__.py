"""Loops in which a policy writes or edits rewards: code, parameters, judge prompts, labels.

Every loop takes any ``Policy`` as the writer, logs each edit as a diff in a JSON Lines history,
and goes on from that history after a stop.
"""

from envgym.agents.reward_writers.auto_mc import auto_mc_reward
from envgym.agents.reward_writers.eureka import eureka
from envgym.agents.reward_writers.grading import Grade, RecordedGrader
from envgym.agents.reward_writers.history import History
from envgym.agents.reward_writers.language import language_to_reward
from envgym.agents.reward_writers.mpo import MetaPolicy, first_prompt, judge_scores
from envgym.agents.reward_writers.oni import LabelStore, label_pending, oni_evidence
from envgym.agents.reward_writers.reward_harness import Library, Preference, reward_harness
from envgym.agents.reward_writers.text2reward import text2reward
from envgym.agents.reward_writers.text_model import TextModel
from envgym.agents.reward_writers.writer import Writer

__all__ = [
    "Grade",
    "History",
    "LabelStore",
    "Library",
    "MetaPolicy",
    "Preference",
    "RecordedGrader",
    "TextModel",
    "Writer",
    "auto_mc_reward",
    "eureka",
    "first_prompt",
    "judge_scores",
    "label_pending",
    "language_to_reward",
    "oni_evidence",
    "reward_harness",
    "text2reward",
]
