"""OnlineMatching: arrays against plain floats, batches, click rates, learning, bad input."""

import itertools
import math

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy import stats

from envgym.envs.bandits.matching.core import OnlineMatchingCore
from envgym.envs.bandits.matching.oracle import chances, mean_rates
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise
from envgym.types import ConfigError

CORES = {
    "default": OnlineMatchingCore(horizon=30),
    "one cluster": OnlineMatchingCore(horizon=30, clusters=1, triggered=1, items=3, degree=2),
    "all triggered": OnlineMatchingCore(horizon=30, clusters=5, triggered=5, items=9, degree=1),
    "complete": OnlineMatchingCore(horizon=30, clusters=3, triggered=2, items=4, degree=4),
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
        (shown,) = core.reveal(state, np.array([action]), facts, NUMPY)
        (told,) = scalar.reveal(action, plain)
        assert (shown.round[0], shown.action[0], shown.reward[0]) == told[:3]
        state = {**after, "t": state["t"] + 1}
    assert scalar.t == core.horizon


def test_graph_and_visits_keep_their_shape():
    core = OnlineMatchingCore(clusters=6, items=9, triggered=3, degree=4)
    state = _begin(core, 200, BatchNoise(Generator(PCG64(2))))
    assert ((state["table"] > 0).sum(axis=2) == 4).all()
    context = core.observe(state, NUMPY)["context"]
    assert ((context > 0).sum(axis=1) == 3).all()
    assert context.sum(axis=1) == pytest.approx(1.0, rel=1e-12)
    for table, weights, value, valid in zip(
        state["table"], context, state["value"], core.mask(state, NUMPY), strict=True
    ):
        # The whole product, not only the triggered rows.
        assert value == pytest.approx(chances(table, weights), rel=1e-12)
        linked = {j for c, j in itertools.product(range(6), range(9)) if weights[c] * table[c, j]}
        assert linked == set(np.nonzero(valid)[0].tolist())


def test_an_item_that_no_triggered_cluster_is_linked_to_is_never_best():
    core = OnlineMatchingCore(degree=1)
    state = _begin(core, 500, BatchNoise(Generator(PCG64(4))))
    best = core.expert(state, NUMPY)
    assert core.mask(state, NUMPY)[np.arange(500), best].all()
    assert (core.mask(state, NUMPY).sum(axis=1) <= core.triggered).all()


def test_one_generator_for_all_draws_the_same_law():
    core, count = OnlineMatchingCore(), 1500
    first = _begin(core, count, BatchNoise(Generator(PCG64(11))))
    second = _begin(core, count, RowNoise([Generator(PCG64(10_000 + i)) for i in range(count)]))
    for found in (
        [state["value"].max(axis=1) for state in (first, second)],
        [state["context"].max(axis=1) for state in (first, second)],
        [state["table"][:, 0, :].sum(axis=1) for state in (first, second)],
    ):
        assert stats.ks_2samp(*found).pvalue > 0.01


def test_a_row_does_not_depend_on_its_batch_and_seeds_decide():
    core = OnlineMatchingCore()

    def run(seeds):
        noise = RowNoise([Generator(PCG64(seed)) for seed in seeds])
        state = _begin(core, len(seeds), noise)
        total = np.zeros(len(seeds))
        for _ in range(10):
            after, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
            state = {**after, "t": state["t"] + 1}
            total += facts["expected"]
        return total

    together = run([1, 2, 3])
    assert together[1] == run([2])[0] == run([2])[0]
    assert len(set(together.tolist())) == 3


def test_advance_leaves_its_state_alone():
    core, noise = OnlineMatchingCore(), BatchNoise(Generator(PCG64(0)))
    state = _begin(core, 6, noise)
    kept = {name: value.copy() for name, value in state.items()}
    core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
    assert all((state[name] == kept[name]).all() for name in kept)


def test_clicks_come_at_their_chance():
    core, noise = OnlineMatchingCore(), BatchNoise(Generator(PCG64(8)))
    state = _begin(core, 20_000, noise)
    _, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
    off = facts["utility"] - facts["expected"]
    assert abs(off.mean()) < 4 * off.std() / math.sqrt(len(off))
    assert (facts["shortfall"] == 0.0).all()


def test_mean_rates_are_what_the_rules_give():
    core = OnlineMatchingCore(clusters=5, items=12, triggered=2, degree=4)
    state = _begin(core, 20_000, BatchNoise(Generator(PCG64(9))))
    value = state["value"]
    uniform = value.sum(axis=1) / (value > 0).sum(axis=1)
    found = mean_rates(5, 12, 2, 4)
    for rate, each in zip(found, (value.max(axis=1), uniform), strict=True):
        # Errors of both simulations, that of the oracle over 4,096 visits.
        error = each.std() * math.sqrt(1 / 20_000 + 1 / 4096)
        assert rate == pytest.approx(each.mean(), abs=4 * error)
    assert core.oracle() == {"clicks": found[0], "uniform": found[1]}
    assert core.optimum == found[0]


def test_mean_rates_in_a_case_known_exactly():
    # One cluster, all items linked: the best of J uniforms, J / (J + 1), and their mean, 1 / 2.
    best, uniform = mean_rates(1, 9, 1, 9)
    assert best == pytest.approx(0.9, abs=4 * math.sqrt(9 / 100 / 11 / 4096))
    assert uniform == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / 9 / 4096))


def _regret(core, alpha, rounds, worlds, seed):
    """Return the mean regret per round of Diag-LinUCB (alpha None: of random play)."""
    noise, own = BatchNoise(Generator(PCG64(seed))), np.random.default_rng(seed)
    state = _begin(core, worlds, noise)
    rows = np.arange(worlds)
    shape = (worlds, core.clusters, core.items)
    seen, paid, lost = np.ones(shape), np.zeros(shape), 0.0
    for _ in range(rounds):
        context, valid = state["context"], core.mask(state, NUMPY)
        if alpha is None:
            score = own.random(valid.shape)
        else:
            mean = np.einsum("bc,bcj->bj", context, paid / seen)
            score = mean + alpha * np.sqrt(np.einsum("bc,bcj->bj", context**2, 1 / seen))
        action = np.where(valid, score, -np.inf).argmax(axis=1)
        after, facts = core.advance(state, action, noise, NUMPY)
        seen[rows, :, action] += context**2
        paid[rows, :, action] += context * facts["utility"][:, None]
        lost += facts["shortfall"].mean()
        state = {**after, "t": state["t"] + 1}
    return lost / rounds


def test_the_mask_and_weights_are_enough_for_diag_linucb():
    core = OnlineMatchingCore()
    random, learnt = (_regret(core, alpha, 600, 16, 3) for alpha in (None, 0.5))
    assert learnt < 0.8 * random


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"clusters": 0}, "clusters must be an integer from 1 to 1,000, got 0"),
        ({"items": 1}, "items must be an integer from 2 to 10,000, got 1"),
        ({"triggered": 0}, "triggered must be an integer from 1 to 1,000, got 0"),
        ({"triggered": 21}, "triggered must be at most clusters (20), got 21"),
        ({"degree": 51}, "degree must be at most items (50), got 51"),
        ({"degree": 2.5}, "degree must be an integer from 1 to 10,000, got 2.5"),
        ({"horizon": 0}, "horizon must be an integer from 1 to 10,000,000, got 0"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "words",
)
def test_bad_input(fields, words):
    with pytest.raises(ConfigError) as caught:
        OnlineMatchingCore(**fields)
    assert str(caught.value).startswith("OnlineMatching: ")
    assert words in str(caught.value)
