"""The bottom floor: plain values and protocols that every other package shares."""

from envgym.types.call import Call
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
    "ConfigError",
    "Entry",
    "EnvgymError",
    "EpisodeFileError",
    "Evidence",
    "EvidenceError",
    "InfraError",
    "Message",
    "MissingExtraError",
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
