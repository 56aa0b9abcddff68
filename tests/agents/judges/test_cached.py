"""The SQLite cache: keys, failures, threads, processes and damage."""

import json
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress

import pytest

from envgym.agents.judges import CachedJudge, FakeJudge, Template, Verdict, load_template
from envgym.types import ConfigError, InfraError, Stream


class Counting:
    """A fake judge that keeps what it was asked."""

    def __init__(self, **options):
        self.inner = FakeJudge(**options)
        self.name = self.inner.name
        self.asked = []

    def judge(self, questions):
        self.asked += [question.digest for question in questions]
        return self.inner.judge(questions)


def test_equal_questions_are_asked_once_ever(tmp_path, ask):
    judge = Counting(seed=1)
    cached = CachedJudge(judge, tmp_path / "deep" / "cache.db")
    assert cached.name == judge.name
    first = cached.judge([ask("a"), ask("b"), ask("a")])
    assert len(judge.asked) == 2
    again = CachedJudge(judge, tmp_path / "deep" / "cache.db")
    assert again.judge([ask("b"), ask("a")]) == [first[1], first[0]]
    assert len(judge.asked) == 2
    assert first[0].calls == 1
    assert again.judge([ask("a")])[0].calls == 0
    stats = cached.stats
    assert (stats.hits, stats.misses, stats.stored, stats.entries) == (1, 2, 2, 2)
    assert again.stats.hits == 3


def test_judge_prompt_and_content_are_the_key(tmp_path, ask):
    path = tmp_path / "cache.db"
    CachedJudge(FakeJudge(seed=1), path).judge([ask("a")])
    other = Counting(seed=2)
    CachedJudge(other, path).judge([ask("a")])
    assert len(other.asked) == 1
    template = load_template("pointwise")
    judge = Counting(seed=1)
    cached = CachedJudge(judge, path)
    changed = Template(**{**vars(template), "digest": "0" * 12})
    cached.judge([ask("a"), ask("b"), changed.ask(instruction="Do it.", transcript="a")])
    assert len(judge.asked) == 2


@pytest.mark.parametrize("failures", [False, True])
def test_failures_are_kept_only_if_asked(tmp_path, ask, failures):
    judge = Counting(failures=1.0)
    for _ in range(2):
        cached = CachedJudge(judge, tmp_path / "cache.db", failures=failures)
        assert cached.judge([ask("a")])[0].reason == "policy"
    assert len(judge.asked) == (1 if failures else 2)
    assert cached.stats.entries == int(failures)


def test_stand_ins_are_failures(tmp_path, pair):
    class Tying:
        name = "tying"

        def judge(self, questions):
            return [Verdict(values=(5.0,) * 4, reason="parse") for _ in questions]

    cached = CachedJudge(Tying(), tmp_path / "cache.db")
    cached.judge([pair("a", "b")])
    assert cached.stats.entries == 0


def test_many_questions_pass_through_one_look_up(tmp_path, ask):
    judge = Counting()
    cached = CachedJudge(judge, tmp_path / "cache.db")
    questions = [ask(str(n)) for n in range(1201)]
    assert cached.judge(questions) == cached.judge(questions)
    assert len(judge.asked) == 1201


def test_prune_keeps_the_newest(tmp_path, ask):
    judge, other = Counting(seed=1), Counting(seed=2)
    cached = CachedJudge(judge, tmp_path / "cache.db")
    CachedJudge(other, tmp_path / "cache.db").judge([ask("z")])
    for name in "abcd":
        cached.judge([ask(name)])
    assert cached.prune(2, judge=judge.name) == 2
    assert cached.stats.entries == 3
    judge.asked.clear()
    cached.judge([ask(name) for name in "abcd"])
    assert judge.asked == [ask("a").digest, ask("b").digest]
    assert cached.prune() == 5
    assert cached.stats.entries == 0
    with pytest.raises(ConfigError, match="keep must be 0 or more, got -1"):
        cached.prune(-1)


def test_threads_share_one_object(tmp_path, ask):
    cached = CachedJudge(FakeJudge(noise=0.3), tmp_path / "cache.db")
    questions = [ask(str(n)) for n in range(20)]
    found = {}

    def work(name):
        found[name] = [cached.judge([question])[0] for question in questions]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[n] == found[0] for n in range(6))
    assert cached.stats.entries == 20


WORK = """
import sys
from envgym.agents.judges import CachedJudge, Verdict, load_template

class Own:
    name = "own"
    def judge(self, questions):
        return [Verdict(values=(float(sys.argv[2]),)) for _ in questions]

ask = load_template("pointwise").ask
cached = CachedJudge(Own(), sys.argv[1])
answers = [
    cached.judge([ask(instruction="i", transcript=str(n))])[0].value for n in range(30)
]
print(answers)
"""


def test_two_processes_that_disagree_see_one_answer(tmp_path):
    path = tmp_path / "cache.db"
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(path), value], stdout=subprocess.PIPE, text=True
        )
        for value in ("3", "8")
    ]
    answers = [json.loads(run.communicate(timeout=120)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert answers[0] == answers[1]
    assert len(answers[0]) == 30


def _child(cached, question, queue):
    queue.put(cached.judge([question])[0].value)


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork"
)
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_may_go_on_with_the_same_object(tmp_path, ask):
    cached = CachedJudge(FakeJudge(), tmp_path / "cache.db")
    mine = cached.judge([ask("a")])[0].value
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=_child, args=(cached, ask("a"), queue))
    child.start()
    child.join()
    assert queue.get() == mine


def test_a_corrupt_file_is_one_sentence(tmp_path):
    path = tmp_path / "cache.db"
    path.write_text("this is a diary, not a database, and long enough to be looked at" * 20)
    with pytest.raises(ConfigError, match=r"cache.db is damaged or no database .*; delete it"):
        CachedJudge(FakeJudge(), path)
    assert path.read_text().startswith("this is a diary")


def test_a_file_with_wrong_bytes_is_one_sentence_or_answers(tmp_path, ask):
    path = tmp_path / "cache.db"
    questions = [ask(str(n)) for n in range(9)]
    CachedJudge(FakeJudge(), path).judge(questions)
    whole = path.read_bytes()
    for seed in range(60):
        stream = Stream(seed, "test", "bytes")
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[stream.below(len(damaged))] = stream.below(256)
        path.write_bytes(damaged)
        with suppress(ConfigError, InfraError):  # each names the file; nothing else may come out
            CachedJudge(FakeJudge(), path).judge(questions)


def test_a_damaged_answer_is_one_sentence(tmp_path, ask):
    path = tmp_path / "cache.db"
    cached = CachedJudge(FakeJudge(), path)
    cached.judge([ask("a")])
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("UPDATE answers SET verdict = '{'")
    with pytest.raises(ConfigError, match=r"cache.db is damaged: .*; delete it"):
        cached.judge([ask("a")])
    with closing(sqlite3.connect(path)) as base, base:
        base.execute('UPDATE answers SET verdict = \'{"values": ["x"]}\'')
    with pytest.raises(ConfigError, match=r"is damaged: .*finite numbers, got 'x'"):
        cached.judge([ask("a")])


def test_a_newer_schema_is_one_sentence(tmp_path):
    path = tmp_path / "cache.db"
    CachedJudge(FakeJudge(), path)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("PRAGMA user_version = 7")
    with pytest.raises(ConfigError, match="has schema 7, written by a newer envgym"):
        CachedJudge(FakeJudge(), path)


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE notes (text TEXT)")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="a database of another program"):
        CachedJudge(FakeJudge(), path)
    assert path.read_bytes() == before


def test_a_folder_is_no_cache(tmp_path):
    with pytest.raises(ConfigError, match="cannot be opened"):
        CachedJudge(FakeJudge(), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        CachedJudge(FakeJudge(), tmp_path / "file" / "cache.db")
