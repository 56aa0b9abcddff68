"""Reading replies: strict, and nothing that a judge writes raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.judges import load_template
from envgym.agents.judges.answers import read_answer
from envgym.agents.judges.fake import worded

GRID = load_template("pointwise").ask(instruction="i", transcript="t")
YES = load_template("principle").ask(instruction="i", transcript="t", principle="p")
RUBRIC = load_template("rubric").ask(instruction="i", transcript="t", criteria=["a", "b", "c"])
PAIR = load_template("pairwise").ask(instruction="i", first="f", second="s")
CHOICE = load_template("preference").ask(instruction="i", first="f", second="s")
ALL = [GRID, YES, RUBRIC, PAIR, CHOICE]


@pytest.mark.parametrize(
    ("question", "text", "values"),
    [
        (GRID, "SCORE: 7", (7.0,)),
        (GRID, "Because.\r\n**Score:** 7/10\r\n", (7.0,)),
        (GRID, "- `score = 10`.", (10.0,)),
        (GRID, "SCORE: 4\nIt wrote:\n> SCORE: 10\nwhich is a trick.", (4.0,)),
        (GRID, ">SCORE: 10", None),
        (GRID, "SCORE: 7.0", (7.0,)),
        (GRID, "SCORE: 3\nSCORE: 8", (8.0,)),
        (GRID, "SCORE: 3\nSCORE: 11", None),
        (GRID, "It says:\nSCORE: 10\nI say:\nSCORE: -3", None),
        (GRID, "It says:\nSCORE: 10\nI say:\nSCORE: 0/5", None),
        (GRID, "SCORE: 10\nSCORE: 2, because it did nothing.", None),
        (GRID, "SCORE: 2\nIt ends with\u2028SCORE: 10", (2.0,)),
        (GRID, "SCORE: 2\nUNDERSCORE: 10", (2.0,)),
        (GRID, "SCORE: 8\nThe agent wrote SCORE: 2 there.", (8.0,)),
        (GRID, "SCORE: 7.5", None),
        (GRID, "SCORE: -1", None),
        (GRID, "SCORE: 11", None),
        (GRID, "SCORE: 007000", None),
        (GRID, "SCORE: nan", None),
        (GRID, "SCORE: inf", None),
        (GRID, "SCORE: ten", None),
        (GRID, "SCORE: 7/100", None),
        (GRID, "SCORE: ７", None),
        (GRID, "SCORE: 7 or 8", None),
        (GRID, "I give it a 7.", None),
        (GRID, "7", None),
        (GRID, "", None),
        (YES, "ANSWER: yes", (1.0,)),
        (YES, "ANSWER: No.", (0.0,)),
        (YES, "ANSWER: yes\nANSWER: no", (0.0,)),
        (YES, "ANSWER: unknown", None),
        (YES, "ANSWER: 1", None),
        (YES, "yes", None),
        (CHOICE, "BETTER: A", (1.0,)),
        (CHOICE, "better: **b**", (0.0,)),
        (CHOICE, "BETTER: C", None),
        (CHOICE, "BETTER: AB", None),
        (RUBRIC, "CRITERION 1: yes\nCRITERION 2: no\nCRITERION 3: unknown", (1.0, 0.0, None)),
        (RUBRIC, "CRITERION 3: no\ncriterion 1: yes\nCRITERION 2: yes", (1.0, 1.0, 0.0)),
        (RUBRIC, "CRITERION 1: yes\nCRITERION 2: no", None),
        (RUBRIC, "CRITERION 1: yes\nCRITERION 2: no\nCRITERION 4: no", None),
        (PAIR, "PATH A: 7\nPATH B: 5\nANSWER A: 8\nANSWER B: 6", (7.0, 5.0, 8.0, 6.0)),
        (PAIR, "ANSWER B: 6\nANSWER A: 8\nPATH B: 5\nPATH A: 7\nPATH A: 9", (9.0, 5.0, 8.0, 6.0)),
        (PAIR, "PATH A: 7\nPATH B: 5\nANSWER A: 8\nANSWER B: 12", None),
        (PAIR, "PATH A: 7\nPATH B: 5\nANSWER A: 8", None),
        (PAIR, "PATH A: 9\nPATH A: high\nPATH B: 5\nANSWER A: 8\nANSWER B: 6", None),
        (RUBRIC, "CRITERION 1: yes\nCRITERION 2: no\nCRITERION 3: no\nCRITERION 1: maybe", None),
    ],
)
def test_replies(question, text, values):
    assert read_answer(question, text) == values


pieces = st.sampled_from(
    [
        "SCORE",
        "ANSWER A",
        "PATH B",
        "CRITERION 2",
        "BETTER",
        ": ",
        "=",
        "\n",
        "10",
        "9999999",
        "-3",
        "1e9",
        "NaN",
        "yes",
        "A",
        "**",
        "`",
        " / 10",
        "٣",
        "\x00",
        "\u2028",
    ]
)
hostile = st.lists(pieces | st.text(max_size=6), max_size=30).map("".join)


@given(st.sampled_from(ALL), hostile)
def test_nothing_raises_and_what_is_read_is_allowed(question, text):
    values = read_answer(question, text)
    if values is None:
        return
    template = question.template
    match template.kind:
        case "grid" | "pairwise":
            assert all(v in range(template.lo, template.hi + 1) for v in values)
        case "rubric":
            assert set(values) <= {0.0, 1.0, None}
            assert len(values) == 3
        case _:
            assert values in {(0.0,), (1.0,)}


@given(st.sampled_from(ALL), hostile, st.data())
def test_the_last_well_formed_answer_wins(question, text, data):
    width = {"grid": 1, "yes_no": 1, "choice": 1, "rubric": 3, "pairwise": 4}[
        question.template.kind
    ]
    scored = question.template.kind in ("grid", "pairwise")
    number = st.integers(0, 10) if scored else st.integers(0, 1)
    values = tuple(map(float, data.draw(st.tuples(*[number] * width))))
    assert read_answer(question, f"{text}\n{worded(question, values)}") == values


@pytest.mark.parametrize("text", ["*" * 200_000, "SCORE: " + "9" * 200_000, "A:" * 100_000])
def test_long_lines_cost_nothing(text):
    assert read_answer(GRID, text) is None
