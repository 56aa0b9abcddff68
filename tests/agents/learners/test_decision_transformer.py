"""Two returns to go: exact sums, targets that step down, and a tiny transformer that heeds them."""

import gymnasium
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import envgym  # noqa: F401  # registers the ids
from envgym.agents.learners.decision_transformer import (
    DecisionTransformerLearner,
    ResidualChannel,
    channels_of,
    returns_to_go,
    reward_only,
    trajectories,
)
from envgym.agents.learners.decision_transformer_model import Shape, load, train
from envgym.agents.learners.logged import logged
from envgym.types import ConfigError, Stream
from envgym.types.bandit import Outcome, Problem

T = 6
PROBLEM = Problem(actions=2, horizon=T, residuals=("retention_residual",))


def test_worked_returns():
    found = returns_to_go([3, 0, 1], [0, 2, 0.5])
    assert found.tolist() == [[4, 2.5], [1, 2.5], [1, 0.5]]
    both = returns_to_go([[1, 1], [0, 2]], np.zeros((2, 2)))
    assert both[..., 0].tolist() == [[2, 1], [2, 2]]


@given(st.lists(st.tuples(st.integers(-(2**20), 2**20), st.floats(-100, 100)), min_size=1))
def test_returns_step_down_by_what_was_received(rounds):
    rewards = np.array(rounds, dtype=float)
    found = returns_to_go(rewards[:, 0], rewards[:, 1])
    assert (found[-1] == rewards[-1]).all()
    assert (found[:-1] == found[1:] + rewards[:-1]).all()  # exact
    assert np.allclose(found[1:], found[:-1] - rewards[:-1], rtol=0, atol=1e-9 * 2**20)
    assert (found[1:, 0] == found[:-1, 0] - rewards[:-1, 0]).all()  # whole numbers: exact


def toy(episodes=150, seed=0):
    """Log of two arms with a trade-off: arm 0 pays at once, arm 1 keeps the user."""
    rng = np.random.default_rng(seed)
    taste = rng.random(episodes)  # each episode's chance of arm 1
    actions = (rng.random((episodes, T)) < taste[:, None]).astype(int)
    return logged(
        actions=actions.reshape(-1),
        rewards=np.ones(episodes * T),
        contexts=np.ones((episodes * T, 1)),
        episodes=np.repeat(np.arange(episodes), T),
        channels={"retention": actions.reshape(-1)},
    )


@pytest.fixture(scope="module")
def model():
    """A tiny transformer trained on the toy."""
    data = trajectories(toy(), 2)
    return train(data, horizon=T, window=T, hidden=32, layers=1, epochs=60, lr=3e-3)


def play(learner, batch, seed=0):
    """Return retention [T, B] and the targets before each round [T + 1, B, 2]."""
    learner.begin(PROBLEM, batch, seed)
    kept, targets = [], [learner.targets]
    for t in range(T):
        action = learner.act(np.ones((batch, 1)))
        retention = action.astype(float)
        step = Outcome(np.full(batch, t), action, np.ones(batch), (-retention,))
        learner.update((step,))
        kept.append(retention)
        targets.append(learner.targets)
    return np.array(kept), np.array(targets)


def test_trajectories():
    log = logged(
        actions=[1, 0, 1],
        rewards=[2.0, 1.0, 5.0],
        contexts=[[1.0], [2.0], [3.0]],
        episodes=[0, 0, 1],
        channels={"retention": [0.5, 0.0, 1.0]},
    )
    data = trajectories(log, 2)
    assert data.lengths.tolist() == [2, 1]
    assert data.obs[:, :, 0].tolist() == [[1, 2], [3, 0]]
    assert data.actions[:, :, 0].tolist() == [[1, 0], [1, 0]]
    # immediate is the reward less retention
    assert data.returns[0].tolist() == [[2.5, 0.5], [1.0, 0.0]]
    assert data.returns[1].tolist() == [[4.0, 1.0], [0.0, 0.0]]


def test_a_higher_retention_target_raises_retention(model):
    wanted = np.array([[6, 0], [4, 2], [2, 4], [0, 6]], float)
    kept, targets = play(DecisionTransformerLearner(model, targets=wanted), 4)
    total = kept.sum(axis=0)
    assert (total[0], total[3]) == (0, 6)
    assert total[1:3] == pytest.approx([2, 4], abs=1)
    # The recursion, for both channels: what was received is no longer wanted.
    received = np.stack([1 - kept, kept], axis=-1)
    assert (targets[1:] == targets[:-1] - received).all()
    assert (targets[-1] == wanted - np.stack([T - total, total], axis=-1)).all()
    assert model.losses[-1] < 0.6 < model.losses[0]  # log 2 = .693 is chance


def test_sampling_has_propensities_and_repeats(model):
    def sample(seed, targets=(3, 3)):
        learner = DecisionTransformerLearner(model, targets=targets, temperature=1.0)
        kept, _ = play(learner, 200, seed)
        return kept, learner.propensity

    kept, chance = sample(1)
    again, _ = sample(1)
    other, _ = sample(2)
    assert (kept == again).all() and (kept != other).any()
    assert kept.sum(axis=0).mean() == pytest.approx(3, abs=0.5)
    assert ((chance > 0) & (chance <= 1)).all() and chance.min() < 1
    low, _ = sample(1, (5, 1))
    high, _ = sample(1, (1, 5))
    assert low.mean() + 0.3 < high.mean()


def test_one_seed_per_environment_does_not_depend_on_the_batch(model):
    learner = DecisionTransformerLearner(model, targets=(3, 3), temperature=1.0)
    together, _ = play(learner, 3, [5, 6, 7])
    alone, _ = play(learner, 1, [6])
    assert (together[:, 1] == alone[:, 0]).all()


def test_training_repeats_and_leaves_the_global_generator_alone():
    data = trajectories(toy(20), 2)
    before = torch.default_generator.get_state()
    runs = [
        train(data, horizon=T, window=3, hidden=8, layers=1, epochs=2, seed=s) for s in (1, 1, 2)
    ]
    assert torch.equal(before, torch.default_generator.get_state())
    assert runs[0].losses == runs[1].losses != runs[2].losses
    first, second = (run.network.state_dict() for run in runs[:2])
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_best_is_the_richest_logged_episode(model):
    assert model.best.sum() == T  # every episode of the toy earns 6 in all
    assert DecisionTransformerLearner(model)._targets is model.best


def test_balance_sums_to_two_and_begins_equal():
    log = toy(4)
    data = trajectories(log, 2)
    untrained = train(data, horizon=T, window=2, hidden=8, layers=1, epochs=1, lr=1e-12)
    obs = np.array([[1.0], [-3.0]])
    assert untrained.weights(obs) == pytest.approx(np.ones((2, 2)), abs=1e-6)
    trained = train(data, horizon=T, window=2, hidden=8, layers=1, epochs=30, lr=0.01)
    assert trained.weights(obs).sum(axis=1) == pytest.approx([2, 2])
    assert abs(trained.weights(obs)[0, 0] - 1) > 1e-3


def test_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "model.pt")
    again = load(tmp_path / "model.pt")
    wanted = DecisionTransformerLearner(model, targets=(2, 4), temperature=1.0)
    twin = DecisionTransformerLearner(again, targets=(2, 4), temperature=1.0)
    assert (play(wanted, 5)[0] == play(twin, 5)[0]).all()
    assert (again.best == model.best).all()
    with pytest.raises(ConfigError, match=r"no such file. Did you mean '.*model\.pt'"):
        load(tmp_path / "modl.pt")


def test_masks_are_obeyed(model):
    learner = DecisionTransformerLearner(model, targets=(0, 6))
    learner.begin(PROBLEM, 3)
    mask = np.array([[True, False], [True, True], [False, False]])
    assert learner.act(np.ones((3, 1)), mask).tolist()[:2] == [0, 1]


def test_slates_have_no_repeats_and_texts_no_numbers():
    rng = np.random.default_rng(0)
    log = logged(
        actions=np.array([rng.permutation(5)[:3] for _ in range(40)]),
        rewards=np.ones(40),
        episodes=np.repeat(np.arange(10), 4),
        channels={"retention": np.zeros(40)},
    )
    model = train(trajectories(log, 5), horizon=4, window=1, hidden=8, layers=1, epochs=1)
    problem = Problem(actions=5, horizon=4, more={"slots": 3})
    for temperature in (0.0, 2.0):
        learner = DecisionTransformerLearner(model, temperature=temperature)
        learner.begin(problem, 8)
        mask = np.ones((8, 5), bool)
        mask[:, 4] = False
        for _ in range(3):
            slates = learner.act("text", mask)
            assert slates.shape == (8, 3)
            assert all(len(set(slate)) == 3 and 4 not in slate for slate in slates.tolist())


def test_channels():
    outcome = Outcome(
        np.array([0, 1]), np.array([1, 0]), np.array([3.0, 1.0]), (np.array([-1, 2]),)
    )
    immediate, retention = ResidualChannel(floor=2.0)(outcome)
    assert (immediate.tolist(), retention.tolist()) == ([0.0, 1.0], [3.0, 0.0])
    immediate, retention = ResidualChannel(weight=0.5)(outcome)
    assert (immediate.tolist(), retention.tolist()) == ([2.5, 2.0], [1.0, -2.0])
    more = {"channels": ("retention_residual",), "retention_floor": 2, "retention_weight": 0.5}
    behind = Problem(actions=2, horizon=1, residuals=("gap_residual",), more=more)
    assert channels_of(behind) == ResidualChannel(1, 2.0, 0.5)
    assert channels_of(PROBLEM) == ResidualChannel()
    assert channels_of(Problem(actions=2, horizon=1)) is reward_only
    full = Outcome(np.array([0]), np.array([1]), np.array([[5.0, 7.0]]))
    assert [part.tolist() for part in reward_only(full)] == [[7.0], [0.0]]


def test_late_and_missing_outcomes(model):
    learner = DecisionTransformerLearner(model, targets=(4, 2))
    learner.begin(PROBLEM, 2)
    learner.act(np.ones((2, 1)))
    learner.update(())
    rounds = np.array([0, -1])
    learner.update((Outcome(rounds, np.zeros(2, int), np.ones(2), (np.zeros(2),)),))
    assert learner.targets.tolist() == [[3, 2], [4, 2]]


def test_bad_input(model):
    data = trajectories(toy(3), 2)
    cases = [
        (lambda: returns_to_go([1], [1, 2]), "differ in shape"),
        (lambda: returns_to_go([np.nan], [1]), "must be finite"),
        (lambda: trajectories(logged(actions=[0], rewards=[1]), 2), "unknown channel 'retention'"),
        (lambda: trajectories(toy(3), 1), "integers from 0 to 0"),
        (lambda: train(data, horizon=T, lr=0), "lr is out of range, got 0"),
        (lambda: train(data, horizon=T, hidden=9), "hidden=9 must be a multiple of heads=2"),
        (lambda: Shape(actions=2, features=0, window=0), "window must be an integer of 1 or more"),
        (lambda: DecisionTransformerLearner(model, targets=[1]), "targets must be two finite"),
        (lambda: DecisionTransformerLearner(model, temperature=-1), "temperature must be"),
    ]
    for call, words in cases:
        with pytest.raises(ConfigError, match=words):
            call()
    learner = DecisionTransformerLearner(model, targets=np.zeros((3, 2)))
    with pytest.raises(ConfigError, match="targets: 2 rows are needed, got 3"):
        learner.begin(PROBLEM, 2)
    with pytest.raises(ConfigError, match="the problem has 1 of 3"):
        learner.begin(Problem(actions=3, horizon=T), 3)
    learner.begin(PROBLEM, 3)
    with pytest.raises(ConfigError, match="observations have 2 numbers, the model was trained on"):
        learner.act(np.ones((3, 2)))


def test_logits_know_the_past_and_the_present_observation_only():
    log = toy(4)
    model = train(
        trajectories(log, 2), horizon=T, window=3, hidden=8, layers=1, epochs=1, balance=False
    )
    rng = np.random.default_rng(0)
    obs, returns = rng.normal(size=(1, 3, 1)), rng.normal(size=(1, 3, 2))

    def logits(obs=obs, actions=(0, 0, 0), returns=returns):
        played = np.array(actions).reshape(1, 3, 1)
        return model.logits(obs, played, returns, 2, T)[0, 0]

    base, later = logits(), np.zeros((1, 3, 1))
    later[0, 2] = 5.0
    assert (logits(actions=(0, 0, 1)) == base).all()  # what is to be chosen is not seen
    assert np.abs(logits(actions=(0, 1, 0)) - base).max() > 1e-4
    assert np.abs(logits(obs=obs + later) - base).max() > 1e-4
    assert np.abs(logits(returns=returns + later) - base).max() > 1e-4
    # What comes after a round changes nothing about it.
    parts = [
        model._inputs(o, np.zeros((1, 3, 1), int), returns, np.zeros((1, 3)))
        for o in (obs, obs + later)
    ]
    with torch.no_grad():
        one, other = (model.network(*part)[0] for part in parts)
    assert torch.equal(one[:2], other[:2]) and not torch.equal(one[2], other[2])


def test_slate_retention_reveals_both_channels():
    """What the learner reads off an outcome is the evidence of the round, session ends included."""
    env = gymnasium.make(
        "envgym/SlateRetention-v0", weight=2.0, horizon=60, disable_env_checker=True
    )
    env.reset(seed=3)
    reading = channels_of(env.unwrapped.problem)
    ends, stream = 0, Stream(0, "slates")
    for _ in range(60):
        _, reward, over, _, info = env.step(env.unwrapped.random_action(stream))
        (outcome,) = info["revealed"]
        immediate, retention = reading(outcome)
        evidence = info["evidence"]
        assert (immediate, retention) == pytest.approx(
            (evidence["immediate"], evidence["retention"])
        )
        assert reward == pytest.approx(immediate + 2.0 * retention)
        ends += retention < 0
        if over:
            break
    assert ends > 0
