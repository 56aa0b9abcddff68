"""Recording and replaying judge traffic."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.judges import CassetteJudge, FakeJudge, JudgeComparator, RecordingJudge, Verdict
from envgym.agents.judges.cassette import _Tape
from envgym.types import Candidate, ConfigError


@pytest.fixture
def tape(tmp_path):
    return tmp_path / "tapes" / "judge.jsonl"


def test_a_replay_equals_the_recording_in_any_order(tape, ask):
    questions = [ask(str(n)) for n in range(8)]
    judge = FakeJudge(noise=0.3, failures=0.3, seed=2)
    recorded = RecordingJudge(judge, tape).judge(questions)
    assert {v.reason for v in recorded} == {None, "policy"}
    replay = CassetteJudge(tape)
    assert replay.name == judge.name
    assert replay.judge(questions[::-1]) == recorded[::-1]
    assert [replay.judge([q])[0] for q in questions] == recorded
    assert replay.judge([]) == []


def test_a_judge_that_changes_its_mind_is_recorded_once(tape, ask):
    class Fickle:
        name = "fickle"
        count = 0

        def judge(self, questions):
            self.count += 1
            return [Verdict(values=(float(self.count),)) for _ in questions]

    recording = RecordingJudge(Fickle(), tape)
    seen = [recording.judge([ask("a"), ask("a")]), recording.judge([ask("a")])]
    assert [v.value for part in seen for v in part] == [1.0, 1.0, 1.0]
    continued = RecordingJudge(Fickle(), tape)
    assert continued.judge([ask("a"), ask("b")])[0].value == 1.0
    assert len(tape.read_text().splitlines()) == 2
    assert [CassetteJudge(tape).judge([ask(name)])[0].value for name in "ab"] == [1.0, 1.0]


def test_what_failed_is_asked_again_when_a_recording_goes_on(tape, ask):
    class Down:
        name = "fake"

        def judge(self, questions):
            return [Verdict(reason="timeout") for _ in questions]

    broken = RecordingJudge(Down(), tape)
    assert [broken.judge([ask("a")])[0].reason for _ in range(2)] == ["timeout"] * 2
    assert CassetteJudge(tape).judge([ask("a")])[0].reason == "timeout"
    assert RecordingJudge(FakeJudge(), tape).judge([ask("a")])[0].valid
    assert CassetteJudge(tape).judge([ask("a")]) == FakeJudge().judge([ask("a")])
    assert len(tape.read_text().splitlines()) == 2


def test_a_tournament_pair_replays(tape):
    good, bad = (
        Candidate(id=name, records=(), instruction="Do.", text=f"the {name} one")
        for name in ("good", "bad")
    )
    recording = JudgeComparator(RecordingJudge(FakeJudge(seed=4), tape))
    replay = JudgeComparator(CassetteJudge(recording.inner.path)) if tape.exists() else None
    assert replay is None
    matches = recording.compare([(good, bad)])
    replay = JudgeComparator(CassetteJudge(tape))
    assert replay.name == recording.name
    assert replay.compare([(bad, good)])[0] == matches[0].swapped()


def test_an_unknown_question_is_one_clear_error(tape, ask):
    RecordingJudge(FakeJudge(), tape).judge([ask("a")])
    replay = CassetteJudge(tape)
    with pytest.raises(ConfigError, match=r"lacks 1 of 2 answers.*this content was not.*record it"):
        replay.judge([ask("a"), ask("b")])
    with pytest.raises(ConfigError, match="lacks 1 of 1 answers.*prompts recorded: pointwise-v1-"):
        replay.judge([ask("a", "principle", principle="p")])


def test_a_line_that_was_cut_off_is_left_out_and_replaced(tape, ask):
    RecordingJudge(FakeJudge(), tape).judge([ask("a"), ask("b")])
    whole = tape.read_bytes()
    tape.write_bytes(whole[:-20])
    assert len(_Tape(tape).answers["fake"]) == 1
    RecordingJudge(FakeJudge(), tape).judge([ask("a"), ask("b")])
    lines = [json.loads(line) for line in tape.read_text().splitlines()]
    assert [line["key"] for line in lines] == [ask("a").digest, ask("b").digest]


def test_two_judges_on_one_tape(tape, ask):
    RecordingJudge(FakeJudge(seed=1), tape).judge([ask("a")])
    with pytest.raises(ConfigError, match="holds answers of judge 'fake:seed=1', not of 'fake'"):
        RecordingJudge(FakeJudge(), tape)
    other = tape.with_name("other.jsonl")
    RecordingJudge(FakeJudge(), other).judge([ask("a")])
    tape.write_text(tape.read_text() + other.read_text())
    with pytest.raises(ConfigError, match="holds answers of fake, fake:seed=1; name one"):
        CassetteJudge(tape)
    assert CassetteJudge(tape, judge="fake").judge([ask("a")]) == FakeJudge().judge([ask("a")])
    with pytest.raises(ConfigError, match="no answers of judge 'fkae', only of fake"):
        CassetteJudge(tape, judge="fkae")


@given(st.lists(st.text(max_size=20), max_size=4))
def test_garbage_is_a_sentence_with_its_line(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("tapes") / "bad.jsonl"
    path.write_text("\n".join(["{}", *lines]) + "\n", encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError, match=r"bad.jsonl:1: no line of a judge recording"):
        CassetteJudge(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"v": 9}, "j.jsonl:1: field 'v': expected version 1 of a judge recording, got 9"),
        ({"v": 1, "judge": 3}, "j.jsonl:1: no line of a judge recording"),
        (
            {"v": 1, "judge": "j", "template": "t", "key": "k", "verdict": {"values": None}},
            "j.jsonl:1: a verdict without values must give a reason",
        ),
        ([], "j.jsonl:1: no line"),
    ],
)
def test_wrong_lines(tmp_path, line, message):
    path = tmp_path / "j.jsonl"
    path.write_text(json.dumps(line) + "\n")
    with pytest.raises(ConfigError, match=message):
        CassetteJudge(path)


def test_no_file_and_an_empty_file(tmp_path):
    (tmp_path / "tape.jsonl").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be read: .*Did you mean '.*tape.jsonl'"):
        CassetteJudge(tmp_path / "tepe.jsonl")
    with pytest.raises(ConfigError, match="is empty"):
        CassetteJudge(tmp_path / "tape.jsonl")


def test_a_reply_with_a_lone_surrogate_survives(tape, ask):
    class Odd:
        name = "odd"

        def judge(self, questions):
            return [Verdict(values=(1.0,), text="a\ud800") for _ in questions]

    RecordingJudge(Odd(), tape).judge([ask("a")])
    assert CassetteJudge(tape).judge([ask("a")])[0].text == "a\ud800"
