"""Page-level and item-level rewards [241]: a ranker trained without either ranks worse."""

from typing import Any

import numpy as np
import pytest

from envgym.envs.bandits.slate import rules
from envgym.envs.bandits.slate.core import SlateRetentionCore
from envgym.envs.bandits.slate.evidence import DECLARES, slate_presets
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise

PENALTIES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""What the ranker subtracts per earlier item of the same category: its only weight."""


def ranked(core: SlateRetentionCore, state: dict[str, Any], penalty: float) -> Any:
    """Slates by greedy choice of relevance minus ``penalty`` per earlier item of the category."""
    alone = core.alone(state)
    batch = len(alone)
    met = np.zeros((batch, core.categories))
    taken = np.zeros_like(alone, dtype=bool)
    rows, slate = np.arange(batch), []
    for _ in range(core.slots):
        score = alone - penalty * met[rows[:, None], state["category"]]
        best = np.where(taken, -np.inf, score).argmax(axis=1)
        taken[rows, best] = True
        met[rows, state["category"][rows, best]] += 1
        slate.append(best)
    return np.stack(slate, axis=1)


def measured(core: SlateRetentionCore, penalty: float, seed: int) -> dict[str, float]:
    """Mean item_reward, page_reward and ndcg over users and requests."""
    noise = BatchNoise(np.random.default_rng(seed))
    state = core.start(400, noise, NUMPY)
    sums: dict[str, float] = {"item_reward": 0.0, "page_reward": 0.0, "ndcg": 0.0}
    for _ in range(12):
        state, facts = core.advance(state, ranked(core, state, penalty), noise, NUMPY)
        for key in sums:
            sums[key] += float(facts[key].mean()) / 12
    return sums


def trained(core: SlateRetentionCore, item: float, page: float) -> float:
    """The penalty of highest mean reward on training users."""

    def reward(penalty: float) -> float:
        found = measured(core, penalty, 0)
        return item * found["item_reward"] + page * found["page_reward"]

    return max(PENALTIES, key=reward)


def test_dropping_either_level_loses_ndcg() -> None:
    core = SlateRetentionCore()
    ndcg = {
        name: measured(core, trained(core, item, page), 1)["ndcg"]
        for name, item, page in (
            ("page_item", 2 / 3, 1 / 3),
            ("item", 1.0, 0.0),
            ("page", 0.0, 1.0),
        )
    }
    assert ndcg["page_item"] > ndcg["item"] + 0.05
    assert ndcg["page_item"] > ndcg["page"] + 0.002


def test_the_exact_ranker_has_ndcg_one() -> None:
    core = SlateRetentionCore(slots=4, candidates=9, categories=3)
    noise = BatchNoise(np.random.default_rng(2))
    state = core.start(50, noise, NUMPY)
    _, facts = core.advance(state, core.expert(state, NUMPY), noise, NUMPY)
    np.testing.assert_allclose(facts["ndcg"], 1.0, rtol=1e-12)
    np.testing.assert_allclose(facts["shortfall"], 0.0, atol=1e-12)
    turned = core.expert(state, NUMPY)[:, ::-1]
    _, worse = core.advance(state, turned, noise, NUMPY)
    assert (worse["ndcg"] < 1.0).all() and (worse["shortfall"] > 0).all()


def test_presets_read_declared_evidence() -> None:
    declared = {item.key: item for item in DECLARES}
    presets = slate_presets()
    assert {"page", "item", "page_item", "immediate", "retention"} <= set(presets)
    for program in presets.values():
        assert program.needs <= set(declared)
    books = presets["page_item"].open({"item_reward": 0.0, "page_reward": 0.0, "end": None})
    amount, _ = books.step({"item_reward": 0.6, "page_reward": 0.9, "end": None})
    assert amount == pytest.approx(0.7)


def test_discounts_are_those_of_dcg() -> None:
    np.testing.assert_allclose(rules.discounts(3), [1.0, 1 / np.log2(3), 0.5])
