"""Questions of the relay: right answers, disjoint splits, nothing met by accident."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.team.relay_scripts import honest_trace, limited_answer
from envgym.envs.team.relay_world import (
    BUCKETS,
    HELD_OUT_BUCKETS,
    Problem,
    Step,
    computed,
    draw_problem,
    problem_of,
)
from envgym.runtime.games.registry import make_text
from envgym.types import Task

problems = st.builds(
    draw_problem, st.integers(0, 10**6), st.booleans(), st.integers(2, 12), st.integers(0, 6)
)

HAND = Problem(
    names=("Ada", "Ben", "Cora", "Dan"),
    item="pens",
    start=7,
    steps=(Step("times", 0, 3), Step("fewer", 1, 5), Step("together", 2, 0)),
    length=3,
    question="",
    amounts=(7, 21, 16, 23),
    digest="",
)
"""7, then 7 * 3 = 21, then 21 - 5 = 16, then 16 + 7 = 23: by hand."""


@pytest.mark.parametrize(
    ("step", "value"),
    [
        (Step("more", 0, 5), 17),
        (Step("fewer", 0, 5), 7),
        (Step("times", 0, 3), 36),
        (Step("half", 0, 2), 6),
        (Step("together", 0, 1), 21),
        (Step("together", 0, 2), None),
        (Step("more", 2, 1), None),
    ],
)
def test_each_kind_of_step(step, value):
    assert computed(step, {0: 12, 1: 9}) == value


def test_the_honest_trace_by_hand():
    assert honest_trace(HAND) == (
        "Ada has 7. Ben has 7 * 3 = 21. Cora has 21 - 5 = 16. Dan has 16 + 7 = 23."
    )
    assert limited_answer(HAND, "", 3) == 23
    assert limited_answer(HAND, "", 2) == 16
    assert limited_answer(HAND, "Ada has 7. Ben has 7 * 3 = 21.", 2) == 23
    assert limited_answer(HAND, "Cora has 1.", 1) == 8  # it believes what it reads


@given(problems)
def test_the_answer_follows_from_the_question_s_words(problem):
    assert solve(problem.question) == problem.answer


@given(problems)
def test_the_answer_is_met_nowhere_else(problem):
    assert problem.amounts.count(problem.answer) == 1
    assert str(problem.answer) not in re.findall(r"\d+", problem.question)
    assert all(2 <= amount <= 400 for amount in problem.amounts)


@given(problems)
def test_each_amount_of_the_chain_is_needed(problem):
    whole = limited_answer(problem, "", problem.length)
    assert whole == problem.answer
    assert limited_answer(problem, "", problem.length - 1) != problem.answer


@given(st.integers(0, 10**6), st.integers(2, 12), st.booleans())
def test_the_splits_share_no_digest(world, steps, held_out):
    digest = draw_problem(world, held_out, steps, 2).digest
    assert (int(digest[:2], 16) * 256 // BUCKETS < HELD_OUT_BUCKETS) is held_out


def test_names_and_distractors_make_no_new_problem():
    one, two = (draw_problem(3, False, 4, distractors) for distractors in (2, 2))
    assert one == two
    # Forty draws of short chains: equal digests are equal chains.
    known = {}
    for world in range(40):
        found = draw_problem(world, False, 2, 1)
        chain = found.start, found.steps[:2]
        assert known.setdefault(found.digest, chain) == chain


def test_tasks_hold_what_decides_the_question():
    env = make_text("relay", steps=3, distractors=1, split="eval")
    env.reset(seed=5)
    assert env.task.split == "eval"
    assert env.task.difficulty == "easy"
    assert problem_of(env.task).question in env.observe("speaker")
    assert problem_of(Task(id="mine", params={"world": 1})).length == 5
    env.close()


def solve(question):
    """Solve a question by its words alone: an independent reader."""
    known, waiting = {}, []
    for sentence in question.split(". "):
        if sentence.startswith("How many"):
            asked = re.fullmatch(r"How many \w+ does (\w+) have\?", sentence)[1]
        elif found := re.fullmatch(r"(\w+) has (\d+) \w+", sentence):
            known[found[1]] = int(found[2])
        else:
            waiting.append(sentence)
    patterns = (
        (r"(\w+) has (\d+) \w+ more than (\w+)", lambda n, a: a + n),
        (r"(\w+) has (\d+) \w+ fewer than (\w+)", lambda n, a: a - n),
        (r"(\w+) has (\d+) times as many \w+ as (\w+)", lambda n, a: a * n),
        (r"(\w+) has (half) as many \w+ as (\w+)", lambda n, a: a // 2),
    )
    while waiting:
        sentence = waiting.pop(0)
        found = re.fullmatch(r"(\w+) has as many \w+ as (\w+) and (\w+) together", sentence)
        if found and found[2] in known and found[3] in known:
            known[found[1]] = known[found[2]] + known[found[3]]
            continue
        for pattern, rule in patterns:
            found = re.fullmatch(pattern, sentence)
            if found and found[3] in known:
                number = int(found[2]) if found[2].isdigit() else 2
                known[found[1]] = rule(number, known[found[3]])
                break
        else:
            waiting.append(sentence)
    return known[asked]
