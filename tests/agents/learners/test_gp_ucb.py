"""GP-UCB: the sequential posterior is the textbook's, and it finds a peak."""

import numpy as np
import pytest

from envgym.agents.learners import make_learner
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem

PROBLEM = Problem(actions=0, horizon=60, more={"dims": 2, "length": 0.3, "noise": 0.1})


def begun(spec, problem=PROBLEM, batch=1, seed=0):
    learner = make_learner(spec)
    learner.begin(problem, batch, seed)
    return learner


def told(number, points, rewards):
    return Outcome(np.full(len(points), number), points, np.asarray(rewards, float))


def textbook(cloud, x, y, *, length=0.3, noise=0.1, amplitude=0.25, mean=0.5):
    """Return posterior mean and variance at every candidate by the matrix formula."""

    def kernel(a, b):
        squares = ((a[:, None] - b[None]) ** 2).sum(2)
        return amplitude**2 * np.exp(-0.5 * squares / length**2)

    gram = kernel(x, x) + noise**2 * np.eye(len(x))
    across = kernel(cloud, x)
    weights = np.linalg.solve(gram, across.T)
    return mean + weights.T @ (y - mean), amplitude**2 - (across * weights.T).sum(1)


def test_the_prior_fills_the_range_of_rewards():
    learner = begun("gp-ucb", Problem(actions=0, horizon=9, low=-1.0, high=3.0, more={"dims": 1}))
    # The middle of -1 and 3; (.25 * 4)^2.
    assert (learner.mean == 1.0).all()
    assert (learner.variance == 1.0).all()


def test_the_posterior_is_exact():
    learner = begun("gp-ucb:candidates=60", batch=3)
    rng = np.random.default_rng(0)
    rows, tried, seen = np.arange(3), [], []
    for number in range(25):
        # Repeats happen: 60 candidates, some tried again.
        points = learner.cloud[rows, rng.integers(20, size=3)]
        rewards = rng.random(3)
        learner.update([told(number, points, rewards)])
        tried.append(points)
        seen.append(rewards)
    for row in range(3):
        x, y = np.array(tried)[:, row], np.array(seen)[:, row]
        mean, variance = textbook(learner.cloud[row], x, y)
        assert learner.mean[row] == pytest.approx(mean, abs=1e-9)
        assert learner.variance[row] == pytest.approx(variance, abs=1e-9)
    scores = learner.mean + 2.0 * np.sqrt(learner.variance)
    assert learner.act(None).tolist() == learner.cloud[rows, scores.argmax(1)].tolist()


def test_rows_that_reveal_nothing_learn_nothing():
    learner = begun("gp-ucb:candidates=30", batch=2)
    points = learner.act(None)
    before = learner.mean[1].copy()
    learner.update([Outcome(np.array([0, -1]), points, np.array([1.0, np.nan]))])
    assert learner.count.tolist() == [1, 0]
    assert learner.mean[1].tolist() == before.tolist()
    learner.update([told(1, learner.act(None), [0.5, 0.5])])
    row = learner.count.tolist()
    assert row == [2, 1]
    _, variance = textbook(learner.cloud[1], points[1:], np.array([0.5]))
    assert learner.variance[1] == pytest.approx(variance, abs=1e-9)


def test_a_row_does_not_depend_on_its_batch():
    def run(rows):
        learner = begun("gp-ucb:candidates=80", batch=len(rows), seed=[7 + row for row in rows])
        found = []
        for number in range(20):
            points = learner.act(None)
            found.append(points)
            reward = [np.sin(9 * p.sum() + row) for p, row in zip(points, rows, strict=True)]
            learner.update([told(number, points, reward)])
        return np.array(found)

    whole = run([0, 1, 2])
    assert run([1])[:, 0].tolist() == whole[:, 1].tolist()
    assert not np.array_equal(whole[:, 0], whole[:, 1])


def test_it_finds_a_peak_that_random_points_miss():
    peak, batch = np.array([0.7, 0.2]), 8

    def value(points):
        return np.exp(-((points - peak) ** 2).sum(1) / (2 * 0.2**2))

    learner, rng = begun("gp-ucb", batch=batch), np.random.default_rng(1)
    late = []
    for number in range(60):
        points = learner.act(None)
        late.append(value(points))
        learner.update([told(number, points, late[-1] + 0.1 * rng.normal(size=batch))])
    assert np.mean(late[40:]) > 0.9
    assert np.mean(value(rng.random((4000, 2)))) < 0.3


def test_it_stops_learning_where_asked():
    learner = begun("gp-ucb:candidates=20,points=3")
    for number in range(6):
        learner.update([told(number, learner.act(None), [0.1 * number])])
    assert learner.count.tolist() == [3]
    assert learner.act(None)[0].tolist() == learner.cloud[0, learner.mean[0].argmax()].tolist()


def test_points_of_another_shape_are_refused():
    learner = begun("gp-ucb:candidates=20")
    with pytest.raises(ConfigError, match="points must have 2 coordinates"):
        learner.update([told(0, np.zeros((1, 3)), [0.0])])
