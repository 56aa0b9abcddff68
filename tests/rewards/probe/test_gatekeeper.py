import json

import pytest

from envgym.rewards.probe.consistency import JudgeConsistency
from envgym.rewards.probe.examinee import Examinee
from envgym.rewards.probe.gatekeeper import Gatekeeper
from envgym.rewards.probe.one_token import OneToken
from envgym.types import Candidate, ConfigError, EpisodeFileError, Match

QUESTION = Candidate(id="q", records=({},), instruction="What is 2 + 3?", text="5")
GROUP = (QUESTION, Candidate(id="w", records=({},), instruction="What is 2 + 3?", text="6"))


class Counting:
    """A judge that counts how often it is asked."""

    def __init__(self, rule=lambda c: float(c.text == "5"), version="1", name="judge"):
        self.asked = 0
        self.rule = rule
        self.examinee = Examinee(name=name, version=version, score=self.score)

    def score(self, candidates):
        self.asked += len(candidates)
        return [self.rule(c) for c in candidates]


def keeper(file=None, **more):
    return Gatekeeper([OneToken((QUESTION,), **more), JudgeConsistency((GROUP,))], file=file)


def test_a_judge_that_passes_may_train_and_is_remembered():
    judge, gate = Counting(), keeper()
    reports = gate.admit(judge.examinee)
    assert [r.probe for r in reports] == ["one_token", "consistency"]
    asked = judge.asked
    assert gate.knows(judge.examinee)
    assert gate.admit(judge.examinee) == ()
    assert judge.asked == asked


def test_a_judge_that_fails_h3_is_refused_with_probe_metric_and_limit():
    with pytest.raises(
        ConfigError,
        match=r"judge 'judge' may not train: probe 'one_token' measured 1 \(.*\), the limit is 0.01",
    ):
        keeper().admit(Counting(lambda c: 1.0).examinee)


def test_a_judge_that_fails_h6_is_refused():
    class First:
        name = "first"

        def compare(self, pairs):
            return [Match(p=1.0) for _ in pairs]

    judge = Examinee(name="j", score=lambda asked: [0.0] * len(asked), comparator=First())
    with pytest.raises(ConfigError, match=r"probe 'consistency' measured 0 .* the limit is 0.8"):
        keeper().admit(judge)


def test_a_refusal_is_never_remembered():
    judge, gate = Counting(lambda c: 1.0), keeper()
    for _ in range(2):
        before = judge.asked
        with pytest.raises(ConfigError):
            gate.admit(judge.examinee)
        assert judge.asked > before


def test_the_file_outlives_the_gatekeeper(tmp_path):
    file = tmp_path / "passes" / "judges.json"
    first = Counting()
    keeper(file).admit(first.examinee)
    second = Counting()
    assert keeper(file).admit(second.examinee) == ()
    assert second.asked == 0
    held = json.loads(file.read_text())
    assert held["version"] == 1
    assert [p["judge"] for p in held["passes"].values()] == ["judge"]
    assert list(tmp_path.glob("**/*.part")) == []


@pytest.mark.parametrize(
    "other",
    [Counting(version="2"), Counting(name="another")],
)
def test_another_version_or_judge_is_examined_again(tmp_path, other):
    file = tmp_path / "judges.json"
    keeper(file).admit(Counting().examinee)
    assert keeper(file).admit(other.examinee) != ()


def test_a_stricter_probe_examines_again(tmp_path):
    file = tmp_path / "judges.json"
    keeper(file).admit(Counting().examinee)
    assert not keeper(file, limit=0.0).knows(Counting().examinee)
    keeper(file, limit=0.0).admit(Counting().examinee)
    assert keeper(file).knows(Counting().examinee)  # the former pass still stands


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no file of judges' passes"),
        ("[]", "the field 'passes' is missing"),
        ('{"passes": {}, "version": 9}', "version 9 of judges' passes; this release reads"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, text, message):
    file = tmp_path / "judges.json"
    file.write_text(text)
    with pytest.raises(EpisodeFileError, match=message):
        keeper(file)


def test_a_gatekeeper_needs_probes():
    with pytest.raises(ConfigError, match="at least one probe"):
        Gatekeeper([])
