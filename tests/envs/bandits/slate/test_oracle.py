"""SlateRetention's exact optimum: by dynamic programme, by a plain recursion, and as played."""

from functools import cache
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest

from envgym.envs.bandits.slate.core import SlateRetentionCore
from envgym.envs.bandits.slate.oracle import plan
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise
from envgym.types import ConfigError

SMALL: dict[str, Any] = {
    "horizon": 5,
    "candidates": 4,
    "slots": 2,
    "categories": 2,
    "catalogue": "fixed",
    "linger": 0.0,
    "boredom": 0.9,
    "requests": 3,
    "sessions": 3,
    "weight": 2.0,
}


def world_of(core: SlateRetentionCore, seed: int) -> dict[str, Any]:
    return core.start(1, BatchNoise(np.random.default_rng(seed)), NUMPY)


def by_recursion(core: SlateRetentionCore, world: dict[str, Any], myopic: bool = False) -> float:
    """The optimum by trying everything, from the rules as the page states them."""
    interest, quality = world["interest"][0].tolist(), world["quality"][0].tolist()
    category, loyalty = world["category"][0].tolist(), float(world["loyalty"][0])
    slates = list(permutations(range(core.candidates), core.slots))

    def chances(slate: tuple[int, ...], last: tuple[int, ...]) -> list[float]:
        found, met = [], [0] * core.categories
        for place, item in enumerate(slate):
            group = category[item]
            tired = last.count(group) / core.slots
            value = (0.3 + 0.35 * (interest[group] + quality[item])) * (1 - core.boredom * tired)
            found.append(value * (1 - core.repeat_loss) ** met[group] * core.attention**place)
            met[group] += 1
        return found

    @cache
    def value(t: int, session: int, request: int, signals: int, last: tuple[int, ...]) -> float:
        if t == core.horizon or session == core.sessions:
            return 0.0
        tried = slates
        if myopic:
            tried = [max(slates, key=lambda slate: round(sum(chances(slate, last)), 12))]
        return max(worth(t, session, request, signals, last, slate) for slate in tried)

    def worth(
        t: int,
        session: int,
        request: int,
        signals: int,
        last: tuple[int, ...],
        slate: tuple[int, ...],
    ) -> float:
        odds = chances(slate, last)
        shown = tuple(sorted(category[item] for item in slate))
        total = 0.0
        for hits in product((0, 1), repeat=2 * core.slots):
            share = 1.0
            for place, hit in enumerate(hits):
                share *= odds[place // 2] if hit else 1 - odds[place // 2]
            n, s = request + 1, signals + sum(hits)
            temper = 10 - (n if core.temper == "clock" else 2 * n - s / core.slots)
            amount = sum(hits) / (2 * core.slots)
            if temper < 1 - 1e-9 or n >= core.requests:
                back = loyalty + core.pull * s / (2 * core.slots * n) + core.base
                back = min(max(back, 0.001), 0.999)
                on_day = [back * (1 - back) ** (day - 1) for day in range(1, core.days + 1)]
                lost = 1 - sum(on_day)
                absent = sum(p * (day - 1) / core.days for day, p in enumerate(on_day, 1)) + lost
                amount -= core.weight * absent
                amount += (1 - lost) * value(t + 1, session + 1, 0, 0, ())
            else:
                amount += value(t + 1, session, n, s, shown)
            total += share * amount
        return total

    return value(0, 0, 0, 0, ())


@pytest.mark.parametrize(
    ("seed", "more"),
    [
        (0, {}),
        (1, {"candidates": 2, "horizon": 12, "requests": 100, "temper": "clock"}),
        (3, {"candidates": 3, "horizon": 8, "requests": 100}),
        (2, {"boredom": 0.0, "linger": 0.8, "days": 3, "horizon": 4}),
    ],
    ids=["capped", "clock", "out of temper", "no boredom"],
)
def test_two_computations_agree(seed: int, more: dict[str, Any]) -> None:
    core = SlateRetentionCore(**SMALL | more)
    world = world_of(core, seed)
    best = plan(core, world)
    assert best.value == pytest.approx(by_recursion(core, world), abs=1e-9)
    myopic = plan(core, world, "myopic")
    assert myopic.value == pytest.approx(by_recursion(core, world, myopic=True), abs=1e-9)
    assert myopic.value <= best.value + 1e-12


def test_printed_figures() -> None:
    core = SlateRetentionCore(**SMALL | {"horizon": 12, "requests": 6, "repeat_loss": 0.0})
    world = world_of(core, 3)
    assert f"{plan(core, world).value:.4f}" == "5.4355"
    assert f"{plan(core, world, 'myopic').value:.4f}" == "3.3234"


def test_the_plan_earns_what_it_promises() -> None:
    core = SlateRetentionCore(**SMALL | {"horizon": 12, "requests": 6})
    world = world_of(core, 0)
    best = plan(core, world)
    batch = 20_000
    state = {key: np.repeat(value, batch, axis=0) for key, value in world.items()}
    noise = BatchNoise(np.random.default_rng(1))
    alive, total, mean = np.ones(batch, bool), np.zeros(batch), np.zeros(batch)
    for t in range(core.horizon):
        state["t"] = np.full(batch, t)
        state, facts = core.advance(state, best.act(state), noise, NUMPY)
        total += alive * facts["utility"]
        mean += alive * facts["expected"]
        alive &= ~facts["over"]
    for sums in (total, mean):
        assert abs(sums.mean() - best.value) < 3 * sums.std() / np.sqrt(batch)
    assert mean.std() < total.std()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"catalogue": "fresh"}, "needs catalogue='fixed'"),
        ({"linger": 0.5}, "linger=0 or boredom=0"),
        ({"candidates": 20, "slots": 5}, "too large"),
    ],
    ids=["fresh", "linger", "size"],
)
def test_what_has_no_exact_optimum(change: dict[str, Any], says: str) -> None:
    core = SlateRetentionCore(**SMALL | change)
    with pytest.raises(ConfigError, match=says):
        plan(core, world_of(core, 0))


def test_unknown_aim() -> None:
    core = SlateRetentionCore(**SMALL)
    with pytest.raises(ConfigError, match="Did you mean 'myopic'"):
        plan(core, world_of(core, 0), "myopc")
