import json

import pytest

from envgym.agents.judges.verdict import Verdict
from envgym.agents.reward_writers import History, Library, Preference, reward_harness
from envgym.agents.reward_writers.reward_harness import LibraryJudge
from envgym.runtime.sandbox_code import find_runner
from envgym.types import Candidate, ConfigError
from tests.agents.reward_writers.scripted import Script


class Careless:
    """Likes long attempts, unless advice says otherwise or a tool tells it the errors."""

    name = "careless"

    def judge(self, questions):
        return [Verdict(values=(self.score(dict(q.fields)),)) for q in questions]

    def score(self, fields):
        criteria = fields.get("criteria", ())
        text = fields["transcript"]
        for line in criteria:
            if line.startswith("errors: "):
                return -float(line.removeprefix("errors: "))
        return float(-text.count("error")) if "Errors count." in criteria else float(len(text))


def attempt(name, errors, length):
    return Candidate(
        id=name, records=[], instruction="Do it.", text="error " * errors + "x" * length
    )


PAIRS = [
    Preference(better=attempt(f"b{i}", i % 2, i), worse=attempt(f"w{i}", 2 + i % 3, 30 + i))
    for i in range(8)
]


def edit(op, name, text="", kind="skill"):
    return f"I propose {json.dumps({'op': op, 'kind': kind, 'name': name, 'text': text})}"


def test_cookbook_f6(tmp_path):
    history = History(tmp_path / "rh.jsonl")
    script = Script(
        [
            edit("add", "beauty", "Prefer beautiful words."),
            edit("add", "errors", "Errors count."),
            edit("remove", "errors"),
            "nothing",
        ]
    )
    done = reward_harness(script, LibraryJudge(Careless()), PAIRS, edits=4, history=history)
    assert [entry.name for entry in done.library.entries] == ["errors"]
    assert done.agreement == 1.0
    assert [line["accepted"] for line in history.steps.values()] == [False, True, False, False]
    assert "agreement on other comparisons did not rise" in script.asked[1].messages[1].content
    assert '+  "text": "Errors count."' in "\n".join(history.diffs())
    again = reward_harness(
        Script([]), LibraryJudge(Careless()), PAIRS, edits=4, history=History(tmp_path / "rh.jsonl")
    )
    assert (again.library, again.agreement) == (done.library, done.agreement)


def test_the_writer_sees_no_held_out_comparison():
    script = Script(["no"] * 3)
    judge = LibraryJudge(Careless())
    reward_harness(script, judge, PAIRS, edits=3, shown=99, held_out=0.25)
    shown = "\n".join(request.messages[1].content for request in script.asked)
    seen = [p for p in PAIRS if f"worse: {p.worse.text}\n" in shown]
    assert len(seen) == 6


def test_a_tool_runs_in_the_runner_and_its_failure_says_nothing():
    tool = "def measure(text):\n    return text.count('error')"
    judge = LibraryJudge(Careless(), find_runner("unsafe-local"))
    done = reward_harness(Script([edit("add", "errors", tool, "tool")]), judge, PAIRS, edits=1)
    assert done.agreement == 1.0
    broken = Library().edited(
        {"op": "add", "kind": "tool", "name": "errors", "text": "def measure(text): return 1 / 0"}
    )
    assert judge.agreement(broken, PAIRS) == judge.agreement(Library(), PAIRS)
    with pytest.raises(ConfigError, match="needs a code runner"):
        LibraryJudge(Careless()).agreement(broken, PAIRS)


def test_a_judge_without_answer_agrees_with_nobody():
    class Silent(Careless):
        def judge(self, questions):
            return [Verdict(reason="timeout")] * len(questions)

    agreement, wrong = LibraryJudge(Silent()).agreement(Library(), PAIRS)
    assert (agreement, wrong) == (0.0, PAIRS)


@pytest.mark.parametrize(
    ("proposal", "says"),
    [
        (None, "no JSON object"),
        ({"op": "ad"}, "Did you mean 'add'"),
        ({"op": "add", "name": "a b"}, "letters, digits"),
        ({"op": "remove", "name": "x"}, "unknown entry 'x'"),
        ({"op": "add", "name": "a", "text": ""}, "1 to 2000"),
        ({"op": "add", "name": "a", "kind": "skil", "text": "x"}, "Did you mean 'skill'"),
        ({"op": "add", "name": "a", "kind": "tool", "text": "x"}, "tools are not allowed"),
    ],
)
def test_edits_that_make_no_sense_are_told_why(proposal, says):
    with pytest.raises(ConfigError, match=says):
        Library().edited(proposal, tools=False)


def test_edits_keep_the_order():
    one = (
        Library()
        .edited({"op": "add", "name": "a", "text": "x"})
        .edited({"op": "add", "name": "b", "text": "y"})
    )
    two = one.edited({"op": "replace", "name": "a", "text": "z  z"})
    assert [(e.name, e.text) for e in two.entries] == [("a", "z z"), ("b", "y")]
    assert Library.from_reward(two.to_reward(one)) == two
    assert two.to_reward(one).parent == one.to_reward().version
    with pytest.raises(ConfigError, match="in the library already"):
        two.edited({"op": "add", "name": "a", "text": "x"})


def test_both_parts_of_the_split_hold_something():
    for held_out in (0.0, 1.0):
        with pytest.raises(ConfigError, match="both sides of the split"):
            reward_harness(Script([]), LibraryJudge(Careless()), PAIRS, held_out=held_out)
