"""Names, parameters and refusals of learners."""

import numpy as np
import pytest

from envgym.agents.learners import LEARNERS, learner_names, make_learner
from envgym.types import ConfigError
from envgym.types.bandit import Outcome, Problem

PROBLEM = Problem(actions=3, horizon=9)


def test_every_name_makes_the_learner_that_bears_it():
    assert learner_names() == tuple(sorted(LEARNERS))
    for name in learner_names():
        assert make_learner(name).name == name


def test_parameters():
    learner = make_learner("ofs:c=0.5, delta=0.1")
    assert (learner.c, learner.delta) == (0.5, 0.1)
    assert make_learner("fixed:12").action == 12
    assert make_learner("mirror-descent:mirror=entropy").mirror == "entropy"
    assert make_learner("mirror-descent:eta=none").eta is None
    assert make_learner("mirror-descent:eta=0.5").eta == 0.5
    assert make_learner("squarecb:memory=2,gamma=1e3").memory == 2


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("osf", r"unknown learner 'osf'; allowed: .*Did you mean 'ofs'\?"),
        ("primal_dual", r"Did you mean 'primal-dual'\?"),
        ("", "unknown learner ''"),
        ("ofs:c=x", "learner 'ofs': c must be a number, got 'x'"),
        ("ofs:c=0", "learner 'ofs': c must be a number above 0 and at most 100, got 0.0"),
        ("ofs:c=nan", "c must be a number above 0"),
        ("ofs:c=inf", "c must be a number above 0"),
        ("ofs:delta=2", "delta must be a number above 0 and at most 1, got 2.0"),
        ("ofs:cc=1", r"learner 'ofs': unknown parameter 'cc'; allowed: c, delta"),
        ("ofs:0.5", "learner 'ofs': expected name=value, got '0.5'; parameters: c, delta"),
        ("ofs:c=1,c=2", "learner 'ofs': c is given twice"),
        ("random:1", "learner 'random' has no parameters, got '1'"),
        ("fixed:1.5", "learner 'fixed': action must be an integer, got '1.5'"),
        ("fixed:-1", "learner 'fixed': action must be an integer from 0"),
        ("epsilon-greedy:epsilon=1.5", "epsilon must be a number from 0 to 1, got 1.5"),
        ("primal-dual:eta=-1", "eta must be a number from 0 to 1000, got -1.0"),
        ("penalised:weight=-1", "weight must be a number from 0 to"),
        ("thompson:posterior=gausian", r"Did you mean 'gaussian'\?"),
        ("ucb1:scale=-1", "scale must be a number from 0 to 100"),
        ("linucb:alpha=-1", "alpha must be a number from 0"),
        ("linucb:ridge=0", "ridge must be a number above 0"),
        ("diag-linucb:alpha=-1", "alpha must be a number from 0"),
        ("squarecb:gamma=-1", "gamma must be a number from 0"),
        ("squarecb:memory=-1", "memory must be an integer from 0 to 1000, got -1"),
        ("mirror-descent:mirror=flat", "unknown mirror 'flat'; allowed: entropy, euclidean"),
        ("mirror-descent:eta=0", "eta must be a number above 0"),
        ("mirror-descent:mirror=entropy,start=0", "start must be a number above 0"),
        ("gp-ucb:candidates=0", "candidates must be an integer from 1"),
        ("gp-ucb:beta=-1", "beta must be a number from 0"),
        ("gp-ucb:amplitude=0", "amplitude must be a number above 0"),
        ("gp-ucb:points=0", "points must be an integer from 1"),
    ],
)
def test_bad_specs(spec, complaint):
    with pytest.raises(ConfigError, match=complaint):
        make_learner(spec)


SLATES = Problem(actions=5, horizon=9, more={"slots": 2})
POINTS = Problem(actions=0, horizon=9, more={"dims": 2})


@pytest.mark.parametrize(
    ("spec", "problem", "complaint"),
    [
        ("ofs", Problem(actions=3, horizon=0), "the horizon must be 1 or more rounds, got 0"),
        ("random", Problem(actions=0, horizon=3), "numbered actions or more"),
        ("ofs", Problem(actions=0, horizon=3), "this problem has no numbered actions"),
        ("ucb", SLATES, "this problem has slates"),
        ("ofs", POINTS, "this problem has no numbered actions"),
        ("fixed:3", PROBLEM, "action must be from 0 to 2, got 3"),
        ("linucb", PROBLEM, "needs a context vector in the observation; this problem has none"),
        ("mirror-descent", PROBLEM, r"null action and more\['rate'\]"),
        ("ranking", PROBLEM, "needs a problem with a null action"),
        ("gp-ucb", PROBLEM, "without numbered actions that tells"),
        (
            "ofs",
            Problem(actions=3, horizon=9, residuals=("g",)),
            "names 1 residuals and 0 residual_scales",
        ),
    ],
)
def test_problems_that_cannot_be_played(spec, problem, complaint):
    with pytest.raises(ConfigError, match=complaint):
        make_learner(spec).begin(problem, 2)


def test_bad_batches_seeds_and_order():
    learner = make_learner("ofs")
    with pytest.raises(ConfigError, match=r"call begin\(\) before act"):
        learner.act(None)
    with pytest.raises(ConfigError, match=r"call begin\(\) before update"):
        learner.update([])
    for batch in (0, 2.0, True):
        message = f"the batch must be an integer of 1 or more, got {batch}"
        with pytest.raises(ConfigError, match=message):
            learner.begin(PROBLEM, batch)
    for seed in ("ab", None, [1, 2.5]):
        with pytest.raises(ConfigError, match="seed must be one integer, or one per row"):
            learner.begin(PROBLEM, 2, seed)
    learner.begin(PROBLEM, 2, np.array([1, 2]))
    with pytest.raises(ConfigError, match="2 seeds are needed, got 3"):
        learner.begin(PROBLEM, 2, [1, 2, 3])


@pytest.mark.parametrize("name", ["ofs", "thompson", "random", "ucb1"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf], ids=["nan", "inf", "minus-inf"])
def test_numbers_that_are_none_are_refused(name, bad):
    learner = make_learner(name)
    learner.begin(PROBLEM, 2)
    with pytest.raises(ConfigError, match="the outcome of round 7 holds NaN or infinity"):
        learner.update([Outcome(np.array([3, 7]), np.array([0, 1]), np.array([0.0, bad]))])


def test_huge_numbers_are_no_infinities():
    learner = make_learner("ucb")
    learner.begin(PROBLEM, 2)
    learner.update([Outcome(np.array([0, 0]), np.array([0, 1]), np.full(2, 1.7e308))])
    assert learner.arms.count.sum() == 2


def test_what_does_not_fit_is_refused():
    learner = make_learner("ofs")
    learner.begin(PROBLEM, 2)
    with pytest.raises(ConfigError, match=r"the mask must have shape \(2, 3\), got \(2, 2\)"):
        learner.act(None, np.ones((2, 2), bool))
    with pytest.raises(ConfigError, match="row 1 has no valid action"):
        learner.act(None, np.array([[True, True, True], [False, False, False]]))
    with pytest.raises(ConfigError, match=r"must have the residuals \(\), got 1 of them"):
        learner.update([Outcome(np.array([0, 0]), np.zeros(2, int), np.zeros(2), (np.zeros(2),))])


@pytest.mark.parametrize(
    ("rounds", "actions", "rewards", "complaint"),
    [
        ([0, 0], [0, 3], [0.0, 0.0], "outcome of round 0 is of action 3; actions are 0 to 2"),
        ([4, 5], [0, -1], [0.0, 0.0], "outcome of round 5 is of action -1; actions are 0 to 2"),
        ([0, 0], [0.0, 1.0], [0.0, 0.0], "actions must be integers, got float64"),
        ([0, 0, 0], [0, 1, 2], [0.0] * 3, "must have 2 rows each"),
        ([0, 0], [0, 1], [0.0], "must have 2 rows each|rewards must have shape"),
        ([0, 0], [0, 1], [[0.0] * 4] * 2, r"or \(2, 3\) under full feedback, got \(2, 4\)"),
        (0, 0, 0.0, "must have 2 rows each"),
    ],
    ids=["above", "below", "real", "rows", "rewards", "table", "single"],
)
def test_outcomes_of_another_problem_are_refused(rounds, actions, rewards, complaint):
    learner = make_learner("ucb")
    learner.begin(PROBLEM, 2)
    with pytest.raises(ConfigError, match=complaint):
        learner.update([Outcome(np.array(rounds), np.array(actions), np.array(rewards))])
    assert learner.arms.count.sum() == 0


def test_where_nothing_was_revealed_the_action_may_be_anything():
    learner = make_learner("ucb")
    learner.begin(PROBLEM, 2)
    learner.update([Outcome(np.array([-1, 0]), np.array([-1, 2]), np.array([np.nan, 1.0]))])
    assert learner.arms.count.tolist() == [0, 0, 0, 0, 0, 1]


class Advice:
    """An environment that names actions."""

    def __init__(self, said):
        self.said = said

    @property
    def unwrapped(self):
        return self

    def expert_actions(self):
        return self.said


def test_privileged_players_ask_the_environment():
    for name in ("oracle", "dp-optimal"):
        learner = make_learner(name)
        learner.begin(PROBLEM, 1)
        with pytest.raises(ConfigError, match=r"call attach\(env\) before act"):
            learner.act(None)
        learner.attach(Advice(2))
        actions = learner.act(None)
        assert actions.tolist() == [2]
        assert actions.dtype == np.int64
        learner.begin(PROBLEM, 2)
        learner.attach(Advice(np.array([1, 0])))
        assert learner.act(None).tolist() == [1, 0]
    learner.begin(SLATES, 1)
    learner.attach(Advice(np.array([4, 1])))
    assert learner.act(None).tolist() == [[4, 1]]
    learner.begin(POINTS, 2)
    learner.attach(Advice(np.array([[0.5, 0.25], [1.0, 0.0]])))
    assert learner.act(None).tolist() == [[0.5, 0.25], [1.0, 0.0]]
    with pytest.raises(ConfigError, match=r"needs Advice.myopic_actions\(\), which it lacks"):
        make_learner("myopic").attach(Advice(0))
