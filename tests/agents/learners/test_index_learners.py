"""Learners with one number per action: formulas by hand, laws, masks, delays, full feedback."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.learners import make_learner
from envgym.agents.learners.arms import constraint_sides
from envgym.types.bandit import Outcome, Problem

PLAIN = Problem(actions=3, horizon=10, scale=0.5)
SAFE = Problem(actions=2, horizon=10, scale=0.2, residuals=("g", "h"), residual_scales=(0.1, 0.3))
TWO_SIDED = Problem(
    actions=2,
    horizon=10,
    residuals=("gap_high_residual", "gap_low_residual", "service_residual"),
    residual_scales=(0.1, 0.1, 0.1),
)


def told(number, action, reward, *residuals):
    return Outcome(
        np.array([number]),
        np.array([action]),
        np.array([float(reward)]),
        tuple(np.array([float(each)]) for each in residuals),
    )


def begun(spec, problem, batch=1, seed=0):
    learner = make_learner(spec)
    learner.begin(problem, batch, seed)
    return learner


def radius(c, problem, count, delta=0.05):
    return c * sqrt(2 * log(2 * problem.actions * problem.horizon / delta) / count)


@pytest.mark.parametrize("name", ["ofs", "ucb", "ucb1", "penalised", "pessimistic", "primal-dual"])
def test_every_action_once_in_order(name):
    learner = begun(name, PLAIN, 4)
    for number in range(3):
        actions = learner.act(None)
        assert actions.tolist() == [number] * 4
        learner.update([Outcome(np.full(4, number), actions, np.zeros(4))])
    assert learner.propensity.tolist() == [1.0] * 4


def test_ucb_by_hand():
    # Means .5, .4, .3; L = log(2*3*10/.05) = log 1200 = 7.0901; c .25, s .5.
    learner = begun("ucb", PLAIN)
    learner.update([told(0, 0, 0.5), told(1, 1, 0.4), told(2, 2, 0.3)])
    assert radius(0.25, PLAIN, 1) * 0.5 == pytest.approx(0.470707, abs=1e-6)
    assert learner.act(None).tolist() == [0]
    # After another .5 the radius of 0 is .332840: .832840 against .870707.
    learner.update([told(3, 0, 0.5)])
    assert learner._key[0] == pytest.approx([0.832840, 0.870707, 0.770707], abs=1e-6)
    assert learner.act(None).tolist() == [1]


def test_ucb1_by_hand():
    learner = begun("ucb1", Problem(actions=2, horizon=9, low=-1.0, high=1.0))
    learner.update([told(0, 0, 0.9), told(1, 1, 0.0), told(2, 1, 0.0)])
    # t 3: .9 + 2 sqrt(2 ln 3) = 3.86 against 2 sqrt(ln 3) = 2.10.
    assert learner.act(None).tolist() == [0]
    learner.update([told(number, 0, 0.0) for number in range(3, 11)])
    # t 11: .1 + 2 sqrt(2 ln 11 / 9) = 1.56 against 2 sqrt(2 ln 11 / 2) = 3.10.
    assert learner.act(None).tolist() == [1]


def test_ucb1_counts_the_rounds_revealed():
    # t 3: .1 + sqrt(2 ln 3) = 1.582 against .55 + sqrt(ln 3) = 1.598; at t 4 it would turn.
    learner = begun("ucb1", Problem(actions=2, horizon=9))
    learner.update([told(0, 0, 0.1), told(1, 1, 0.55), told(2, 1, 0.55)])
    assert learner.act(None).tolist() == [1]


def ofs_state(spec, first, second):
    """Return a learner that saw action 0 and 1 once each: (reward, g, h)."""
    learner = begun(spec, SAFE)
    learner.update([told(0, 0, *first), told(1, 1, *second)])
    return learner


def test_ofs_by_hand():
    # L = log 800 = 6.684612, rad = .25 sqrt(13.3692) = .914099: .182820 for the reward,
    # .091410 for g, .274230 for h.
    unit = radius(0.25, SAFE, 1)
    assert unit == pytest.approx(0.914099, abs=1e-6)
    # The better action is barred by g: .092 - .091410 > 0.
    assert ofs_state("ofs", (0.9, 0.092, 0.0), (0.1, 0.0, 0.0)).act(None).tolist() == [1]
    # At .091 it is feasible.
    assert ofs_state("ofs", (0.9, 0.091, 0.0), (0.1, 0.0, 0.0)).act(None).tolist() == [0]
    # By h: .28 - .274230 > 0.
    assert ofs_state("ofs", (0.9, 0.0, 0.28), (0.1, 0.0, 0.0)).act(None).tolist() == [1]
    # None is feasible: hinges .108590 and .1 - .091410 + .31 - .274230 = .044360.
    stuck = ofs_state("ofs", (0.9, 0.2, 0.0), (0.1, 0.1, 0.31))
    assert stuck._worst == pytest.approx([0.108590, 0.044360], abs=1e-6)
    assert stuck.act(None).tolist() == [1]
    # A larger c makes the first feasible again.
    assert ofs_state("ofs:c=1", (0.9, 0.2, 0.0), (0.1, 0.1, 0.31)).act(None).tolist() == [0]


def test_ofs_keeps_to_the_mask_when_nothing_valid_is_feasible():
    learner = ofs_state("ofs", (0.9, 0.2, 0.0), (0.1, 0.1, 0.31))
    assert learner.act(None, np.array([[True, False]])).tolist() == [0]
    free = ofs_state("ofs", (0.9, 0.0, 0.0), (0.1, 0.5, 0.0))
    assert free.act(None, np.array([[False, True]])).tolist() == [1]


def test_pessimistic_wants_upper_bounds():
    # Upper bounds of g: -.05 + .091410 > 0 and -.1 + .091410 < 0.
    first, second = (0.9, -0.05, -1.0), (0.1, -0.1, -1.0)
    assert ofs_state("pessimistic", first, second).act(None).tolist() == [1]
    assert ofs_state("ofs", first, second).act(None).tolist() == [0]


def test_penalised_by_hand():
    # Upper .9 + .182820 less w (.2 - .091410), against .85 + .182820.
    first, second = (0.9, 0.2, 0.0), (0.85, 0.0, 0.0)
    assert ofs_state("penalised", first, second).act(None).tolist() == [1]
    assert ofs_state("penalised:weight=0.4", first, second).act(None).tolist() == [0]
    held = ofs_state("penalised", first, second)
    assert held._key[0] == pytest.approx([0.974230, 1.032820], abs=1e-6)


def test_primal_dual_by_hand():
    learner = ofs_state("primal-dual:eta=0.5", (0.9, 0.4, -0.2), (0.8, -0.1, 0.1))
    # lam_g: .5 * .4 = .2, then .2 - .05 = .15; lam_h: 0 (clipped), then .05.
    assert learner.prices[:, 0] == pytest.approx([0.15, 0.05])
    # lower_g .308590, -.191410; lower_h -.474230, -.174230:
    # 1.082820 - .046289 + .023711 = 1.060243; .982820 + .028711 + .008711 = 1.020243.
    assert learner.act(None).tolist() == [0]
    learner.update([told(2, 0, 0.9, 0.4, -0.2)])
    assert learner.prices[:, 0] == pytest.approx([0.35, 0.0])
    # 0: .9 + .129273 - .35 (.4 - .064636) = .911895; 1: .982820 + .35 * .191410 = 1.049813.
    assert learner.act(None).tolist() == [1]


def test_two_sides_of_a_constraint_are_one():
    assert constraint_sides(TWO_SIDED.residuals) == ((0, 1), (2,))
    assert constraint_sides(("a_low_residual", "b", "a_high_residual")) == ((1,), (2, 0))
    assert constraint_sides(("a_low_residual", "b_high_residual")) == ((0,), (1,))
    price = begun("primal-dual", TWO_SIDED)
    # Gap .3 with eps .1: residuals .2 and -.4; revealed as |gap|, .2 twice. One price either way.
    price.update([told(0, 0, 0.0, 0.2, -0.4, -1.0)])
    assert price.prices[:, 0] == pytest.approx([0.02, 0.0])
    price.update([told(1, 1, 0.0, 0.2, 0.2, -1.0)])
    assert price.prices[:, 0] == pytest.approx([0.04, 0.0])


def test_signed_gaps_are_averaged_before_the_absolute_value():
    """Gaps +.6 and -.6 in turn average to 0: feasible, though |gap| is .6 every time."""
    signed, absolute = (begun("ofs:c=0.05", TWO_SIDED) for _ in range(2))
    for number in range(8):
        gap = 0.6 if number % 4 < 2 else -0.6
        action = number % 2
        reward = 1.0 - action
        signed.update([told(number, action, reward, gap - 0.1, -gap - 0.1, -1.0)])
        absolute.update([told(number, action, reward, 0.5, 0.5, -1.0)])
    assert (signed._worst == 0).all()
    assert (absolute._worst > 0).all()


def test_thompson_posteriors():
    bernoulli = begun("thompson", Problem(actions=2, horizon=99, scale=0.5), 2000)
    for number, reward in enumerate([1.0, 1.0, 0.0]):
        bernoulli.update(
            [Outcome(np.full(2000, number), np.zeros(2000, int), np.full(2000, reward))]
        )
    # P(Beta(3, 2) > Beta(1, 1)) = mean of Beta(3, 2) = .6; sd of the share .011.
    assert (bernoulli.act(None) == 0).mean() == pytest.approx(0.6, abs=0.035)
    assert bernoulli.propensity is None
    normal = begun("thompson:posterior=gaussian", Problem(actions=2, horizon=99, scale=0.1), 2000)
    for number, action in enumerate([0, 1, 1]):
        mean = 0.5 if action else 0.6
        played = np.full(2000, action)
        normal.update([Outcome(np.full(2000, number), played, np.full(2000, mean))])
    # Difference Normal(.1, .01 (1 + 1/2)): P(> 0) = Phi(.8165) = .793.
    assert (normal.act(None) == 0).mean() == pytest.approx(0.793, abs=0.03)


def test_thompson_narrows_with_the_root_of_the_count():
    learner = begun("thompson:posterior=gaussian", Problem(actions=2, horizon=99, scale=0.4), 2000)
    for number in range(32):
        action = number % 2
        played = np.full(2000, action)
        learner.update([Outcome(np.full(2000, number), played, np.full(2000, 0.5 + 0.1 * action))])
    # Difference Normal(.1, .16 * 2 / 16): P(> 0) = Phi(.7071) = .760; sd of the share .0095.
    assert (learner.act(None) == 1).mean() == pytest.approx(0.760, abs=0.035)


@pytest.mark.parametrize(("scale", "drawn"), [(0.99, "gaussian"), (1.0, "beta")])
def test_thompson_takes_beta_where_rewards_are_as_noisy_as_coins(scale, drawn):
    problem = Problem(actions=2, horizon=9, low=-1.0, high=1.0, scale=scale)
    played = []
    for spec in ("thompson", f"thompson:posterior={drawn}"):
        learner = begun(spec, problem, 50)
        for number in range(4):
            values = np.full(50, [0.4, 0.5, 0.2, -0.3][number])
            learner.update([Outcome(np.full(50, number), np.full(50, number % 2), values)])
        played.append(learner.act(None).tolist())
    assert played[0] == played[1]


def test_thompson_maps_rewards_to_the_unit_interval():
    learner = begun("thompson:posterior=beta", Problem(actions=2, horizon=9, low=-2.0, high=2.0))
    learner.update([told(0, 1, 1.0), told(1, 1, 9.0), told(2, 1, -9.0)])
    assert learner.arms.total[0].tolist() == [0.0, 1.75]


def test_epsilon_greedy_propensities():
    learner = begun("epsilon-greedy:epsilon=0.3", PLAIN, 3000)
    for number, reward in enumerate([0.1, 0.9, 0.2]):
        told_ = Outcome(np.full(3000, number), np.full(3000, number), np.full(3000, reward))
        learner.update([told_])
    chosen = learner.act(None)
    # .7 + .3 / 3 for the best, .1 for each other.
    assert np.bincount(chosen, minlength=3) / 3000 == pytest.approx([0.1, 0.8, 0.1], abs=0.03)
    assert learner.propensity == pytest.approx(np.where(chosen == 1, 0.8, 0.1))
    mask = np.tile([True, False, True], (3000, 1))
    chosen = learner.act(None, mask)
    assert set(chosen.tolist()) == {0, 2}
    assert learner.propensity == pytest.approx(np.where(chosen == 2, 0.85, 0.15))


# -- Laws -------------------------------------------------------------------------------------

RULES = ["ofs", "pessimistic", "penalised", "primal-dual", "ucb", "ucb1"]


def run(spec, problem, rewards, residuals, rounds=40, order=None):
    """Return the actions of one learner against fixed means, [rounds]."""
    learner = begun(spec, problem)
    actions = []
    for number in range(rounds):
        action = int(learner.act(None)[0])
        actions.append(action)
        real = action if order is None else order[action]
        wobble = 0.01 * np.sin(7.0 * number)
        each = [column[real] + wobble for column in residuals]
        learner.update([told(number, action, rewards[real] + wobble, *each)])
    return np.array(actions)


unit = st.integers(0, 1_000_000).map(lambda n: n / 1_000_000)


@pytest.mark.parametrize("spec", RULES)
@given(order=st.permutations(range(4)), means=st.lists(unit, min_size=4, max_size=4, unique=True))
@settings(max_examples=10, deadline=None)
def test_actions_may_be_renumbered(spec, order, means):
    """From where every action was played once, a permuted problem is played the permuted way."""
    problem = Problem(actions=4, horizon=40, scale=0.2, residuals=("g",), residual_scales=(0.2,))
    residuals = [np.array([0.3, -0.2, 0.1, -0.4])]

    def known(learner, places):
        for number in range(4):
            real = places[number]
            learner.update([told(number, number, means[real], *(c[real] for c in residuals))])

    def after(places):
        learner = begun(spec, problem)
        known(learner, places)
        found = []
        for number in range(4, 30):
            action = int(learner.act(None)[0])
            found.append(places[action])
            wobble = 0.01 * np.sin(7.0 * number)
            real = places[action]
            learner.update(
                [told(number, action, means[real] + wobble, residuals[0][real] + wobble)]
            )
        return found

    if spec == "primal-dual":  # prices depend on the order of the first rounds: start them equal
        spec = "primal-dual:eta=0"
    assert after(list(range(4))) == after(list(order))


@given(means=st.lists(unit, min_size=3, max_size=3))
@settings(max_examples=15, deadline=None)
def test_without_constraints_all_are_ucb(means):
    reference = run("ucb", PLAIN, means, [])
    for spec in ("ofs", "pessimistic", "penalised", "primal-dual"):
        assert run(spec, PLAIN, means, []).tolist() == reference.tolist()
    safe = Problem(actions=3, horizon=10, scale=0.5, residuals=("g",), residual_scales=(0.1,))
    for spec in ("penalised:weight=0", "primal-dual:eta=0"):
        assert run(spec, safe, means, [[1.0, 1.0, -1.0]]).tolist() == reference.tolist()


@given(
    means=st.lists(unit, min_size=3, max_size=3), residual=st.lists(unit, min_size=3, max_size=3)
)
@settings(max_examples=15, deadline=None)
def test_prices_never_fall_below_zero(means, residual):
    learner = begun(
        "primal-dual:eta=3",
        Problem(actions=3, horizon=30, residuals=("g",), residual_scales=(0.1,)),
    )
    for number in range(30):
        action = int(learner.act(None)[0])
        learner.update([told(number, action, means[action], 2 * residual[action] - 1)])
        assert learner.prices.min() >= 0


@pytest.mark.parametrize("spec", [*RULES, "thompson", "epsilon-greedy"])
def test_the_best_feasible_action_is_found(spec):
    problem = Problem(actions=4, horizon=400, scale=0.1, residuals=("g",), residual_scales=(0.1,))
    rewards, residual = [0.2, 0.9, 0.5, 0.2], [[-0.5, 0.3, -0.3, -0.6]]
    late = run(spec, problem, rewards, residual, 400)[200:]
    expected = 2 if spec in ("ofs", "pessimistic") else 1
    if spec == "primal-dual":  # mixes 1 and 2 so that the constraint holds on average
        mean = np.mean(np.array(residual[0])[late])
        assert (late == 0).sum() + (late == 3).sum() < 10
        assert mean == pytest.approx(0.0, abs=0.05)
    else:
        assert (late == expected).mean() > (0.5 if spec == "ucb1" else 0.9)


# -- Feedback ---------------------------------------------------------------------------------


def test_delayed_actions_take_turns_until_they_are_known():
    learner = begun("ofs", PLAIN, 2)
    none = Outcome(np.array([-1, -1]), np.zeros(2, int), np.full(2, np.nan))
    played = []
    for _ in range(7):
        played.append(learner.act(None).tolist())
        learner.update([none])
    assert played == [[k, k] for k in (0, 1, 2, 0, 1, 2, 0)]
    # Row 0 alone is told about action 1, then row 1 about everything.
    learner.update([Outcome(np.array([1, -1]), np.array([1, 0]), np.array([9.0, np.nan]))])
    assert learner.act(None).tolist() == [2, 1]
    learner.update(
        [
            Outcome(np.array([-1, k]), np.array([0, k]), np.array([0.0, r]))
            for k, r in enumerate([0.1, 0.2, 0.9])
        ]
    )
    assert learner.act(None).tolist() == [0, 2]
    assert learner.arms.count.reshape(2, 3).tolist() == [[0, 1, 0], [1, 1, 1]]


@pytest.mark.parametrize("spec", [*RULES, "thompson:posterior=gaussian", "epsilon-greedy"])
def test_full_feedback_tells_of_every_action(spec):
    """It equals one outcome per action, apart from what depends on the action played."""
    whole, parts = begun(spec, SAFE, 2), begun(spec, SAFE, 2)
    rng = np.random.default_rng(0)
    for number in range(3):
        table = rng.normal(size=(3, 2, 2))
        rounds, played = np.full(2, number), np.array([0, 1])
        whole.update([Outcome(rounds, played, table[0], (table[1], table[2]))])
        for action in range(2):
            one = table[:, :, action]
            parts.update([Outcome(rounds, np.full(2, action), one[0], (one[1], one[2]))])
    assert whole.arms.count.tolist() == [3.0] * 4
    assert whole._key == pytest.approx(parts._key)


def test_full_feedback_moves_prices_by_the_action_played():
    learner = begun("primal-dual:eta=1", SAFE)
    table = (np.array([[0.3, -0.2]]), np.array([[-0.1, 0.4]]))
    learner.update([Outcome(np.array([0]), np.array([1]), np.zeros((1, 2)), table)])
    assert learner.prices[:, 0] == pytest.approx([0.0, 0.4])
