import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.rewards import Potential, ProgressDelta, Source
from envgym.rewards.probe.starc import StarcDistance, TabularMDP, canonical, starc_distance
from envgym.rewards.probe.starc_programs import starc_programs, tables
from envgym.rewards.shaping.chain import chain_shapings, five_state_chain
from envgym.rewards.shaping.mdp import FiniteMDP, Outcome
from envgym.rewards.shaping.verify import verify_shaping
from envgym.types import ConfigError, EvidenceError, Stream


def random_mdp(seed, states=3, actions=2, discount=0.9):
    stream = Stream(seed, "starc")
    raw = np.array([stream.uniform() for _ in range(states * actions * states)])
    rows = raw.reshape(states, actions, states) + 0.01
    return TabularMDP(rows / rows.sum(axis=2, keepdims=True), discount)


def reward_of(seed, *shape):
    stream = Stream(seed, "reward")
    return np.array([2 * stream.uniform() - 1 for _ in range(int(np.prod(shape)))]).reshape(shape)


def shaped(mdp, reward, potential, scale=1.0):
    return (
        scale * reward[..., None]
        + mdp.discount * potential[None, None, :]
        - potential[:, None, None]
    )


def test_cookbook_h2():
    mdp, reward = random_mdp(0), reward_of(0, 3, 2)
    assert starc_distance(mdp, reward, shaped(mdp, reward, np.array([3.0, -1, 7]), 2.5)) < 1e-12
    assert starc_distance(mdp, reward, -reward) == pytest.approx(2.0)
    assert 0.1 < starc_distance(mdp, reward, reward_of(1, 3, 2)) < 1.99


seeds = st.integers(0, 10**6)


@settings(max_examples=60)
@given(seeds, seeds, seeds, st.floats(0.01, 100))
def test_it_is_a_metric_blind_to_scale_and_shaping(a, b, c, scale):
    mdp = random_mdp(a)
    first, second, third = (reward_of(s, 3, 2) for s in (a, b, c))
    d = starc_distance
    assert 0.0 <= d(mdp, first, second) <= 2.0 + 1e-12
    assert d(mdp, first, second) == pytest.approx(d(mdp, second, first))
    assert d(mdp, first, third) <= d(mdp, first, second) + d(mdp, second, third) + 1e-9
    moved = shaped(mdp, first, reward_of(c, 3), scale)
    assert d(mdp, moved, second) == pytest.approx(d(mdp, first, second), abs=1e-6)


@given(seeds)
def test_the_canonical_reward_is_the_policys_advantage(seed):
    mdp, reward = random_mdp(seed), reward_of(seed, 3, 2)
    assert (mdp.chosen * canonical(mdp, reward)).sum(axis=1) == pytest.approx(np.zeros(3), abs=1e-9)


def test_trivial_rewards():
    mdp = random_mdp(4)
    nothing, constant = np.zeros((3, 2)), np.full((3, 2), 5.0)
    assert starc_distance(mdp, nothing, constant) == 0.0
    assert starc_distance(mdp, nothing, reward_of(1, 3, 2)) == pytest.approx(1.0)
    assert starc_distance(mdp, 1e-30 * reward_of(1, 3, 2), reward_of(1, 3, 2)) < 1e-9
    assert "the reward before is trivial" in StarcDistance().run(mdp, nothing, nothing).notes[0]


WON = Source("won", "episode", lo=0, hi=1)
PHI = Source("phi", lo=0, hi=5)


def test_shaping_with_the_trainers_discount_keeps_the_order_on_the_chain():
    report = starc_programs(five_state_chain(slip=0.1), WON, WON + 3.0 * Potential(PHI, gamma=0.9))
    assert report.passed
    assert report.metric < 1e-9


@pytest.mark.parametrize(
    "changed",
    [
        WON + Potential(PHI, gamma=1.0),  # another discount than the trainer's
        WON + ProgressDelta(PHI),  # the end's potential is kept
        WON + 0.05 * Source("progress", lo=0, hi=1),
        -1.0 * WON,
    ],
)
def test_other_changes_do_not(changed):
    report = starc_programs(five_state_chain(), WON, changed)
    assert not report.passed
    assert report.metric > 0.01


def test_the_distance_asks_more_than_the_best_policy():
    """A small bonus keeps the best policy, but not the order of all policies."""
    chain, small = five_state_chain(), chain_shapings()["small_sum"]
    assert verify_shaping(chain, WON, small).keeps
    assert starc_programs(chain, WON, small).metric > 0.1


@pytest.mark.parametrize("name", sorted(chain_shapings()))
def test_distance_zero_keeps_the_best_policy(name):
    chain, program = five_state_chain(horizon=5), chain_shapings()[name]
    report = starc_programs(chain, chain_shapings()["outcome"], program)
    if report.passed:
        assert verify_shaping(chain, chain_shapings()["outcome"], program).keeps
    assert report.passed == (name in ("outcome", "potential"))


def test_negation_is_as_far_as_it_gets():
    assert starc_programs(five_state_chain(), WON, -1.0 * WON).metric == pytest.approx(2.0)


def test_the_tables_hold_what_the_programs_pay():
    held = tables(five_state_chain(), WON, WON + ProgressDelta(Source("progress", lo=0, hi=1)))
    assert held.mdp.shape == (4, 3)  # three inner states and the end
    assert held.before[:3].max() == 1.0
    assert held.before[3].tolist() == [0, 0, 0]
    assert sorted(held.after[:3].ravel().tolist()) == [-0.25] * 3 + [0] * 3 + [0.25] * 2 + [1.25]


def test_states_may_differ_in_their_actions():
    def outcomes(state, action):
        return (Outcome(1.0, state + 1, {"won": action == "win"}, final=state == 1),)

    mdp = FiniteMDP(0, {"won": False}, lambda s: ("on",) if s == 0 else ("win", "lose"), outcomes)
    held = tables(mdp, WON, 2.0 * WON)
    assert held.mdp.allowed.tolist() == [[True, False], [True, True], [True, False]]
    assert starc_distance(*held) < 1e-12


def test_programs_that_cannot_be_compared_so():
    gated = chain_shapings()["capped_gate"]
    with pytest.raises(ConfigError, match="give the FiniteMDP a horizon"):
        starc_programs(five_state_chain(), WON, gated)
    with pytest.raises(ConfigError, match="more than 2000 decisions"):
        starc_programs(five_state_chain(horizon=9), WON, gated)
    with pytest.raises(EvidenceError, match="stars"):
        starc_programs(five_state_chain(), WON, Source("stars"))


def test_the_edges_of_what_is_allowed():
    half = np.full((2, 2, 2), 0.5)
    blind = TabularMDP(half, 0.0, policy=[[1, 0], [0, 1]], allowed=[[True, False], [True, True]])
    assert canonical(blind, [[3, 9], [1, 2]]).tolist() == [[0, 0], [-1, 0]]
    nothing = np.zeros((2, 2))
    assert StarcDistance(limit=0.0).run(blind, nothing, nothing).passed
    for wrong in (np.nan, -0.5):
        moves = half.copy()
        moves[0, 0] = [wrong, 1.5]
        with pytest.raises(ConfigError, match="non-negative probabilities"):
            TabularMDP(moves)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TabularMDP(np.ones((2, 2))), r"must have the shape \(S, A, S\)"),
        (lambda: TabularMDP(np.ones((2, 1, 2))), "sum to 1"),
        (lambda: TabularMDP(np.full((2, 1, 2), 0.5), 1.0), "discount must be 0 to below 1"),
        (
            lambda: TabularMDP(np.full((2, 1, 2), 0.5), policy=[[1.0]]),
            r"policy must have the shape",
        ),
        (lambda: starc_distance(random_mdp(0), [[1.0]], [[1.0]]), "reward must have the shape"),
        (
            lambda: TabularMDP(np.full((2, 1, 2), 0.5), allowed=[[True], [False]]),
            "leave every state an action",
        ),
        (
            lambda: TabularMDP(
                np.full((2, 2, 2), 0.5), 0.9, [[1, 0], [1, 0]], [[False, True], [True, True]]
            ),
            "not allowed",
        ),
        (lambda: StarcDistance(3), "limit must be 0 to 2"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
