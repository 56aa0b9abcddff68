import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards import GroupNormalised, Program, Source, dr_grpo, grpo, normalise, rloo
from envgym.types import ConfigError

ESTIMATORS = pytest.mark.parametrize("kernel", [grpo, dr_grpo, rloo])
NAMES = pytest.mark.parametrize(
    "name", ["grpo", "dr_grpo", "rloo", "reinforce_pp", "reinforce_pp_baseline"]
)
groups = st.lists(st.floats(-10, 10).map(lambda x: round(x, 3)), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("kernel", "options", "first", "rest"),
    [
        (grpo, {}, 1.732, -0.577),
        (grpo, {"ddof": 1}, 1.5, -0.5),
        (dr_grpo, {}, 0.75, -0.25),
        (rloo, {}, 1.0, -0.333),
    ],
)
def test_cookbook_d1(kernel, options, first, rest):
    assert kernel([1, 0, 0, 0], **options) == pytest.approx([first, rest, rest, rest], abs=1e-3)


@ESTIMATORS
@given(values=groups, data=st.data())
def test_l4_permuting_the_rollouts_permutes_the_output(kernel, values, data):
    order = data.draw(st.permutations(range(len(values))))
    moved = kernel([values[i] for i in order])
    assert moved == pytest.approx(kernel(values)[list(order)], abs=1e-9)


@ESTIMATORS
@given(values=groups)
def test_sums_to_zero_and_is_finite(kernel, values):
    out = kernel(values)
    assert np.all(np.isfinite(out))
    assert abs(out.sum()) < 1e-6
    if len(values) == 1 or len(set(values)) == 1:
        assert np.all(out == 0)


@given(groups, st.floats(0.5, 10), st.floats(-5, 5))
def test_grpo_ignores_a_positive_affine_map(values, factor, shift):
    if np.std(values) > 0.01:
        mapped = [factor * x + shift for x in values]
        assert grpo(mapped) == pytest.approx(grpo(values), rel=1e-3, abs=1e-3)


@given(groups)
def test_rloo_leaves_each_rollout_out_of_its_own_baseline(values):
    if len(values) > 1:
        for i, a in enumerate(rloo(values)):
            others = values[:i] + values[i + 1 :]
            assert a == pytest.approx(values[i] - np.mean(others), abs=1e-9)


@NAMES
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 2), st.booleans()), max_size=12),
    st.sampled_from([0.0, 7.0, float("nan"), float("inf")]),
)
def test_l9_what_is_masked_changes_nothing(name, rows, filler):
    values = [x for x, _, _ in rows]
    labels, mask = [g for _, g, _ in rows], [m for _, _, m in rows]
    filled = [x if m else filler for x, _, m in rows]
    out = normalise(filled, labels, name, mask=mask)
    assert np.array_equal(out, normalise(values, labels, name, mask=mask))
    assert all(a == 0 for a, m in zip(out, mask, strict=True) if not m)


def test_groups_do_not_see_each_other():
    out = normalise([1, 5, 0, 9], [0, 1, 0, 1], "dr_grpo")
    assert out.tolist() == [0.5, -2.0, -0.5, 2.0]


def test_reinforce_pp_whitens_the_batch_and_its_baseline_form_centres_groups_first():
    returns, labels = [1, 0, 0, 0, 4, 2], [0, 0, 0, 0, 1, 1]
    plain = normalise(returns, labels, "reinforce_pp", ddof=1)
    assert plain.mean() == pytest.approx(0)
    assert plain.std(ddof=1) == pytest.approx(1, abs=1e-5)
    based = normalise(returns, labels, "reinforce_pp_baseline")
    centred = normalise(returns, labels, "dr_grpo")
    assert based == pytest.approx(centred / centred.std(), abs=1e-5)
    assert normalise([1, 0], [0, 1], "reinforce_pp_baseline").tolist() == [0, 0]


@NAMES
def test_l2_degenerate_batches(name):
    assert normalise([], [], name).tolist() == []
    assert normalise([3], [0], name).tolist() == [0]
    assert normalise([0.7, 0.7, 0.7], [0, 0, 0], name).tolist() == [0, 0, 0]
    assert normalise([1, 2], [0, 0], name, mask=[False, False]).tolist() == [0, 0]


@given(groups, st.floats(0.01, 5))
def test_a_clamped_floor_bounds_the_amplification_and_leaves_wide_groups_alone(values, floor):
    clamped = grpo(values, floor=floor, clamp=True)
    centred = dr_grpo(values)
    spread = np.std(values)
    if spread > floor:
        assert clamped == pytest.approx(centred / spread, rel=1e-9, abs=1e-12)
    else:
        assert clamped == pytest.approx(centred / floor, rel=1e-9, abs=1e-12)


OUTCOME = Source("outcome", "episode")


def test_the_node_has_the_options_of_its_estimator():
    node = GroupNormalised(OUTCOME, "grpo", floor=0.1, ddof=1, clamp=True)
    assert list(node.over([0.7, 0.71])) == grpo([0.7, 0.71], floor=0.1, ddof=1, clamp=True).tolist()
    assert node.formula == "grpo(outcome, floor=0.1, ddof=1, clamp)"
    assert Program.from_spec(Program("p", node).spec()).root == node
    assert Program("p", GroupNormalised(OUTCOME)).spec()["root"] == {
        "node": "group.normalised",
        "of": {"node": "source", "key": "outcome", "scope": "episode"},
    }


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normalise([1], [0], "rlo"), "unknown estimator 'rlo'.*'rloo'"),
        (lambda: normalise([1, 2], [0]), "of one length"),
        (lambda: grpo([float("nan")]), "must be finite; mask invalid rollouts"),
        (lambda: grpo([[1, 2]]), "must be one row"),
        (lambda: grpo([1], floor=0), "floor must be more than 0"),
        (lambda: grpo([1], ddof=2), "ddof must be 0 or 1"),
        (lambda: normalise([1], [0], "reinforce_p"), "Did you mean 'reinforce_pp'"),
        (lambda: normalise([float("inf")], [0]), "must be finite"),
        (lambda: GroupNormalised(OUTCOME, "rloo", floor=0.1), "floor belongs to estimator 'grpo'"),
        (lambda: GroupNormalised(OUTCOME, "dr_grpo", clamp=True), "clamp belongs to estimator"),
        (lambda: GroupNormalised(OUTCOME, "grpo", floor=0.0), "floor must be more than 0"),
        (lambda: GroupNormalised(OUTCOME, "grpo", ddof=2), "ddof must be 0 or 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
