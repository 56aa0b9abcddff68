"""SlateRetention: the array path against the scalar path, laws, and bad input."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.envs.bandits.slate import rules
from envgym.envs.bandits.slate.core import SlateRetentionCore
from envgym.envs.bandits.slate.scalar import SlateRetentionScalar
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise, RowNoise, generator
from envgym.types import ConfigError

SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "small": {"candidates": 4, "slots": 2, "categories": 2, "sessions": 3, "profile": False},
    "clock": {"temper": "clock", "weight": 2.5, "requests": 7},
    "fixed": {"catalogue": "fixed", "linger": 0.0, "boredom": 0.9, "repeat_loss": 1.0},
    "one group": {"slots": 2, "candidates": 2, "categories": 1, "base": 0, "pull": 0, "days": 1},
    "all shown": {"slots": 6, "candidates": 6, "attention": 1.0, "repeat_loss": 0.0, "boredom": 0},
}


def slates(core: SlateRetentionCore, rng: np.random.Generator, batch: int) -> Any:
    """Valid slates drawn uniformly, int64 [batch, slots]."""
    return rng.random((batch, core.candidates)).argsort(axis=1)[:, : core.slots]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_arrays_and_scalars_play_the_same_episode(name: str, seed: int) -> None:
    core = SlateRetentionCore(**SETTINGS[name])
    scalar = SlateRetentionScalar(core)
    actions = np.random.default_rng(seed)
    ours, theirs = generator(seed, core.stream, "rounds"), generator(seed, core.stream, "rounds")
    noise = RowNoise([ours])
    state = core.start(1, noise, NUMPY)
    scalar.start(theirs)
    rounds = 0
    over = False
    while not over and rounds < core.horizon:
        state["t"] = np.array([rounds])
        seen = core.observe(state, NUMPY)
        alone = scalar.observe()
        assert seen.keys() == alone.keys() == core.observation_space.spaces.keys()  # type: ignore[attr-defined]
        for key, value in alone.items():
            np.testing.assert_allclose(seen[key][0], value, rtol=1e-12, atol=1e-15)
        assert alone in core.observation_space
        slate = slates(core, actions, 1)
        if rounds % 3 == 0:
            slate = core.expert(state, NUMPY)
            np.testing.assert_array_equal(slate[0], scalar.expert())
        assert core.valid(state, slate, NUMPY).all() and scalar.valid(slate[0])
        before = state
        state, facts = core.advance(state, slate, noise, NUMPY)
        other = scalar.advance(slate[0], theirs)
        assert facts.keys() == other.keys()
        for key, value in other.items():
            np.testing.assert_allclose(facts[key][0], value, rtol=1e-12, atol=1e-14, err_msg=key)
        (shown,) = core.reveal(before, slate, facts, NUMPY)
        (told,) = scalar.reveal(slate[0], other)
        assert int(shown.round[0]) == told.round == rounds
        assert shown.reward[0] == pytest.approx(told.reward)
        over = bool(facts["over"][0])
        rounds += 1
    assert scalar.t == rounds > 3
    assert over or rounds == core.horizon


def test_a_batch_is_many_episodes_in_distribution() -> None:
    from scipy.stats import ks_2samp

    core = SlateRetentionCore(horizon=20, slots=3, candidates=8)
    batch = 2000
    actions = np.random.default_rng(5)
    noise = BatchNoise(np.random.default_rng(6))
    state = core.start(batch, noise, NUMPY)
    for _ in range(15):
        state, facts = core.advance(state, slates(core, actions, batch), noise, NUMPY)
    rows: dict[str, list[float]] = {"expected": [], "patience": [], "item_reward": [], "ndcg": []}
    for seed in range(400):
        rng = generator(seed, core.stream, "rounds")
        scalar = SlateRetentionScalar(core)
        scalar.start(rng)
        for _ in range(15):
            one = scalar.advance(slates(core, actions, 1)[0], rng)
        for key, values in rows.items():
            values.append(one[key])
    for key, values in rows.items():
        assert ks_2samp(facts[key], values).pvalue > 0.01, key


def test_expected_is_the_mean_of_what_is_paid() -> None:
    core = SlateRetentionCore(slots=2, candidates=5, weight=3.0, temper="response")
    state = core.start(1, RowNoise([np.random.default_rng(3)]), NUMPY)
    state |= {
        "lost": np.array([core.patience - 1]),
        "request": np.array([7]),
        "signals": np.array([19]),
    }
    batch = 200_000
    many = {key: np.repeat(value, batch, axis=0) for key, value in state.items()}
    slate = np.tile([[0, 1]], (batch, 1))
    _, facts = core.advance(many, slate, BatchNoise(np.random.default_rng(4)), NUMPY)
    error = facts["utility"].std() / np.sqrt(batch)
    assert abs(facts["utility"].mean() - facts["expected"][0]) < 3 * error
    assert facts["retention"].min() == -1.0
    assert (facts["days"] > 0).mean() == pytest.approx(
        1 - rules.signal_counts(_chances(core, state))[0, 3:].sum(), abs=0.005
    )


def _chances(core: SlateRetentionCore, state: dict[str, Any]) -> Any:
    alone = core.alone(state)[:, :2]
    same = state["category"][:, 0] == state["category"][:, 1]
    appeal = alone * np.array([1.0, 1.0 - core.repeat_loss * float(same[0])])
    return appeal * np.array([1.0, core.attention])


def test_temper_falls_as_in_kuaisim() -> None:
    """10, minus 2 less the mean slate reward; below 1 the session ends."""
    core = SlateRetentionCore(slots=2, candidates=2, categories=1, days=365, base=0.3)
    scalar = SlateRetentionScalar(core)
    rng = np.random.default_rng(0)
    scalar.start(rng)
    temper = 10.0
    ended = 0
    for _ in range(100):
        facts = scalar.advance([0, 1], rng)
        temper += min(max(2 * facts["immediate"] - 2.0, -2.0), 0.0)
        assert (facts["days"] > 0) == (temper < 1.0)
        if facts["over"]:
            break
        if temper < 1.0:
            ended, temper = ended + 1, 10.0
        assert scalar.observe()["user"][0] == pytest.approx(temper)
    assert ended > 3


def test_return_follows_a_geometric_law() -> None:
    draws = np.random.default_rng(1).random(100_000)
    days = rules.days_away(draws, np.full(100_000, 0.3))
    assert days.min() == 1
    for day in (1, 2, 5):
        assert (days == day).mean() == pytest.approx(0.3 * 0.7 ** (day - 1), abs=0.005)
    paid = -np.minimum(days - 1, 10) / 10
    by_sum = sum(0.3 * 0.7 ** (d - 1) * (1 - (d - 1) / 10) for d in range(1, 11)) - 1
    assert float(rules.mean_retention(np.array(0.3), 10)) == pytest.approx(by_sum, abs=1e-12)
    assert paid.mean() == pytest.approx(by_sum, abs=0.005)
    assert round(by_sum, 6) == -0.226742
    chance = rules.comes_back(np.array([0.0, 1.0, 9.0]), np.array([-0.1, 0.0, 0.0]), 0.5, 0.1)
    np.testing.assert_allclose(chance, [0.001, 0.6, 0.999])


def test_worked_page() -> None:
    """Relevances .9 (a), .6 (a), .8 (b) of candidates .9, .6, .8, .7; three places, two groups."""
    alone = np.array([[0.9, 0.6, 0.8, 0.7]])
    slate = np.array([[0, 1, 2]])
    category = np.array([[0, 0, 1, 1]])
    found = rules.page(alone, alone[:, :3], category[:, :3], 2)
    half = 1 / np.log2(3)
    dcg = 0.9 + 0.6 * half + 0.8 * 0.5
    assert found["relevance"][0] == pytest.approx(2.3 / 2.4)
    assert found["ranking"][0] == pytest.approx(dcg / (0.9 + 0.8 * half + 0.6 * 0.5))
    assert found["diversity"][0] == 1.0
    assert found["redundancy"][0] == pytest.approx(1 / 3)
    assert found["item_reward"][0] == pytest.approx(dcg / (1.5 + half))
    assert found["page_reward"][0] == pytest.approx(
        (2.3 / 2.4 + float(found["ranking"][0]) + 1.0 + 2 / 3) / 4
    )
    worth = rules.gains(alone, category, 0.5)
    np.testing.assert_allclose(worth, [[0.9, 0.3, 0.8, 0.35]])
    np.testing.assert_array_equal(rules.best_slates(worth, 3), [[0, 2, 3]])
    assert slate.shape == (1, 3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 1.0), st.integers(0, 2)), min_size=3, max_size=6),
    st.integers(1, 3),
    st.floats(0.0, 1.0),
    st.floats(0.3, 1.0),
)
def test_no_slate_beats_the_best_one(
    items: list[tuple[float, int]], slots: int, loss: float, attention: float
) -> None:
    from itertools import permutations

    alone = np.array([[value for value, _ in items]])
    category = np.array([[group for _, group in items]])
    weights = rules.attentions(slots, attention)

    def worth(slate: tuple[int, ...]) -> float:
        total, met = 0.0, [0, 0, 0]
        for place, item in enumerate(slate):
            total += weights[place] * items[item][0] * (1 - loss) ** met[items[item][1]]
            met[items[item][1]] += 1
        return total

    best = rules.best_slates(rules.gains(alone, category, loss), slots)[0]
    top = max(worth(slate) for slate in permutations(range(len(items)), slots))
    assert worth(tuple(best.tolist())) == pytest.approx(top, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_signal_counts_are_a_distribution(chances: list[float]) -> None:
    odds = rules.signal_counts(np.array([chances]))[0]
    assert odds.sum() == pytest.approx(1.0, abs=1e-12)
    assert odds @ np.arange(len(odds)) == pytest.approx(2 * sum(chances), abs=1e-12)
    assert odds[-1] == pytest.approx(np.prod(chances) ** 2, abs=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
def test_facts_stay_in_their_ranges(name: str) -> None:
    from envgym.envs.bandits.slate.evidence import OWN

    core = SlateRetentionCore(**SETTINGS[name])
    rng = np.random.default_rng(9)
    noise = BatchNoise(np.random.default_rng(10))
    state = core.start(64, noise, NUMPY)
    for _ in range(40):
        state, facts = core.advance(state, slates(core, rng, 64), noise, NUMPY)
        for item in OWN:
            low = -np.inf if item.lo is None else item.lo
            high = np.inf if item.hi is None else item.hi
            assert (facts[item.key] >= low).all() and (facts[item.key] <= high).all()
        split = facts["immediate"] + core.weight * facts["retention"]
        np.testing.assert_allclose(facts["utility"], split)
        assert (facts["utility"] <= core.problem.high).all()
        assert (facts["utility"] >= core.problem.low).all()
        assert set(facts) == {item.key for item in OWN} | {
            "utility",
            "expected",
            "violation",
            "over",
        }
    assert set(core.opening()) == {item.key for item in OWN}


def test_advance_leaves_the_state_as_it_was() -> None:
    core = SlateRetentionCore()
    noise = BatchNoise(np.random.default_rng(0))
    state = core.start(3, noise, NUMPY)
    kept = {key: value.copy() for key, value in state.items()}
    core.advance(state, np.tile(np.arange(5), (3, 1)), noise, NUMPY)
    for key, value in kept.items():
        np.testing.assert_array_equal(state[key], value)


def test_repeats_and_strangers_are_no_slates() -> None:
    core = SlateRetentionCore(slots=3, candidates=4)
    scalar = SlateRetentionScalar(core)
    tries = np.array([[0, 1, 2], [3, 2, 0], [1, 1, 0], [0, 2, 0], [0, 1, 4], [-1, 0, 1]])
    expected = [True, True, False, False, False, False]
    assert core.valid({}, tries, NUMPY).tolist() == expected
    assert [scalar.valid(slate) for slate in tries] == expected
    assert not scalar.valid([0, 1])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"horizon": 0}, "horizon must be an integer from 1"),
        ({"slots": 21, "candidates": 30}, "slots must be an integer from 2 to 20, got 21"),
        ({"slots": 5, "candidates": 4}, "slots must be at most candidates"),
        ({"weight": float("nan")}, "weight must be a number from 0 to 100, got nan"),
        ({"boredom": 1.0}, "boredom must be a number from 0 to 0.95"),
        ({"linger": -0.1}, "linger must be a number from 0 to 1"),
        ({"temper": "clok"}, "clock"),
        ({"catalogue": "new"}, "fresh"),
        ({"days": 2.5}, "days must be an integer"),
        ({"profile": "yes"}, "profile"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_arguments(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        SlateRetentionCore(**wrong)


def test_shares_never_exceed_one_by_rounding() -> None:
    """All candidates in any order are the most relevant ones, whatever order they are added in."""
    core = SlateRetentionCore(candidates=4, slots=4, categories=1, repeat_loss=0.0)
    noise = BatchNoise(np.random.default_rng(0))
    state = core.start(2000, noise, NUMPY)
    order = np.random.default_rng(1).permuted(np.tile(np.arange(4), (2000, 1)), axis=1)
    _, facts = core.advance(state, order, noise, NUMPY)
    for key in ("relevance", "ranking", "ndcg"):
        assert facts[key].max() <= 1.0, key
    assert facts["relevance"] == pytest.approx(1.0)
