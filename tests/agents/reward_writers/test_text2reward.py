import pytest

from envgym.agents.reward_writers import History, text2reward
from envgym.types import ConfigError
from tests.agents.reward_writers.scripted import TASK, Script, code

FIRST = code("record['progress']", 0.0, 1.0)
EDITED = code("record['progress'] / 2", 0.0, 1.0)
OUTSIDE = code("record['left'] * 1.0", 0.0, 1.0)


def test_cookbook_f2(schema, grade, tmp_path):
    history = History(tmp_path / "t2r.jsonl")
    script = Script([FIRST, EDITED])
    done = text2reward(
        script, task=TASK, schema=schema, grade=grade, feedback=["Pay half."], history=history
    )
    assert done.best.body in EDITED
    write, edit = (request.messages[1].content for request in script.asked)
    assert "class Record(TypedDict):" in write
    assert "left: int  # numbers still possible; numbers; at least 1" in write
    assert "Pay half." in edit
    assert history.diffs()[1].splitlines()[-2:] == [
        "-    return {'a': record['progress']}",
        "+    return {'a': record['progress'] / 2}",
    ]
    again = text2reward(
        Script([]),
        task=TASK,
        schema=schema,
        grade=grade,
        feedback=["Pay half."],
        history=History(tmp_path / "t2r.jsonl"),
    )
    assert again.best == done.best


def test_problems_go_back_until_it_runs(schema, grade):
    script = Script([OUTSIDE, "nothing", FIRST])
    done = text2reward(script, task=TASK, schema=schema, grade=grade)
    assert done.best.body in FIRST
    assert "component 'a' is outside 0 to 1" in script.asked[1].messages[1].content
    assert "holds no Python block" in script.asked[2].messages[1].content


def test_an_edit_that_never_runs_is_dropped(schema, grade):
    script = Script([FIRST, OUTSIDE, OUTSIDE])
    done = text2reward(script, task=TASK, schema=schema, grade=grade, feedback=["More."], repairs=1)
    assert done.best.body in FIRST
    nothing = text2reward(
        Script(["", ""]), task=TASK, schema=schema, grade=grade, feedback=["x"], repairs=1
    )
    assert nothing.best is None


def test_a_person_who_is_content_ends_it(schema, grade):
    seen = []

    def person(reward, reflection):
        seen.append(reflection)
        return "Pay half." if len(seen) == 1 else None

    done = text2reward(
        Script([FIRST, EDITED]), task=TASK, schema=schema, grade=grade, feedback=person
    )
    assert done.best.body in EDITED
    assert len(seen) == 2
    assert "fitness: " in seen[0]


def test_numbers_out_of_range_are_refused(schema, grade):
    with pytest.raises(ConfigError, match="repairs and most of 0 or more"):
        text2reward(Script([]), task=TASK, schema=schema, grade=grade, repairs=-1)
