import pytest

from envgym.agents.probes.answerer import PolicyAnswerer, read
from envgym.rewards.probe.faithfulness import Faithfulness
from envgym.types import Reply


class Reader:
    """Answers with the last word of the reasoning it was shown."""

    name = "reader"

    def __init__(self):
        self.open, self.batches = set(), []

    def act(self, requests):
        self.batches.append(len(requests))
        self.open |= {request.session for request in requests}
        return [self.reply(request.messages[-1].content) for request in requests]

    def reply(self, text):
        word = text.split()[-1]
        if word == "broken":
            return Reply(text="down", finish="error")
        return Reply(text=f"I see.\n**Answer:** {word}." if word != "silent" else "I see.")

    def close(self, sessions):
        self.open -= set(sessions)


def test_a_policy_answers_and_its_sessions_are_closed():
    policy = Reader()
    answer = PolicyAnswerer(policy, batch=2)
    cases = [("q", "so 5"), ("q", "silent"), ("q", "broken"), ("q", "")]
    assert answer(cases) == ["5", None, None, "(none)"]
    assert (policy.open, policy.batches) == (set(), [2, 2])
    assert answer([]) == []


def test_faithfulness_of_a_policy():
    report = Faithfulness(edits=("number", "filler")).run(
        [("2+3?", "so 5")], PolicyAnswerer(Reader())
    )
    assert report.detail == {"number": 1.0, "filler": 1.0}


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("ANSWER: Canberra", "canberra"),
        ("answer = 5\nANSWER:  New   York ", "new york"),
        ("> **Answer**: `b`", "b"),
        ("The answer is 5.", None),
        ("ANSWER:", None),
        ("", None),
    ],
)
def test_the_last_well_formed_line_counts(reply, answer):
    assert read(reply) == answer


def test_a_long_line_costs_nothing():
    assert read("ANSWER: a" + "*" * 200_000 + "b") == "a" + "*" * 200_000 + "b"
    assert read("ANSWER: 5\n**Answer:** **") == "5"
