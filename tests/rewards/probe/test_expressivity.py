from itertools import product
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards.probe.expressivity import (
    Expressivity,
    OrderedMilestones,
    express,
)
from envgym.types import ConfigError

ORDERED = [("a", "b")]
REST = [("a", "a"), ("b", "a"), ("b", "b")]


def worth(walk, reward, discount):
    return fsum(discount**t * reward[state] for t, state in enumerate(walk))


@pytest.mark.parametrize("discount", [1.0, 0.99, 0.9, 0.5])
def test_cookbook_h14(discount):
    """First a, then b: no reward per state, whatever the discount; with a memory there is one."""
    assert express(ORDERED, REST, discount).reward is None
    report = Expressivity(("a", "b"), discount).run(ORDERED, REST)
    assert not report.passed
    assert report.detail["margin_with_memory"] > 0.1
    assert len(report.notes) == 2


def test_no_grid_of_rewards_finds_one_either():
    grid = [x / 2 for x in range(-8, 9)]
    for a, b in product(grid, grid):
        best = worth(ORDERED[0], {"a": a, "b": b}, 0.9)
        assert any(worth(w, {"a": a, "b": b}, 0.9) >= best for w in REST)


walks = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(tuple), min_size=1, max_size=4
)


@settings(max_examples=150)
@given(walks, walks, st.sampled_from([1.0, 0.9, 0.5]))
def test_either_a_reward_that_works_or_a_contradiction(good, bad, discount):
    found = express(good, bad, discount)
    if found.reward is not None:
        for g, b in product(good, bad):
            assert worth(g, found.reward, discount) > worth(b, found.reward, discount)
        assert found.margin > 0
        return
    assert fsum(weight for _, _, weight in found.contradiction) == pytest.approx(1.0, abs=1e-6)
    for state in "abc":  # the weighted differences cancel for every state, so for every reward
        reward = {s: float(s == state) for s in "abc"}
        assert fsum(
            weight * (worth(g, reward, discount) - worth(b, reward, discount))
            for g, b, weight in found.contradiction
        ) == pytest.approx(0.0, abs=1e-6)


def test_a_goal_that_is_a_place_needs_no_memory():
    report = Expressivity().run([("a", "goal"), ("b", "goal")], [("a", "b"), ("a", "a")])
    assert report.passed
    assert report.metric > 0


def test_the_machine_counts_in_order_only():
    machine = OrderedMilestones(("a", "b"))
    assert machine.product(("b", "a", "x", "b", "a")) == ("b|0", "a|1", "x|1", "b|2", "a|2")
    assert OrderedMilestones(()).product(("a",)) == ("a|0",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: express([], REST), "at least one good and one bad"),
        (lambda: express(ORDERED, REST, 0.0), "discount must be above 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
