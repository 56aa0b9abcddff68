"""What players read, word for word, in one position of each kind of game."""

import pytest

from envgym.envs.games.base import replay
from envgym.runtime.games.registry import make_game

GOLDEN = {
    # game, arguments, history, player: text, last lines of the log
    "kuhn": (
        ("kuhn", {"players": 3}, (3, 0, 2, 0, 1, 0), 0),
        """Your card: K
Pot: 4 chips
So far: player 0 passes, player 1 bets, player 2 passes (fold)
Your turn: bet to call 1 chip, or pass to fold.""",
        ["You are dealt K.", "You pass.", "Player 1 bets.", "Player 2 passes (fold)."],
    ),
    "kuhn at the end": (
        ("kuhn", {}, (0, 2, 0, 1, 1), 1),
        """Your card: K
Pot: 4 chips
So far: player 0 passes, player 1 bets, player 0 bets (call)
Player 0 shows J
Player 1 shows K
Result: player 0 -2, player 1 +2.""",
        [
            "You are dealt K.",
            "Player 0 passes.",
            "You bet.",
            "Player 0 bets (call).",
            "Player 0 shows J.",
            "You show K.",
            "Result: player 0 -2, player 1 +2.",
        ],
    ),
    "leduc": (
        ("leduc", {}, (5, 0, 2, 1, 2, 2), 1),
        """Your card: Js
Public card: Qs
Pot: 10 chips (player 0 paid 7, player 1 paid 3)
First round: player 0 raises, player 1 calls
Second round: player 0 raises
Your turn: call (pay 4), raise (pay 8), fold.""",
        [
            "You are dealt Js.",
            "Player 0 raises.",
            "You call.",
            "The public card is Qs.",
            "Player 0 raises.",
        ],
    ),
    "goofspiel": (
        ("goofspiel", {}, (3, 1, 0), 1),
        """Round 1: point card 4, player 0 won
Points: player 0 4, player 1 0
Your hand: 1 3 4
Round 2 of 4: point card 3; bid a card, as the others do.""",
        [
            "Round 1: the point card is 4.",
            "Round 1: you bid 2.",
            "Round 1: point card 4, player 0 won.",
            "Round 2: the point card is 3.",
        ],
    ),
    "goofspiel with open bids": (
        ("goofspiel", {"imp_info": False}, (3, 1, 0, 0, 2), 0),
        """Round 1: point card 4, bids you 4, player 1 2, you won
Round 2: point card 3, bids you 1, player 1 1, a tie, nobody won
Points: player 0 4, player 1 0
Your hand: 2 3
Round 3 of 4: point card 2; you bid 3, the others bid.""",
        ["Round 3: the point card is 2.", "Round 3: you bid 3."],
    ),
    "liars_dice": (
        ("liars_dice", {}, (0, 3, 1, 4), 0),
        """Your dice: 1
Bids: player 0 1x2, player 1 2x1
Your turn: bid higher than 2x1, or say liar.""",
        ["You roll 1.", "You bid 1x2.", "Player 1 bids 2x1."],
    ),
    "liars_dice at the end": (
        ("liars_dice", {"dice": 2}, (2, 0, 3, 1, 6, 16), 0),
        """Your dice: 1 3
Bids: player 0 2x3, player 1 liar
Player 0 shows 1 3
Player 1 shows 2 4
Result: player 0 +1, player 1 -1.""",
        [
            "You bid 2x3.",
            "Player 1 says liar.",
            "You show 1 3.",
            "Player 1 shows 2 4.",
            "Result: player 0 +1, player 1 -1.",
        ],
    ),
    "tic_tac_toe": (
        ("tic_tac_toe", {}, (4, 2, 0), 1),
        """  a b c
1 x . o
2 . x .
3 . . .
Your turn: you play o.""",
        ["Player 0 (x): b2", "You (o): c1", "Player 0 (x): a1"],
    ),
    "connect_four": (
        ("connect_four", {}, (3, 3, 4), 0),
        """. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. . . o . . .
. . . x x . .
1 2 3 4 5 6 7
Player 1 (o) is to move.""",
        ["You (x): column 4", "Player 1 (o): column 4", "You (x): column 5"],
    ),
    "hex": (
        ("hex", {"board_size": 3}, (4, 1, 2, 0, 6), 1),
        """  a b c
1 o o x
 2 . x .
  3 x . .
Result: player 0 +1, player 1 -1.""",
        ["Player 0 (x): a3", "Result: player 0 +1, player 1 -1."],
    ),
    "matrix": (
        ("matrix", {}, (0,), 0),
        "you chose rock; the others choose.",
        ["you chose rock."],
    ),
    "repeated_matrix": (
        ("repeated_matrix", {"rounds": 3}, (0, 1), 0),
        """Round 1 of 3: you cooperate (0), player 1 defect (+10).
Sum so far: you 0, player 1 +10.
Round 2 of 3: choose cooperate or defect; the others choose at the same time.""",
        [
            "Round 1 of 3: you chose cooperate.",
            "Round 1 of 3: you cooperate (0), player 1 defect (+10).",
        ],
    ),
    "blotto": (
        ("blotto", {}, (31, 3), 1),
        "player 0 3-1-6 (-1), you 0-3-7 (+1).\nResult: player 0 -1, you +1.",
        ["you chose 0-3-7.", "player 0 3-1-6 (-1), you 0-3-7 (+1)."],
    ),
}


@pytest.mark.parametrize("key", GOLDEN)
def test_golden(key):
    (name, params, history, player), text, log = GOLDEN[key]
    state = replay(make_game(name, **params), history)
    assert state.text(player) == text
    assert list(state.log(player))[-len(log) :] == log


def test_rules_of_a_table_name_every_payoff():
    assert make_game("matrix", preset="chicken").rules(1).splitlines()[-4:] == [
        "  you dare, player 0 dare: you get 0, player 0 gets 0",
        "  you chicken, player 0 dare: you get +1, player 0 gets +4",
        "  you dare, player 0 chicken: you get +4, player 0 gets +1",
        "  you chicken, player 0 chicken: you get +3, player 0 gets +3",
    ]


@pytest.mark.parametrize(
    ("name", "params", "needles"),
    [
        ("kuhn", {"players": 4}, ["9 T J Q K", "+6", "-2", "pass", "bet"]),
        ("leduc", {"players": 3}, ["8 cards", "T J Q K", "+26", "-13", "fold", "call", "raise"]),
        ("goofspiel", {"cards": 6, "points": "random"}, ["random order", "+1 shared", "card 1"]),
        ("goofspiel", {"returns": "total_points"}, ["sum of the points"]),
        ("goofspiel", {"returns": "point_difference", "imp_info": False}, ["minus the mean"]),
        ("liars_dice", {"players": 3, "sides": 6}, ["faces 1 to 6", "+0.5", "liar"]),
        ("hex", {"board_size": 2}, ["2 x 2", "row below.\n"]),
        ("repeated_matrix", {"rounds": 7}, ["7 rounds", "cooperate, defect"]),
        ("blotto", {"coins": 5}, ["exactly 5 coins over 3 fields", "0-0-5"]),
    ],
)
def test_rules_hold_the_numbers_of_the_game(name, params, needles):
    game = make_game(name, **params)
    for needle in needles:
        assert needle in game.rules(0), needle
