"""The array path against the scalar path, and what both must obey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import PCG64, Generator

from envgym.envs.bandits.fair.core import FairThresholdCore
from envgym.envs.bandits.fair.env import DECLARES
from envgym.runtime.numeric.arrays import NUMPY, arrays
from envgym.runtime.numeric.evidence import COMMON
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

OWN = {e.key for e in DECLARES} - {e.key for e in COMMON}


def rngs(seeds):
    return [Generator(PCG64(seed)) for seed in seeds]


def play(core, actions, noise, ar=NUMPY):
    """Yield (before, action, after, facts, outcomes, observation) of a batch, [rounds, B] actions."""
    state = core.start(actions.shape[1], noise, ar)
    state["t"] = ar.ints((actions.shape[1],), 0)
    for row in actions:
        action = ar.asarray(row)
        after, facts = core.advance(state, action, noise, ar)
        revealed = core.reveal(state, action, facts, ar)
        after["t"] = state["t"] + 1
        yield state, action, after, facts, revealed, core.observe(after, ar)
        state = after


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


CASES = {
    "default": {},
    "tension, gaussian": {"regime": "synthetic-tension", "noise": "gaussian"},
    "none, absolute": {"noise": "none", "absolute": True},
    "delay": {"delay": 3, "applicants": 20},
    "full": {"feedback": "full", "thresholds": 9},
    "full, gaussian": {"feedback": "full", "noise": "gaussian", "thresholds": 9},
    "full, delay, none": {"feedback": "full", "delay": 2, "noise": "none", "thresholds": 5},
    "full, delay, absolute": {"feedback": "full", "delay": 2, "absolute": True, "thresholds": 5},
    "german": {"regime": "german-age", "cost": 2.0, "kappa": 3.0, "decay": 0.5},
    "compas": {"regime": "compas", "benefit": 0.7, "applicants": 1000, "noise": "gaussian"},
}


@pytest.mark.parametrize("case", CASES)
def test_arrays_equal_scalar(case):
    core = FairThresholdCore(horizon=30, **CASES[case])
    seeds = [3, 4, 5]
    actions = Generator(PCG64(9)).integers(core.thresholds, size=(30, 3))
    scalars, ones = [core.scalar() for _ in seeds], rngs(seeds)
    for scalar, rng in zip(scalars, ones, strict=True):
        scalar.start(rng)
    for number, (before, action, after, facts, revealed, seen) in enumerate(
        play(core, actions, RowNoise(rngs(seeds)))
    ):
        assert set(facts) == OWN | {"utility", "expected", "violation"}
        for i, scalar in enumerate(scalars):
            close(scalar.share, before["share"][i])
            found = scalar.advance(int(action[i]), ones[i])
            assert set(found) == set(facts)
            for key, value in found.items():
                close(value, facts[key][i])
            close(scalar.observe(), seen[i])
            close(scalar.share, after["share"][i])
            (alone,), (many,) = scalar.reveal(int(action[i]), found), revealed
            assert alone.round == many.round[i] == max(number - core.delay, -1)
            if alone.round >= 0:
                assert alone.action == many.action[i] == actions[number - core.delay, i]
                close(alone.reward, many.reward[i])
                for one, each in zip(alone.residuals, many.residuals, strict=True):
                    close(one, each[i])
            assert scalar.t == number + 1
            assert scalar.myopic() == core.myopic(after, NUMPY)[i]
            assert scalar.expert() == core.expert(after, NUMPY)[i] == core.swept.best


@pytest.mark.parametrize("case", ["none, absolute", "full, delay, none"])
def test_torch_equals_numpy_without_noise(case):
    core = FairThresholdCore(horizon=20, **CASES[case])
    actions = Generator(PCG64(2)).integers(core.thresholds, size=(20, 4))
    ar = arrays("torch", "float64", None, "test")
    pairs = zip(
        play(core, actions, BatchNoise(Generator(PCG64(0)))),
        play(core, actions, None, ar),
        strict=True,
    )
    for ours, theirs in pairs:
        for key, value in ours[3].items():
            close(value, theirs[3][key].numpy())
        close(ours[5], theirs[5].numpy())
        close(ours[4][0].reward, theirs[4][0].reward.numpy())
        assert (ours[4][0].action == theirs[4][0].action.numpy()).all()
        assert (core.myopic(ours[2], NUMPY) == core.myopic(theirs[2], ar).numpy()).all()


@pytest.mark.parametrize("noise", ["binomial", "gaussian"])
@pytest.mark.parametrize("feedback", ["bandit", "full"])
def test_torch_noise_has_the_same_means(noise, feedback):
    from envgym.runtime.numeric.torch_noise import TorchNoise

    core = FairThresholdCore(horizon=2, noise=noise, feedback=feedback, thresholds=9)
    ar = arrays("torch", "float64", None, "test")
    actions = np.full((1, 4000), 4)
    _, _, _, facts, _, _ = next(iter(play(core, actions, TorchNoise(5, ar), ar)))
    utility = facts["utility"].numpy()
    error = utility.std() / np.sqrt(len(utility))
    assert abs(utility.mean() - facts["expected"].numpy()[0]) < 4 * error
    gap = facts["dp_gap"].numpy()
    want = core.people.accepted[1, 4] - core.people.accepted[0, 4]
    assert abs(gap.mean() - want) < 4 * gap.std() / np.sqrt(len(gap))


@pytest.mark.parametrize("noise", ["binomial", "gaussian"])
@pytest.mark.parametrize("feedback", ["bandit", "full"])
def test_batch_noise_and_rows_agree_in_distribution(noise, feedback):
    from scipy.stats import ks_2samp

    core = FairThresholdCore(
        horizon=4, noise=noise, feedback=feedback, thresholds=9, applicants=10_000
    )
    actions = np.tile(np.array([4, 2, 5, 4])[:, None], (1, 1500))
    one = list(play(core, actions, BatchNoise(Generator(PCG64(1)))))[-1][3]
    two = list(play(core, actions, RowNoise(rngs(range(1500)))))[-1][3]
    for key in ("utility", "dp_gap", "served"):
        assert ks_2samp(one[key], two[key]).pvalue > 0.01


@pytest.mark.parametrize("regime", ["synthetic-tension", "german-sex"])
def test_gaussian_noise_has_the_counts_moments(regime):
    """Means, variances and covariances of (utility, gap, served) agree."""
    sets = []
    for noise, seed in (("binomial", 1), ("gaussian", 2)):
        core = FairThresholdCore(horizon=1, regime=regime, noise=noise, applicants=400)
        actions = np.full((1, 40_000), 22)
        _, _, _, facts, _, _ = next(iter(play(core, actions, BatchNoise(Generator(PCG64(seed))))))
        sets.append(np.stack([facts[key] for key in ("utility", "dp_gap", "served")]))
    counts, normals = sets
    deviation = counts.std(1)
    assert np.abs(counts.mean(1) - normals.mean(1)).max() < 4 * deviation.max() / 140
    ratio = np.cov(normals) / np.outer(deviation, deviation)
    np.testing.assert_allclose(ratio, np.corrcoef(counts), atol=0.03)


def test_full_feedback_agrees_with_bandit_feedback_for_gaussian_noise():
    kwargs = {"horizon": 10, "noise": "gaussian"}
    actions = Generator(PCG64(1)).integers(41, size=(10, 2))
    bandit = FairThresholdCore(**kwargs)
    full = FairThresholdCore(feedback="full", **kwargs)
    for one, two in zip(
        play(bandit, actions, RowNoise(rngs([1, 2]))),
        play(full, actions, RowNoise(rngs([1, 2]))),
        strict=True,
    ):
        for key, value in one[3].items():
            close(value, two[3][key])


def test_full_feedback_counts_the_same_applicants():
    """Nobody accepted at a threshold is missing at a lower one, and all are accepted at 0."""
    core = FairThresholdCore(horizon=20, feedback="full", thresholds=21)
    actions = np.full((20, 8), 3)
    for *_, seen in play(core, actions, BatchNoise(Generator(PCG64(4)))):
        served = seen[:, 4 + 2 * 21 :]
        assert (np.diff(served, axis=1) <= 0).all()
        assert (served[:, 0] == 1.0).all()
        assert (seen[:, 4 + 21] == 0.0).all()
        assert (seen[:, 3] == served[:, 3]).all()


def test_delay_shows_the_same_outcomes_later():
    actions = Generator(PCG64(1)).integers(41, size=(12, 3))
    now = [*play(FairThresholdCore(horizon=12), actions, RowNoise(rngs([1, 2, 3])))]
    late = [*play(FairThresholdCore(horizon=12, delay=5), actions, RowNoise(rngs([1, 2, 3])))]
    for number in range(12):
        if number < 5:
            assert (late[number][5] == 0).all()
            assert (late[number][4][0].round == -1).all()
            continue
        close(late[number][5], now[number - 5][5])
        assert (late[number][4][0].round == number - 5).all()
        close(late[number][4][0].residuals[2], now[number - 5][4][0].residuals[2])


def test_advance_leaves_the_state_alone():
    core = FairThresholdCore(horizon=3, delay=2, feedback="full", thresholds=5)
    noise = BatchNoise(Generator(PCG64(0)))
    for before, action, after, *_ in play(core, np.ones((3, 4), dtype=int), noise):
        kept = {key: value.copy() for key, value in before.items()}
        core.advance(before, action, noise, NUMPY)
        for key, value in after.items():
            value[...] = -7  # what the kernel may do to a later state
            np.testing.assert_array_equal(before[key], kept[key])
        break


@given(
    kappa=st.floats(0, 10),
    decay=st.floats(0, 0.9999),
    action=st.integers(0, 40),
    start=st.floats(0.05, 0.95),
)
@settings(max_examples=60, deadline=None)
def test_the_population_contracts_by_decay(kappa, decay, action, start):
    """Two shares under one threshold come closer by exactly the factor ``decay``."""
    core = FairThresholdCore(horizon=1, noise="none", kappa=kappa, decay=decay)
    state = core.start(2, BatchNoise(Generator(PCG64(0))), NUMPY)
    state["share"] = np.array([start, 0.5])
    after, _ = core.advance(state, np.array([action, action]), None, NUMPY)
    one, two = after["share"]
    assert one - two == pytest.approx(decay * (start - 0.5), abs=1e-12)
    assert 0.05 - 1e-12 <= one <= 0.95 + 1e-12
    rest = core.swept.shares[action]
    assert abs(one - rest) <= abs(start - rest) + 1e-12


def test_the_contraction_factor_is_95_percent():
    core = FairThresholdCore(horizon=1)
    scalars = core.scalar(), core.scalar()
    for scalar, share in zip(scalars, (0.3, 0.6), strict=True):
        scalar.start(Generator(PCG64(0)))
        scalar.share = share
        scalar.advance(20, Generator(PCG64(0)))
    assert (scalars[1].share - scalars[0].share) / 0.3 == pytest.approx(0.95, abs=1e-12)


@given(action=st.integers(0, 40), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_facts_keep_their_definitions(action, seed):
    core = FairThresholdCore(horizon=1, regime="synthetic-tension")
    scalar = core.scalar()
    scalar.start(Generator(PCG64(seed)))
    facts = scalar.advance(action, Generator(PCG64(seed)))
    assert facts["violation"] >= 0
    assert facts["shortfall"] + facts["expected"] == pytest.approx(core.optimum, abs=1e-12)
    assert facts["potential"] == -abs(facts["share"] - core.rest)
    assert facts["dp_residual"] == max(facts["gap_high_residual"], facts["gap_low_residual"])
    assert facts["service_residual"] == core.least - facts["served"]
    assert -1.5 <= facts["utility"] <= 1.0
    assert core.observation_space.contains(scalar.observe())


def test_equal_seeds_give_equal_bytes():
    core = FairThresholdCore(horizon=20, feedback="full", delay=1, thresholds=5)
    actions = np.ones((20, 3), dtype=int)
    one, two = (
        [step[5].tobytes() for step in play(core, actions, BatchNoise(Generator(PCG64(8))))]
        for _ in range(2)
    )
    assert one == two
    other = [step[5].tobytes() for step in play(core, actions, BatchNoise(Generator(PCG64(9))))]
    assert one != other


def test_groups_are_never_empty():
    """The smallest round at the most lopsided share still has people of both groups."""
    core = FairThresholdCore(horizon=400, applicants=20, kappa=10.0, regime="synthetic-tension")
    rounds = [*play(core, np.full((400, 5), 22), BatchNoise(Generator(PCG64(0))))]
    for _, _, _, facts, _, _ in rounds:
        assert np.isfinite(facts["dp_gap"]).all()
    assert rounds[-1][2]["share"][0] == pytest.approx(0.05, abs=1e-6)


class Everybody:
    """Noise and generator in which everybody is accepted and good."""

    def uniform(self, shape):
        return np.full(shape, 0.5)

    def random(self):
        return 0.5

    def binomial(self, n, p):
        return n + 0.0 * np.asarray(p)


@pytest.mark.parametrize("feedback", ["bandit", "full"])
def test_rounding_leaves_utility_inside_its_bounds(feedback):
    """0.3 * 24 / 24 - 0.2 * 24 / 24 and 0.1 * 24 / 24 are above 0.1 in floating point."""
    core = FairThresholdCore(
        horizon=1, benefit=0.1, cost=0.2, applicants=24, feedback=feedback, thresholds=5
    )
    _, _, _, facts, _, seen = next(iter(play(core, np.zeros((1, 2), int), Everybody())))
    assert facts["utility"].tolist() == [0.1, 0.1]
    assert core.observation_space.contains(seen[0])
    scalar = core.scalar()
    scalar.start(Everybody())
    assert scalar.advance(0, Everybody())["utility"] == 0.1
    assert core.observation_space.contains(scalar.observe())


def test_observation_bounds():
    box = FairThresholdCore(cost=1.5, benefit=2.0).observation_space
    assert box.low.tolist() == [0.0, -1.5, -1.0, 0.0]
    assert box.high.tolist() == [1.0, 2.0, 1.0, 1.0]
    wide = FairThresholdCore(feedback="full", thresholds=3).observation_space
    assert wide.low.tolist() == [0, -1, -1, 0, *[-1] * 3, *[-1] * 3, *[0] * 3]
    assert wide.high.tolist() == [1.0] * 13
    endless = FairThresholdCore(noise="gaussian").observation_space
    assert endless.low.tolist() == [0.0, -np.inf, -np.inf, -np.inf]
    assert endless.high.tolist() == [1.0, np.inf, np.inf, np.inf]


def test_opening_and_oracle_are_told():
    core = FairThresholdCore()
    opening = dict(core.opening())
    assert set(opening) == OWN
    rest = core.oracle()["share"]
    assert (opening.pop("share"), opening.pop("potential")) == (0.5, -abs(0.5 - rest))
    assert rest != 0.5
    assert set(opening.values()) == {0.0}
    told = core.oracle()
    assert told["action"] == 11
    assert told["free_action"] == 13
    assert told["feasible"] == tuple(range(12))


def test_rounds_beyond_the_tolerance_are_worth_nothing():
    core = FairThresholdCore()
    utility, violation = [0.4, -0.3, 0.4, 0.4, -0.3], [0.0, 0.0, 0.02, 0.0201, 0.5]
    facts = {"utility": np.array(utility), "violation": np.array(violation)}
    assert core.worth(facts, NUMPY).tolist() == [0.4, -0.3, 0.4, 0.0, 0.0]
    for i, worth in enumerate([0.4, -0.3, 0.4, 0.0, 0.0]):
        assert core.worth_one({"utility": utility[i], "violation": violation[i]}) == worth


def test_outcome_floors_losses():
    core = FairThresholdCore(benefit=2.0)
    assert [core.outcome(mean) for mean in (-0.5, 0.0, 0.5, 3.0)] == [0.0, 0.0, 0.25, 1.0]
    means = np.array([-0.5, 0.0, 0.5, 3.0])
    assert core.outcomes(means, NUMPY).tolist() == [0.0, 0.0, 0.25, 1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"regime": "german"}, "regime.*german.*german-age"),
        ({"thresholds": 1}, "thresholds must be an integer from 2 to 1,001, got 1"),
        ({"thresholds": 7, "regime": "compas"}, "2, 3, 5, 6, 9, 11, 21, 26, 41, 51, 101, 201"),
        ({"applicants": 19}, "applicants must be an integer from 20"),
        ({"applicants": 100.0}, "applicants must be an integer"),
        ({"epsilon": -0.1}, "epsilon must be a number from 0 to 1, got -0.1"),
        ({"epsilon": float("nan")}, "epsilon must be a number from 0 to 1, got nan"),
        ({"floor": 1.5}, "floor must be a number from 0 to 1, got 1.5"),
        ({"decay": 1.0}, "decay must be a number from 0 to 0.9999, got 1.0"),
        ({"kappa": "1"}, "kappa must be a number from 0 to 10, got '1'"),
        ({"benefit": 0}, "benefit must be a number from 0.001"),
        ({"cost": -1}, "cost must be a number from 0 to 1000, got -1"),
        ({"absolute": 2}, "absolute"),
        ({"feedback": "ful"}, "feedback.*full"),
        ({"delay": 1001}, "delay must be an integer from 0 to 1,000, got 1001"),
        ({"noise": "normal"}, "noise.*normal"),
        ({"horizon": 0}, "horizon must be an integer from 1"),
        ({"data": "somewhere"}, "data is for the regimes german-sex, german-age and compas"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        FairThresholdCore(**arguments)


def test_problem_tells_scales_and_limits():
    problem = FairThresholdCore(applicants=400, horizon=7).problem
    assert (problem.actions, problem.horizon) == (41, 7)
    assert problem.scale == pytest.approx(1.2 / 20)
    assert problem.residual_scales == pytest.approx((1 / 20, 1 / 20, 0.5 / 20))
    assert problem.residuals == ("gap_high_residual", "gap_low_residual", "service_residual")
    assert problem.more["epsilon"] == 0.08
    tension = FairThresholdCore(regime="synthetic-tension").problem
    assert (tension.low, tension.high) == (-1.5, 1.0)
    assert tension.scale == pytest.approx(0.12)
    assert FairThresholdCore(cost=4.0).problem.scale == pytest.approx(0.24)
