"""The findings of the reference environment, roughly: 20 seeds, 2000 rounds, aligned regime."""

import numpy as np
import pytest

from envgym.agents.learners import make_learner
from envgym.envs.bandits.fair import FairThresholdEnv
from envgym.envs.bandits.fair.core import FairThresholdCore
from envgym.runtime.numeric.arrays import NUMPY
from envgym.runtime.numeric.noise import BatchNoise
from envgym.runtime.numeric.vector import NumericVectorEnv

ROUNDS, SEEDS = 2000, 20


def play(spec, rounds=ROUNDS, **arguments):
    """Return per seed: mean expected reward, summed violation, steady gap."""
    core = FairThresholdCore(horizon=rounds, **arguments)
    noise = BatchNoise(np.random.Generator(np.random.PCG64(0)))
    state = {**core.start(SEEDS, noise, NUMPY), "t": np.zeros(SEEDS, np.int64)}
    learner = make_learner(spec)
    learner.begin(core.problem, SEEDS, 0)
    reward, violation, late = np.zeros((3, SEEDS))
    for number in range(rounds):
        action = learner.act(core.observe(state, NUMPY))
        after, facts = core.advance(state, action, noise, NUMPY)
        learner.update(core.reveal(state, action, facts, NUMPY))
        state = {**after, "t": state["t"] + 1}
        reward += facts["expected"] / rounds
        violation += facts["violation"]
        late += facts["expected"] * (number >= 0.8 * rounds) / (0.2 * rounds)
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


@pytest.mark.parametrize("cost", [1.0, 2.0])
def test_an_absolute_gap_is_biased_and_a_signed_one_is_not(cost):
    """German-sex, n 200, T 5000: from |gap| feasible thresholds look infeasible (spec 1, finding 4).

    The prototype's steady gaps: .0180 and .0842 for costs 1 and 2 with no seed below .003; signed
    .0006 and .0007 with 19 and 20 of 20 seeds below.
    """
    arguments = {"regime": "german-sex", "applicants": 200, "cost": cost, "rounds": 5000}
    biased = play("ofs", absolute=True, **arguments)[2]
    assert biased.min() > 0.003
    assert biased.mean() == pytest.approx({1.0: 0.0180, 2.0: 0.0842}[cost], abs=0.004)
    signed = play("ofs", **arguments)[2]
    assert abs(signed.mean()) < 0.003
    assert (signed < 0.003).sum() >= 17


@pytest.mark.parametrize("spec", ["ofs", "primal-dual", "thompson", "epsilon-greedy"])
@pytest.mark.parametrize("feedback", ["bandit", "full"])
@pytest.mark.parametrize("delay", [0, 3])
def test_a_single_environment_is_a_batch_of_one(spec, feedback, delay):
    """Its plain numbers teach what the vector's arrays do."""
    arguments = {"horizon": 30, "thresholds": 5, "feedback": feedback, "delay": delay}
    single, learner = FairThresholdEnv(**arguments), make_learner(spec)
    observed, _ = single.reset(seed=7)
    learner.begin(single.problem, 1, [7])
    many = NumericVectorEnv(FairThresholdEnv, 1, streams="rows", **arguments)
    shown, _ = many.reset(seed=[7])
    twin = make_learner(spec)
    twin.begin(many.problem, 1, [7])
    for _ in range(30):
        action, same = learner.act(observed[None]), twin.act(shown)
        assert action.tolist() == same.tolist()
        observed, *_, info = single.step(int(action[0]))
        shown, *_, infos = many.step(same)
        learner.update(info["revealed"])
        twin.update(infos["revealed"])
    assert learner.arms.count.tolist() == twin.arms.count.tolist()
    assert learner.arms.count.sum() == (30 - delay) * (5 if feedback == "full" else 1)
    np.testing.assert_allclose(learner.arms.total, twin.arms.total, rtol=1e-12, atol=1e-12)
    many.close()
    single.close()


def test_delay_and_full_feedback():
    late = play("ofs", regime="synthetic-aligned", delay=5)
    assert abs(late[2].mean()) < 0.004
    full = play("ofs", regime="synthetic-aligned", feedback="full", noise="gaussian")
    assert abs(full[2].mean()) < 0.003
    assert full[1].mean() < play("ofs", regime="synthetic-aligned", noise="gaussian")[1].mean()
