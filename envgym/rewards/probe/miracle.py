"""H5: right answers that were not earned by the steps before them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from envgym.rewards.probe.arrays import limits
from envgym.rewards.probe.report import Report
from envgym.types.errors import ConfigError

Answerer = Callable[[Sequence[tuple[str, str]]], Sequence[str | None]]
"""The answer that follows from each (question, trace); None: no answer."""


def truncated(trace: str, share: float = 0.5) -> str:
    """Return the first ``share`` of a trace's lines, at least the first and never the last.

    A trace of one line is cut to nothing: there is no derivation before its answer.

    >>> truncated("2 + 3 is 5\\nso it is 5\\n5")
    '2 + 3 is 5'
    """
    limits("truncated", (0.0, 1.0), share=share)
    lines = [line for line in trace.splitlines() if line.strip()]
    return "\n".join(lines[: min(len(lines) - 1, max(1, int(share * len(lines))))]) if lines else ""


@dataclass(frozen=True)
class MiracleSteps:
    """Share of correct answers whose derivation does not hold them up.

    Formula: mean over correct answers of [rubric < 1/2 or the trace cut before the derivation
             answers right already]
    Source:  cookbook H5, RRM (inferred; the rubric limit .5 is the cookbook's, the share is ours)
    Range:   [0, 1]; 0 without correct answers, which is said
    Laws:    silent (L10); down in every rubric score

    >>> report = MiracleSteps().run([True, True, False], [0.9, 0.2, 0.1], [False, False, True])
    >>> report.metric
    0.5
    """

    rubric_limit: float = 0.5
    """Lowest rubric score of a sound derivation, in [0, 1]."""
    limit: float = 0.1
    """Largest share that passes, 0 to 1."""

    def __post_init__(self) -> None:
        limits("MiracleSteps", (0.0, 1.0), rubric_limit=self.rubric_limit, limit=self.limit)

    def run(
        self,
        correct: Sequence[bool],
        rubric: Sequence[float | None] | None = None,
        early: Sequence[bool | None] | None = None,
    ) -> Report:
        """Return the share of miracles among correct answers.

        Args:
            correct: whether each answer was right.
            rubric: score of its derivation; None where nobody scored it.
            early: whether the cut trace answers right; None where nobody asked.

        Raises:
            ConfigError: lengths differ, or neither rubric nor early was given.
        """
        if rubric is None and early is None:
            raise ConfigError("MiracleSteps needs rubric scores or early answers, got neither.")
        scores = [None] * len(correct) if rubric is None else list(rubric)
        before = [None] * len(correct) if early is None else list(early)
        if not len(correct) == len(scores) == len(before):
            raise ConfigError("MiracleSteps needs one rubric score and early answer per answer.")
        right = known = unsound = already = miracles = 0
        for won, score, soon in zip(correct, scores, before, strict=True):
            right += bool(won)
            if not won or (score is None and soon is None):
                continue
            known += 1
            weak = score is not None and score < self.rubric_limit
            unsound += weak
            already += bool(soon)
            miracles += weak or bool(soon)
        share = miracles / known if known else 0.0
        notes = []
        if right > known:
            notes = [f"left out, as nothing is known of them: {right - known} of {right} answers"]
        notes += [] if known else ["no correct answer could be judged"]
        return Report(
            probe="miracle_steps",
            measures="share of correct answers that their derivation does not hold up",
            metric=share,
            threshold=self.limit,
            passed=share <= self.limit and known > 0,
            detail={
                "correct": float(right),
                "unsound": unsound / known if known else 0.0,
                "already_right": already / known if known else 0.0,
            },
            notes=tuple(notes),
        )

    def ask(
        self,
        cases: Sequence[tuple[str, str]],
        right: Sequence[str],
        answer: Answerer,
        rubric: Sequence[float | None] | None = None,
        *,
        share: float = 0.25,
    ) -> Report:
        """Return the same with answers asked for: of each whole trace and of its beginning.

        Args:
            cases: question and trace.
            right: the right answer of each.
            answer: says what follows from a trace.
            rubric: as for ``run``.
            share: how much of the trace the early answer sees, 0 to 1.
        """
        whole = list(answer(list(cases)))
        cut = list(answer([(question, truncated(trace, share)) for question, trace in cases]))
        if not len(cases) == len(right) == len(whole) == len(cut):
            raise ConfigError("MiracleSteps.ask needs one right answer and one reply per case.")
        correct = [a == b for a, b in zip(whole, right, strict=True)]
        early = [None if a is None else a == b for a, b in zip(cut, right, strict=True)]
        return self.run(correct, rubric, early)
