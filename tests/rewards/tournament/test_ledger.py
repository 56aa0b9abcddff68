import json
import resource

import pytest

from envgym.rewards.tournament.engine import Rules, run_tournament
from envgym.rewards.tournament.fake import FakeComparator
from envgym.rewards.tournament.ledger import SCHEMA, Key, Logged, MatchLog
from envgym.types import Candidate, Comparator, ConfigError, Match

QUALITY = {f"r{i}": i / 8 for i in range(8)}
ROLLOUTS = {id: Candidate(id=id, records=({}, {"end": "task"}), text=id) for id in QUALITY}


class Counting:
    """A comparator that says how many pairs it was asked, and may break down."""

    name = "counting-1"

    def __init__(self, breaks_after=10**9):
        self.judge = FakeComparator(quality=QUALITY, seed=5)
        self.asked = 0
        self.breaks_after = breaks_after

    def compare(self, pairs):
        self.asked += len(pairs)
        if self.asked > self.breaks_after:
            raise RuntimeError("the machine stopped")
        return self.judge.compare(pairs)


def play(judge, **rules):
    def compare(pairs):
        return judge.compare([(ROLLOUTS[a], ROLLOUTS[b]) for a, b in pairs])

    return run_tournament(list(QUALITY), compare, Rules(**rules), seed=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs" / "matches.jsonl"


def test_a_rerun_asks_nothing_and_finds_the_same(path):
    first = Counting()
    one = play(Logged(first, MatchLog(path)), format="double")
    assert first.asked == one.asked
    again = Counting()
    assert play(Logged(again, MatchLog(path)), format="double") == one
    assert again.asked == 0


def test_a_tournament_resumes_after_a_crash(path):
    stopped = Counting(breaks_after=8)
    with pytest.raises(RuntimeError, match="the machine stopped"):
        play(Logged(stopped, MatchLog(path)))
    kept = len(MatchLog(path))
    assert kept == 7  # the seeding round
    resumed, whole = Counting(), Counting()
    ranking = play(Logged(resumed, MatchLog(path)))
    assert ranking == play(whole)
    assert resumed.asked == whole.asked - kept


def test_a_torn_last_line_is_dropped_and_asked_again(path):
    one = play(Logged(Counting(), MatchLog(path)))
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    again = Counting()
    assert play(Logged(again, MatchLog(path))) == one
    assert again.asked == 1
    assert path.read_bytes() == data
    assert len(MatchLog(path)) == one.asked


@pytest.mark.parametrize("kept", [0, 1, 17])
def test_a_torn_first_line_is_written_again(path, kept):
    MatchLog(path)
    head = path.read_bytes()
    path.write_bytes(head[:kept])
    assert len(MatchLog(path)) == 0
    assert path.read_bytes() == head


def test_a_budget_plays_the_same_tournament_from_the_ledger(path):
    one = play(Logged(Counting(), MatchLog(path)), budget=18)
    assert (one.calls, one.exhausted) == (18, True)
    again = Counting()
    assert play(Logged(again, MatchLog(path)), budget=18) == one
    assert again.asked == 0


def test_either_order_of_a_pair_is_one_entry_in_memory():
    log, judge = MatchLog(), Counting()
    logged = Logged(judge, log)
    assert isinstance(logged, Comparator) and logged.name == "counting-1"
    a, b = ROLLOUTS["r1"], ROLLOUTS["r2"]
    one, other, third = logged.compare([(a, b), (b, a), (a, b)])
    assert (judge.asked, len(log)) == (1, 1)
    assert (
        one
        == third
        == other.swapped()
        == FakeComparator(quality=QUALITY, seed=5).compare([(a, b)])[0]
    )


def test_groups_comparators_and_contents_are_kept_apart():
    log = MatchLog()
    a, b = ROLLOUTS["r1"], ROLLOUTS["r2"]
    changed = Candidate(id="r2", records=({}, {"end": "task"}), text="another transcript")
    for group, pair in (("t1", (a, b)), ("t2", (a, b)), ("t1", (a, changed))):
        judge = Counting()
        Logged(judge, log, group).compare([pair])
        assert judge.asked == 1
    assert len(log) == 3


def test_unanswered_matches_and_notes_survive(path):
    log = MatchLog(path)
    key = Key("judge", "task", "a", "b")
    log.put(key, Match(p=None, calls=20, note={"reason": "timeout"}))
    log.put(key, Match(p=1.0))  # the first answer stays
    other = Key("judge", "task", "a", "ç\n")
    log.put(other, Match(p=0.25, scores=(1.0, 3.0), calls=2, agreed=False))
    read = MatchLog(path)
    assert dict(read) == dict(log)
    assert (read.get(key).p, read.get(key).calls) == (None, 20)
    assert read.get(other).scores == (1.0, 3.0)
    assert read.get(Key("judge", "task", "a", "c")) is None


def test_the_file_is_only_appended_to(path):
    log = MatchLog(path)
    for number in range(3):
        before = path.read_bytes()
        log.put(Key("judge", "", "a", str(number)), Match(p=1.0))
        assert path.read_bytes().startswith(before)
    assert len(path.read_text().splitlines()) == 4


def test_a_ledger_of_a_newer_schema_or_another_kind_is_refused(path):
    MatchLog(path)
    path.write_text(json.dumps({"kind": "envgym.matches", "schema": SCHEMA + 1}) + "\n")
    with pytest.raises(ConfigError, match=f"ledger schema {SCHEMA + 1}, newer than {SCHEMA}"):
        MatchLog(path)
    for text in ('{"kind": "episodes"}\n', "hello\n", "hello", "[1]\n"):
        path.write_text(text)
        with pytest.raises(ConfigError, match="is no ledger of matches"):
            MatchLog(path)
        assert path.read_text() == text


@pytest.mark.parametrize("line", ["not json", "{}", '{"comparator": 3}', "[]"])
def test_a_damaged_line_in_the_middle_is_named(path, line):
    log = MatchLog(path)
    log.put(Key("judge", "", "a", "b"), Match(p=1.0))
    head, kept = path.read_text().splitlines()
    path.write_text(f"{head}\n{line}\n{kept}\n")
    with pytest.raises(ConfigError, match=r"matches\.jsonl:2: the line is no comparison"):
        MatchLog(path)


def test_a_comparator_that_leaves_a_pair_out_is_named(path):
    class Short(Counting):
        def compare(self, pairs):
            return super().compare(pairs)[1:]

    with pytest.raises(ConfigError, match="'counting-1' must answer every pair: it was asked 7"):
        play(Logged(Short(), MatchLog(path)))
    assert len(MatchLog(path)) == 0


def test_a_full_disk_leaves_no_torn_line(path):
    log = MatchLog(path)
    log.put(Key("judge", "", "a", "b"), Match(p=1.0))
    before = path.read_bytes()
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 30, kept[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            log.put(Key("judge", "", "a", "c"), Match(p=0.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert path.read_bytes() == before and len(log) == 1
    log.put(Key("judge", "", "a", "c"), Match(p=0.0))
    assert len(MatchLog(path)) == 2


def test_every_cut_of_two_judges_and_two_groups_resumes_to_the_same_file(path):
    def both(log):
        return [
            play(Logged(FakeComparator(quality=QUALITY, seed=seed), log, group=group))
            for seed in (1, 2)
            for group in ("a", "b")
        ]

    whole = both(MatchLog(path))
    data = path.read_bytes()
    for cut in range(0, len(data), 97):
        path.write_bytes(data[:cut])
        assert both(MatchLog(path)) == whole
        assert path.read_bytes() == data


def test_the_shares_that_a_recorded_group_holds_are_not_compared():
    judge, log = Counting(), MatchLog()
    played = [ROLLOUTS["r0"], ROLLOUTS["r1"]]
    recorded = [
        Candidate(
            id=each.id,
            records=(each.records[0], {**each.records[1], "group:tournament(outcome)": share}),
            text=each.text,
        )
        for each, share in zip(played, (0.0, 1.0), strict=True)
    ]
    once = Logged(judge, log).compare([tuple(played)])
    assert Logged(judge, log).compare([tuple(recorded)]) == once
    assert judge.asked == len(log) == 1
