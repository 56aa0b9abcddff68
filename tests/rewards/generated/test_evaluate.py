import pytest

from envgym.rewards import score
from envgym.rewards.generated.checks import dominance, examine
from envgym.rewards.generated.code import from_code
from envgym.rewards.generated.evaluate import Evaluated, annotated, evaluate
from envgym.rewards.generated.statistics import component_statistics, reflection
from envgym.types import Candidate, CodeLimits, ConfigError, EvidenceError


def written(schema, body, components="{'a': (0, 1)}"):
    return from_code(f"COMPONENTS = {components}\ndef reward(r):\n {body}\n", schema)


def check(reward, name):
    return next(each for each in reward.checks if each.name == name)


def test_values_come_per_record(good, schema, episodes, runner):
    found = evaluate(good, schema, episodes, runner)
    assert [len(each) for each in found.values] == [4, 3, 2]
    assert found.values[2] == ({"near": 0.0, "haste": 0.0}, {"near": 0.6, "haste": -0.01})
    assert found.totals() == pytest.approx((1.64, 0.17, 0.59))
    assert found.problems == {}


def test_candidates_keep_their_type(good, schema, episodes, runner):
    given = [Candidate(id="x", records=episodes[0], text="said")]
    late = annotated(given, good, evaluate(good, schema, given, runner))
    assert (late[0].id, late[0].text) == ("x", "said")
    assert late[0].records[1][good.key("near")] == 0.2


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return {'a': 1 / (r['turn'] - 1)}", "ZeroDivisionError"),
        ("return {'a': float('nan') if r['turn'] == 1 else 0.5}", "no finite number"),
        ("return {'a': 10 ** 400 if r['turn'] == 1 else 0.5}", "no finite number"),
        ("return {'a': None if r['turn'] == 1 else 0.5}", "no finite number"),
        (
            "global float\n float = lambda v: 10**400 if r['turn'] == 1 else v\n return {'a': 1}",
            "outside 0 to 1",
        ),
        ("return {'a': 2 if r['turn'] == 1 else 0.5}", "outside 0 to 1"),
        ("return {'a': '1' if r['turn'] == 1 else 0.5}", "component a is str"),
        ("return {'b': 0.5, 'a': 0.5} if r['turn'] == 1 else {'a': 0.5}", "'b' is not declared"),
        ("return {} if r['turn'] == 1 else {'a': 0.5}", "'a' is missing"),
        ("return 0.5 if r['turn'] == 1 else {'a': 0.5}", "returned float"),
        ("raise SystemExit if r['turn'] == 1 else KeyError", "SystemExit"),
        (
            "return {'a': r['secret'] and 0.5} if r['turn'] == 1 else {'a': 0.5}",
            "KeyError: 'secret'",
        ),
    ],
)
def test_what_fails_is_invalid_at_its_record_and_never_zero(
    schema, episodes, runner, body, problem
):
    reward = written(schema, body)
    found = evaluate(reward, schema, episodes, runner)
    assert all(each[1] == {"a": None} for each in found.values)
    assert any(problem in text for text in found.problems)
    assert found.totals() == (None, None, None)
    examined, _ = examine(reward, schema, episodes, runner)
    assert not examined.sound


def test_an_invalid_record_makes_the_score_invalid(schema, episodes, runner):
    reward = written(schema, "return {'a': 0.5 if r['progress'] < 1 else None}")
    late = annotated(episodes, reward, evaluate(reward, schema, episodes, runner))
    # Its checks fail, so it may not pay; even if it could, the score would be unknown, not 0.
    from envgym.rewards import Program, Source

    program = Program("p", Source(reward.key("a"), "step", 0, 1))
    scores = score(late, program)
    assert [each.total for each in scores] == [None, 1.0, 0.5]
    assert scores[0].reason == f"reward:{reward.key('a')}"


def test_a_record_that_takes_too_long_is_invalid_alone(schema, episodes, runner):
    reward = written(schema, "while r['turn'] == 3: pass\n return {'a': 0.5}")
    found = evaluate(reward, schema, episodes, runner, record_seconds=0.2)
    assert [each["a"] for each in found.values[0]] == [0.5, 0.5, 0.5, None]
    assert found.totals() == (None, 1.0, 0.5)
    assert found.problems == {"took longer than 0.2 s": 1}


def test_a_call_that_dies_makes_its_records_invalid(schema, episodes, runner):
    reward = written(schema, "import os; os._exit(0)")
    found = evaluate(reward, schema, episodes, runner)
    assert found.totals() == (None, None, None)
    assert next(iter(found.problems)).startswith("error: the process exited with code 0")
    endless = written(
        schema, "while True:\n  try:\n   while True: pass\n  except BaseException: pass"
    )
    limits = CodeLimits(seconds=0.5, memory_mb=256)
    found = evaluate(endless, schema, episodes, runner, limits=limits, record_seconds=0.1)
    assert found.totals() == (None, None, None)
    assert next(iter(found.problems)).startswith("timeout: ")


def test_the_answer_key_stays_out_of_reach(schema, episodes, runner):
    body = "return {'a': 1.0 if any(42 == v for v in r.values()) or 'outcome' in r or len(r) > 2 else 0.0}"
    found = evaluate(written(schema, body), schema, episodes, runner)
    assert {values["a"] for each in found.values for values in each} == {0.0}


def test_good_code_passes_every_check(good, schema, episodes, runner):
    examined, found = examine(good, schema, episodes, runner)
    assert [(each.name, each.passed) for each in examined.checks] == [
        ("imports", True), ("schema", True), ("runs", True), ("consistency", True), ("dominance", False),
    ]  # fmt: skip
    assert examined.sound
    assert "'near' has" in check(examined, "dominance").detail
    assert found == evaluate(good, schema, episodes, runner)


@pytest.mark.parametrize(
    "body",
    [
        "import itertools; C.append(1); return {'a': len(C) / 1000}",
        "import time; return {'a': time.time_ns() % 997 / 1000}",
        "import random; return {'a': random.random()}",
        "return {'a': hash('x' + str(r['turn'])) % 97 / 97}",
    ],
)
def test_memory_clock_and_chance_are_inconsistent(schema, episodes, runner, body):
    reward = from_code(f"C = []\nCOMPONENTS = {{'a': (0, 1)}}\ndef reward(r):\n {body}\n", schema)
    for name in ("import random", "import time"):  # even where the hint on imports is missed
        if name in body:
            reward = from_code(
                reward.body.replace(
                    name, f"{name.replace('import ', '')} = __import__('{name[7:]}')"
                ),
                schema,
            )
    examined, found = examine(reward, schema, episodes, runner)
    assert not check(examined, "consistency").passed
    assert not examined.sound
    assert None in {values["a"] for each in found.values for values in each}


def test_code_that_fails_statically_is_not_run(schema, episodes):
    class Never:
        name = "never"

        def call(self, *args):
            raise AssertionError

    reward = written(schema, "import os; return {'a': r['progress']}")
    examined, found = examine(reward, schema, episodes, Never())
    assert [each.name for each in examined.checks] == ["imports", "schema"]
    assert found.totals() == (None, None, None)


def test_what_cannot_be_evaluated_is_refused(good, schema, episodes, runner):
    with pytest.raises(ConfigError, match="only code is run"):
        evaluate(good.edited("be kind").__class__("prompt", "be kind"), schema, episodes, runner)
    with pytest.raises(ConfigError, match="was written for schema"):
        evaluate(
            good.__class__("code", good.body, good.components, "other"), schema, episodes, runner
        )
    with pytest.raises(EvidenceError, match="lacks evidence 'progress'"):
        evaluate(good, schema, [[{"turn": 1}]], runner)
    with pytest.raises(ConfigError, match="at least one episode"):
        examine(good, schema, [], runner)
    with pytest.raises(ConfigError, match="these values are of version"):
        annotated(episodes, good, Evaluated("x", ()))
    assert evaluate(good, schema, [], runner).values == ()


def test_cookbook_f_dominance():
    zero, one = {"x": 0.0, "y": 0.0}, {"x": 4.0, "y": 1.0}
    shares = dominance(Evaluated("v", ((zero, zero), (zero, one))))
    assert shares == pytest.approx({"x": 16 / 17, "y": 1 / 17})  # above 0.9: flagged
    assert dominance(Evaluated("v", ())) == {}
    assert dominance(Evaluated("v", ((zero, one), (zero, one)))) == {"x": 0.0, "y": 0.0}


def test_statistics_tell_what_each_component_did(good, schema, episodes, runner):
    found = evaluate(good, schema, episodes, runner)
    truth = [1.0, 0.0, 0.5]
    near, haste = component_statistics(found, truth)
    assert near.mean == pytest.approx((1.7 + 0.2 + 0.6) / 3)
    assert (near.lowest, near.highest) == pytest.approx((0.2, 1.7))
    assert near.share + haste.share == pytest.approx(1.0)
    assert near.course[0] == pytest.approx((0.2 + 0.1 + 0.6) / 3)
    text = reflection(found, truth, 0.5)
    assert "near: mean 0.833" in text
    assert text.splitlines()[-2:] == ["task metric: mean 0.5 over 3 episodes", "fitness: 0.500"]
    assert component_statistics(Evaluated("v", ()), []) == ()
