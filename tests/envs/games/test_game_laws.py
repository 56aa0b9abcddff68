"""What holds in every position of every game."""

import json
import math
import pickle
from itertools import pairwise

import pytest

from envgym.envs.games.base import replay
from envgym.runtime.games.registry import make_game
from envgym.types import Stream
from envgym.types.game import CHANCE, OVER, Game
from tests.envs.games.walking import CASES, EVERY, case, options, random_episode

WORDS = (  # what would betray that a text was made from None, an object or a raw number
    "None",
    "<",
    "object",
    "{",
)


@EVERY
def test_a_players_view_is_decided_by_what_it_knows(case):
    game = case.game
    seen = {}
    for state in case.states():
        for player in range(game.players):
            key = (player, state.infostate(player))
            view = (state.text(player), state.observation(player), state.log(player))
            assert seen.setdefault(key, view) == view
            if state.current_player == player:
                legal = (*key, "legal")
                assert seen.setdefault(legal, state.legal()) == state.legal()


@EVERY
def test_views_have_the_declared_form(case):
    game = case.game
    for state in case.states()[::7]:
        for player in range(game.players):
            observation = state.observation(player)
            assert len(observation) == game.observation_size
            assert all(type(x) is float and math.isfinite(x) for x in observation)
            text = "\n".join((state.text(player), *state.log(player)))
            assert not any(word in text for word in WORDS)
            assert all(line and "\n" not in line for line in state.log(player))


@EVERY
def test_logs_grow_and_nothing_known_is_forgotten(case):
    game = case.game
    for seed in range(30):
        states = random_episode(game, seed)
        for before, after in pairwise(states):
            for player in range(game.players):
                old, new = before.log(player), after.log(player)
                assert new[: len(old)] == old


@EVERY
def test_perfect_recall(case):
    """Equal information sets come from equal own pasts: what was known and done at each turn."""
    game = case.game
    pasts = {}
    for seed in range(60):
        own = dict.fromkeys(range(game.players), ())
        states = random_episode(game, seed)
        for before, after in pairwise(states):
            player = before.current_player
            if player != CHANCE:
                key = (player, before.infostate(player))
                assert pasts.setdefault(key, own[player]) == own[player]
                own[player] = (*own[player], key, after.history[-1])


@EVERY
def test_moves_and_movers(case):
    game = case.game
    for state in case.states():
        legal, chance, movers = state.legal(), state.chance_outcomes(), state.movers()
        assert bool(legal) == (state.current_player >= 0) == bool(movers)
        assert bool(chance) == (state.current_player == CHANCE)
        if chance:
            assert sum(p for _, p in chance) == pytest.approx(1.0, abs=1e-12)
            assert all(p > 0 for _, p in chance)
        if movers:
            assert movers[0] == state.current_player
            assert len(movers) == 1 or game.simultaneous
            assert list(legal) == sorted(set(legal)) and 0 <= legal[0] <= legal[-1]
            assert legal[-1] < game.num_actions
            words = [state.action_text(a) for a in legal]
            assert len(set(words)) == len(words)
            assert all(w == w.lower().strip() and w for w in words)


@EVERY
def test_returns_stay_in_the_utility_and_sum_to_zero(case):
    game = case.game
    low, high = game.utility
    ends = [s for s in case.states() if s.current_player == OVER]
    for state in ends:
        assert all(low - 1e-9 <= x <= high + 1e-9 for x in state.returns())
        assert not any(str(x) == "-0.0" for x in state.returns())
        if game.zero_sum:
            assert sum(state.returns()) == pytest.approx(0.0, abs=1e-9)
    if not game.zero_sum:
        assert any(abs(sum(s.returns())) > 1e-9 for s in ends)


@pytest.mark.parametrize("case", [c for c in CASES if c.small], ids=str)
def test_utility_is_reached_and_so_is_the_longest_episode(case):
    game = case.game
    ends = [s for s in case.states() if s.current_player == OVER]
    returns = [x for s in ends for x in s.returns()]
    assert (min(returns), max(returns)) == pytest.approx(game.utility)
    assert max(decisions(game, s.history) for s in ends) == game.max_decisions


@EVERY
def test_no_episode_is_longer_than_it_may_be(case):
    game = case.game
    for seed in range(30):
        end = random_episode(game, seed)[-1]
        assert decisions(game, end.history) <= game.max_decisions


def decisions(game, history):
    state, count = game.initial(), 0
    for action in history:
        count += state.current_player >= 0
        state = state.apply(action)
    return count


@EVERY
def test_apply_changes_nothing_and_refuses_what_is_impossible(case):
    game = case.game
    for state in random_episode(game, 3):
        before = (
            state.history,
            state.current_player,
            state.legal(),
            state.chance_outcomes(),
            state.returns(),
            tuple(state.text(p) for p in range(game.players)),
        )
        possible = options(state)
        for action in possible:
            assert state.apply(action).history == (*state.history, action)
        for action in (-1, *range(game.num_actions + 60)):
            if action not in possible:
                with pytest.raises(ValueError, match=f"{game.name}: action {action} is not"):
                    state.apply(action)
        after = (
            state.history,
            state.current_player,
            state.legal(),
            state.chance_outcomes(),
            state.returns(),
            tuple(state.text(p) for p in range(game.players)),
        )
        assert before == after


@EVERY
def test_positions_compare_hash_and_pickle_by_their_past(case):
    game = case.game
    states = random_episode(game, 5)
    assert len(set(states)) == len(states)
    for state in states:
        copy = pickle.loads(pickle.dumps(state))
        assert copy == state and hash(copy) == hash(state) and copy is not state
        assert copy == replay(game, state.history)
        assert [copy.text(p) for p in range(game.players)] == [
            state.text(p) for p in range(game.players)
        ]
        assert copy.movers() == state.movers() and copy.returns() == state.returns()
    assert states[0] != "something else"


@EVERY
def test_a_game_is_made_again_from_its_params(case):
    game = case.game
    assert isinstance(game, Game)
    again = make_game(game.name, **json.loads(json.dumps(dict(game.params))))
    assert again == game and hash(again) == hash(game)
    assert again.initial() == game.initial()
    assert pickle.loads(pickle.dumps(game)) == game


@EVERY
def test_rules_and_words(case):
    game = case.game
    for player in range(game.players):
        assert f"You are player {player} of {game.players}" in game.rules(player)
    words = {}
    for state in case.states():
        for action in state.legal():
            words.setdefault(state.action_text(action), set()).add(action)
    for word, action in game.aliases().items():
        assert word == word.lower().strip() and 0 <= action < game.num_actions
        # An alias never stands for another action than the text itself would.
        assert words.get(word, {action}) == {action}


@EVERY
def test_hidden_choices_of_the_same_moment(case):
    """A player who is still to choose sees the same whatever the others have just chosen."""
    game = case.game
    if not game.simultaneous:
        return
    stream = Stream(0, "hidden")
    for seed in range(10):
        for start in random_episode(game, seed):
            waiting = start.movers()
            if waiting == tuple(range(game.players)):
                state = start
                for player in waiting:
                    assert state.current_player == player
                    for other in state.movers():
                        assert state.infostate(other) == start.infostate(other)
                        assert state.text(other) == start.text(other)
                        assert state.log(other) == start.log(other)
                        assert state.observation(other) == start.observation(other)
                    state = state.apply(stream.choice(state.legal()))


def others_card(game, history, player):
    """Yield the same past with another hidden card in place of each of the other players'."""
    deck = game.deck if game.name == "leduc" else game.players + 1
    dealt = history[: game.players]
    for seat in range(game.players):
        if seat != player:
            for card in range(deck):
                if card not in dealt:
                    yield (*history[:seat], card, *history[seat + 1 :])


@pytest.mark.parametrize(
    "case", [case("kuhn", players=3), case("leduc"), case("leduc", players=3)], ids=str
)
def test_replacing_a_hidden_card_changes_nothing_seen(case):
    game = case.game
    changed = 0
    for seed in range(60):
        for state in random_episode(game, seed):
            if state.current_player == OVER or len(state.history) < game.players:
                continue
            for player in range(game.players):
                for history in others_card(game, state.history, player):
                    try:
                        other = replay(game, history)
                    except ValueError:
                        continue  # the card is the public one
                    changed += 1
                    assert other.infostate(player) == state.infostate(player)
                    assert other.text(player) == state.text(player)
                    assert other.log(player) == state.log(player)
                    assert other.observation(player) == state.observation(player)
    assert changed > 300


def test_replacing_a_hidden_die_changes_nothing_seen():
    game = make_game("liars_dice", dice=2, sides=3, players=3)
    for seed in range(30):
        for state in random_episode(game, seed):
            if state.current_player == OVER or len(state.history) < 6:
                continue
            for player in range(3):
                for place in range(6):
                    if place // 2 != player:
                        for face in range(3):
                            history = (*state.history[:place], face, *state.history[place + 1 :])
                            other = replay(game, history)
                            assert other.infostate(player) == state.infostate(player)
                            assert other.text(player) == state.text(player)
                            assert other.log(player) == state.log(player)
                            assert other.observation(player) == state.observation(player)


def test_goofspiel_hides_losing_bids():
    game = make_game("goofspiel", cards=5)
    one = replay(game, (4, 0))
    for bid in (1, 2, 3):
        other = replay(game, (4, bid))
        assert other.infostate(0) == one.infostate(0)
        assert other.text(0) == one.text(0) and other.log(0) == one.log(0)
        assert other.infostate(1) != one.infostate(1)
    shown = make_game("goofspiel", cards=5, imp_info=False)
    assert replay(shown, (4, 0)).text(0) != replay(shown, (4, 1)).text(0)
