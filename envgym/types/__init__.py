"""The bottom floor: plain values and protocols that every other package shares."""

from envgym.types.call import Call
from envgym.types.code import CodeLimits, CodeResult, CodeRunner
from envgym.types.compare import Candidate, Comparator, Match, Pair
from envgym.types.entry import Entry
from envgym.types.errors import (
    ConfigError,
    EnvgymError,
    EpisodeFileError,
    EvidenceError,
    InfraError,
    MissingExtraError,
    TaskError,
    ToolError,
)
from envgym.types.evidence import Evidence, Value
from envgym.types.policy import Message, Policy, Reply, Request
from envgym.types.record import Record
from envgym.types.stream import Stream, derive
from envgym.types.task import Task

__all__ = [
    "Call",
    "Candidate",
    "CodeLimits",
    "CodeResult",
    "CodeRunner",
    "Comparator",
    "ConfigError",
    "Entry",
    "EnvgymError",
    "EpisodeFileError",
    "Evidence",
    "EvidenceError",
    "InfraError",
    "Match",
    "Message",
    "MissingExtraError",
    "Pair",
    "Policy",
    "Record",
    "Reply",
    "Request",
    "Stream",
    "Task",
    "TaskError",
    "ToolError",
    "Value",
    "derive",
]
