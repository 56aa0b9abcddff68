"""The rules are OpenSpiel's: both trees are walked side by side."""

import pyspiel
import pytest

from envgym.runtime.games.registry import make_game
from envgym.types import Stream
from envgym.types.game import CHANCE, OVER


class Twin:
    """Compares positions of ours and of OpenSpiel's, and the partition into information sets."""

    def __init__(self, finer=False):
        self.nodes = 0
        self.finer = finer  # ours tells apart what theirs forgets
        self.forward, self.backward = {}, {}

    def check(self, ours, theirs, infosets=True):
        self.nodes += 1
        assert ours.history == tuple(theirs.history())
        if theirs.is_terminal():
            assert ours.current_player == OVER
            assert ours.legal() == () and ours.chance_outcomes() == () and ours.movers() == ()
            assert ours.returns() == pytest.approx(tuple(theirs.returns()), abs=1e-12)
            return ()
        if theirs.is_chance_node():
            assert ours.current_player == CHANCE and ours.legal() == ()
            outcomes = theirs.chance_outcomes()
            assert [a for a, _ in ours.chance_outcomes()] == [a for a, _ in outcomes]
            assert [p for _, p in ours.chance_outcomes()] == pytest.approx([p for _, p in outcomes])
            return [a for a, _ in outcomes]
        assert ours.current_player == theirs.current_player()
        assert ours.legal() == tuple(theirs.legal_actions())
        if infosets:
            player = ours.current_player
            here = (player, ours.infostate(player))
            there = (player, theirs.information_state_string(player))
            assert self.forward.setdefault(here, there) == there
            assert self.finer or self.backward.setdefault(there, here) == here
        return ours.legal()

    def walk(self, ours, theirs, infosets=True):
        stack = [(ours, theirs)]
        while stack:
            mine, other = stack.pop()
            for action in self.check(mine, other, infosets):
                stack.append((mine.apply(action), other.child(action)))

    def play(self, ours, theirs, seed):
        stream = Stream(seed, "twin")
        while actions := self.check(ours, theirs):
            action = stream.choice(tuple(actions))
            ours, theirs = ours.apply(action), theirs.child(action)


def turn_based(game):
    if game.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS:
        return pyspiel.convert_to_turn_based(game)
    return game


def goofspiel(**params):
    defaults = {"imp_info": True, "points_order": "descending", "returns_type": "win_loss"}
    return pyspiel.load_game("goofspiel", {**defaults, **params})


def repeated(stage, rounds):
    return pyspiel.create_repeated_game(
        pyspiel.load_game(stage), {"num_repetitions": rounds, "recall": rounds}
    )


WALKED = {
    # name and arguments here: OpenSpiel's game, nodes, information sets (None: no known value)
    "kuhn-2": (("kuhn", {}), pyspiel.load_game("kuhn_poker"), 58, 12),
    "kuhn-3": (("kuhn", {"players": 3}), pyspiel.load_game("kuhn_poker(players=3)"), 617, 48),
    "kuhn-4": (("kuhn", {"players": 4}), pyspiel.load_game("kuhn_poker(players=4)"), 7886, 160),
    "leduc-2": (("leduc", {}), pyspiel.load_game("leduc_poker"), 9457, 936),
    "goofspiel-4": (("goofspiel", {}), goofspiel(num_cards=4), 1077, 162),
    "goofspiel-4-open": (
        ("goofspiel", {"imp_info": False, "returns": "point_difference", "points": "ascending"}),
        goofspiel(
            num_cards=4,
            imp_info=False,
            points_order="ascending",
            returns_type="point_difference",
        ),
        1077,
        None,
    ),
    "goofspiel-3-random": (
        ("goofspiel", {"cards": 3, "points": "random", "returns": "total_points"}),
        goofspiel(num_cards=3, points_order="random", returns_type="total_points"),
        None,
        None,
    ),
    "goofspiel-3-three": (
        ("goofspiel", {"cards": 3, "players": 3}),
        goofspiel(num_cards=3, players=3),
        None,
        None,
    ),
    "liars_dice-4": (("liars_dice", {}), pyspiel.load_game("liars_dice(dice_sides=4)"), 8181, 1024),
    "liars_dice-2x2": (
        ("liars_dice", {"sides": 2, "dice": 2}),
        pyspiel.load_game("liars_dice(dice_sides=2,numdice=2)"),
        None,
        None,
    ),
    "hex-2": (("hex", {"board_size": 2}), pyspiel.load_game("hex(board_size=2)"), None, None),
    "blotto": (("blotto", {}), pyspiel.load_game("blotto"), 4423, 2),
    "blotto-3": (
        ("blotto", {"players": 3, "coins": 4}),
        pyspiel.load_game("blotto(players=3,coins=4)"),
        None,
        3,
    ),
    "rps": (("matrix", {}), pyspiel.load_game("matrix_rps"), 13, 2),
    "repeated-rps": (
        ("repeated_matrix", {"preset": "rps", "rounds": 3}),
        repeated("matrix_rps", 3),
        None,
        None,
    ),
    "repeated-pd": (("repeated_matrix", {}), repeated("matrix_pd", 5), 2047, 682),
}
MATRICES = {
    "battle_of_the_sexes": "matrix_bos",
    "chicken": "matrix_cd",
    "coordination": "matrix_coordination",
    "matching_pennies": "matrix_mp",
    "prisoners_dilemma": "matrix_pd",
    "rps": "matrix_rps",
    "stag_hunt": "matrix_sh",
}


@pytest.mark.parametrize("key", WALKED)
def test_whole_tree(key):
    (name, params), theirs, nodes, infosets = WALKED[key]
    # Goofspiel with open bids: OpenSpiel shows points and hands, not who bid what in which round.
    game, twin = make_game(name, **params), Twin(finer=key == "goofspiel-4-open")
    twin.walk(game.initial(), turn_based(theirs).new_initial_state())
    assert nodes in (None, twin.nodes)
    assert infosets in (None, len(twin.forward))


@pytest.mark.parametrize("preset", MATRICES)
def test_presets(preset):
    theirs = pyspiel.load_game(MATRICES[preset])
    game, twin = make_game("matrix", preset=preset), Twin()
    twin.walk(game.initial(), turn_based(theirs).new_initial_state())
    words = [theirs.row_action_name(a).lower() for a in range(theirs.num_rows())]
    assert [game.initial().action_text(a) for a in range(game.num_actions)] == words


def test_tic_tac_toe_to_a_depth_and_sampled():
    game, theirs = make_game("tic_tac_toe"), pyspiel.load_game("tic_tac_toe")
    twin = Twin()
    for first in (0, 1, 4):  # a corner, a side, the middle: the others are rotations
        for second in range(9):
            if second != first:
                mine = game.initial().apply(first).apply(second)
                other = theirs.new_initial_state()
                for action in (first, second):
                    other.apply_action(action)
                for third in (0, 5, 7):
                    if third not in (first, second):
                        twin.walk(mine.apply(third), other.child(third), infosets=False)
    assert twin.nodes > 50_000
    for seed in range(300):
        twin.play(game.initial(), theirs.new_initial_state(), seed)


@pytest.mark.parametrize(
    ("name", "params", "theirs", "episodes"),
    [
        ("leduc", {"players": 3}, "leduc_poker(players=3)", 1500),
        ("connect_four", {}, "connect_four", 300),
        ("hex", {}, "hex(board_size=5)", 300),
        ("hex", {"board_size": 7}, "hex(board_size=7)", 100),
        ("liars_dice", {"sides": 6, "dice": 3}, "liars_dice(dice_sides=6,numdice=3)", 300),
    ],
)
def test_random_play(name, params, theirs, episodes):
    game, other, twin = make_game(name, **params), pyspiel.load_game(theirs), Twin()
    for seed in range(episodes):
        twin.play(game.initial(), other.new_initial_state(), seed)


def test_random_play_of_goofspiel():
    game, twin = make_game("goofspiel", cards=5), Twin()
    other = pyspiel.convert_to_turn_based(goofspiel(num_cards=5))
    for seed in range(500):
        twin.play(game.initial(), other.new_initial_state(), seed)


@pytest.mark.parametrize(
    ("name", "params", "theirs"),
    [
        *((n, p, t) for (n, p), t, _, _ in WALKED.values() if n != "goofspiel"),
        ("leduc", {"players": 3}, pyspiel.load_game("leduc_poker(players=3)")),
        ("hex", {"board_size": 7}, pyspiel.load_game("hex(board_size=7)")),
        ("connect_four", {}, pyspiel.load_game("connect_four")),
        ("tic_tac_toe", {}, pyspiel.load_game("tic_tac_toe")),
        ("goofspiel", {}, goofspiel(num_cards=4)),
    ],
)
def test_sizes(name, params, theirs):
    game = make_game(name, **params)
    assert game.players == theirs.num_players()
    assert game.num_actions == theirs.num_distinct_actions()
    assert game.utility == (theirs.min_utility(), theirs.max_utility())
    assert game.simultaneous == (
        theirs.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS
    )
    assert game.zero_sum == (theirs.get_type().utility == pyspiel.GameType.Utility.ZERO_SUM)
    if not game.simultaneous:
        assert game.max_decisions == theirs.max_game_length()
