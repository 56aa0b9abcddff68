"""A judge on the seven social dimensions: one question for each, none of them required."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envgym.agents.judges.template import Question, Template, load_template
from envgym.agents.judges.verdict import Judge, Reason
from envgym.runtime.games.social import DIMENSIONS, SocialScores
from envgym.types import ConfigError
from envgym.types.errors import unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialGrades:
    """What a judge said about one participant."""

    scores: SocialScores
    """In the ranges of the dimensions; None where it was not asked or gave no answer."""
    failed: Mapping[str, Reason]
    """Dimensions without an answer, and why; never a number in its stead."""


def social_questions(
    transcript: str,
    player: str,
    *,
    private: str | None = None,
    dimensions: Sequence[str] = tuple(DIMENSIONS),
    template: Template | None = None,
) -> list[Question]:
    """Return one question per dimension, in order.

    Every scale has eleven points, so one prompt asks 0 to 10 about each and ``social_grades``
    shifts the answers into the dimension's range.

    Args:
        transcript: what was said and done, by all.
        player: whom it is about, as the transcript names it.
        private: what only this participant knew; None: not shown to the judge.
        dimensions: names from ``DIMENSIONS``.
        template: default: the newest "social".

    Raises:
        ConfigError: a dimension is not known, or the template's grid is not 0 to 10.
    """
    template = template or load_template("social")
    if template.kind != "grid" or (template.lo, template.hi) != (0, 10):
        raise ConfigError(
            f"social questions need a prompt of the kind 'grid' from 0 to 10, got "
            f"'{template.id}' of the kind '{template.kind}' from {template.lo} to {template.hi}"
        )
    for name in dimensions:
        if name not in DIMENSIONS:
            raise ConfigError(unknown("social dimension", name, DIMENSIONS))
    return [
        template.ask(
            question=DIMENSIONS[name].asks, player=player, transcript=transcript, private=private
        )
        for name in dimensions
    ]


def social_grades(
    judge: Judge,
    transcript: str,
    player: str,
    *,
    private: str | None = None,
    dimensions: Sequence[str] = tuple(DIMENSIONS),
) -> SocialGrades:
    """Return a judge's scores of one participant, seven questions in one batch.

    Formula: score = lo + answer, answer from 0 to 10, lo the low end of the dimension
    Source:  Sotopia's ranges (seen); one question per dimension is ours

    ``measured.filled(grades.scores)`` lets figures that need no judge take precedence.

    Args:
        judge: any judge.
        transcript: what was said and done, by all.
        player: whom it is about, as the transcript names it.
        private: what only this participant knew; None: not shown to the judge.
        dimensions: names from ``DIMENSIONS``.

    Raises:
        ConfigError: a dimension is not known.
    """
    questions = social_questions(transcript, player, private=private, dimensions=dimensions)
    scores: dict[str, float] = {}
    failed: dict[str, Reason] = {}
    for name, verdict in zip(dimensions, judge.judge(questions), strict=True):
        if verdict.value is None:
            failed[name] = verdict.reason or "parse"
        else:
            scores[name] = DIMENSIONS[name].lo + verdict.value
    return SocialGrades(scores=SocialScores(**scores), failed=failed)
