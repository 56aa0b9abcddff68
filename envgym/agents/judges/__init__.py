"""Judges: policies and models that grade transcripts, behind one protocol."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from envgym.types import MissingExtraError

if TYPE_CHECKING:
    from envgym.agents.judges.cached import CachedJudge, CacheStats
    from envgym.agents.judges.cassette import CassetteJudge, RecordingJudge
    from envgym.agents.judges.compare import JudgeComparator
    from envgym.agents.judges.fake import FakeJudge
    from envgym.agents.judges.gate import GatedJudge, JudgeGate
    from envgym.agents.judges.grading import Graded, grade
    from envgym.agents.judges.local import LocalJudge
    from envgym.agents.judges.policy import PolicyJudge
    from envgym.agents.judges.resolve import resolve_judge
    from envgym.agents.judges.social import SocialGrades, social_grades, social_questions
    from envgym.agents.judges.social_grading import grade_social
    from envgym.agents.judges.template import Question, Template, load_template
    from envgym.agents.judges.transcript import transcript_of
    from envgym.agents.judges.verdict import Judge, Verdict
    from envgym.agents.judges.voting import VotingJudge

# Resolved at first use: a judge on an endpoint must not wait for torch.
_HOME = {
    "CacheStats": "cached",
    "CachedJudge": "cached",
    "CassetteJudge": "cassette",
    "FakeJudge": "fake",
    "GatedJudge": "gate",
    "Graded": "grading",
    "Judge": "verdict",
    "JudgeComparator": "compare",
    "JudgeGate": "gate",
    "LocalJudge": "local",
    "PolicyJudge": "policy",
    "Question": "template",
    "RecordingJudge": "cassette",
    "SocialGrades": "social",
    "Template": "template",
    "Verdict": "verdict",
    "VotingJudge": "voting",
    "grade": "grading",
    "grade_social": "social_grading",
    "load_template": "template",
    "resolve_judge": "resolve",
    "social_grades": "social",
    "social_questions": "social",
    "transcript_of": "transcript",
}

__all__ = [
    "CacheStats",
    "CachedJudge",
    "CassetteJudge",
    "FakeJudge",
    "GatedJudge",
    "Graded",
    "Judge",
    "JudgeComparator",
    "JudgeGate",
    "LocalJudge",
    "PolicyJudge",
    "Question",
    "RecordingJudge",
    "SocialGrades",
    "Template",
    "Verdict",
    "VotingJudge",
    "grade",
    "grade_social",
    "load_template",
    "resolve_judge",
    "social_grades",
    "social_questions",
    "transcript_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'envgym.agents.judges' has no attribute {name!r}")
    try:
        module = import_module(f"envgym.agents.judges.{_HOME[name]}")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("tokenizers", "torch", "transformers"):
            raise
        raise MissingExtraError(f"envgym.agents.judges.{name}", "train") from missing
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
