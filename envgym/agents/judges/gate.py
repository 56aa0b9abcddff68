"""Admission: no judge pays a training run before it has passed its probes."""

from collections.abc import Callable, Sequence
from threading import Lock

from envgym.agents.judges.template import Question
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.types import ConfigError

JudgeGate = Callable[[Judge], str | None]
"""Returns None for a judge that may train, else one sentence saying which probe it failed."""


class GatedJudge:
    """A judge that is examined once, before its first answer, and refused if it fails.

    Args:
        judge: The judge; the name stays its own.
        gate: Examines it; called once per object, with the judge itself.

    Raises:
        ConfigError: From ``judge``, each time: the gate refused it; says why.
    """

    def __init__(self, judge: Judge, gate: JudgeGate) -> None:
        self.inner, self.name = judge, judge.name
        self._gate = gate
        self._lock = Lock()
        self._examined = False
        self._refusal: str | None = None

    def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return one verdict per question, in order."""
        self.admit()
        return self.inner.judge(questions)

    def admit(self) -> None:
        """Examine the judge if that has not happened yet; raise ConfigError if it is refused."""
        with self._lock:
            if not self._examined:
                self._refusal = self._gate(self.inner)
                self._examined = True
        if self._refusal is not None:
            raise ConfigError(f"judge '{self.name}' is refused for training: {self._refusal}")
