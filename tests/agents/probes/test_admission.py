from importlib.resources import files

import pytest

from envgym.agents.judges import FakeJudge, GatedJudge, Verdict, load_template
from envgym.agents.probes.admission import examinee, gatekeeper, judge_gate
from envgym.agents.probes.questions import load_bank
from envgym.rewards.probe.consistency import JudgeConsistency
from envgym.rewards.probe.one_token import OneToken
from envgym.types import ConfigError

BANK = load_bank()
PAIRWISE = files("envgym.agents.judges").joinpath("prompts", "pairwise-v1.txt")
RANK = {c.text: q for group in BANK.groups for c, q in zip(group, (1.0, 0.5, 0.1), strict=True)}


def knows(text):
    """The quality of every bundled answer, 0 for anything else."""
    return RANK.get(text, 0.0)


GOOD = FakeJudge(quality=knows)


def test_the_bundled_questions():
    assert len(BANK.questions) == len(BANK.groups) == len(BANK.contrasts) == 24
    assert all(len({c.text for c in group}) == 3 for group in BANK.groups)
    assert all(a.instruction != b.instruction and a.text != b.text for a, b in BANK.contrasts)
    assert all(q.records[-1]["reference"] == q.text for q in BANK.questions)


def test_a_judge_that_knows_the_answers_is_admitted():
    gate = gatekeeper()
    reports = gate.admit(examinee(GOOD))
    assert [r.passed for r in reports] == [True, True]
    assert reports[1].detail["transitivity"] == 1.0
    admitted = GatedJudge(GOOD, judge_gate(gate))
    question = load_template("pointwise").ask(
        instruction="What is 17 + 26?", transcript="17 + 26 = 43."
    )
    assert admitted.judge([question])[0].value == 10.0


@pytest.mark.parametrize(
    ("judge", "probe"),
    [
        (FakeJudge(), "one_token"),
        (FakeJudge(quality=lambda text: float(text == ":" or knows(text))), "one_token"),
        (FakeJudge(quality=knows, bias=2.0), "consistency"),
    ],
)
def test_a_judge_that_can_be_fooled_or_sways_is_refused(judge, probe):
    refused = GatedJudge(judge, judge_gate(gatekeeper()))
    with pytest.raises(ConfigError, match=f"is refused for training: probe '{probe}' measured"):
        refused.judge([])


def test_neither_a_new_name_nor_a_new_prompt_slips_through(tmp_path):
    class Swayed(FakeJudge):
        """Fair under the packaged prompt, and for whoever is shown first under another."""

        def judge(self, questions):
            first = [q.template.tag != load_template("pairwise").tag for q in questions]
            swayed = FakeJudge(quality=knows, bias=2.0)
            return [
                (swayed if f else GOOD).judge([q])[0] for f, q in zip(first, questions, strict=True)
            ]

    keeper = gatekeeper(file=tmp_path / "judges.json")
    gated = GatedJudge(Swayed(), judge_gate(keeper))
    pair = {"instruction": "Add.", "first": "4", "second": "5"}
    assert gated.judge([load_template("pairwise").ask(**pair)])[0].valid
    file = tmp_path / "mine.txt"
    file.write_text(PAIRWISE.read_text().replace("Which of them", "Which one of them"))
    for prompt in (load_template(str(file)), load_template("preference")):
        with pytest.raises(ConfigError, match="probe 'consistency' measured"):
            gated.judge([prompt.ask(**pair)])
    renamed = FakeJudge(quality=knows, bias=2.0, label="better")
    with pytest.raises(ConfigError, match="probe 'consistency' measured"):
        GatedJudge(renamed, judge_gate(gatekeeper(file=tmp_path / "judges.json"))).judge([])


def test_passes_are_remembered_by_name_and_prompt(tmp_path):
    file = tmp_path / "judges.json"
    gatekeeper(file=file).admit(examinee(GOOD))
    assert gatekeeper(file=file).knows(examinee(GOOD))
    assert not gatekeeper(file=file).knows(examinee(FakeJudge(quality=knows, seed=1)))
    other = examinee(GOOD, compares=load_template("preference"))
    assert not gatekeeper(file=file).knows(other)


def test_scores_are_shares_and_failures_stay_none():
    class Mute:
        name = "mute"

        def judge(self, questions):
            return [Verdict(reason="timeout") for _ in questions]

    assert examinee(GOOD).scores([BANK.questions[0], *BANK.groups[1][1:]]) == [1.0, 0.5, 0.1]
    mute = examinee(Mute())
    assert mute.scores(BANK.questions[:2]) == [None, None]
    assert not OneToken(BANK.questions).run(mute).passed
    assert not JudgeConsistency(BANK.groups).run(mute).passed


def test_the_reference_is_shown_to_the_judge():
    seen = []

    class Reader:
        name = "reader"

        def judge(self, questions):
            seen.extend(questions)
            return [Verdict(values=(0.0,)) for _ in questions]

    examinee(Reader()).scores([BANK.questions[0], BANK.contrasts[0][1]])
    assert dict(seen[0].fields)["reference"] == BANK.questions[0].text
    assert "reference" not in dict(seen[1].fields)


def line(**more):
    import json

    fields = {"id": "a", "question": "q", "right": "r", "weak": "w", "wrong": "x"} | more
    return json.dumps({k: v for k, v in fields.items() if v is not None})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no questions"),
        ("{", r"bank\.jsonl:1: not JSON"),
        ("[]", "expected an object"),
        (line(weak=None), "the field 'weak' is missing"),
        (line(twin="t"), "the field 'twin_right' is missing"),
        (line(right=5), "'right' must be a non-empty text, got 5"),
        (line(hint="h"), "unknown field 'hint'; allowed: id, question"),
        (line() + "\n" + line(), "two questions have the id 'a'"),
    ],
)
def test_banks_that_are_wrong(tmp_path, text, message):
    file = tmp_path / "bank.jsonl"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_bank(file)


def test_a_bank_of_ones_own(tmp_path):
    file = tmp_path / "bank.jsonl"
    file.write_text(line() + "\n")
    bank = load_bank(file)
    assert (len(bank.questions), bank.contrasts) == (1, ())
    with pytest.raises(ConfigError, match=r"Did you mean '.*bank\.jsonl'"):
        load_bank(tmp_path / "bnk.jsonl")


def test_prompts_of_the_wrong_kind():
    with pytest.raises(ConfigError, match="kind grid or yes_no"):
        examinee(GOOD, scores=load_template("rubric"))
