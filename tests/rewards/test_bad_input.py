"""What the algebra does with bad input: defined, and one clear sentence."""

import json
import math
from functools import reduce

import pytest

from envgym.rewards import (
    GroupNormalised,
    Mean,
    Program,
    ProgressDelta,
    ReduceSum,
    Source,
    Sum,
    Tournament,
    WinRate,
    preference,
    resolve,
    score,
)
from envgym.types import ConfigError, Evidence, EvidenceError

OUTCOME = Source("outcome", "episode")
GROUPS = [GroupNormalised(OUTCOME), Tournament(OUTCOME), WinRate(OUTCOME)]
groups = pytest.mark.parametrize("node", GROUPS, ids=[node.kind for node in GROUPS])


def episode(outcome, progress=0.5):
    return [
        {"progress": 0.0, "end": None},
        {"progress": progress, "outcome": outcome, "end": "task"},
    ]


@pytest.mark.parametrize("odd", [None, math.nan, math.inf, -math.inf])
def test_signals_that_are_no_number_make_the_score_invalid(odd):
    program = Program("p", OUTCOME + ProgressDelta(Source("progress")))
    books = program.replay(episode(odd))
    assert (books.total, books.reason) == (None, "reward:outcome")
    online = program.replay(episode(1.0, progress=odd))
    assert (online.total, online.reason) == (None, "reward:progress")
    (alone,) = score([episode(odd)], program)
    assert (alone.total, alone.reason) == (None, "reward:outcome")


@groups
@pytest.mark.parametrize("odd", [None, math.nan, math.inf])
def test_they_never_reach_a_comparison(node, odd):
    found = score([episode(1.0), episode(odd), episode(0.0)], Program("p", node))
    alone = score([episode(1.0), episode(0.0)], Program("p", node))
    assert found[1].total is None
    assert [found[0].total, found[2].total] == [each.total for each in alone]
    assert found.dropped == {"1": "reward:outcome"}


@groups
def test_empty_groups_groups_of_one_and_all_invalid_groups(node):
    program = Program("p", node)
    assert list(score([], program)) == []
    (one,) = score([episode(1.0)], program)
    assert math.isfinite(one.total)
    nobody = score([episode(None), episode(math.nan)], program)
    assert [each.total for each in nobody] == [None, None]
    assert nobody.partial


def test_a_sum_that_overflows_is_invalid():
    huge = Program("p", 1e308 * Source("outcome", "episode") + 1e308 * OUTCOME)
    books = huge.replay(episode(1e10))
    assert (books.total, books.reason) == (None, "reward:outcome")


def test_unknown_evidence_is_named_with_what_there_is():
    declared = {"outcome": Evidence(key="outcome", type="float", help="", scope="episode")}
    program = Program("p", Source("outcom", "episode"))
    with pytest.raises(EvidenceError, match=r"needs evidence 'outcom'; E supplies outcome\. Did"):
        program.check(declared, "E")
    with pytest.raises(EvidenceError, match="lacks evidence 'outcom'; it holds end, outcome"):
        program.replay(episode(1.0))


def test_weights_off_the_simplex_and_mixed_scopes():
    users = (Source("a", "episode"), Source("b", "episode"))
    with pytest.raises(ConfigError, match=r"sum to 1|simplex"):
        preference(users, (0.5, 0.6))
    with pytest.raises(ConfigError, match=r"weights must be positive, got \[1.0, -1.0\]"):
        Mean(users, (1.0, -1.0))
    with pytest.raises(ConfigError, match="reduce the step value first"):
        Mean((Source("a"), Source("b", "episode")))


def test_an_expression_that_contains_itself():
    node = Sum((OUTCOME,))
    object.__setattr__(node, "of", (node,))
    with pytest.raises(ConfigError, match="contains itself"):
        Program("p", node)
    spec = {"node": "sum", "of": []}
    spec["of"].append(spec)
    for read in (Program.from_spec, lambda s: resolve(s, {})):
        with pytest.raises(ConfigError, match="nested deeper than"):
            read({"program": "p", "root": spec})


def test_an_expression_that_is_too_deep_or_just_deep_enough():
    deep = reduce(lambda below, _: ReduceSum(ProgressDelta(below)).of, range(150), Source("x"))
    with pytest.raises(ConfigError, match="nested deeper than"):
        Program("p", deep)
    fair = reduce(lambda below, _: ProgressDelta(below), range(40), Source("progress"))
    program = Program("p", fair)
    assert Program.from_spec(json.loads(json.dumps(program.spec()))) == program
    assert program.replay(episode(1.0)).total == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({"v": 2, "program": "p", "root": {}}, "schema version 2, which is newer than the 1"),
        ({"v": 0, "program": "p", "root": {}}, "field 'v' of a reward program must be 1, got 0"),
        ({"program": "p"}, "needs the fields 'program' and 'root'"),
        ({"program": 3, "root": {"node": "constant"}}, "Program.name must be a non-empty text"),
        ({"program": "p", "root": {"node": "constant", "amount": "x"}}, "must be a number"),
        ({"program": "p", "root": {"node": "constant", "amount": True}}, "must be a number"),
        ({"program": "p", "root": {"node": "mean", "of": 3}}, "root: Mean.of must be a list"),
        ({"program": "p", "roots": {}}, "unknown field|needs the fields"),
    ],
)
def test_bad_json_is_one_sentence(spec, complaint):
    with pytest.raises(ConfigError, match=complaint) as caught:
        resolve(spec, {})
    assert "\n" not in str(caught.value)


def test_finite_terms_whose_sum_overflows():
    terminal = Program("p", 1e308 * OUTCOME + 1e308 * OUTCOME)
    books = terminal.replay(episode(1.0))
    assert (books.total, books.reason, books.ledger) == (None, "reward:outcome", ())
    online = Program("p", 1e308 * Source("progress") + 1e308 * Source("progress"))
    running = online.open({"progress": 0.0, "end": None})
    paid, parts = running.step({"progress": 1.0, "end": None})
    assert (paid, parts) == (1e308, {"progress": 1e308})
    assert running.reason == "reward:progress"
    later = online.open({"progress": 0.0, "end": None})
    assert later.step({"progress": 0.5, "end": None})[0] == 1e308
    later.step({"progress": 0.5, "end": "task"})
    assert (later.total, later.reason) == (None, "reward:progress")


def test_integers_that_no_float_can_hold():
    assert Program("p", OUTCOME).replay(episode(10**400)).reason == "reward:outcome"
    with pytest.raises(ConfigError, match="must be a number below 1e308, got a larger one"):
        1.0 * Source("a", lo=-(10**400))


def test_a_text_may_be_called_inf():
    program = Program("p", Source("inf", "episode", hi=2.0, name="-inf"))
    assert Program.from_spec(json.loads(json.dumps(program.spec()))) == program


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"node": "constant", "amount": ' + "9" * 5000 + "}", "a number of too many digits"),
        ('{"node": "constant", "amount": 1e400}', "must be finite, got inf"),
        ('{"node": "constant", "amount": NaN}', "must be a number, got nan"),
        ('{"node": "constant", "amount": true}', "must be a number, got True"),
    ],
)
def test_numbers_in_a_file(tmp_path, text, complaint):
    file = tmp_path / "p.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        resolve(file, {})


def test_a_path_with_a_null_character():
    with pytest.raises(ConfigError, match="this is no path"):
        resolve("a\0.json", {})
