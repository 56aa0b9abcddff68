"""Policies that play tables, through the environment that they are attached to."""

from collections import Counter
from types import SimpleNamespace

import pytest

from envgym.agents.policies.tabular import TabularPolicy, solver_policy, table_policy
from envgym.agents.solvers.solve import solve
from envgym.agents.solvers.table import PolicyTable, uniform
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types import ConfigError, Message, Policy, Request


class Board:
    """An environment as policies see it: a game, a position, names of seats."""

    def __init__(self, game, *history):
        self.game, self.position = game, game.initial()
        self.possible_agents = [f"player_{k}" for k in range(game.players)]
        for action in history:
            self.position = self.position.apply(action)

    @property
    def unwrapped(self):
        return self


def say(policy, env, agent="player_0", seed=0, turns=1):
    policy.attach("s", env)
    request = Request(session="s", messages=(Message("user", "?"),), agent=agent, seed=seed)
    found = [policy.act([request])[0].text for _ in range(turns)]
    policy.close(["s"])
    return found


KUHN = make_game("kuhn")
K_FACES_BET, Q_FACES_BET = (0, 2, 1), (0, 1, 1)
"""Cards J and K, or J and Q; the first player has bet."""


def test_a_solved_policy_plays_its_table():
    policy = solver_policy("cfr+:500")
    assert policy.name == "cfr+:500" and isinstance(policy, Policy)
    # A king calls always, a queen a third of the time (Kuhn 1950).
    assert set(say(policy, Board(KUHN, *K_FACES_BET), "player_1", turns=50)) == {"[[bet]]"}
    counts = Counter(say(policy, Board(KUHN, *Q_FACES_BET), "player_1", turns=900))
    assert counts["[[bet]]"] == pytest.approx(300, abs=45)
    assert counts.total() == counts["[[bet]]"] + counts["[[pass]]"]


def test_the_distribution_is_the_tables():
    board = Board(KUHN, *Q_FACES_BET)
    table = solve(KUHN, "cfr", 200).average
    expected = table.policy(board.position)
    assert solver_policy("cfr:200").distribution(KUHN, board.position) == expected
    assert TabularPolicy(table).distribution(KUHN, board.position) == expected


def test_same_seed_same_moves():
    board = Board(KUHN, *Q_FACES_BET)
    one, other = (say(solver_policy("cfr:50"), board, "player_1", 7, 40) for _ in range(2))
    assert one == other
    assert one != say(solver_policy("cfr:50"), board, "player_1", 8, 40)


def test_the_hidden_card_changes_nothing():
    seen = [
        say(solver_policy("cfr:50"), Board(KUHN, other, 1, 1), "player_1", 3, 60)
        for other in (0, 2)
    ]
    assert seen[0] == seen[1]


def test_simultaneous_choices_do_not_wait_for_the_other():
    game = make_game("matrix", preset="rps")
    policy = TabularPolicy(uniform(flatten(game)))
    found = say(policy, Board(game), "player_1", turns=60)
    assert len(set(found)) == 3
    # The other may have chosen already: it makes no difference.
    assert say(policy, Board(game, 2), "player_1", turns=60) == found
    assert say(policy, Board(game, 2), "player_0") == [""]


def test_a_single_agent_view_names_its_seat():
    board = Board(KUHN, *K_FACES_BET)
    view = SimpleNamespace(game=KUHN, position=board.position, seat=1)
    view.unwrapped = view
    assert say(solver_policy("cfr+:500"), view, "agent") == ["[[bet]]"]


def test_a_table_from_a_file(tmp_path):
    path = tmp_path / "k.json"
    solve(KUHN, "cfr+", 500).average.save(path)
    policy = table_policy(path)
    assert policy.name == "cfr+:500"
    assert say(policy, Board(KUHN, *K_FACES_BET), "player_1") == ["[[bet]]"]


def test_unknown_positions_are_played_uniformly():
    policy = TabularPolicy(PolicyTable("kuhn", {"players": 2}, {}, "empty"))
    counts = Counter(say(policy, Board(KUHN, *K_FACES_BET), "player_1", turns=400))
    assert counts["[[bet]]"] == pytest.approx(200, abs=40)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("cfrr:10", "unknown algorithm 'cfrr'.*Did you mean"),
        ("cfr:", "expected cfr:ITERATIONS, a whole number from 1, got ''"),
        ("cfr:0", "got '0'"),
        ("cfr:-1", "got '-1'"),
        ("cfr:1.5", "got '1.5'"),
        ("cfr:²", "got '²'"),
    ],
)
def test_a_wrong_name_costs_one_sentence(spec, said):
    with pytest.raises(ConfigError, match=said):
        solver_policy(spec)


def test_a_number_may_be_left_out():
    assert solver_policy("vad").name == "vad:1000"


def test_another_game_is_refused():
    policy = TabularPolicy(uniform(flatten(make_game("kuhn", players=3))))
    with pytest.raises(ConfigError, match=r"is for kuhn\(players=3\), not for kuhn\(players=2\)"):
        say(policy, Board(KUHN, *K_FACES_BET), "player_1")


@pytest.mark.parametrize(
    ("env", "agent", "said"),
    [
        (SimpleNamespace(), "agent", "SimpleNamespace lacks 'game' and 'position'"),
        (Board(KUHN, 0, 1), "player_7", "cannot tell which player the agent 'player_7' is"),
    ],
)
def test_an_environment_that_is_no_game(env, agent, said):
    if not isinstance(env, Board):
        env.unwrapped = env
    with pytest.raises(ConfigError, match=said):
        say(solver_policy("cfr:5"), env, agent)
