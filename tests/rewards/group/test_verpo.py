import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import Bounds, Program, ProgressDelta, Source, score
from envgym.rewards.credit.ragged import pad
from envgym.rewards.group.density_weights import density_weights, pass_rates
from envgym.rewards.group.verpo import CalibratedTests, turn_rewards, verpo, verpo_advantages
from envgym.rewards.read.weighted_tests import WeightedTests
from envgym.types import ConfigError, EvidenceError

RIGHT = Source("right", "episode", 0, 1)
turns = st.lists(st.tuples(*[st.booleans()] * 3), min_size=1, max_size=3)
groups = st.lists(turns, min_size=1, max_size=5)
laws = settings(deadline=None, max_examples=50)


def episode(results):
    records = [{"tests": (), "turn": 0, "end": None}]
    records += [{"tests": p, "turn": t, "end": None} for t, p in enumerate(results, 1)]
    records[-1] |= {"right": float(all(results[-1])), "end": "task"}
    return records


def arrays(group):
    _, mask = pad([[0.0] * len(each) for each in group])
    passes = np.zeros((*mask.shape, 3))
    for i, each in enumerate(group):
        passes[i, : len(each)] = each
    return passes, mask


def test_cookbook_b8_fused():
    # Two rollouts; the first passes all in two turns, the second one test in one turn.
    passes, mask = [[[1, 0], [1, 1]], [[1, 0], [0, 0]]], [[1, 1], [1, 0]]
    rates = pass_rates(passes, mask)
    assert rates == pytest.approx([1, 1 / 3])
    w = density_weights(rates)
    episode_part = (0.95**2) / 2
    mean = (w[0] + w.sum() + w[0]) / 3
    expected = [
        [episode_part + 0.5 * (w[0] - mean), episode_part + 0.5 * (w.sum() - mean)],
        [-episode_part + 0.5 * (w[0] - mean), 0],
    ]
    assert verpo_advantages(passes, mask) == pytest.approx(np.array(expected))


@laws
@given(groups, st.booleans())
def test_node_and_arrays_agree(group, by_sum):
    passes, mask = arrays(group)
    program = Program("p", verpo("tests", RIGHT, by_sum=by_sum))
    result = score([episode(each) for each in group], program)
    fused = verpo_advantages(passes, mask, by_sum=by_sum)
    relative = verpo_advantages(passes, mask, beta=0.0)
    for i, each in enumerate(result):
        # The node's last step earns the episode part; the arrays give it to every turn.
        dense = [x - relative[i, t] for t, x in enumerate(fused[i, : len(group[i])])]
        dense[-1] += relative[i, 0]
        assert each.settled == pytest.approx(dense, abs=1e-9)


@laws
@given(groups, st.data())
def test_frozen_weights_never_pay_less_for_passing_more(group, data):
    passes, mask = arrays(group)
    weights = data.draw(st.lists(st.floats(0, 1), min_size=3, max_size=3))
    flags = st.lists(st.integers(0, 1), min_size=passes.size, max_size=passes.size)
    more = np.maximum(passes, np.array(data.draw(flags)).reshape(passes.shape))
    assert np.all(turn_rewards(more, mask, weights) >= turn_rewards(passes, mask, weights))


@pytest.mark.parametrize(
    ("rows", "place", "by_sum"),
    [
        (["01011", "10100", "11110", "10000"], (2, 4), False),
        (["00011010", "11100110", "10011010"], (2, 2), True),
    ],
)
def test_weights_measured_in_the_group_can_pay_less_for_passing_more(rows, place, by_sum):
    before = np.array([[int(c) for c in row] for row in rows])
    after = before.copy()
    assert after[place] == 0
    after[place] = 1
    paid = [(p @ density_weights(p.mean(axis=0), by_sum=by_sum))[place[0]] for p in (before, after)]
    assert -1e-3 < paid[1] - paid[0] < -1e-4


@laws
@given(groups, st.floats(-5, 5))
def test_l9_masked_turns_change_nothing(group, filler):
    passes, mask = arrays(group)
    filled = np.where(mask[:, :, None], passes, filler)
    assert np.array_equal(verpo_advantages(filled, mask), verpo_advantages(passes, mask))


@laws
@given(groups, st.data())
def test_l4_permuting_the_rollouts_permutes_the_advantages(group, data):
    passes, mask = arrays(group)
    order = list(data.draw(st.permutations(range(len(group)))))
    moved = verpo_advantages(passes[order], mask[order])
    assert np.array_equal(moved, verpo_advantages(passes, mask)[order])


def test_l2_degenerate_groups():
    assert verpo_advantages(np.zeros((0, 0, 3)), np.zeros((0, 0))).shape == (0, 0)
    assert np.all(verpo_advantages(np.ones((2, 2, 3)), np.zeros((2, 2))) == 0)
    assert np.all(verpo_advantages(np.ones((3, 2, 2)), np.ones((3, 2))) == 0)
    assert np.all(verpo_advantages(np.zeros((2, 2, 0)), np.ones((2, 2))) == 0)
    one = verpo_advantages([[[1, 1]], [[0, 0]]], [[1], [0]])
    assert np.all(one == 0)  # the rollout without turns takes no part


def test_calibrated_tests_report_rates_and_weights_and_skip_turns_without_tests():
    group = [episode([(True, True), ()]), episode([(True, False)])]
    result = score(group, Program("p", CalibratedTests("tests")))
    (report,) = result.report.values()
    assert report["rates"] == [1.0, 0.5]
    assert report["weights"] == density_weights([1.0, 0.5]).tolist()
    assert result[0].settled == pytest.approx([sum(report["weights"]), 0])
    idle = score([episode([()])], Program("p", CalibratedTests("tests")))
    assert idle[0].total == 0
    assert list(idle.report.values()) == [{"rates": [], "weights": []}]


def test_an_unknown_result_drops_its_rollout_from_the_rates():
    good, bad = episode([(True, False)]), episode([(True, None)])
    result = score([good, bad], Program("p", CalibratedTests("tests")))
    assert result[1].total is None
    assert result[1].reason == "reward:calibrated_tests"
    (report,) = result.report.values()
    assert report["rates"] == [1.0, 0.0]


def test_weighted_tests_run_inside_step_and_pay_a_rerun_once_below_a_delta():
    node = WeightedTests("tests", (0.2, 0.8))
    assert Program("p", node).phase == "online"
    assert node.bounds == Bounds(0, 1)
    records = [{"tests": ()}, {"tests": (True, False)}, {"tests": (True, False)}]
    assert node.settle(records)[1] == (0.2, 0.2)
    assert ProgressDelta(node).settle(records)[1] == (0.2, 0.0)
    assert node.settle([{"tests": ()}, {"tests": None}]) == (None, ())
    assert str(WeightedTests("t", (0.0, 0.5, 1.0, 2.0))) == "weighted_tests(t, 0, 0.5, 1, 2)"
    assert str(WeightedTests("t", (1.0,) * 5)) == "weighted_tests(t, 1, 1, 1, 1, ...)"
    assert node.settle([{"tests": []}, {"tests": [True, None]}]) == (None, ())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: verpo("t", RIGHT, gamma=0), ConfigError, r"gamma must be in \(0, 1\]"),
        (lambda: verpo("t", RIGHT, beta=-1), ConfigError, "beta must be at least 0"),
        (lambda: CalibratedTests("t", sigma=0), ConfigError, "sigma must be at least"),
        (
            lambda: turn_rewards([[[1]]], [[1]], [1, 2]),
            ConfigError,
            "one number per test, 1; got 2",
        ),
        (lambda: WeightedTests("t", ()), ConfigError, "weights must hold numbers"),
        (lambda: WeightedTests("t", (-1.0,)), ConfigError, "weights must hold numbers"),
        (
            lambda: WeightedTests("t", (1.0,)).read({"t": (True, True)}),
            EvidenceError,
            "has 2 test results, but WeightedTests has 1 weights",
        ),
        (
            lambda: WeightedTests("t", (1.0,)).read({"t": ("yes",)}),
            EvidenceError,
            "must hold true or false per test, got 'yes'",
        ),
        (lambda: WeightedTests("t", (1.0,)).read({}), EvidenceError, "lacks evidence 't'"),
        (
            lambda: score(
                [episode([(True,)]), episode([(True, False)])],
                Program("p", CalibratedTests("tests")),
            ),
            EvidenceError,
            "turns with 1 and with 2",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
