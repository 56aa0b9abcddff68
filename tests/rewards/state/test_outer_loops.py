"""C11 and C12: what an outer loop keeps between iterations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.rewards.state.multiplier import Multiplier
from envgym.rewards.state.tuner import BlendTuner
from envgym.types import ConfigError, Stream

BLENDS = ((1.0, 0.0), (1.0, 0.5), (1.0, 1.0))


def test_cookbook_c11_update():
    assert Multiplier(0.5, 0.2, 0.1).updated(0.6).value == pytest.approx(0.21)


@given(st.floats(0, 5), st.lists(st.floats(-2, 2), max_size=10), st.floats(0, 3))
def test_the_price_is_never_negative_and_its_bound_holds(start, costs, bound):
    mu = Multiplier(0.5, start, 0.1, bound)
    for cost in costs:
        mu = mu.updated(cost)
        assert mu.value >= 0
        assert 0 <= mu.coefficient <= (bound or math.inf)


def test_long_slack_brings_the_price_to_zero_and_a_broken_limit_raises_it():
    mu = Multiplier(0.5, 1.0, 0.1)
    for _ in range(40):
        mu = mu.updated(0.0)
    assert mu.value == 0
    assert mu.updated(1.0).value > 0
    assert Multiplier(0.5, 0.3).coefficient == 0.3


def test_bad_multipliers_are_named():
    with pytest.raises(ConfigError, match="eta above 0"):
        Multiplier(0.5, eta=0.0)
    with pytest.raises(ConfigError, match="finite numbers"):
        Multiplier(math.nan)
    with pytest.raises(ConfigError, match="finite mean cost"):
        Multiplier(0.5).updated(math.inf)


def learner(harm, draws):
    """Mean primary return after an iteration on a blend; the auxiliary reward costs ``harm``."""
    return lambda weights: 0.5 - harm * weights[1] + 0.05 * (draws.uniform() - 0.5)


@pytest.mark.parametrize(("harm", "best"), [(0.4, (1.0, 0.0)), (-0.4, (1.0, 1.0))])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_cookbook_c12_a_harmful_auxiliary_reward_is_tuned_away(harm, best, seed):
    tuner = BlendTuner(BLENDS, explore=0.3, seed=seed)
    outcome = learner(harm, Stream(seed, "learner"))
    for _ in range(300):
        tuner = tuner.updated(outcome(tuner.weights))
    assert tuner.blends[tuner.best] == best
    chosen = tuner.counts[BLENDS.index(best)]
    assert chosen > 0.8 * sum(tuner.counts)


def test_it_is_a_function_of_seed_and_answers():
    def run(seed):
        tuner, path = BlendTuner(BLENDS, seed=seed), []
        for _ in range(12):
            path.append(tuner.chosen)
            tuner = tuner.updated(1.0)
        return path

    assert run(3) == run(3)
    assert {tuple(run(seed)[:3]) for seed in range(8)} != {tuple(run(3)[:3])}
    assert sorted(run(3)[:3]) == [0, 1, 2]


def test_an_iteration_without_a_valid_episode_changes_nothing():
    tuner = BlendTuner(BLENDS)
    assert tuner.updated(None) == tuner
    assert tuner.best == 0


def test_bad_tuners_are_named():
    with pytest.raises(ConfigError, match="at least one tuple of two or three finite weights"):
        BlendTuner(((1.0,),))
    with pytest.raises(ConfigError, match="explore must be 0 or more"):
        BlendTuner(BLENDS, explore=-1.0)
    with pytest.raises(ConfigError, match="one entry per blend"):
        BlendTuner(BLENDS, counts=(1,), sums=(1.0,))
    with pytest.raises(ConfigError, match="finite primary return"):
        BlendTuner(BLENDS).updated(math.nan)


def test_it_counts_from_zero_and_explores_by_the_formula():
    tuner = BlendTuner(BLENDS[:2], explore=0.5)
    first = tuner.chosen
    tuner = tuner.updated(0.25)
    assert (tuner.counts[first], tuner.sums[first], sum(tuner.sums)) == (1, 0.25, 0.25)
    assert tuner.chosen == 1 - first
    # Both once: the better mean wins; after that the confidence bound brings the other back.
    tuner = tuner.updated(0.5)
    assert tuner.chosen == 1 - first
    counts = (4, 1) if first else (1, 4)
    close = BlendTuner(BLENDS[:2], 0.5, 0, counts, tuple(0.5 * n for n in counts))
    assert close.chosen == counts.index(1)
