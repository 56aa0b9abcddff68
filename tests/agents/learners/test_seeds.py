"""Same seed, same choices; with a seed per row a row does not depend on its batch."""

import numpy as np
import pytest

from envgym.agents.learners import LEARNERS, make_learner
from envgym.types.bandit import Outcome, Problem

BATCH, ROUNDS = 5, 40
NUMBERED = (
    "ofs",
    "pessimistic",
    "penalised",
    "primal-dual",
    "ucb",
    "ucb1",
    "thompson",
    "thompson:posterior=gaussian",
    "epsilon-greedy:epsilon=0.5",
    "random",
    "fixed:2",
)
CONTEXTUAL = ("linucb", "diag-linucb", "squarecb:gamma=5", "squarecb:memory=1,gamma=5")
DELAY = 3


class World:
    """B fixed rows: what row i shows and reveals depends on i, the round and the action alone."""

    def __init__(self, rows):
        self.rows = rows

    def numbers(self, name, number, shape):
        draws = [
            np.random.default_rng([row, number, *name.encode()]).random(shape) for row in self.rows
        ]
        return np.array(draws)

    def mask(self, number, actions):
        mask = self.numbers("mask", number, actions) < 0.7
        mask[:, number % actions] = True
        return mask

    def outcome(self, number, actions, residuals):
        if number < 0:
            return Outcome(
                np.full(len(self.rows), -1),
                0 * actions,
                np.full(len(self.rows), np.nan),
                tuple(np.zeros(len(self.rows)) for _ in range(residuals)),
            )
        table = self.numbers("values", number, (1 + residuals, 4))
        at = np.arange(len(self.rows))
        values = [table[at, j, actions] - 0.5 * (j > 0) for j in range(1 + residuals)]
        return Outcome(np.full(len(self.rows), number), actions, values[0], tuple(values[1:]))


def play(spec, problem, rows, seed, masked=True):
    """Return actions and propensities, [rounds, B]."""
    world, learner = World(rows), make_learner(spec)
    learner.begin(problem, len(rows), seed)
    actions, chances = [], []
    for number in range(ROUNDS):
        mask = world.mask(number, problem.actions) if masked else None
        obs = {
            "context": world.numbers("context", number, 3) if problem.context else None,
            "rewards": world.numbers("rewards", number, 4),
            "costs": world.numbers("costs", number, (4, 2)),
            "left": np.full((len(rows), 2), 9.0),
            "load": world.numbers("load", number, 3),
        }
        action = learner.act(obs, mask)
        if masked:
            assert mask[np.arange(len(rows)), action].all() or spec.startswith("mirror")
        actions.append(action)
        chances.append(learner.propensity)
        late = number - DELAY
        learner.update([world.outcome(late, actions[max(late, 0)], len(problem.residuals))])
    return np.array(actions), chances


def problem_for(spec):
    if spec in CONTEXTUAL:
        return Problem(actions=4, horizon=ROUNDS, scale=0.3, context=3)
    if spec.startswith(("mirror", "ranking", "stochastic")):
        return Problem(actions=4, horizon=ROUNDS, null=3, more={"rate": 0.3, "resources": 2})
    return Problem(
        actions=4, horizon=ROUNDS, scale=0.3, residuals=("g", "h"), residual_scales=(0.2, 0.2)
    )


ALL = (
    *NUMBERED,
    *CONTEXTUAL,
    "mirror-descent",
    "mirror-descent:mirror=entropy",
    "ranking",
    "stochastic-balance",
)


def test_all_that_are_no_others_are_here():
    covered = {spec.partition(":")[0] for spec in ALL}
    assert set(LEARNERS) - covered == {"dp-optimal", "gp-ucb", "myopic", "oracle"}


@pytest.mark.parametrize("spec", ALL)
def test_a_row_does_not_depend_on_its_batch(spec):
    problem, seeds = problem_for(spec), [11, 5, 5, 7, 3]
    whole, chances = play(spec, problem, range(BATCH), seeds)
    for rows in ([3], [4, 1]):
        part, own = play(spec, problem, rows, [seeds[row] for row in rows])
        assert part.tolist() == whole[:, rows].tolist()
        for mine, all_ in zip(own, chances, strict=True):
            if all_ is None:
                assert mine is None
            else:
                assert mine.tolist() == all_[list(rows)].tolist()


@pytest.mark.parametrize("spec", ALL)
def test_same_seed_same_choices(spec):
    problem = problem_for(spec)
    first, _ = play(spec, problem, range(BATCH), 3)
    again, _ = play(spec, problem, range(BATCH), 3)
    assert first.tolist() == again.tolist()


@pytest.mark.parametrize(
    "spec", ["random", "thompson", "epsilon-greedy:epsilon=0.5", "squarecb:gamma=5", "ranking"]
)
def test_other_seeds_other_choices(spec):
    problem = problem_for(spec)
    first, _ = play(spec, problem, range(BATCH), 3)
    other, _ = play(spec, problem, range(BATCH), 4)
    assert first.tolist() != other.tolist()
    rows, _ = play(spec, problem, [0, 0, 0], [1, 2, 1], masked=spec == "ranking")
    assert rows[:, 0].tolist() == rows[:, 2].tolist() != rows[:, 1].tolist()


@pytest.mark.parametrize("spec", ALL)
def test_begin_forgets(spec):
    problem, world = problem_for(spec), World([0, 1])
    learner = make_learner(spec)

    def run():
        learner.begin(problem, 2, [1, 2])
        found = []
        for number in range(8):
            obs = {
                "context": world.numbers("context", number, 3) if problem.context else None,
                "rewards": world.numbers("rewards", number, 4),
                "costs": world.numbers("costs", number, (4, 2)),
                "left": np.full((2, 2), 9.0),
                "load": world.numbers("load", number, 3),
            }
            action = learner.act(obs, world.mask(number, 4))
            found.append(action.tolist())
            learner.update([world.outcome(number, action, len(problem.residuals))])
        return found

    assert run() == run()


def test_random_is_uniform_over_what_is_valid():
    learner = make_learner("random")
    learner.begin(Problem(actions=4, horizon=9), 4000, 0)
    chosen = learner.act(None, np.tile([True, False, True, True], (4000, 1)))
    share = np.bincount(chosen, minlength=4) / 4000
    assert share == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3], abs=0.03)
    assert learner.propensity == pytest.approx(np.full(4000, 1 / 3))
    assert learner.act({"mask": np.tile([0, 1, 0, 0], (4000, 1))}).tolist() == [1] * 4000


@pytest.mark.parametrize(("repeats", "chance"), [(False, 1 / 12), (True, 1 / 16)])
def test_random_slates(repeats, chance):
    learner = make_learner("random")
    learner.begin(Problem(actions=4, horizon=9, more={"slots": 2, "repeats": repeats}), 6000, 0)
    slates = learner.act(None)
    assert slates.shape == (6000, 2)
    counts = np.bincount(slates[:, 0] * 4 + slates[:, 1], minlength=16) / 6000
    used = counts[counts > 0]
    assert len(used) == round(1 / chance)
    assert used == pytest.approx(np.full(len(used), chance), abs=0.02)
    assert learner.propensity == pytest.approx(np.full(6000, chance))
    if not repeats:
        assert (slates[:, 0] != slates[:, 1]).all()


def test_random_points_fill_the_box():
    learner = make_learner("random")
    learner.begin(Problem(actions=0, horizon=9, more={"dims": 3}), 2000, 0)
    points = learner.act(None)
    assert points.shape == (2000, 3)
    assert points.min() >= 0
    assert points.max() < 1
    assert points.mean(0) == pytest.approx([0.5] * 3, abs=0.03)


def test_fixed_gives_way_to_the_mask():
    learner = make_learner("fixed:2")
    learner.begin(Problem(actions=4, horizon=9, null=3), 3)
    mask = np.array([[1, 1, 1, 1], [1, 1, 0, 1], [0, 1, 0, 0]], bool)
    assert learner.act(None, mask).tolist() == [2, 3, 1]
