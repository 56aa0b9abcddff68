"""Admission: no judge pays a training run before it has passed its probes."""

from collections.abc import Callable, Sequence
from threading import Lock

from envgym.agents.judges.template import Question, Template
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.types import ConfigError

JudgeGate = Callable[[Judge, Template | None], str | None]
"""Returns None for a judge that may train under this prompt (None: under the packaged ones), else
one sentence saying which probe it failed."""


class GatedJudge:
    """A judge that is examined before its first answer to each prompt, and refused if it fails.

    Args:
        judge: The judge; the name stays its own.
        gate: Examines it; called once per prompt, with the judge itself.

    Raises:
        ConfigError: From ``judge``, each time: the gate refused it; says why.
    """

    def __init__(self, judge: Judge, gate: JudgeGate) -> None:
        self.inner, self.name = judge, judge.name
        self._gate = gate
        self._lock = Lock()
        self._refusals: dict[str, str | None] = {}

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        templates = {question.template.tag: question.template for question in questions}
        for template in templates.values() or [None]:
            self.admit(template)
        return self.inner.judge(questions)

    def admit(self, template: Template | None = None) -> None:
        """Examine the judge if that has not happened yet; raise ConfigError if it is refused.

        Args:
            template: The prompt it is going to answer; None: the packaged ones.
        """
        tag = "" if template is None else template.tag
        with self._lock:
            if tag not in self._refusals:
                self._refusals[tag] = self._gate(self.inner, template)
            refusal = self._refusals[tag]
        if refusal is not None:
            raise ConfigError(f"judge '{self.name}' is refused for training: {refusal}")
