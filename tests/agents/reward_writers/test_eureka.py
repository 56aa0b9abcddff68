import json

import pytest

from envgym.agents.reward_writers import History, RecordedGrader, eureka
from envgym.agents.reward_writers.grading import better
from envgym.rewards import score
from envgym.rewards.generated.evaluate import annotated, evaluate
from envgym.rewards.generated.pin import pin_for_group
from envgym.runtime.sandbox_code import find_runner, why_no_bubblewrap
from envgym.types import ConfigError, Reply
from tests.agents.reward_writers.scripted import GUESS, TASK, Script, code, play

BAD = code("-record['progress']")
FAIR = code("0.0 if record['turn'] % 2 else record['progress'] - 1.0")
GOOD = code("-0.05 * record['turn']")
BROKEN = code("record['progres']")


def test_cookbook_f1(schema, grade, episodes):
    script = Script([BAD, BROKEN, "no code at all", GOOD])
    done = eureka(script, task=TASK, schema=schema, grade=grade, rounds=2, candidates=2)
    assert done.best.body in GOOD
    assert done.best.fitness == 1.0
    # The oracle's episodes rank above those of chance, and the program says so by itself.
    assert done.best.sound
    late = annotated(episodes, done.best, evaluate(done.best, schema, episodes, grade.runner))
    pin_for_group("g", done.best).check(late)
    totals = [each.total for each in score(late, done.best.program())]
    assert min(totals[:6]) > max(totals[6:])


def test_the_best_never_gets_worse_and_its_numbers_come_back(schema, grade):
    script = Script([GOOD, BAD, BAD, BROKEN, BAD, BAD])
    done = eureka(script, task=TASK, schema=schema, grade=grade, rounds=3, candidates=2)
    assert done.best.body in GOOD
    second = script.asked[2].messages[1].content
    assert done.best.body.strip() in second
    assert "correlation with the task metric +" in second
    assert "fitness: 1.000" in second
    assert script.asked[2].messages == script.asked[3].messages == script.asked[4].messages
    assert len({request.seed for request in script.asked}) == 6
    assert sorted(script.closed) == sorted(request.session for request in script.asked)


def test_when_nothing_works_the_problems_come_back(schema, grade):
    script = Script([BROKEN, Reply(text="quota", finish="error"), GOOD, GOOD])
    done = eureka(script, task=TASK, schema=schema, grade=grade, rounds=2, candidates=2)
    told = script.asked[2].messages[1].content
    assert "unknown key of the record 'progres'" in told
    assert "the writer failed: quota" in told
    assert done.best.body in GOOD
    nothing = eureka(
        Script(lambda text: "no"), task=TASK, schema=schema, grade=grade, rounds=1, candidates=1
    )
    assert nothing.best is None


def test_edits_are_logged_as_diffs_and_a_stopped_loop_goes_on(schema, grade, tmp_path):
    path = tmp_path / "log" / "eureka.jsonl"
    settings = {"task": TASK, "schema": schema, "grade": grade, "rounds": 2, "candidates": 2}
    whole = eureka(Script([BAD, FAIR, GOOD, BROKEN]), **settings, history=History(path))
    text = path.read_bytes()
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["loop"] == "eureka"
    assert [line["step"] for line in lines[1:]] == [
        f"round {r} candidate {c}" for r in (0, 1) for c in (0, 1)
    ]
    first, _, third, _ = lines[1:]
    assert first["diff"].startswith("--- nothing")
    parent = third["reward"]["parent"]
    assert third["diff"].startswith(f"--- {parent}\n+++ {third['reward']['version']}\n")
    assert "\n-    return" in third["diff"] and "\n+    return" in third["diff"]
    assert third["prompt"].startswith("eureka_next-v1-")
    # Stopped in the middle of the third line: two candidates are asked again, no more.
    cut = text.index(b"\n", text.index(b'"round 0 candidate 1"')) + 40
    path.write_bytes(text[:cut])
    script = Script([GOOD, BROKEN])
    again = eureka(script, **settings, history=History(path))
    assert len(script.asked) == 2
    assert path.read_bytes() == text
    assert again.best == whole.best
    # Whole: nobody is asked.
    assert eureka(Script([]), **settings, history=History(path)).best == whole.best


def test_a_history_belongs_to_its_settings(schema, grade, tmp_path):
    path = tmp_path / "eureka.jsonl"
    settings = {"schema": schema, "grade": grade, "rounds": 1, "candidates": 1}
    eureka(Script([GOOD]), task=TASK, **settings, history=History(path))
    with pytest.raises(ConfigError, match="was made with task="):
        eureka(Script([GOOD]), task="Another.", **settings, history=History(path))
    with pytest.raises(ConfigError, match="was made with seed=0"):
        eureka(Script([GOOD]), task=TASK, **settings, seed=1, history=History(path))
    path.write_text('{"v": 2, "loop": "eureka"}\n')
    with pytest.raises(ConfigError, match=r"eureka\.jsonl:1: unknown version"):
        History(path)
    path.write_text('{"v": 1, "loop": "eureka"}\n[]\n')
    with pytest.raises(ConfigError, match=r"eureka\.jsonl:2: no step"):
        History(path)


def test_numbers_out_of_range_are_refused(schema, grade):
    for wrong in ({"rounds": 0}, {"candidates": 0}):
        with pytest.raises(ConfigError, match="rounds and candidates of 1 or more"):
            eureka(Script([]), task=TASK, schema=schema, grade=grade, **wrong)
    with pytest.raises(ConfigError, match=r"Writer\.batch"):
        eureka(Script([]), task=TASK, schema=schema, grade=grade, batch=0)


# The grader.


def test_fitness_is_the_true_metric_alone(schema, episodes):
    with pytest.raises(ConfigError, match="episodes that differ in the true metric"):
        RecordedGrader(schema, episodes[:6], find_runner("unsafe-local"))
    with pytest.raises(ConfigError, match="one true value per episode"):
        RecordedGrader(schema, episodes, find_runner("unsafe-local"), truth=[1.0])
    with pytest.raises(ConfigError, match="lacks the true metric 'outcom'"):
        RecordedGrader(schema, episodes, find_runner("unsafe-local"), truth="outcom")
    with pytest.raises(ConfigError, match="is no number"):
        RecordedGrader(schema, episodes, find_runner("unsafe-local"), truth="end")


def test_the_answer_key_reaches_no_candidate(schema, grade, episodes):
    """The hidden number is what solves the task; the verdict is what fitness reads."""
    assert {"outcome", "solved", "end"}.isdisjoint(schema.keys)
    greedy = code(
        "1.0 if ('outcome' in record or 'solved' in record or 'number' in record) else 0.0"
    )
    done = eureka(Script([greedy]), task=TASK, schema=schema, grade=grade, rounds=1, candidates=1)
    assert done.best.fitness == 0.5  # constant: it learnt nothing
    named = eureka(
        Script([code("record['outcome']")]),
        task=TASK,
        schema=schema,
        grade=grade,
        rounds=1,
        candidates=1,
    )
    assert named.best is None


def test_ties_and_the_unmeasured_go_to_the_first(schema, grade):
    done = eureka(
        Script([GOOD]), task=TASK, schema=schema, grade=grade, rounds=1, candidates=1
    ).best
    assert better(done, done.edited(done.body + "# x")) is done
    assert better(None, done.edited(done.body)) is None
    assert better(done, done.examined(done.checks, done.fitness)) is done


def test_in_the_box_and_on_quest():
    if why := why_no_bubblewrap():
        pytest.skip(f"NO SANDBOX ON THIS MACHINE, generated code was not run in it: {why}")
    from envgym.rewards.generated.schema import schema_of
    from envgym.runtime import registry
    from envgym.runtime.evidence import declared

    quest = "envgym/Quest-v0"
    schema = schema_of(declared(registry.env_class(quest)), ["progress", "turn", "errors"])
    grade = RecordedGrader(schema, play(quest, 3, True) + play(quest, 3, False), find_runner())
    assert quest != GUESS
    spy = code("1.0 if __import__('os').path.exists('/etc/passwd') else 0.0")
    good = code("record['progress'] - 1.0")
    done = eureka(
        Script([spy, good]),
        task="Solve the quest.",
        schema=schema,
        grade=grade,
        rounds=1,
        candidates=2,
    )
    assert done.best.body in good
    assert done.best.fitness == 1.0
    spied = done.history.reward("round 0 candidate 0")
    found = evaluate(spied, schema, grade.episodes, grade.runner)
    assert {values["a"] for each in found.values for values in each} == {0.0}
