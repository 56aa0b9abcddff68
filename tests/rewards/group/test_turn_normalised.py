import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import Program, Source, score
from envgym.rewards.credit.ragged import pad
from envgym.rewards.group.normalise import dr_grpo, grpo
from envgym.rewards.group.turn_normalised import TurnNormalised, turn_normalise
from envgym.types import ConfigError

ITEM = Source("item")
series = st.lists(
    st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=1, max_size=4), max_size=7
)
WITHIN = pytest.mark.parametrize("within", ["turn", "group"])


def episode(values):
    records = [{"item": 0.0, "end": None}] + [{"item": x, "end": None} for x in values]
    records[-1]["end"] = "task"
    return records


def test_cookbook_a5_advantage():
    # Six rollouts have turn 0, four have turn 1: only turn 0 is compared.
    rows = [[0.5, 0.3]] + [[0.0, 0.0]] * 3 + [[0.0]] * 2
    values, mask = pad(rows)
    out, compared = turn_normalise(values, mask)
    assert compared.tolist() == [[True, False]] * 6
    assert out[:, 0] == pytest.approx([0.5 - 0.5 / 6] + [-0.5 / 6] * 5)
    assert np.all(out[:, 1] == 0)
    five = turn_normalise(values[:5], mask[:5])[1]
    assert five[:, 0].all()
    assert not turn_normalise(values[:4], mask[:4])[1].any()


@given(series)
def test_every_turn_is_normalised_among_its_holders(rows):
    values, mask = pad(rows)
    out, compared = turn_normalise(values, mask, more_than=2)
    for turn in range(values.shape[1]):
        held = mask[:, turn]
        if held.sum() > 2:
            assert out[held, turn].tolist() == dr_grpo(values[held, turn]).tolist()
        else:
            assert not compared[:, turn].any()
        assert abs(out[:, turn].sum()) < 1e-9


@given(series)
def test_within_the_group_all_turns_are_one_set(rows):
    values, mask = pad(rows)
    out, _ = turn_normalise(values, mask, within="group", divide=True, more_than=0, floor=0.1)
    assert out[mask].tolist() == grpo(values[mask], floor=0.1).tolist()


@WITHIN
@given(series, st.sampled_from([0.0, 7.0, float("nan")]))
def test_l9_padding_changes_nothing(within, rows, filler):
    values, mask = pad(rows)
    wide = np.full((values.shape[0], values.shape[1] + 2), filler)
    wide[:, : values.shape[1]][mask] = values[mask]
    held = np.zeros(wide.shape, bool)
    held[:, : values.shape[1]] = mask
    out, compared = turn_normalise(wide, held, within=within, more_than=1)
    plain, plain_compared = turn_normalise(values, mask, within=within, more_than=1)
    assert np.array_equal(out[:, : values.shape[1]], plain)
    assert np.array_equal(compared[:, : values.shape[1]], plain_compared)
    assert np.all(out[~held] == 0)


@WITHIN
@given(series.filter(bool))
def test_the_node_shares_the_kernel(within, rows):
    program = Program("p", TurnNormalised(ITEM, within, more_than=1))
    result = score([episode(row) for row in rows], program)
    values, mask = pad(rows)
    out, compared = turn_normalise(values, mask, within=within, more_than=1)
    for each, row, expected in zip(result, rows, out, strict=True):
        assert each.settled == pytest.approx(expected[: len(row)].tolist(), abs=1e-12)
    (report,) = result.report.values()
    assert report == {"turns": mask.sum(), "compared": compared.sum()}


def test_l2_nothing_to_compare():
    assert turn_normalise(np.zeros((0, 0)), np.zeros((0, 0)))[0].shape == (0, 0)
    assert turn_normalise([[1.0]], [[True]], more_than=0)[0].tolist() == [[0.0]]


def test_defaults_and_formula():
    rows = [[x] for x in (1.0, 0.0, 0.0, 0.0, 0.0)]
    five, four = (
        [each.total for each in score([episode(row) for row in some], Program("p", node))]
        for node, some in ((TurnNormalised(ITEM), rows), (TurnNormalised(ITEM), rows[:4]))
    )
    assert five == dr_grpo([1, 0, 0, 0, 0]).tolist()
    assert four == [0, 0, 0, 0]
    divided = turn_normalise(*pad(rows), divide=True)[0]
    assert divided[:, 0].tolist() == grpo([1, 0, 0, 0, 0]).tolist()
    one = score([episode([0.5, 1.5])], Program("p", TurnNormalised(ITEM, "group", more_than=0)))
    assert one[0].settled == (-0.5, 0.5)
    assert str(TurnNormalised(ITEM)) == "turn_normalised(item, turn, > 4)"
    assert str(TurnNormalised(ITEM, divide=True)) == "turn_normalised(item, turn, std, > 4)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: turn_normalise([1.0], [True]), r"of one shape \[G, T\]"),
        (lambda: turn_normalise([[1.0]], [[True]], more_than=-1), "more_than must be at least 0"),
        (
            lambda: turn_normalise([[1.0]], [[True]], within="turns"),
            "unknown way to compare turns 'turns'",
        ),
        (lambda: turn_normalise([[np.nan]], [[True]], more_than=0), "must be finite"),
        (lambda: TurnNormalised(Source("x", "episode")), "must be a step value; 'x'"),
        (lambda: TurnNormalised(ITEM, more_than=-1), "more_than must be at least 0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
