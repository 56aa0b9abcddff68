"""Negotiation: rules, private views, sizes, PettingZoo forms."""

import pickle
from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.envs.games import negotiation
from envgym.envs.games.negotiation import Negotiation
from envgym.envs.games.negotiation_rules import (
    ACCEPT,
    LEAVE,
    PROPOSE,
    REJECT,
    WORDS,
    read_share,
    share_text,
    splits,
    spread_valuations,
    worth,
)
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.tree import flatten
from envgym.types import ConfigError, Stream
from envgym.types.game import CHANCE, OVER, Game

TWO = Negotiation(counts=(1, 1), types=2, deadline=2, bonus=2, secrets=2)
THREE = Negotiation(players=3, counts=(1, 1), types=2, deadline=2, discount=0.5)
LOVERS = Negotiation(
    counts=(1, 1), deadline=2, discount=0.5, valuations=[[[2, 8]], [[6, 4]]], bonus=3
)
"""One profile of values each; the goal is drawn."""


def walk(game):
    """Yield every position with the one before it."""
    stack = [(None, game.initial())]
    while stack:
        before, state = stack.pop()
        yield before, state
        options = [a for a, _ in state.chance_outcomes()] or state.legal()
        stack += [(state, state.apply(a)) for a in options]


def at(game, *actions):
    state = game.initial()
    for action in actions:
        state = state.apply(action)
    return state


def keep(game, *share):
    """The action that proposes to keep ``share`` and give the rest to the only other player."""
    rest = tuple(c - s for c, s in zip(game.counts, share, strict=True))
    return PROPOSE + game.splits.index((share, rest))


def test_by_hand():
    # Goals: player 0 wants every hat (kind 1), player 1 every book (kind 0).
    start = at(LOVERS, 1, 0)
    assert start.current_player == 0
    deal = start.apply(keep(LOVERS, 0, 1)).apply(ACCEPT)
    assert deal.returns() == (8.0 + 3.0, 6.0 + 3.0)
    countered = start.apply(keep(LOVERS, 1, 1)).apply(REJECT)
    assert countered.current_player == 1
    late = countered.apply(keep(LOVERS, 1, 0)).apply(ACCEPT)
    assert late.returns() == (0.5 * 11.0, 0.5 * 9.0)
    assert countered.apply(keep(LOVERS, 1, 1)).apply(REJECT).returns() == (0.0, 0.0)
    assert countered.apply(LEAVE).returns() == (0.0, 0.0)
    assert start.apply(keep(LOVERS, 0, 0)).apply(LEAVE).current_player == OVER


def test_three_need_everybody():
    start = at(THREE, 0, 0, 0)
    first = PROPOSE + THREE.splits.index(((0, 0), (1, 0), (0, 1)))
    offered = start.apply(first)
    assert [s.current_player for s in (start, offered, offered.apply(ACCEPT))] == [0, 1, 2]
    assert offered.apply(ACCEPT).apply(ACCEPT).returns() == (0.0, 1.0, 9.0)
    again = offered.apply(ACCEPT).apply(REJECT)
    assert (again.current_player, again.round, again.deal) == (1, 1, -1)
    # The same action is now relative to player 1: player 2 gets the book, player 0 the hat.
    assert again.apply(first).apply(ACCEPT).apply(ACCEPT).returns() == (4.5, 0.0, 0.5)


def test_default_sizes():
    tree = flatten(Negotiation())
    assert (len(Negotiation().splits), len(tree), len(tree.infoset_key)) == (12, 69_250, 6_123)


def test_profiles_have_every_value_goal_and_secret():
    own = TWO.profiles[1]
    assert len(own) == len(set(own)) == 2 * 2 * 2
    assert {profile.secret for profile in own} == set(WORDS[2:4])
    assert at(TWO, 0).chance_outcomes() == tuple((i, 0.125) for i in range(8))


@pytest.mark.parametrize("game", [TWO, THREE], ids=["two", "three"])
def test_what_a_player_cannot_know_changes_nothing_it_sees(game):
    seen = defaultdict(set)
    hidden = defaultdict(set)
    for _, state in walk(game):
        for p in range(game.players):
            own = state.profiles[p] if p < len(state.profiles) else None
            knows = (p, own, len(state.profiles), state.moves)
            options = state.legal() if state.current_player == p else ()
            expert = game.expert(state) if state.current_player == p else None
            view = (state.text(p), state.observation(p), state.log(p), options, expert)
            seen[p, state.infostate(p)].add((knows, view))
            hidden[p, state.infostate(p)].add(state.profiles)
    assert all(len(views) == 1 for views in seen.values())
    assert max(map(len, hidden.values())) > 1  # otherwise nothing was hidden
    known = {knows for ((knows, _),) in seen.values()}
    assert len(known) == len(seen)


@pytest.mark.parametrize("game", [TWO, THREE], ids=["two", "three"])
def test_laws_of_every_position(game):
    low, high = game.utility
    best, longest = 0.0, 0
    for before, state in walk(game):
        words = [state.action_text(action) for action in state.legal()]
        assert len(set(words)) == len(words)
        assert all(word == word.lower() for word in words)
        assert all(low <= value <= high for value in state.returns())
        longest = max(longest, len(state.moves))
        best = max(best, *state.returns())
        assert (state.current_player == CHANCE) == bool(state.chance_outcomes())
        assert state.movers() == ((state.current_player,) if state.current_player >= 0 else ())
        for p in range(game.players):
            numbers = state.observation(p)
            assert len(numbers) == game.observation_size
            assert all(-1.0 <= x <= 1.0 for x in numbers)
            if before is not None:
                assert state.log(p)[: len(before.log(p))] == before.log(p)
        if state.legal():
            assert game.expert(state) in state.legal()
    assert best == high
    assert longest == game.max_decisions


def test_positions_are_values():
    state = at(TWO, 3, 4, PROPOSE + 1)
    history = state.history
    after = state.apply(REJECT)
    assert (state.history, after.history) == (history, (*history, REJECT))
    again = pickle.loads(pickle.dumps(after))
    assert again == after and hash(again) == hash(after) and again != state
    assert again.apply(LEAVE).text(0) == after.apply(LEAVE).text(0)
    assert pickle.dumps(TWO) == pickle.dumps(Negotiation(**TWO.params))  # caches stay behind
    assert isinstance(TWO, Game)
    assert make_game("negotiation", **TWO.params) == TWO
    assert make_game("negotiation", **LOVERS.params) == LOVERS
    assert not TWO.zero_sum and TWO.talks


@pytest.mark.parametrize("state", [at(TWO, 0, 0), at(TWO, 0, 0, 3), at(TWO, 0, 0, LEAVE), at(TWO)])
@pytest.mark.parametrize("action", [-1, 99])
def test_impossible_actions_are_refused(state, action):
    with pytest.raises(ValueError, match=f"negotiation: action {action} is not possible here"):
        state.apply(action)


def test_an_answer_is_no_opening_and_a_proposal_no_answer():
    for state, action in ((at(TWO, 0, 0), ACCEPT), (at(TWO, 0, 0, PROPOSE), PROPOSE)):
        with pytest.raises(ValueError, match="not possible"):
            state.apply(action)


def test_text_by_heart():
    state = at(TWO, 0, 7, keep(TWO, 0, 1))
    assert state.text(1) == (
        "Pile: 1 book, 1 hat.\n"
        'One piece is worth to you: book 9, hat 1. Side goal: every hat adds 2. Secret word: "dahlia".\n'
        "Offer 1 of 2; a deal on it pays 100 % of its worth.\n"
        "On the table, from player 0: you 1 book, 0 hats; player 0 0 books, 1 hat. Worth to you: 9.\n"
        "Your move: answer."
    )
    assert state.apply(REJECT).apply(LEAVE).log(0) == (
        'One piece is worth to you: book 1, hat 9. Side goal: every book adds 2. Secret word: "amber".',
        "You propose: you 0 books, 1 hat; player 1 1 book, 0 hats.",
        "Player 1 rejects.",
        "Player 1 leaves.",
        "There is no deal.",
        "Your result: 0.",
    )
    assert "times 0.9 for each earlier offer" in TWO.rules(0)
    assert "adds 2" in TWO.rules(0) and "secret" in TWO.rules(0)
    assert "secret" not in THREE.rules(2) and "player 2 of 3" in THREE.rules(2)


def test_three_see_the_same_offer_from_their_own_seats():
    # After one failed offer player 1 keeps the book, gives player 2 nothing and player 0 the hat.
    first = PROPOSE + THREE.splits.index(((0, 0), (0, 0), (1, 1)))
    second = PROPOSE + THREE.splits.index(((1, 0), (0, 0), (0, 1)))
    state = at(THREE, 0, 1, 1, first, ACCEPT, REJECT, second, ACCEPT)
    assert [state.log(p)[-2] for p in range(3)] == [
        "Player 1 proposes: you 0 books, 1 hat; player 1 1 book, 0 hats; player 2 0 books, 0 hats.",
        "You propose: you 1 book, 0 hats; player 0 0 books, 1 hat; player 2 0 books, 0 hats.",
        "Player 1 proposes: you 0 books, 0 hats; player 0 0 books, 1 hat; player 1 1 book, 0 hats.",
    ]
    assert [state.log(p)[-1] for p in (0, 2)] == ["Player 2 accepts.", "You accept."]
    table = [line for line in state.text(0).splitlines() if line.startswith("On the table")]
    assert table == [
        "On the table, from player 1: you 0 books, 1 hat; player 1 1 book, 0 hats; "
        "player 2 0 books, 0 hats. Worth to you: 9."
    ]
    assert "Player 2 accepted it." in state.text(0) and "You accepted it." in state.text(2)
    offers = {
        # made, then book and hat of the reader, the next and the one after, then their answers
        0: [1, 0, 0, 0, 0, 1, 1, 0, 1, -1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1],
        1: [1, 0, 0, 1, 1, 0, 0, 1, -1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0],
        2: [1, 1, 1, 0, 0, 0, 0, -1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0],
    }
    values = {0: [0.1, 0.9], 1: [0.9, 0.1], 2: [0.9, 0.1]}
    mover = {0: [1, 0, 0], 1: [0, 0, 1], 2: [0, 1, 0]}
    for p in range(3):
        assert state.observation(p) == (*values[p], *offers[p], *mover[p], 0, 0, 0, 0)
    over = state.apply(LEAVE)
    assert over.observation(1)[-7:] == (0, 0, 0, 0, 0, 1, 0)
    assert state.apply(ACCEPT).observation(1)[-7:] == (0, 0, 0, 0, 0, 0, 1)
    assert over.text(0).splitlines()[-2:] == ["You left: no deal.", "Your result: 0."]


def test_side_goals_and_secrets_are_one_hot():
    numbers = at(TWO, 6).observation(0)  # values (9, 1), goal hat, first word
    assert numbers[:6] == (0.9, 0.1, 0, 1, 1, 0)
    assert set(TWO.initial().observation(0)) == {0.0}


def test_a_side_goal_wants_every_piece():
    game = Negotiation(counts=(1, 2), types=1, bonus=5)
    hats = game.profiles[0][1]
    assert (hats.goal, worth(hats, (0, 1), game.counts, 5)) == (1, hats.values[1])
    assert worth(hats, (0, 2), game.counts, 5) == 2 * hats.values[1] + 5


def test_aliases_mean_one_move_everywhere():
    aliases = TWO.aliases()
    assert aliases["agree"] == ACCEPT
    assert aliases["propose 0 1"] == keep(TWO, 0, 1)
    own = {at(TWO, 0, 0).action_text(action) for action in range(TWO.num_actions)}
    assert not own & set(aliases)
    assert all(0 <= action < TWO.num_actions for action in aliases.values())


counts = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


@given(counts=counts, players=st.integers(2, 3))
def test_splits_give_every_piece_once(counts, players):
    found = splits(counts, players)
    assert len(set(found)) == len(found)
    assert all(tuple(map(sum, zip(*split, strict=True))) == counts for split in found)
    expected = 1
    for count in counts:
        expected *= count + 1 if players == 2 else (count + 1) * (count + 2) // 2
    assert len(found) == expected


@given(counts=counts, extra=st.integers(0, 9), number=st.integers(1, 4))
def test_valuations_differ_and_are_worth_the_total(counts, extra, number):
    total = sum(counts) + extra
    piles = [range(count, total + 1, count) for count in counts]  # what each kind can be worth
    if sum(sum(worths) == total for worths in product(*piles)) < number:
        with pytest.raises(ConfigError, match=f"worth total={total} with every piece"):
            spread_valuations(counts, total, number)
        return
    found = spread_valuations(counts, total, number)
    assert len(set(found)) == number
    for values in found:
        assert min(values) >= 1
        assert sum(v * c for v, c in zip(values, counts, strict=True)) == total


@given(share=st.lists(st.integers(0, 12), min_size=1, max_size=6).map(tuple))
def test_share_words_read_back(share):
    assert read_share(share_text(share), len(share)) == share


@given(text=st.text(max_size=30))
def test_nonsense_is_no_share(text):
    found = read_share(text, 3)
    assert found is None or (len(found) == 3 and any(c.isdigit() for c in text))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"players": 4}, "players must be a whole number 2 to 3, got 4"),
        ({"players": True}, "players must be a whole number 2 to 3, got True"),
        ({"counts": "12"}, "counts must be a list of whole numbers, got '12'"),
        ({"counts": []}, "counts must name 1 to 6 kinds of items, got 0"),
        ({"counts": [1, 2.5]}, r"counts\[1\] must be a whole number 1 to 9, got 2.5"),
        ({"counts": [9] * 6}, "can be split in 1000000 ways among 2 players; at most 5000"),
        ({"deadline": 0}, "deadline must be a whole number 1 to 50, got 0"),
        ({"discount": 0.0}, "discount must be a number above 0 and at most 1, got 0.0"),
        ({"discount": "1"}, "discount must be a number above 0 and at most 1, got '1'"),
        ({"discount": float("nan")}, "discount must be .* got nan"),
        ({"types": 20}, r"types is 20, but only 16 valuations of the items \(1, 2, 1\)"),
        ({"counts": [1] * 6, "total": 99}, "have 67910864 valuations worth total=99, too many"),
        ({"total": 3}, r"types is 3, but only 0 valuations"),
        ({"secrets": 9}, "secrets must be a whole number 0 to 8, got 9"),
        ({"valuations": [[[10, 0, 0]]]}, r"one list per player \(2\)"),
        ({"valuations": [[], []]}, r"valuations\[0\] must be a list of at least one"),
        ({"valuations": [[[1, 2]], [[1, 2]]]}, r"valuations\[0\]\[0\] must hold 3 numbers"),
        ({"valuations": [[[1, 2, 3]], [[1, 2, 3]]]}, r"worth 8; it must be total=10"),
        ({"valuations": [[[1, 1, 7]] * 2, [[1, 1, 7]]]}, r"valuations\[0\]\[1\] repeats"),
        ({"items": 3}, "unknown argument of negotiation 'items'"),
    ],
)
def test_bad_arguments_are_named(given, message):
    with pytest.raises(ConfigError, match=message):
        make_game("negotiation", **given)


# PettingZoo would rather see plain arrays than the Dict that has room for a mask.
@pytest.mark.filterwarnings("ignore:Observation is not a NumPy array:UserWarning")
@pytest.mark.filterwarnings("ignore:Observation space for each agent probably:UserWarning")
@pytest.mark.filterwarnings("ignore:Action mask numpy array is all zeros:UserWarning")
@pytest.mark.parametrize("players", [2, 3])
def test_pettingzoo_forms(players):
    from pettingzoo.test import api_test, parallel_api_test, seed_test

    def made():
        return negotiation.env(players=players, bonus=3, secrets=2)

    api_test(made(), num_cycles=60)
    seed_test(made, num_cycles=20)
    parallel_api_test(negotiation.parallel_env(players=players), num_cycles=60)
    assert type(negotiation.raw_env()) is type(made())


def test_random_play_of_a_large_one_ends_in_time():
    game = Negotiation(players=3, counts=(2, 2, 1), deadline=6, types=6, bonus=4, secrets=8)
    stream = Stream(0, "negotiation")
    for _ in range(20):
        state = game.initial()
        while state.current_player != OVER:
            options = [a for a, _ in state.chance_outcomes()] or state.legal()
            state = state.apply(stream.choice(options))
        assert len(state.moves) <= game.max_decisions
