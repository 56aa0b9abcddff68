"""PaymentBandit: arrays against plain floats, batches, oracle rates, bad input."""

import math

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy import integrate, stats

from envgym.envs.bandits.payment.core import PaymentBanditCore
from envgym.envs.bandits.payment.oracle import best_rate, open_counts, uniform_rate
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "default": PaymentBanditCore(horizon=40),
    "small batch": PaymentBanditCore(horizon=40, batch=7, actions=3, features=1, available=0.3),
    "scarce": PaymentBanditCore(horizon=30, batch=1, actions=12, features=9, available=0.01),
    "steep": PaymentBanditCore(horizon=30, batch=30, intercept=-10.0, slope=10.0, features=64),
}


def _begin(core, batch, noise):
    state = core.start(batch, noise, NUMPY)
    return {**state, "t": np.zeros(batch, dtype=np.int64)}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_arrays_and_floats_play_the_same_episode(core, seed):
    noise, rng = RowNoise([Generator(PCG64(seed))]), Generator(PCG64(seed))
    choose = np.random.default_rng(seed)
    scalar = core.scalar()
    scalar.start(rng)
    state = _begin(core, 1, noise)
    for _ in range(core.horizon):
        seen, single = core.observe(state, NUMPY), scalar.observe()
        assert core.observation_space.contains(single)
        for name in ("context", "mask"):
            np.testing.assert_allclose(seen[name][0], single[name], rtol=1e-12)
            assert seen[name].dtype == single[name].dtype
        valid = core.mask(state, NUMPY)[0]
        assert valid.tolist() == scalar.mask().tolist() == single["mask"].astype(bool).tolist()
        assert core.expert(state, NUMPY)[0] == scalar.expert()
        action = choose.choice(np.nonzero(valid)[0])
        after, facts = core.advance(state, np.array([action]), noise, NUMPY)
        plain = scalar.advance(action, rng)
        assert facts.keys() == plain.keys()
        for name, value in plain.items():
            assert facts[name][0] == pytest.approx(value, rel=1e-12, abs=1e-14), name
        shown = core.reveal(state, np.array([action]), facts, NUMPY)
        told = scalar.reveal(action, plain)
        assert len(shown) == len(told)
        for one, other in zip(shown, told, strict=True):
            assert (one.round[0], one.action[0], one.reward[0]) == other[:3]
        state = {**after, "t": state["t"] + 1}
    assert scalar.t == core.horizon


def test_a_row_does_not_depend_on_its_batch_and_seeds_decide():
    core = PaymentBanditCore(batch=5)

    def run(seeds):
        noise = RowNoise([Generator(PCG64(seed)) for seed in seeds])
        state = _begin(core, len(seeds), noise)
        total = np.zeros(len(seeds))
        for _ in range(20):
            after, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
            state = {**after, "t": state["t"] + 1}
            total += facts["expected"]
        return total

    together = run([1, 2, 3])
    assert together[1] == run([2])[0] == run([2])[0]
    assert len(set(together.tolist())) == 3


def test_one_generator_for_all_draws_the_same_law():
    core, count = PaymentBanditCore(), 4000
    first = _begin(core, count, BatchNoise(Generator(PCG64(11))))
    second = _begin(core, count, RowNoise([Generator(PCG64(10_000 + i)) for i in range(count)]))
    for name in ("chance", "features"):
        assert stats.ks_2samp(first[name][:, 0], second[name][:, 0]).pvalue > 0.01
    sizes = [state["valid"].sum(axis=1) for state in (first, second)]
    expected = open_counts(core.actions, core.available)
    for size in sizes:
        counts = np.bincount(size, minlength=core.actions + 1)
        kept = expected * count > 5
        found, law = counts[kept], expected[kept] * count
        assert stats.chisquare(found, law * found.sum() / law.sum()).pvalue > 0.01


def test_advance_leaves_its_state_alone():
    core, noise = PaymentBanditCore(batch=4), BatchNoise(Generator(PCG64(0)))
    state = _begin(core, 6, noise)
    kept = {name: value.copy() for name, value in state.items()}
    core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
    assert all((state[name] == kept[name]).all() for name in kept)


def test_context_has_a_one_and_a_fixed_length():
    core = PaymentBanditCore(features=7)
    seen = core.observe(_begin(core, 50, BatchNoise(Generator(PCG64(3)))), NUMPY)["context"]
    assert (seen[:, 0] == 1.0).all()
    assert np.linalg.norm(seen[:, 1:], axis=1) == pytest.approx(math.sqrt(7), rel=1e-12)


def test_something_is_always_available():
    core = PaymentBanditCore(available=0.01)
    valid = core.mask(_begin(core, 5000, BatchNoise(Generator(PCG64(3)))), NUMPY)
    assert valid.any(axis=1).all()
    # Without the rule that lets one in, 0.92 of these requests had none.
    assert (valid.sum(axis=1) == 1).mean() > 0.9


def test_outcomes_arrive_by_batches_and_rows_may_be_at_different_rounds():
    core, noise = PaymentBanditCore(batch=3, horizon=100), BatchNoise(Generator(PCG64(5)))
    state = _begin(core, 2, noise)
    # The second row begins a new episode after the first has played two rounds.
    played = [[], []]
    for number in range(9):
        if number == 2:
            state["t"][1] = 0
            played[1] = []
        action = core.expert(state, NUMPY)
        after, facts = core.advance(state, action, noise, NUMPY)
        shown = core.reveal(state, action, facts, NUMPY)
        for row in range(2):
            played[row].append((action[row], facts["utility"][row]))
        due = [(state["t"][row] + 1) % 3 == 0 for row in range(2)]
        assert len(shown) == (3 if any(due) else 0)
        for j, outcome in enumerate(shown):
            for row in range(2):
                if due[row]:
                    at = state["t"][row] - 2 + j
                    assert outcome.round[row] == at
                    assert (outcome.action[row], outcome.reward[row]) == played[row][at]
                else:
                    # Nor do the other fields give a pending answer away.
                    assert outcome.round[row] == -1
                    assert outcome.action[row] == outcome.reward[row] == 0
        state = {**after, "t": state["t"] + 1}
    assert state["t"].tolist() == [9, 7]


def test_an_incomplete_batch_is_never_revealed():
    core, rng = PaymentBanditCore(batch=3000, horizon=5), Generator(PCG64(1))
    assert core.slots == 5
    scalar = core.scalar()
    scalar.start(rng)
    told = [scalar.reveal(a, scalar.advance(a, rng)) for a in (scalar.expert() for _ in range(5))]
    assert told == [()] * 5


def _by_parts(core):
    """Return the oracle's rate as 1 - E integral f'(z) Phi(z)^k dz, by adaptive quadrature."""
    spread = core.slope * math.sqrt(core.features)

    def slope_of_chance(z):
        p = 1 / (1 + math.exp(-core.intercept - spread * z))
        return spread * p * (1 - p)

    rate = 0.0
    for k, share in enumerate(stats.binom.pmf(range(core.actions + 1), core.actions, 0.7)):
        lost, _ = integrate.quad(
            lambda z, k=k: slope_of_chance(z) * stats.norm.cdf(z) ** max(k, 1), -12, 12, epsabs=1e-9
        )
        rate += share * (1 - lost)
    return rate


def test_oracle_and_uniform_rates_by_two_computations():
    core = PaymentBanditCore()
    assert best_rate(core) == pytest.approx(_by_parts(core), abs=1e-6)
    assert round(best_rate(core), 4) == 0.9568
    points, weights = np.polynomial.hermite_e.hermegauss(80)
    spread = core.slope * math.sqrt(core.features)
    chance = 1 / (1 + np.exp(-core.intercept - spread * points))
    assert uniform_rate(core) == pytest.approx(weights @ chance / weights.sum(), abs=1e-6)
    assert round(uniform_rate(core), 4) == 0.8367


def test_oracle_rate_is_what_the_rules_give():
    core = PaymentBanditCore(actions=4, features=2, available=0.5, intercept=0.5, slope=1.0)
    state = _begin(core, 40_000, BatchNoise(Generator(PCG64(9))))
    best = np.where(state["valid"], state["chance"], 0.0).max(axis=1)
    error = best.std() / math.sqrt(len(best))
    assert best.mean() == pytest.approx(core.optimum, abs=4 * error)
    assert state["chance"].mean() == pytest.approx(core.oracle()["uniform"], abs=4 * error)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("actions", 1, "actions must be an integer from 2 to 127, got 1"),
        ("actions", 128, "got 128"),
        ("actions", 8.0, "got 8.0"),
        ("features", 0, "features must be an integer from 1 to 64, got 0"),
        ("available", 0.0, "available must be a number from 0.01 to 1, got 0.0"),
        ("available", math.nan, "got nan"),
        ("intercept", "2", "intercept must be a number from -10 to 10, got '2'"),
        ("slope", -0.1, "slope must be a number from 0 to 10, got -0.1"),
        ("batch", 0, "batch must be an integer from 1 to 100,000, got 0"),
        ("batch", True, "got True"),
        ("horizon", 0, "horizon must be an integer from 1 to 10,000,000, got 0"),
    ],
)
def test_bad_input(field, value, words):
    with pytest.raises(ConfigError) as caught:
        PaymentBanditCore(**{field: value})
    assert str(caught.value).startswith("PaymentBandit: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("actions", [2, 127])
def test_action_and_answer_share_a_byte(actions):
    core = PaymentBanditCore(actions=actions, batch=2, available=1.0)
    noise = BatchNoise(Generator(PCG64(1)))
    state = _begin(core, 3, noise)
    played = np.full(3, actions - 1)
    after, first = core.advance(state, played, noise, NUMPY)
    state = {**after, "t": state["t"] + 1}
    after, second = core.advance(state, played, noise, NUMPY)
    shown = core.reveal(state, played, second, NUMPY)
    assert [outcome.action.tolist() for outcome in shown] == [played.tolist()] * 2
    assert shown[0].reward.tolist() == first["utility"].tolist()
    assert shown[1].reward.tolist() == second["utility"].tolist()
