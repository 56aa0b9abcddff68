"""From a judge that answers prompts to what probes examine, and a gate that training can ask."""

from collections.abc import Sequence
from pathlib import Path

from envgym.agents.judges.compare import JudgeComparator
from envgym.agents.judges.gate import JudgeGate
from envgym.agents.judges.template import Question, Template, load_template
from envgym.agents.judges.verdict import Judge, Verdict
from envgym.agents.probes.questions import Bank, load_bank
from envgym.rewards.probe.consistency import JudgeConsistency
from envgym.rewards.probe.examinee import Examinee, JudgeProbe
from envgym.rewards.probe.gatekeeper import Gatekeeper
from envgym.rewards.probe.one_token import OneToken
from envgym.types import Candidate, ConfigError


def examinee(
    judge: Judge, *, scores: Template | None = None, compares: Template | None = None
) -> Examinee:
    """Return ``judge`` as probes see it: scores in [0, 1], and comparisons in both orders.

    A candidate whose last record holds the text ``reference`` is graded against it.

    Args:
        judge: any judge.
        scores: prompt of the kind grid or yes_no; None: ``pointwise``.
        compares: prompt of the kind pairwise or choice; None: ``pairwise``.
    """
    grading = scores or load_template("pointwise")
    if grading.kind not in ("grid", "yes_no"):
        raise ConfigError(
            f"examinee.scores needs a prompt of the kind grid or yes_no; '{grading.id}' is of the "
            f"kind {grading.kind}."
        )
    comparator = JudgeComparator(judge, template=compares)

    def score(candidates: Sequence[Candidate]) -> list[float | None]:
        verdicts = judge.judge([_question(grading, candidate) for candidate in candidates])
        return [_unit(grading, verdict) for verdict in verdicts]

    return Examinee(
        name=judge.name,
        version=f"{grading.tag} {comparator.template.tag}",
        score=score,
        comparator=comparator,
    )


def gatekeeper(bank: Bank | None = None, *, file: str | Path | None = None) -> Gatekeeper:
    """Return a gatekeeper with the probes H3 and H6 over a bank of questions.

    Args:
        bank: questions and answers; None: the bundled ones. Use some from your own domain.
        file: JSON file that remembers passes.
    """
    held = bank or load_bank()
    probes: list[JudgeProbe] = [
        OneToken(held.questions),
        JudgeConsistency(held.groups, contrasts=held.contrasts),
    ]
    return Gatekeeper(probes, file=file)


def judge_gate(keeper: Gatekeeper) -> JudgeGate:
    """Return a function for ``GatedJudge``: None for a judge that may train, else why not.

    A judge is examined under the prompt that it is going to answer. Prompts that need more than
    the bank holds (rubric, principle) cannot be: there it is examined under the packaged ones.
    """

    def gate(judge: Judge, template: Template | None = None) -> str | None:
        needs = set() if template is None else set(template.needs)
        if template is not None and template.kind in ("grid", "yes_no") and needs <= _SCORED:
            asked = examinee(judge, scores=template)
        elif template is not None and template.kind in ("pairwise", "choice") and needs <= _PAIRED:
            asked = examinee(judge, compares=template)
        else:
            asked = examinee(judge)
        return keeper.examine(asked)[1]

    return gate


_SCORED = {"instruction", "transcript"}
_PAIRED = {"instruction", "first", "second"}


def _question(template: Template, candidate: Candidate) -> Question:
    record = candidate.records[-1] if candidate.records else {}
    reference = record.get("reference")
    known = isinstance(reference, str) and "reference" in (*template.needs, *template.may)
    more = {"reference": reference} if known else {}
    return template.ask(instruction=candidate.instruction, transcript=candidate.text, **more)


def _unit(template: Template, verdict: Verdict) -> float | None:
    value = verdict.value
    if value is None or template.kind == "yes_no":
        return value
    return (value - template.lo) / (template.hi - template.lo)
