"""H13: what a learned verifier is trained on next, with the first one kept as the gold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from envgym.rewards.probe.arrays import limits
from envgym.rewards.probe.report import Report
from envgym.types.compare import Candidate
from envgym.types.errors import ConfigError
from envgym.types.stream import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One example for the verifier."""

    candidate: Candidate
    label: bool
    """Whether the answer is right, by rule."""
    why: str
    """"rule positive" or "false positive"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierLine:
    """Explicit state: which verifier scores, and which one stays the measure of it.

    >>> line = VerifierLine(frozen="rm-1").updated("rm-2")
    >>> line.frozen, line.current, line.round
    ('rm-1', 'rm-2', 1)
    """

    frozen: str
    """The first verifier; never retrained, so that rounds stay comparable."""
    current: str = ""
    """The one that scores now; empty: the frozen one."""
    round: int = 0
    """Times it was retrained."""

    def updated(self, current: str) -> "VerifierLine":
        """Return the line after one more retraining.

        Raises:
            ConfigError: the name of the frozen verifier is given to another.
        """
        if not current or current == self.frozen:
            raise ConfigError(
                f"the retrained verifier needs a name other than '{self.frozen}', got {current!r}."
            )
        return replace(self, current=current, round=self.round + 1)


def retraining_set(
    candidates: Sequence[Candidate],
    correct: Sequence[bool | None],
    scores: Sequence[float | None],
    *,
    threshold: float = 0.5,
    balance: bool = True,
    seed: int = 0,
) -> tuple[Labelled, ...]:
    """Return rule-verified positives and the current verifier's false positives, by id.

    Source: cookbook H13: Cooper, Adv-GRPO (inferred; threshold and balance are ours)
    Laws:   every label is the rule's; order of the candidates does not matter (L4); what neither
            rule nor verifier decided is left out

    Args:
        candidates: answers; ids differ.
        correct: what the rule says; None: it cannot tell.
        scores: the current verifier's; None: no answer.
        threshold: lowest score that the verifier accepts.
        balance: leave out positives beyond the number of false positives, chosen by ``seed``.
        seed: chooses among the positives.
    """
    if not len(candidates) == len(correct) == len(scores):
        raise ConfigError("retraining_set needs one rule verdict and one score per candidate.")
    if len({each.id for each in candidates}) < len(candidates):
        raise ConfigError("retraining_set needs candidates with different ids.")
    triples = sorted(zip(candidates, correct, scores, strict=True), key=lambda t: t[0].id)
    positives = [c for c, right, _ in triples if right is True]
    fooled = [c for c, right, s in triples if right is False and s is not None and s >= threshold]
    if balance and len(positives) > len(fooled) > 0:
        positives = Stream(seed, "retraining").sample(positives, len(fooled))
    chosen = [Labelled(candidate=c, label=True, why="rule positive") for c in positives]
    chosen += [Labelled(candidate=c, label=False, why="false positive") for c in fooled]
    return tuple(sorted(chosen, key=lambda each: each.candidate.id))


@dataclass(frozen=True)
class VerifierDrift:
    """Share of wrong answers that the current verifier accepts, beside the frozen one's.

    Formula: false positives / answers that the rule calls wrong, per verifier
    Source:  cookbook H13 (inferred; the limit is ours)
    Range:   [0, 1]
    Laws:    silent (L10)

    >>> VerifierDrift().run([True, False], [0.9, 0.9], [0.9, 0.1]).metric
    0.0
    """

    limit: float = 0.1
    """Largest share that passes, 0 to 1."""
    threshold: float = 0.5
    """Lowest score that a verifier accepts."""

    def __post_init__(self) -> None:
        limits("VerifierDrift", (0.0, 1.0), limit=self.limit)

    def run(
        self,
        correct: Sequence[bool | None],
        frozen: Sequence[float | None],
        current: Sequence[float | None],
    ) -> Report:
        """Return the current verifier's false-positive rate; one entry per answer."""
        if not len(correct) == len(frozen) == len(current):
            raise ConfigError("VerifierDrift needs one verdict and one score of each per answer.")
        detail = {}
        for name, scores in (("frozen", frozen), ("current", current)):
            for kind, wanted in (("false_positives", False), ("true_positives", True)):
                pairs = zip(correct, scores, strict=True)
                known = [s >= self.threshold for c, s in pairs if c is wanted and s is not None]
                if known:
                    detail[f"{name}.{kind}"] = sum(known) / len(known)
        rate = detail.get("current.false_positives")
        return Report(
            probe="verifier_drift",
            measures="share of wrong answers that the current verifier accepts",
            metric=0.0 if rate is None else rate,
            threshold=self.limit,
            passed=rate is not None and rate <= self.limit,
            detail=detail,
            notes=() if rate is not None else ("no wrong answer was scored",),
        )
