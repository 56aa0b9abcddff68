"""Whatever a writer answers, no loop crashes, and what cannot be used gets no fitness."""

import pytest

from envgym.agents.judges import FakeJudge
from envgym.agents.reward_writers import History, eureka, text2reward
from envgym.agents.reward_writers.auto_mc import auto_mc_reward
from envgym.agents.reward_writers.language import language_to_reward
from envgym.agents.reward_writers.mpo import MetaPolicy, first_prompt
from envgym.agents.reward_writers.oni import LabelStore, label_pending
from envgym.agents.reward_writers.reward_harness import LibraryJudge, Preference, reward_harness
from envgym.agents.reward_writers.writer import Writer
from envgym.rewards import Source
from envgym.rewards.generated.terms import FixedTerms, Term
from envgym.types import Candidate, ConfigError, Message, Reply
from tests.agents.reward_writers.scripted import TASK, Script

TERMS = FixedTerms((Term("near", Source("progress", "step", 0, 1), "share done"),))
HUGE = "1" + "0" * 400


def python(body):
    return f"```python\n{body}\n```"


GARBAGE = [
    "",
    "no code at all",
    "```python\n",
    python("def reward(record: return"),
    python("\x00"),
    python("x = " + "(" * 5000),
    python("COMPONENTS = {'a': (0, 1)}\n# \ud800\ndef reward(record): return {'a': 0.5}"),
    python(f"COMPONENTS = {{'a': (0, {HUGE})}}\ndef reward(record): return {{'a': 0}}"),
    python("COMPONENTS = {'a': (0, 1e308)}\ndef reward(record): return {'a': 1e308}"),
    python("COMPONENTS = {'a': (0, 1)}\nfloat = lambda v: 10**400\ndef reward(r): return {'a': 1}"),
    python("COMPONENTS = {'a': (0, 1)}\ndef reward(record): raise SystemExit"),
    python("COMPONENTS = {'a': (0, 1)}\ndef reward(record): return {'a': 1}\nreward = 3"),
    "```python x\n" * 20_000,
    "x" * 1_000_000,
    "<think>" * 10_000,
    '{"a":' * 3_000,
    f'{{"near": {HUGE}, "points": {HUGE}, "op": {HUGE}, "accept": {HUGE}}}',
    '{"near": 1e999, "points": ["\\ud800"], "op": "add", "name": "s", "text": "\\ud800"}',
    '{"accept": false, "reasons": [{}, null], "op": ["add"], "name": {}, "points": [[]]}',
    '{"op": "add", "kind": "tool", "name": "t", "text": "def measure(text): return 10**4000"}',
    Reply(text="down", finish="error"),
    Reply(text="```python\nCOMPONENTS", finish="length"),
]


def named(answer):
    return (answer.text if isinstance(answer, Reply) else answer)[:30].encode("ascii", "replace")


@pytest.mark.parametrize("answer", GARBAGE, ids=named)
def test_no_loop_crashes(answer, grade, schema):
    def writer():
        return Script(lambda asked: answer)

    loops = [
        eureka(writer(), task=TASK, schema=schema, grade=grade, rounds=2, candidates=1),
        text2reward(writer(), task=TASK, schema=schema, grade=grade, feedback=["x"], repairs=1),
        auto_mc_reward(writer(), task=TASK, grade=grade, iterations=1, reviews=2),
    ]
    for loop in loops:
        made = [loop.history.reward(step) for step in loop.history.steps]
        assert all(each.fitness is None for each in made if each is not None and not each.sound)
        assert loop.best is None or loop.best.sound
    language_to_reward(writer(), task=TASK, terms=TERMS, wishes=("a", "b"))
    attempt = Candidate(id="x", records=({},), instruction="i", text="t")
    MetaPolicy(policy=writer()).edit(first_prompt(["p"]), {"t": [(attempt, 1.0)]}, 3)
    pairs = [Preference(better=attempt, worse=attempt)] * 2
    reward_harness(writer(), LibraryJudge(FakeJudge(), grade.runner), pairs, edits=2)
    store = LabelStore()
    store.note(["e"])
    assert label_pending(writer(), store, "t") == 0


def test_a_writer_that_miscounts_is_named():
    class Short(Script):
        def act(self, requests):
            return []

    with pytest.raises(ConfigError, match="'script' returned 0 replies to 1 requests"):
        Writer(Short([])).ask([("one", (Message("user", "x"),))])


def test_files_that_cannot_be_read_are_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        History(tmp_path)
    file = tmp_path / "labels.json"
    file.write_text(f'{{"v": 1, "labels": {{"a": {HUGE}}}}}')
    with pytest.raises(ConfigError, match="holds no labels"):
        LabelStore.load(file)
