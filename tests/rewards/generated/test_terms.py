import json

import pytest

from envgym.rewards import ReduceSum, Source
from envgym.rewards.generated.terms import FixedTerms, Target, Term
from envgym.rewards.generated.value import parameters
from envgym.types import ConfigError

PROGRESS = Source("progress", "step", 0, 1)
TERMS = FixedTerms(
    (
        Term("near", PROGRESS, "share done", default=0.5),
        Term("turns", Source("turn", "step", 0, 100), "steps", -0.1, 0.0),
        Term("most", PROGRESS, "share done", target=Target(0.0, 1.0, 0.8)),
    )
)


def test_cookbook_f4():
    chosen = TERMS.accept({"near": 1.0, "most": 0.25, "most_target": 0.4, "turns": -0.1})
    records = [
        {"progress": 0, "turn": 0},
        {"progress": 0.5, "turn": 1},
        {"progress": 0.25, "turn": 2},
    ]
    value = ReduceSum(TERMS.program(chosen).root).settle(records)[0]
    assert value == pytest.approx(1.0 * 0.75 - 0.1 * 3 + 0.25 * 1)


def test_the_body_is_sorted_json_with_every_parameter():
    chosen = TERMS.accept({"near": 0.75})
    assert json.loads(chosen.body) == {"most": 0.0, "most_target": 0.8, "near": 0.75, "turns": 0.0}
    assert chosen.version == TERMS.accept({"near": 0.75, "most": 0.0}).version
    assert chosen.kind == "parameters"
    assert chosen.sound


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"neer": 1}, "Did you mean 'near'"),
        ({"near": 1.5}, "must be a number from 0 to 1, got 1.5"),
        ({"near": 10**400}, "must be a number from 0 to 1, got 1000"),
        ({"near": "1"}, "must be a number"),
        ({"near": True}, "must be a number"),
        ({"near": float("nan")}, "must be a number"),
        ({"most_target": -0.1}, "must be a number from 0 to 1"),
    ],
)
def test_parameters_out_of_their_range_are_refused(values, says):
    with pytest.raises(ConfigError, match=says):
        TERMS.accept(values)


def test_parameters_of_other_terms_are_refused():
    other = FixedTerms(TERMS.terms[:1])
    with pytest.raises(ConfigError, match="not written for these terms"):
        other.program(TERMS.accept({}))
    with pytest.raises(ConfigError, match="must be a number from 0 to 1"):
        TERMS.program(parameters({"near": 9.0}, TERMS.digest))


def test_terms_that_make_no_sense_are_refused():
    with pytest.raises(ConfigError, match="default must lie"):
        Term("a", PROGRESS, "", 0.0, 1.0, 2.0)
    with pytest.raises(ConfigError, match="target's default"):
        Term("a", PROGRESS, "", target=Target(0, 1, 5))
    with pytest.raises(ConfigError, match="identifier"):
        Term("a b", PROGRESS, "")
    with pytest.raises(ConfigError, match="at least one"):
        FixedTerms(())
    with pytest.raises(ConfigError, match="one name"):
        FixedTerms((TERMS.terms[0], TERMS.terms[0]))


def test_the_description_names_every_parameter():
    lines = TERMS.describe().splitlines()
    assert [line.partition(":")[0] for line in lines] == list(TERMS.ranges)
    assert lines[2] == "most: 0 to 1, default 0; weight of: share done"
