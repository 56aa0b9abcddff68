"""Off-policy evaluation: worked numbers, laws, and the truth of a small contextual problem."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.agents.learners.ope import (
    direct,
    dr,
    effective_size,
    importance_weights,
    ipw,
    ridge_model,
    snipw,
    taken,
)
from envgym.types import ConfigError

REWARDS = [1.0, 0.0, 2.0]
ACTIONS = [0, 1, 0]
LOGGED = [0.5, 0.25, 0.4]
TARGET = np.array([[0.25, 0.75], [0.5, 0.5], [0.4, 0.6]])
Q = np.array([[0.5, 1.0], [1.0, 0.0], [1.0, 1.0]])
TAKEN = taken(TARGET, ACTIONS)


def test_worked_numbers():
    # w = .5, 2, 1; w r = .5, 0, 2
    assert TAKEN.tolist() == [0.25, 0.5, 0.4]
    assert importance_weights(LOGGED, TAKEN).tolist() == [0.5, 2.0, 1.0]
    assert effective_size([0.5, 2.0, 1.0]) == pytest.approx(12.25 / 5.25)
    plain = ipw(REWARDS, LOGGED, TAKEN)
    assert plain.value == pytest.approx(2.5 / 3)
    assert plain.se == pytest.approx(0.600925, abs=1e-6)
    assert (plain.ess, plain.clipped, plain.rounds) == (pytest.approx(7 / 3), 0, 3)
    assert plain.high - plain.value == pytest.approx(1.959964 * plain.se)
    shared = snipw(REWARDS, LOGGED, TAKEN)
    assert shared.value == pytest.approx(2.5 / 3.5)
    assert shared.se == pytest.approx(0.674396, abs=1e-6)
    # direct: .875, .5, 1; corrections .25, 0, 1
    assert direct(TARGET, Q).value == pytest.approx(2.375 / 3)
    assert dr(REWARDS, ACTIONS, LOGGED, TARGET, Q).value == pytest.approx(3.625 / 3)


def test_clipping_cuts_weights_and_counts_them():
    cut = snipw(REWARDS, LOGGED, TAKEN, clip=1.0)
    assert (cut.value, cut.clipped) == (pytest.approx(2.5 / 2.5), 1)
    assert dr(REWARDS, ACTIONS, LOGGED, TARGET, Q, clip=0.5).value == pytest.approx(3.125 / 3)


def test_groups_count_as_one():
    rewards = np.array([1.0, 2.0, 4.0])
    one, twice = np.full(3, 0.5), np.full(6, 0.5)
    alone = ipw(rewards, one, one)
    doubled = ipw(np.repeat(rewards, 2), twice, twice, groups=np.repeat([7, 3, 9], 2))
    # Repeating every round within its group tells nothing new.
    assert (doubled.value, doubled.se) == (pytest.approx(alone.value), pytest.approx(alone.se))
    assert ipw(rewards, one, one, groups=[1, 1, 1]).se == float("inf")


rounds = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(-10, 10), min_size=n, max_size=n),
        st.lists(st.floats(0.05, 1), min_size=n, max_size=n),
        st.lists(st.floats(0.05, 1), min_size=n, max_size=n),
    )
)


@given(rounds)
def test_logging_policy_is_the_target(data):
    rewards, logged, _ = data
    for estimator in (ipw, snipw):
        found = estimator(rewards, logged, logged)
        assert found.value == pytest.approx(np.mean(rewards), abs=1e-9)
        assert found.ess == pytest.approx(len(rewards))


@given(rounds, st.floats(-5, 5))
def test_snipw_stays_between_the_rewards_and_shifts_with_them(data, shift):
    rewards, logged, target = data
    value = snipw(rewards, logged, target).value
    assert min(rewards) - 1e-9 <= value <= max(rewards) + 1e-9
    moved = snipw(np.array(rewards) + shift, logged, target).value
    assert moved == pytest.approx(value + shift, abs=1e-9)


@given(rounds)
def test_effective_size_lies_between_one_and_all(data):
    _, logged, target = data
    weights = importance_weights(logged, target)
    assert 1 - 1e-9 <= effective_size(weights) <= len(weights) + 1e-9


@given(rounds, st.floats(0.1, 3))
def test_clipping_never_raises_weights_and_keeps_small_ones(data, clip):
    _, logged, target = data
    free, cut = importance_weights(logged, target), importance_weights(logged, target, clip=clip)
    assert (cut <= free).all() and (cut <= clip).all()
    assert (cut[free <= clip] == free[free <= clip]).all()


@given(rounds, st.integers(0, 2**32))
def test_dr_with_an_empty_model_is_ipw_and_with_exact_rewards_the_direct_method(data, seed):
    rewards, logged, _ = data
    rng = np.random.default_rng(seed)
    n = len(rewards)
    target = rng.dirichlet(np.ones(3), n)
    actions = rng.integers(0, 3, n)
    nothing = dr(rewards, actions, logged, target, np.zeros((n, 3)))
    assert nothing.value == pytest.approx(ipw(rewards, logged, taken(target, actions)).value)
    model = rng.normal(size=(n, 3))
    exact = dr(taken(model, actions), actions, logged, target, model)
    assert exact.value == pytest.approx(direct(target, model).value, abs=1e-9)


ARMS = 4


def means(contexts):
    """Expected reward of each action: linear with a step, so that a ridge model is wrong."""
    slopes = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [-1.0, 0.3]])
    return contexts @ slopes.T + 0.8 * (contexts[:, :1] > 0) * np.array([0.0, 0.0, 1.0, 0.0])


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def policy(contexts):
    """The policy to be evaluated, [N, A]."""
    return softmax(3.0 * contexts @ np.array([[1, 0], [0, 1], [0.5, 0.5], [-1, 0]]).T)


def draw(rng, probabilities):
    return (rng.random((len(probabilities), 1)) > probabilities.cumsum(axis=1)).sum(axis=1)


def log(seed, n):
    rng = np.random.default_rng(seed)
    contexts = rng.normal(size=(n, 2))
    logging = 0.2 / ARMS + 0.8 * softmax(contexts @ np.array([[0, 1], [1, 0], [0, 0], [0.5, 0]]).T)
    actions = draw(rng, logging)
    q = means(contexts)
    rewards = taken(q, actions) + rng.normal(0, 0.5, n)
    return contexts, actions, rewards, taken(logging, actions), q


def on_policy_truth():
    """Mean reward of the target, played 400,000 rounds; standard error about .002."""
    rng = np.random.default_rng(999)
    contexts = rng.normal(size=(400_000, 2))
    actions = draw(rng, policy(contexts))
    return float(taken(means(contexts), actions).mean())


def test_error_against_the_truth():
    truth = on_policy_truth()
    errors: dict[str, list[float]] = {name: [] for name in ("ipw", "snipw", "dr", "wrong", "mean")}
    covered = 0
    for seed in range(60):
        contexts, actions, rewards, logged, _ = log(seed, 1000)
        target = policy(contexts)
        chance = taken(target, actions)
        model = ridge_model(contexts, actions, rewards, ARMS)
        robust = dr(rewards, actions, logged, target, model)
        covered += abs(robust.value - truth) < 2.5 * robust.se
        found = {
            "ipw": ipw(rewards, logged, chance).value,
            "snipw": snipw(rewards, logged, chance).value,
            "dr": robust.value,
            # A model that says the opposite of the truth: right propensities repair it.
            "wrong": dr(rewards, actions, logged, target, -model).value,
            "mean": float(rewards.mean()),
        }
        for name, value in found.items():
            errors[name].append(value - truth)
    rms = {name: float(np.sqrt(np.mean(np.square(e)))) for name, e in errors.items()}
    for name in ("ipw", "snipw", "dr", "wrong"):
        bias, spread = np.mean(errors[name]), np.std(errors[name], ddof=1)
        assert abs(bias) < 3 * spread / np.sqrt(60) + 0.003, name
    assert rms["dr"] < rms["ipw"] < rms["wrong"]
    assert rms["ipw"] < 0.25 * rms["mean"]  # the logging policy's own mean is another number
    assert covered >= 54


def test_perfect_model_needs_no_propensities_and_a_wrong_model_alone_fails():
    contexts, actions, _, logged, q = log(3, 20_000)
    target = policy(contexts)
    truth = float((target * q).sum(axis=1).mean())
    false = np.clip(logged * 3, 0.01, 1.0)
    rewards = taken(q, actions)
    assert dr(rewards, actions, false, target, q).value == pytest.approx(truth)
    assert abs(direct(target, -q).value - truth) > 1.0
    assert abs(dr(rewards, actions, logged, target, -q).value - truth) < 0.1


def test_bootstrap_agrees_with_the_normal_interval_and_repeats():
    contexts, actions, rewards, logged, _ = log(5, 2000)
    chance = taken(policy(contexts), actions)
    normal = snipw(rewards, logged, chance)
    drawn = snipw(rewards, logged, chance, resamples=500, seed=1)
    assert drawn == snipw(rewards, logged, chance, resamples=500, seed=1)
    assert drawn.low == pytest.approx(normal.low, abs=0.3 * normal.se)
    assert drawn.high == pytest.approx(normal.high, abs=0.3 * normal.se)
    assert drawn.low != snipw(rewards, logged, chance, resamples=500, seed=2).low


def test_ridge_model_never_sees_its_own_round():
    contexts, actions, rewards, _, _ = log(1, 40)
    model = ridge_model(contexts, actions, rewards, ARMS, folds=4)
    changed = rewards.copy()
    changed[8] += 100.0
    again = ridge_model(contexts, actions, changed, ARMS, folds=4)
    same = (model == again).all(axis=1)
    assert same.tolist() == [i % 4 == 0 for i in range(40)]


def test_ridge_model_without_contexts_is_a_shrunken_mean():
    # Odd rounds predict even ones: mean 1.5; action 0 earned 1 once: 1.5 - .5 / (1 + 1).
    model = ridge_model(np.zeros((4, 0)), [0, 0, 0, 1], [9.0, 1.0, 9.0, 2.0], 3)
    assert model[0].tolist() == [1.25, 1.75, 1.5]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: ipw([1, 2], [0.5, 0.0], [1, 1]),
            "propensities must be from 1e-100 to 1, got 0 at position 1",
        ),
        (lambda: ipw([1, 2], [0.5, np.nan], [1, 1]), "propensities must be finite, got nan at "),
        (lambda: effective_size([1, -1]), "weights must be 0 or more, got -1"),
        (lambda: ipw([1, 2], [0.5, 1.2], [1, 1]), "got 1.2 at position 1"),
        (lambda: ipw([1, np.inf], [0.5, 0.5], [1, 1]), "rewards must be finite"),
        (lambda: ipw([1, 2], [0.5, 0.5], [1, -0.1]), "target must be from 0 to 1, got -0.1"),
        (lambda: ipw([1], [0.5, 0.5], [1, 1]), "propensities: 1 rounds are expected, got 2"),
        (lambda: ipw([], [], []), "N at least 1"),
        (lambda: ipw(["a"], [0.5], [1]), "rewards must be an array of numbers"),
        (lambda: ipw([1], [0.5], [1], clip=0), "clip must be a number above 0 or None, got 0"),
        (lambda: ipw([1], [0.5], [1], resamples=-1), "resamples must be an integer"),
        (lambda: ipw([1], [0.5], [1], groups=[0.5]), "groups must be 1 integers"),
        (lambda: snipw([1], [0.5], [0.0]), "probability 0 to every logged action"),
        (lambda: direct([[0.5, 0.4]], [[1, 1]]), "row 0 sums to 0.9"),
        (lambda: direct([[0.5, 0.5]], [[1, 1, 1]]), "q_hat must have the target's shape"),
        (lambda: dr([1], [2], [0.5], [[0.5, 0.5]], [[1, 1]]), "actions must be from 0 to 1, got 2"),
        (lambda: dr([1], [0.5], [0.5], [[0.5, 0.5]], [[1, 1]]), "actions must be 1 integers"),
        (lambda: ridge_model([[1], [1]], [0, 0], [1, 1], 1, folds=3), "folds must be from 2 to"),
        (lambda: ridge_model([[1], [1]], [0, 0], [1, 1], 1, penalty=0), "penalty must be a finite"),
    ],
    ids=range(19),
)
def test_bad_input_is_refused_in_one_sentence(call, words):
    with pytest.raises(ConfigError, match=words):
        call()


def test_the_page_prints_what_it_says(capsys):
    page = Path(__file__).parents[3] / "docs" / "off_policy.md"
    blocks = re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, str(page), "exec"), {})  # noqa: S102 - our own page
        promised = re.findall(r"^# (.+)$", block, re.MULTILINE)
        assert capsys.readouterr().out.splitlines() == promised
