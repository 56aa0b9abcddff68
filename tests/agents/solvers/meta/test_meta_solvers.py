import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from envgym.agents.solvers.meta import META_SOLVERS, meta_nash_conv, meta_solver
from envgym.agents.solvers.meta.nash import maximin, nash
from envgym.agents.solvers.meta.payoffs import against
from envgym.agents.solvers.meta.regret_matching import regret_matching, regret_matching_plus
from envgym.agents.solvers.meta.replicator import project, projected_replicator
from envgym.types import ConfigError

EVERY = pytest.mark.parametrize("name", sorted(META_SOLVERS))
RPS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
# Rock beats scissors by 2: rock 1/4, paper 5/12, scissors 1/3, by hand from x A = 0.
BIASED = np.array([[0.0, -1.0, 2.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
numbers = st.integers(-8, 8).map(float)


def quick(name):
    """The same methods with fewer rounds, so that a law can be tried on many games."""
    return {
        **{
            other: lambda payoffs, name=other: meta_solver(name)(payoffs, 3)
            for other in META_SOLVERS
        },
        "nash": nash,
        "prd": lambda payoffs: projected_replicator(payoffs, rounds=200, dt=0.05),
        "rm": lambda payoffs: regret_matching(payoffs, rounds=200),
        "rm+": lambda payoffs: regret_matching_plus(payoffs, rounds=200),
    }[name]


def matrices(most=4):
    return st.tuples(st.integers(1, most), st.integers(1, most)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=numbers)
    )


@EVERY
@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (4, 2), (2, 3, 2)])
def test_the_answer_is_a_distribution_per_player(name, shape):
    rng = np.random.default_rng(0)
    payoffs = [rng.normal(size=shape) for _ in shape]
    if name == "nash" and len(shape) == 2:
        payoffs[1] = -payoffs[0]  # a linear program; elsewhere it is the loop of rm+
    weights = quick("rm+" if name == "nash" and len(shape) == 3 else name)(payoffs)
    assert [len(w) for w in weights] == list(shape)
    for each in weights:
        assert np.all(each >= 0.0)
        assert each.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", ["nash", "prd", "rm", "rm+", "mean_rm+", "shor", "uniform"])
def test_rock_paper_scissors_is_uniform(name):
    for weights in meta_solver(name)([RPS, -RPS], 1):
        np.testing.assert_allclose(weights, 1 / 3, atol=0.03)


@pytest.mark.parametrize(
    ("name", "error"), [("nash", 1e-9), ("prd", 0.01), ("rm", 0.05), ("rm+", 0.01)]
)
def test_the_biased_game_is_solved(name, error):
    row, column = meta_solver(name)([BIASED, -BIASED], 1)
    np.testing.assert_allclose(row, [1 / 4, 5 / 12, 1 / 3], atol=error)
    np.testing.assert_allclose(column, [1 / 3, 5 / 12, 1 / 4], atol=error)


def test_two_rounds_by_hand():
    game = np.array([[2.0, -1.0], [-1.0, 1.0]])
    # Both start at (1/2, 1/2) with regrets (1/4, -1/4) and (-1/4, 1/4), so go on with (1, 0) and
    # (0, 1); the average is of these two.
    row, column = regret_matching([game, -game], rounds=2)
    assert (row.tolist(), column.tolist()) == ([0.75, 0.25], [0.25, 0.75])
    # Alternating: row (1, 0), column (0, 1); then row regrets (1/4, 2), play (1/9, 8/9), column
    # regrets (13/9, 3/2), play (26/53, 27/53). Weights 1 and 2.
    row, column = regret_matching_plus([game, -game], rounds=2)
    assert row == pytest.approx([11 / 27, 16 / 27])
    assert column == pytest.approx([52 / 159, 107 / 159])


def test_the_last_play_of_shor_for_judging_need_not_be_an_equilibrium():
    # Measured: games 1 reports it as one option, never as the default.
    weights = meta_solver("shor_eval")([BIASED, -BIASED], 1)
    assert meta_nash_conv([BIASED, -BIASED], weights) > 0.1


@pytest.mark.parametrize(
    ("name", "least"),
    # The average of the dynamics remembers its uniform start for some of its 200 units of time.
    [("alpha_rank", 0.999), ("nash", 0.999), ("prd", 0.95), ("rm", 0.98), ("rm+", 0.99)],
)
def test_a_dominated_strategy_gets_next_to_nothing(name, least):
    game = np.array([[3.0, 2.0, 4.0], [2.0, 1.0, 3.0], [2.5, -6.0, 3.5]])
    row, _ = meta_solver(name)([game, -game], 1)
    assert row[0] > least


def test_the_plain_mean_keeps_what_is_always_second_best():
    # 3 and 2 are both above the mean of (3, 2, -5), always: the loop plays them 3 to 2 forever.
    game = np.array([[3.0], [2.0], [-5.0]])
    row, _ = meta_solver("mean_rm+")([game, -game], 1)
    np.testing.assert_allclose(row, [0.6, 0.4, 0.0], atol=1e-9)


@pytest.mark.parametrize("name", ["nash", "prd", "rm", "rm+"])
@settings(max_examples=15, deadline=None)
@given(game=matrices(), scale=st.sampled_from([0.25, 4.0, 1024.0]), shift=numbers)
def test_scale_and_shift_change_nothing_but_the_worth(name, game, scale, shift):
    plain = quick(name)([game, -game])
    moved = scale * game + shift
    found = quick(name)([moved, -moved])
    if name == "nash":  # of several equilibria any may come: compare what they are worth
        for weights in (plain, found):
            assert meta_nash_conv([game, -game], weights) < 1e-6
    else:
        for a, b in zip(plain, found, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("name", ["prd", "rm", "rm+"])
@settings(max_examples=15, deadline=None)
@given(game=matrices(), data=st.data())
def test_relabelled_strategies_get_the_same_weights(name, game, data):
    rows = data.draw(st.permutations(range(game.shape[0])))
    columns = data.draw(st.permutations(range(game.shape[1])))
    row, column = quick(name)([game, game * 0.5])
    moved = game[np.ix_(rows, columns)]
    row_moved, column_moved = quick(name)([moved, moved * 0.5])
    np.testing.assert_allclose(row_moved, row[list(rows)], atol=1e-6)
    np.testing.assert_allclose(column_moved, column[list(columns)], atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(matrices(6))
def test_nash_is_an_equilibrium_and_both_sides_agree_on_the_value(game):
    row, column = nash([game, -game])
    assert meta_nash_conv([game, -game], (row, column)) < 1e-6
    assert np.min(row @ game) == pytest.approx(np.max(game @ column), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(matrices())
def test_averages_of_regret_matching_near_equilibrium(game):
    spread = max(1.0, float(np.ptp(game)))
    assert meta_nash_conv([game, -game], regret_matching_plus([game, -game])) < 0.02 * spread
    # 2 sqrt(n) range / sqrt(rounds) bounds plain regret matching, n <= 4.
    assert meta_nash_conv([game, -game], regret_matching([game, -game])) < 0.13 * spread


def test_nash_outside_zero_sum_is_named_for_what_it_is():
    # Battle of the sexes: regret matching ends in one of the pure equilibria or between them.
    first, second = np.array([[3.0, 0.0], [0.0, 2.0]]), np.array([[2.0, 0.0], [0.0, 3.0]])
    weights = nash([first, second])
    assert meta_nash_conv([first, second], weights) < 1e-3
    assert "**not** a Nash" in (nash.__doc__ or "")


def test_a_tiny_spread_is_still_solved():
    row, column = nash([1e-9 * BIASED + 5.0, -1e-9 * BIASED - 5.0])
    np.testing.assert_allclose(row, [1 / 4, 5 / 12, 1 / 3], atol=1e-6)
    np.testing.assert_allclose(column, [1 / 3, 5 / 12, 1 / 4], atol=1e-6)
    np.testing.assert_allclose(maximin(np.zeros((3, 2))).sum(), 1.0)


def test_three_players_against_each_other():
    rng = np.random.default_rng(3)
    tensor = rng.normal(size=(2, 3, 4))
    a, b, c = (w / w.sum() for w in (rng.random(2), rng.random(3), rng.random(4)))
    np.testing.assert_allclose(against(tensor, 0, [a, b, c]), np.einsum("ijk,j,k->i", tensor, b, c))
    np.testing.assert_allclose(against(tensor, 1, [a, b, c]), np.einsum("ijk,i,k->j", tensor, a, c))
    np.testing.assert_allclose(against(tensor, 2, [a, b, c]), np.einsum("ijk,i,j->k", tensor, a, b))


@given(
    arrays(np.float64, st.integers(1, 6), elements=st.floats(-3, 3)),
    st.sampled_from([0.0, 0.01, 0.1]),
)
def test_projection_is_the_nearest_distribution_above_the_floor(weights, floor):
    found = project(weights, floor)
    assert found.sum() == pytest.approx(1.0, abs=1e-9)
    assert np.all(found >= floor - 1e-12)
    np.testing.assert_allclose(project(found, floor), found, atol=1e-12)
    # Optimal: what is above the floor was moved by one and the same amount.
    moved = (found - weights)[found > floor + 1e-9]
    if moved.size:
        np.testing.assert_allclose(moved, moved[0], atol=1e-9)
        assert np.all((found - weights)[found <= floor + 1e-9] >= moved[0] - 1e-9)


def test_prd_never_drops_a_strategy():
    game = np.array([[1.0, 1.0], [0.0, 0.0]])
    row, _ = projected_replicator([game, -game], floor=0.1)
    assert 0.05 <= row[1] < 0.06


def test_alpha_rank_follows_the_arrows():
    # Prisoner's dilemma: everything leads to mutual defection.
    own = np.array([[3.0, 0.0], [5.0, 1.0]])
    for weights in meta_solver("alpha_rank")([own, own.T], 1):
        np.testing.assert_allclose(weights, [0.0, 1.0], atol=1e-6)
    (alone,) = meta_solver("alpha_rank")([np.array([1.0, 3.0, 3.0])], 1)
    assert alone.tolist() == [0.0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: meta_solver("nsah"), "unknown meta-solver 'nsah'.*Did you mean 'nash'"),
        (lambda: nash([]), "one tensor per player, got none"),
        (lambda: nash([[[1.0]], [[1.0, 2.0]]]), r"payoffs\[1\] must have one non-empty axis"),
        (lambda: nash([[1.0], [1.0]]), r"payoffs\[0\].*each of 2 players"),
        (lambda: nash([[[np.inf]], [[0.0]]]), r"payoffs\[0\] must be finite"),
        (lambda: projected_replicator([[[1.0]], [[1.0]]], dt=0), "prd.dt must be between 0 and 1"),
        (
            lambda: meta_solver("alpha_rank")([np.zeros((33, 32))] * 2, 1),
            "at most 1,024 joint profiles, got 1,056",
        ),
    ],
)
def test_bad_input_is_one_sentence(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
