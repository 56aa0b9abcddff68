"""What a player is told, which action its words mean, and what of a message is said aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.runtime.games.registry import make_game
from envgym.runtime.games.view import position_text, read_move, role_text, speech
from envgym.types import ToolError


def after(name, *history, **params):
    state = make_game(name, **params).initial()
    for action in history:
        state = state.apply(action)
    return state


JACK_QUEEN = (0, 1)


def test_the_role_names_seat_and_form():
    told = role_text(make_game("kuhn"), 1)
    assert "You are player 1 of 2" in told
    assert told.endswith(
        "end your message with your move in double brackets, for instance [[pass]]. If there are "
        "several, the last one counts."
    )
    assert "said aloud" not in told
    assert "up to 80 characters" in role_text(make_game("kuhn"), 1, 80)


def test_a_position_as_its_player_sees_it():
    state = after("kuhn", *JACK_QUEEN, 0)
    assert position_text(state, 1, 0) == (
        "You are dealt Q.\nPlayer 0 passes.\n\n"
        "Your card: Q\nPot: 2 chips\nSo far: player 0 passes\n"
        "Your turn: pass to check, or bet 1 chip.\n\n"
        "Legal actions: pass; bet"
    )


def test_only_what_is_new_is_told_again():
    state = after("kuhn", *JACK_QUEEN, 0)
    told = position_text(state, 1, 1, said=['player_0 says: "hm"'])
    assert told.startswith('Player 0 passes.\nplayer_0 says: "hm"\n\nYour card: Q')


def test_legal_actions_only_for_the_one_who_is_asked():
    state = after("kuhn", *JACK_QUEEN, 0)
    assert "Legal actions" not in position_text(state, 0, 0)
    assert "Legal actions" not in position_text(state, 1, 0, legal=False)


def test_of_several_movers_only_the_one_asked_sees_legal_actions():
    """In Goofspiel the legal bids are the hand: player 1 must not be shown player 0's."""
    state = after("goofspiel", 0, 3)
    assert state.movers() == (0, 1)
    assert state.legal() == (1, 2, 3)
    assert "Legal actions: card 2; card 3; card 4" in position_text(state, 0, 0)
    assert "Legal actions" not in position_text(state, 1, 0)


def test_long_lists_of_actions_are_counted():
    state = after("blotto", coins=10, fields=3)
    assert len(state.legal()) == 66
    assert position_text(state, 0, 0).endswith(" and 26 more")


@pytest.mark.parametrize("text", ["bet", "Bet", " BET ", "bet.", '"bet"', "'bet'", "`Bet`", "call"])
def test_a_word_is_read(text):
    state = after("kuhn", *JACK_QUEEN)
    assert read_move(state.game, state, text) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The move is empty. Legal actions: pass; bet."),
        (" . ", "The move is empty. Legal actions: pass; bet."),
        ("bett", "'bett' is no legal move. Legal actions: pass; bet. Did you mean 'bet'?"),
        (
            "bet or pass",
            "'bet or pass' is no legal move. Legal actions: pass; bet. Did you mean 'pass'?",
        ),
        ("x" * 500, f"'{'x' * 60}' is no legal move. Legal actions: pass; bet."),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text, sentence):
    state = after("kuhn", *JACK_QUEEN)
    with pytest.raises(ToolError) as refused:
        read_move(state.game, state, text)
    assert str(refused.value) == sentence


def test_a_known_word_that_is_not_possible_now():
    """The first player of Leduc has nothing to fold against."""
    state = after("leduc", 0, 2)
    assert state.legal() == (1, 2)
    with pytest.raises(ToolError, match="Legal actions: call; raise"):
        read_move(state.game, state, "fold")


@given(text=st.text())
def test_any_text_is_read_or_refused(text):
    state = after("kuhn", *JACK_QUEEN)
    try:
        found = read_move(state.game, state, text)
    except ToolError as refused:
        found = str(refused)
    assert found in state.legal() or "Legal actions: pass; bet." in found


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("I am strong. [[bet]]", "I am strong."),
        ("[[bet]]", ""),
        ("[[bet]] I am strong.", "I am strong."),
        ("<think>bluff</think>I am strong. [[bet]]", "I am strong."),
        ("<think>bluff [[bet]]", ""),
        ("I have nothing</think>I am strong. [[bet]]", "I am strong."),
        ("I am strong. \\boxed{bet}", "I am strong."),
        ("I am strong. <action>bet</action>", "I am strong."),
        (
            'Strong.<tool_call>{"name": "play", "arguments": {"action": "bet"}}</tool_call>',
            "Strong.",
        ),
        ("Strong.\n```play\nbet\n```", "Strong."),
        ('I am strong.\nplay("bet")', "I am strong."),
        ('play("bet")', ""),
        ("`play('bet')`", ""),
        ('play("bet")<think>haha</think>', ""),
        ("I am\n\n  strong.\t[[bet]]", "I am strong."),
        ("strong [[bet", "strong"),
        ("", ""),
    ],
)
def test_what_is_said_aloud(message, said):
    assert speech(message, 80) == said


def test_long_speech_is_cut():
    assert speech("abcdefghij", 8) == "abcde..."
    assert speech("abcdefgh", 8) == "abcdefgh"


@given(text=st.text(), limit=st.integers(3, 50))
def test_speech_is_one_short_line(text, limit):
    found = speech(text, limit)
    assert len(found) <= limit
    assert found.split() == found.strip().split()
    assert "\n" not in found


@given(thought=st.text(st.characters(blacklist_characters="<>")), word=st.sampled_from("ab"))
def test_thoughts_are_never_said(thought, word):
    assert speech(f"<think>{thought}</think>{word}", 80) == word
    assert speech(f"{thought}</think>{word}", 80) == word
