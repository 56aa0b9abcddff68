"""What positions promise: immutable, decided by information sets, within their bounds."""

import math
import pickle
from collections.abc import Iterator

from envgym.runtime.games.chance import after_chance
from envgym.testing.games.subject import GameSubject
from envgym.types import Stream
from envgym.types.game import CHANCE, OVER, Game, State

_NEAR = 1e-9
_MOST = 10_000
"""Moves after which a game counts as endless."""


def positions_are_sound(subject: GameSubject) -> None:
    """Movers, legal actions, chance, lengths, words and returns fit what the game declares."""
    game = subject.game
    for seed in range(subject.effort.seeds * 4):
        decisions = 0
        path = list(random_path(game, seed))
        for state in path:
            where = f"seed {seed}, after {state.history}"
            _position(subject, game, state, where)
            decisions += state.current_player >= 0
        subject.require(path[-1].current_player == OVER, f"seed {seed}: the game does not end")
        subject.require(
            decisions <= game.max_decisions,
            f"seed {seed}: {decisions} decisions, max_decisions is {game.max_decisions}",
        )


def positions_are_immutable(subject: GameSubject) -> None:
    """``apply`` and all questions change nothing; pickles and equal pasts are equal."""
    game = subject.game
    for seed in range(subject.effort.seeds):
        for state in random_path(game, seed):
            where = f"seed {seed}, after {state.history}"
            before = _seen(game, state)
            for action in _possible(state):
                state.apply(action)
            subject.require(_seen(game, state) == before, f"{where}: apply() changes the position")
            twin = pickle.loads(pickle.dumps(state))
            subject.require(
                _seen(game, twin) == before and twin.history == state.history,
                f"{where}: a pickle is another position",
            )
            for action in (-7, game.num_actions + 10_000):
                subject.require(
                    _refuses(state, action), f"{where}: apply({action}) raises no ValueError"
                )


def logs_grow(subject: GameSubject) -> None:
    """What a player has seen happen is only ever added to."""
    game = subject.game
    for seed in range(subject.effort.seeds):
        told: list[tuple[str, ...]] = [()] * game.players
        for state in random_path(game, seed):
            for player in range(game.players):
                log = state.log(player)
                subject.require(
                    log[: len(told[player])] == told[player],
                    f"seed {seed}, after {state.history}: player {player}'s log is rewritten",
                )
                told[player] = log


def rules_are_told(subject: GameSubject) -> None:
    """Every seat is told the rules and its number; words and aliases are lower case and known."""
    game = subject.game
    for player in range(game.players):
        said = game.rules(player)
        subject.require(len(said) >= 40, f"the rules for player {player} are {said!r}")
        subject.require(f"player {player}" in said, f"the rules do not name player {player}")
    for word, action in game.aliases().items():
        subject.require(word == word.lower(), f"the alias {word!r} is not lower case")
        subject.require(0 <= action < game.num_actions, f"the alias {word!r} means action {action}")
    lo, hi = game.utility
    subject.require(math.isfinite(lo) and math.isfinite(hi) and lo <= hi, "utility is no interval")


def random_path(game: Game, seed: int) -> Iterator[State]:
    """Yield every position of a game of random moves, nature's included, at most 10,001."""
    stream = Stream(seed, "conformance", "path", game.name)
    state = game.initial()
    yield state
    for _ in range(_MOST):
        if state.current_player == OVER:
            return
        state = state.apply(stream.choice(_possible(state)))
        yield state


def random_position(game: Game, stream: Stream) -> State:
    """Return where a game of random moves stands after a random number of decisions, or its end."""
    state = after_chance(game.initial(), stream)
    for _ in range(stream.below(game.max_decisions + 1)):
        if state.current_player == OVER:
            break
        state = after_chance(state.apply(stream.choice(state.legal())), stream)
    return state


def _possible(state: State) -> tuple[int, ...]:
    if state.current_player == CHANCE:
        return tuple(action for action, chance in state.chance_outcomes() if chance > 0.0)
    return state.legal()


def _refuses(state: State, action: int) -> bool:
    try:
        state.apply(action)
    except ValueError:
        return True
    return False


def _position(subject: GameSubject, game: Game, state: State, where: str) -> None:
    require = subject.require
    who, legal, movers, nature = (
        state.current_player,
        state.legal(),
        state.movers(),
        state.chance_outcomes(),
    )
    require(who in (CHANCE, OVER) or 0 <= who < game.players, f"{where}: player {who} moves")
    require(bool(legal) == (who >= 0), f"{where}: legal actions {legal} of {who}")
    require(bool(nature) == (who == CHANCE), f"{where}: nature's moves while {who} moves")
    require((movers[:1] == (who,)) if who >= 0 else movers == (), f"{where}: movers {movers}")
    require(len(set(movers)) == len(movers), f"{where}: movers {movers}")
    require(len(movers) <= 1 or game.simultaneous, f"{where}: several movers, not simultaneous")
    require(list(legal) == sorted(set(legal)), f"{where}: legal {legal} is not ascending")
    require(all(0 <= a < game.num_actions for a in legal), f"{where}: legal {legal}")
    if nature:
        total = math.fsum(chance for _, chance in nature)
        require(abs(total - 1.0) <= _NEAR, f"{where}: nature's probabilities sum to {total}")
    words = [state.action_text(action) for action in legal]
    plain = [" ".join(word.lower().split()) for word in words]
    require(len(set(plain)) == len(plain), f"{where}: two actions are called alike")
    require(words == plain and all(plain), f"{where}: the words {words} are not plain lower case")
    marks = ("[[", "]]", "<", ">", "\n", "{", "}")
    require(
        not any(mark in word for word in words for mark in marks),
        f"{where}: a word of {words} holds a bracket",
    )
    for player in range(game.players):
        numbers = state.observation(player)
        require(
            len(numbers) == game.observation_size and all(map(math.isfinite, numbers)),
            f"{where}: player {player}'s observation is not {game.observation_size} numbers",
        )
    won, (lo, hi) = state.returns(), game.utility
    require(len(won) == game.players, f"{where}: returns {won}")
    if who == OVER:
        require(all(lo - _NEAR <= x <= hi + _NEAR for x in won), f"{where}: returns {won}")
        require(
            not game.zero_sum or abs(math.fsum(won)) <= _NEAR,
            f"{where}: zero sum, yet returns {won}",
        )


def _seen(game: Game, state: State) -> tuple[object, ...]:
    players = range(game.players)
    return (
        state.current_player,
        state.history,
        state.movers(),
        state.legal(),
        state.chance_outcomes(),
        state.returns(),
        tuple(state.infostate(p) for p in players),
        tuple(state.observation(p) for p in players),
        tuple(state.text(p) for p in players),
        tuple(state.log(p) for p in players),
    )
