"""Votes: the mean of several independent answers, the doubtful ones left out if asked."""

from collections.abc import Sequence
from dataclasses import replace

from envgym.agents.judges.template import Question, Template, load_template
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.rewards.judging.votes import vote
from envgym.types import ConfigError


class VotingJudge:
    """Ask a judge every question several times; answer with the mean and its spread.

    Samples without an answer do not vote; all of them without one: invalid, with the first one's
    reason. With ``meta`` each answer is graded by a second judge and the better half votes.

    Args:
        judge: Asked ``samples`` times; its answers to different samples must be independent.
        samples: Answers per question, 1 or more.
        meta: Grades answers (cookbook A9, [193]); an answer that it cannot grade ranks last.
        template: The prompt of ``meta``, with the fields instruction, transcript, judgement.

    Raises:
        ConfigError: ``samples`` is out of range; from ``judge``, a pairwise or choice question
            with ``meta``, whose prompt reads one transcript.
    """

    def __init__(
        self,
        judge: Judge,
        samples: int,
        *,
        meta: Judge | None = None,
        template: Template | None = None,
    ) -> None:
        if samples < 1:
            raise ConfigError(f"samples must be at least 1, got {samples}")
        self.inner, self.samples, self.meta = judge, samples, meta
        self.template = template or load_template("meta")
        self.name = f"{judge.name}+votes={samples}"
        if meta is not None:
            self.name += f"+meta({meta.name}/{self.template.tag})"

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        asked = [
            replace(question, sample=question.sample * self.samples + sample)
            for question in questions
            for sample in range(self.samples)
        ]
        answers = self.inner.judge(asked)
        grades = self._grades(asked, answers)
        found = []
        for start in range(0, len(asked), self.samples):
            part = slice(start, start + self.samples)
            found.append(_tally(answers[part], None if grades is None else grades[part]))
        return found

    def _grades(
        self, asked: Sequence[Question], answers: Sequence[Verdict]
    ) -> list[float | None] | None:
        if self.meta is None:
            return None
        places, questions = [], []
        for place, (question, answer) in enumerate(zip(asked, answers, strict=True)):
            if len(question.template.subject) != 1:
                raise ConfigError(
                    f"votes on the prompt '{question.template.id}' cannot be filtered: a meta "
                    "judge reads one transcript; leave meta out"
                )
            if answer.values is not None:
                places.append(place)
                grading = self.template.ask(
                    instruction=question["instruction"],
                    transcript=question[question.template.subject[0]],
                    judgement=answer.text,
                )
                questions.append(replace(grading, sample=question.sample))
        grades: list[float | None] = [None] * len(asked)
        for place, grade in zip(places, self.meta.judge(questions), strict=True):
            grades[place] = grade.value
        return grades


def _tally(answers: Sequence[Verdict], grades: Sequence[float | None] | None) -> Verdict:
    calls = sum(answer.calls for answer in answers)
    seconds = sum(answer.seconds for answer in answers)
    valid = [answer for answer in answers if answer.values is not None]
    if not valid:
        return replace(answers[0], calls=calls, seconds=seconds)
    # Each place of a rubric or pairwise answer is a vote of its own, over the same samples.
    width = max(len(answer.values or ()) for answer in valid)
    columns = [[None if a.values is None else a.values[i] for a in answers] for i in range(width)]
    votes = [vote(column, grades) for column in columns]
    text = "\n\n".join(f"[{i}] {answer.text}" for i, answer in enumerate(answers))
    stood_in = next((answer.reason for answer in valid if answer.reason is not None), None)
    return Verdict(
        values=tuple(each.mean for each in votes),
        reason=stood_in,
        text=text,
        spread=votes[0].spread if width == 1 else None,
        calls=calls,
        seconds=seconds,
    )
