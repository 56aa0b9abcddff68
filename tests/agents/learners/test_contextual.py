"""LinUCB, Diag-LinUCB, SquareCB: exact checks, delays, generations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.learners import make_learner
from envgym.agents.learners.history import History
from envgym.agents.learners.ridge import Ridge
from envgym.agents.learners.squarecb import inverse_gap
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem


def begun(spec, problem, batch=1, seed=0):
    learner = make_learner(spec)
    learner.begin(problem, batch, seed)
    return learner


def drive(learner, problem, batch, rounds, context, reward, mask=None):
    """Return the actions [rounds, B] against functions of the round."""
    actions = []
    for number in range(rounds):
        action = learner.act({"context": context(number)}, None if mask is None else mask(number))
        actions.append(action)
        learner.update([Outcome(np.full(batch, number), action, reward(number, action))])
    return np.array(actions)


def test_ridge_is_the_normal_equations():
    rng = np.random.default_rng(0)
    model = Ridge(2, 3, 4, ridge=0.5)
    seen = []
    for _ in range(60):
        rows, actions = np.array([0, 1]), rng.integers(3, size=2)
        x, r = rng.normal(size=(2, 4)), rng.normal(size=2)
        model.add(rows, actions, x, r)
        seen += [(i, actions[i], x[i], r[i]) for i in (0, 1)]
    for row in range(2):
        for action in range(3):
            mine = [(x, r) for i, a, x, r in seen if (i, a) == (row, action)]
            design, target = np.array([x for x, _ in mine]), np.array([r for _, r in mine])
            gram = 0.5 * np.eye(4) + design.T @ design
            assert model.theta[row, action] == pytest.approx(
                np.linalg.solve(gram, design.T @ target), abs=1e-12
            )
            assert model.inverse[row, action] == pytest.approx(np.linalg.inv(gram), abs=1e-12)
            assert model.count[row, action] == len(mine)
            x = rng.normal(size=4)
            both = np.stack([x, x])
            assert model.predict(both)[row, action] == pytest.approx(model.theta[row, action] @ x)
            assert model.width(both)[row, action] == pytest.approx(
                np.sqrt(x @ np.linalg.solve(gram, x))
            )


@pytest.mark.parametrize("memory", [1, 2, 9])
def test_generations_are_forgotten(memory):
    """After three generations the model is that of the last ``memory`` alone."""
    rng = np.random.default_rng(1)
    model, fresh = Ridge(1, 2, 3, memory=memory), Ridge(1, 2, 3)
    for generation in range(3):
        for _ in range(20):
            rows, actions = np.array([0]), rng.integers(2, size=1)
            x, r = rng.normal(size=(1, 3)), rng.normal(size=1)
            model.add(rows, actions, x, r)
            if generation >= 3 - memory:
                fresh.add(rows, actions, x, r)
        model.close()
        model.close()  # nothing was added: no generation
    assert model.theta == pytest.approx(fresh.theta, abs=1e-12)
    assert model.count.tolist() == fresh.count.tolist()


def test_linucb_by_hand():
    problem = Problem(actions=2, horizon=9, context=2)
    learner = begun("linucb:alpha=1", problem)
    x = np.array([[1.0, 0.0]])
    assert learner.act({"context": x}).tolist() == [0]
    learner.update([Outcome(np.array([0]), np.array([0]), np.array([0.6]))])
    # Along e0: .6/2 + sqrt(1/2) = 1.007 against 0 + 1; along e1 nothing is known of either.
    assert learner.act({"context": x}).tolist() == [0]
    learner.update([Outcome(np.array([1]), np.array([0]), np.array([0.0]))])
    # .6/3 + sqrt(1/3) = .777 against 1.
    assert learner.act(x).tolist() == [1]
    assert learner.act({"context": np.array([[0.0, 2.0]])}).tolist() == [0]


@pytest.mark.parametrize("clusters", [1, 4, 20])
def test_one_triggered_cluster_makes_both_the_same(clusters):
    """Spec: with one triggered cluster Diag-LinUCB equals LinUCB, over a run."""
    batch, items, rounds = 3, 6, 300
    problem = Problem(actions=items, horizon=rounds, context=clusters)
    rng = np.random.default_rng(clusters)
    contexts = np.zeros((rounds, batch, clusters))
    held = rng.integers(clusters, size=(rounds, batch))
    contexts[np.arange(rounds)[:, None], np.arange(batch), held] = rng.uniform(
        0.2, 1.5, size=(rounds, batch)
    )
    chance = rng.random((clusters, items))
    noise = rng.random((rounds, batch))
    masks = rng.random((rounds, batch, items)) < 0.6
    masks[:, :, 0] = True

    def reward(number, action):
        return (noise[number] < chance[held[number], action]).astype(float)

    full, diagonal = begun("linucb", problem, batch), begun("diag-linucb", problem, batch)
    both = [
        drive(each, problem, batch, rounds, contexts.__getitem__, reward, masks.__getitem__)
        for each in (full, diagonal)
    ]
    assert both[0].tolist() == both[1].tolist()
    places = np.arange(clusters)
    assert full.model.inverse[:, :, places, places].transpose(0, 2, 1) == pytest.approx(
        1 / diagonal.weight, abs=1e-12
    )
    assert full.model.theta.transpose(0, 2, 1) == pytest.approx(
        diagonal.moment / diagonal.weight, abs=1e-12
    )


def test_diag_linucb_by_hand():
    problem = Problem(actions=2, horizon=9, context=5)
    learner = begun("diag-linucb:alpha=0.5", problem)
    x = np.array([[0.0, 0.6, 0.0, 0.8, 0.0]])
    learner.act({"context": x})
    learner.update([Outcome(np.array([0]), np.array([0]), np.array([1.0]))])
    # d = 1.36 and 1.64, b = .6 and .8: .36/1.36 + .64/1.64 = .654950, and
    # .5 sqrt(.36/1.36 + .64/1.64) = .404645; of action 1: .5 * 1.
    assert learner.weight[0, :, 0].tolist() == pytest.approx([1, 1.36, 1, 1.64, 1])
    assert learner.moment[0, :, 0].tolist() == pytest.approx([0, 0.6, 0, 0.8, 0])
    assert learner.act({"context": x}).tolist() == [0]
    assert learner.act({"context": np.array([[1.0, 0, 0, 0, 0]])}).tolist() == [0]
    assert learner.act({"context": -x}).tolist() == [1]


def test_few_clusters_and_all_of_them_score_alike():
    """The short way over triggered clusters gives what the sum over all does."""
    problem = Problem(actions=4, horizon=9, context=9)
    learner, rng = begun("diag-linucb", problem, 6), np.random.default_rng(3)
    learner.weight = 1 + rng.random(learner.weight.shape)
    learner.moment = rng.normal(size=learner.moment.shape)
    x = np.zeros((6, 9))
    for row in range(6):
        x[row, rng.choice(9, 1 + row % 4, replace=False)] = 1 + rng.random(1 + row % 4)
    share = x[:, :, None] / learner.weight
    scores = (share * learner.moment).sum(1) + 0.5 * np.sqrt((x[:, :, None] * share).sum(1))
    assert learner.act({"context": x}).tolist() == scores.argmax(1).tolist()


# -- SquareCB ---------------------------------------------------------------------------------


def test_inverse_gap_by_hand():
    # A 3, gamma 10: 1/(3 + 4) and 1/(3 + 5); the rest is .732143.
    chances = inverse_gap(np.array([[0.9, 0.5, 0.4]]), 10.0)
    assert chances[0] == pytest.approx([1 - 1 / 7 - 1 / 8, 1 / 7, 1 / 8], abs=1e-12)
    # Two of them available: A is 2.
    masked = inverse_gap(np.array([[0.9, 0.5, 0.4]]), 10.0, np.array([[False, True, True]]))
    assert masked[0] == pytest.approx([0, 1 - 1 / 3, 1 / 3], abs=1e-12)


@given(
    estimates=st.lists(st.floats(-5, 5), min_size=2, max_size=8),
    gamma=st.floats(0, 1e6),
    data=st.data(),
)
@settings(max_examples=80, deadline=None)
def test_inverse_gap_is_a_distribution(estimates, gamma, data):
    count = len(estimates)
    mask = data.draw(st.lists(st.booleans(), min_size=count, max_size=count).filter(any))
    y = np.array([estimates])
    for valid in (None, np.array([mask])):
        chances = inverse_gap(y, gamma, valid)[0]
        assert chances.sum() == pytest.approx(1.0, abs=1e-12)
        assert chances.min() >= 0
        open_ = np.ones(count, bool) if valid is None else valid[0]
        assert (chances[~open_] == 0).all()
        top = np.where(open_, y[0], -np.inf).argmax()
        assert chances[top] >= 1 / open_.sum() - 1e-12
        others = np.flatnonzero(open_ & (np.arange(count) != top))
        rising = others[np.argsort(y[0][others], kind="stable")]
        assert (np.diff(chances[rising]) >= -1e-12).all()
    assert inverse_gap(y, 0.0)[0] == pytest.approx(np.full(count, 1 / count))


def test_squarecb_draws_what_it_says():
    problem = Problem(actions=3, horizon=9, context=1)
    learner = begun("squarecb:gamma=10,ridge=1e-9", problem, 4000)
    ones = {"context": np.ones((4000, 1))}
    assert set(learner.act(ones).tolist()) == {0, 1, 2}  # nothing is known: uniform
    assert learner.propensity == pytest.approx(np.full(4000, 1 / 3))
    table = np.tile([0.9, 0.5, 0.4], (4000, 1))
    learner.update([Outcome(np.zeros(4000, int), np.zeros(4000, int), table)])
    chosen = learner.act(ones)
    expected = np.array([1 - 1 / 7 - 1 / 8, 1 / 7, 1 / 8])
    assert np.bincount(chosen) / 4000 == pytest.approx(expected, abs=0.03)
    assert learner.propensity == pytest.approx(expected[chosen], abs=1e-6)


def test_squarecb_estimates_stay_in_range_and_the_unknown_is_hoped_for():
    problem = Problem(actions=2, horizon=9, context=1, low=0.0, high=1.0)
    learner = begun("squarecb:gamma=4,ridge=1e-9", problem)
    learner.act({"context": np.ones((1, 1))})
    learner.update([Outcome(np.array([0]), np.array([0]), np.array([0.5]))])
    # Estimates .5 and 1 (unknown): p_0 = 1 / (2 + 4 * .5).
    actions = learner.act({"context": np.ones((1, 1))})
    assert learner.propensity[0] == pytest.approx(0.25 if actions[0] == 0 else 0.75)
    # At x 4 the estimate of action 0 is 2, clipped to 1: even odds.
    learner.act({"context": np.full((1, 1), 4.0)})
    assert learner.propensity[0] == pytest.approx(0.5)


# -- Delays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["linucb", "diag-linucb", "squarecb:gamma=20"])
@pytest.mark.parametrize("batch_of", [1, 7, 50])
def test_a_delayed_outcome_meets_its_own_context(spec, batch_of):
    """The model after a run equals one that saw the same (context, action, reward) at once."""
    batch, rounds = 2, 100 - 100 % batch_of
    problem = Problem(actions=3, horizon=rounds, context=2)
    rng = np.random.default_rng(5)
    contexts, rewards = rng.random((rounds, batch, 2)), rng.random((rounds, batch))
    late, now = begun(spec, problem, batch), begun(spec, problem, batch)
    actions = []
    for number in range(rounds):
        actions.append(late.act({"context": contexts[number]}))
        if (number + 1) % batch_of == 0:
            first = number + 1 - batch_of
            late.update(
                [
                    Outcome(np.full(batch, j), actions[j], rewards[j])
                    for j in range(first, number + 1)
                ]
            )
        else:
            late.update([])
    for number in range(rounds):
        now.act({"context": contexts[number]})
        now.update([Outcome(np.full(batch, number), actions[number], rewards[number])])
    if spec == "diag-linucb":
        assert late.moment == pytest.approx(now.moment, abs=1e-12)
        assert late.weight == pytest.approx(now.weight, abs=1e-12)
    else:
        assert late.model.theta == pytest.approx(now.model.theta, abs=1e-12)
    assert len(late._history) <= 2 * batch_of + 2


def test_rows_that_lag_behind_keep_their_contexts():
    history = History("x", 2, 1)
    for number in range(9):
        history.keep(np.array([[number], [10 * number]], float))
        if number >= 1:  # row 0 is one round late, row 1 reveals nothing
            assert history.recall(np.array([number - 1]), np.array([0])).tolist() == [[number - 1]]
    rounds = np.arange(9)
    assert history.recall(rounds, np.ones(9, int))[:, 0].tolist() == [10.0 * n for n in range(9)]
    assert len(history) == 16


def test_rounds_that_were_not_played_are_refused():
    problem = Problem(actions=2, horizon=9, context=1)
    learner = begun("linucb", problem)
    learner.act({"context": np.ones((1, 1))})
    with pytest.raises(ConfigError, match=r"learner 'linucb': an outcome of round 1 was revealed"):
        learner.update([Outcome(np.array([1]), np.array([0]), np.array([0.0]))])


@pytest.mark.parametrize(
    ("obs", "complaint"),
    [
        ({"other": np.ones((1, 2))}, "the observation must be a dict with 'context'"),
        ({"context": np.ones((1, 3))}, r"'context' must have shape \(1, 2\), got \(1, 3\)"),
        (np.ones(2), r"'context' must have shape \(1, 2\), got \(2,\)"),
        ({"context": np.array([[1.0, np.nan]])}, "'context' holds NaN or infinity"),
    ],
    ids=["other", "width", "flat", "nan"],
)
def test_bad_contexts(obs, complaint):
    learner = begun("linucb", Problem(actions=2, horizon=9, context=2))
    with pytest.raises(ConfigError, match=complaint):
        learner.act(obs)


def test_full_feedback_teaches_every_action():
    problem = Problem(actions=2, horizon=9, context=1)
    learner = begun("linucb", problem, 2)
    learner.act({"context": np.array([[1.0], [2.0]])})
    table = np.array([[0.2, 0.4], [0.6, 0.8]])
    learner.update([Outcome(np.zeros(2, int), np.zeros(2, int), table)])
    # theta = x r / (1 + x^2).
    assert learner.model.theta[:, :, 0] == pytest.approx(
        np.array([[0.1, 0.2], [0.24, 0.32]]), abs=1e-12
    )


@pytest.mark.parametrize("spec", ["linucb", "squarecb:gamma=200"])
def test_they_learn_a_linear_world(spec):
    batch, rounds = 8, 600
    rng = np.random.default_rng(2)
    theta = 0.3 * rng.normal(size=(batch, 3, 3))
    contexts = rng.normal(size=(rounds, batch, 3))
    noise = 0.1 * rng.normal(size=(rounds, batch))
    values = 0.5 + np.einsum("bad,tbd->tba", theta, contexts)

    def reward(number, action):
        return values[number, np.arange(batch), action] + noise[number]

    def shown(number):
        return np.concatenate([np.ones((batch, 1)), contexts[number]], axis=1)

    wide = Problem(actions=3, horizon=rounds, low=-2.0, high=3.0, scale=0.1, context=4)
    learner = begun(spec, wide, batch)
    actions = drive(learner, wide, batch, rounds, shown, reward)
    late = slice(300, None)
    got = np.take_along_axis(values[late], actions[late][:, :, None], 2).mean()
    best, uniform = values[late].max(2).mean(), values[late].mean()
    assert got > uniform + 0.9 * (best - uniform)
