"""The findings of the reference environment, roughly: 20 seeds, 2000 rounds, aligned regime."""

import numpy as np
import pytest

from envgym.agents.learners import make_learner
from envgym.envs.bandits.fair.core import FairThresholdCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise

ROUNDS, SEEDS = 2000, 20


def play(spec, **arguments):
    """Return per seed: mean expected reward, summed violation, steady gap."""
    core = FairThresholdCore(horizon=ROUNDS, **arguments)
    noise = BatchNoise(np.random.Generator(np.random.PCG64(0)))
    state = {**core.start(SEEDS, noise, NUMPY), "t": np.zeros(SEEDS, np.int64)}
    learner = make_learner(spec)
    learner.begin(core.problem, SEEDS, 0)
    reward, violation, late = np.zeros((3, SEEDS))
    for number in range(ROUNDS):
        action = learner.act(core.observe(state, NUMPY))
        after, facts = core.advance(state, action, noise, NUMPY)
        learner.update(core.reveal(state, action, facts, NUMPY))
        state = {**after, "t": state["t"] + 1}
        reward += facts["expected"] / ROUNDS
        violation += facts["violation"]
        late += facts["expected"] * (number >= 0.8 * ROUNDS) / (0.2 * ROUNDS)
    return reward, violation, core.optimum - late


@pytest.mark.parametrize("absolute", [False, True], ids=["signed", "absolute"])
def test_ofs_violates_little_and_ends_near_the_oracle(absolute):
    arguments = {"regime": "synthetic-aligned", "absolute": absolute}
    reward, violation, gap = play("ofs", **arguments)
    assert abs(gap.mean()) < 0.003
    assert violation.mean() == pytest.approx(8.8, abs=2.0)
    for other, factor in (("ucb", 10), ("primal-dual", 4), ("penalised", 1.5)):
        baseline = play(other, **arguments)
        assert baseline[1].mean() > factor * violation.mean()
        if other != "penalised":
            difference = reward - baseline[0]
            assert difference.mean() > 3 * difference.std(ddof=1) / SEEDS**0.5
    cautious = play("pessimistic", **arguments)
    assert cautious[1].mean() == pytest.approx(6.3, abs=0.5)
    assert cautious[2].mean() == pytest.approx(0.0122, abs=0.002)


def test_delay_and_full_feedback():
    late = play("ofs", regime="synthetic-aligned", delay=5)
    assert abs(late[2].mean()) < 0.004
    full = play("ofs", regime="synthetic-aligned", feedback="full", noise="gaussian")
    assert abs(full[2].mean()) < 0.003
    assert full[1].mean() < play("ofs", regime="synthetic-aligned", noise="gaussian")[1].mean()
