"""The kit of games catches what it is there to catch: each law is seen failing on a broken game."""

import random

import numpy as np
import pytest

from envgym import ConfigError
from envgym.envs.games.base import replay
from envgym.envs.games.kuhn import Kuhn, KuhnState
from envgym.runtime.games import registry, text
from envgym.runtime.games.chance import after_chance
from envgym.runtime.games.parallel import GameParallel
from envgym.runtime.games.text import GameText
from envgym.runtime.multi import env as multi_env
from envgym.runtime.multi.env import TeamEnv
from envgym.runtime.multi.evidence import Tally
from envgym.testing import GAME_LAWS, TEAM_LAWS, GameSubject, LawError, game_conformance
from envgym.testing.games.secrets import alternatives
from envgym.types import Stream
from envgym.types.game import CHANCE, OVER


class BrokenState:
    """A position of Kuhn poker, as it is."""

    def __init__(self, game, inner):
        self.game, self.inner = game, inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __reduce__(self):
        return replay, (self.game, self.inner.history)

    def __eq__(self, other):
        return self.inner == other.inner

    def __hash__(self):
        return hash(self.inner)

    def apply(self, action):
        return type(self)(self.game, self.inner.apply(action))


class Broken(Kuhn):
    """Kuhn poker with positions of the class ``state``."""

    state = BrokenState

    def initial(self):
        return self.state(self, KuhnState(self, (), CHANCE))


class LeakingState(BrokenState):
    def text(self, player):
        return f"{self.inner.text(player)}\nThe others hold {self.history[: self.game.players]}."


class Leaking(Broken):
    state = LeakingState


class KnowingState(BrokenState):
    """A word that tells what another player holds."""

    def action_text(self, action):
        word = self.inner.action_text(action)
        return f"{word} high" if self.history[1 - self.current_player] == 2 else word


class Knowing(Broken):
    state = KnowingState


class ForgettingState(BrokenState):
    def log(self, player):
        return self.inner.log(player)[-2:]


class Forgetting(Broken):
    state = ForgettingState


class GenerousState(BrokenState):
    def returns(self):
        first, *others = self.inner.returns()
        return (first + (0.5 if self.current_player == OVER else 0.0), *others)


class Generous(Broken):
    state = GenerousState


class TwinWordsState(BrokenState):
    def action_text(self, action):
        return "go"


class TwinWords(Broken):
    state = TwinWordsState


class LenientState(BrokenState):
    def apply(self, action):
        known = self.inner.legal() or tuple(a for a, _ in self.inner.chance_outcomes())
        return super().apply(known[0] if known and action not in known else action)


class Lenient(Broken):
    state = LenientState


class HashingState(BrokenState):
    def text(self, player):
        return f"{self.inner.text(player)}\n{hash('kuhn')}"


class Hashing(Broken):
    state = HashingState


class DicedState(BrokenState):
    def text(self, player):
        return f"{self.inner.text(player)}\n{random.random() + np.random.rand()}"  # noqa: NPY002


class Diced(Broken):
    state = DicedState


class LongState(BrokenState):
    def observation(self, player):
        return (*self.inner.observation(player), 0.0)


class Long(Broken):
    state = LongState


class Silent(Broken):
    state = BrokenState

    def rules(self, player):
        return "Play well."


class Sound(Broken):
    state = BrokenState


BROKEN_GAMES = [
    (Leaking, "views_are_decided", "cannot tell .* yet its text differs"),
    (Leaking, "nothing_leaks", "cannot tell .* its observation differs"),
    (Knowing, "views_are_decided", "yet its legal actions differs"),
    (Forgetting, "logs_grow", "log is rewritten"),
    (Generous, "positions_are_sound", "zero sum, yet returns|returns"),
    (Generous, "outcomes_add_up", "zero sum, yet outcomes"),
    (TwinWords, "positions_are_sound", "two actions are called alike"),
    (Lenient, "positions_are_immutable", r"apply\(-7\) raises no ValueError"),
    (Hashing, "other_processes", "plays otherwise in a process with PYTHONHASHSEED"),
    (Diced, "no_global_randomness", "draws from a global random generator"),
    (Diced, "same_seed_same_bytes", "seed 0, played again: reset differs"),
    (Diced, "any_interleaving", "among 64: reset differs"),
    (Diced, "snapshot_restore", "it shows something else"),
    (Diced, "record_verify", "verify: .* reset: /obs/player_0"),
    (Long, "positions_are_sound", "observation is not 11 numbers"),
    (Long, "aec_api", "PettingZoo's api_test"),
    (Silent, "rules_are_told", "the rules for player 0"),
]


@pytest.fixture
def registered(monkeypatch):
    """Register a game for one test."""
    monkeypatch.setattr(registry, "_added", {})

    def add(cls):
        name = f"kit/{cls.__name__.lower()}"
        registry.register_game(name, f"{cls.__module__}:{cls.__qualname__}")
        return name

    return add


@pytest.mark.parametrize("law", [law for law in GAME_LAWS if law != "other_processes"])
def test_a_sound_game_keeps_the_law(registered, law):
    game_conformance(registered(Sound), laws=[law], spent="light")


@pytest.mark.parametrize(
    ("cls", "law", "sentence"),
    BROKEN_GAMES,
    ids=[f"{c.__name__}-{law}" for c, law, _ in BROKEN_GAMES],
)
def test_a_broken_game_breaks_the_law(registered, cls, law, sentence):
    name = registered(cls)
    with pytest.raises(LawError, match=sentence) as caught:
        game_conformance(name, laws=[law])
    assert str(caught.value).startswith(f"{name}: ")


def paid_for_others(self):
    found = list(self.state.position.returns())
    if self.state.forfeited is not None:
        found = [1.0] * len(found)
        found[self._player[self.state.forfeited]] = -2.0
    return tuple(found)


def lucky_forfeit(self):
    found = list(self.state.position.returns())
    return tuple(1.0 for _ in found) if self.state.forfeited else tuple(found)


def beaten(self, agent):
    """Return what loses a chip every time: player 0 checks and folds, player 1 bets."""
    return "[[pass]]" if agent == "player_0" else "[[bet]]"


def dealing(self, agent):
    """Change the world by asking."""
    self.state.seen = {}
    return "[[bet]]"


def always_won(self, final, player):
    return True


def loud_facts(self, agent):
    return {"payoff": 7.0}


def forgetful_close(self):
    self._abandon()
    self._finalizer()


def first_word(game, state, said):
    """Return the first legal action whose word stands anywhere in the text."""
    for action in state.legal():
        if state.action_text(action) in said:
            return action
    return state.legal()[0]


def eager_turned(self, agent):
    self.state.position = after_chance(
        self.state.position.apply(self.state.position.legal()[0]), self.state.chance
    )


def overpaid(self):
    """Add an event's rewards twice."""
    for agent, reward in self.rewards.items():
        self._cumulative_rewards[agent] += 2 * reward


BROKEN_VIEWS = [
    (GameText, "returns", paid_for_others, "forfeits_pay_nobody", "outcome is"),
    (GameText, "returns", lucky_forfeit, "forfeits_pay_nobody", "and returns 0.5"),
    (GameText, "_won", always_won, "outcomes_add_up", "won .* of returns"),
    (GameText, "_won", always_won, "budgets_truncate", "succeeds by it"),
    (GameText, "_won", always_won, "forfeits_pay_nobody", "counts as a success|has won"),
    (GameText, "oracle", dealing, "oracle_only_looks", "asking changes|the oracle wavers"),
    (GameText, "facts", loud_facts, "spaces_and_infos", "'payoff' is 7.0, declared"),
    (GameText, "turned", eager_turned, "retries_change_nothing", "the world has moved|is another"),
    (Tally, "facts", lambda self: {**FACTS(self), "invalid": 0}, "spaces_and_infos", "no sum"),
    (TeamEnv, "close", forgetful_close, "order_of_calls", r"step\(\) after close\(\)"),
    (TeamEnv, "_accumulate_rewards", overpaid, "books_balance", r"last\(\) tells"),
    (GameText, "oracle", beaten, "proved", "player_0 returns -1 in 400 games"),
    (GameText, "see", lambda self, agent: f"{SEE(self, agent)}{self.state.position.history}",
     "nothing_leaks", "its observation differs"),
    (GameText, "see", lambda self, agent: SEE(self, agent) + getattr(self, "message", ""),
     "thoughts_stay_private", "is shown what"),
    (multi_env, "clean", lambda text: text, "hostile_messages", "raises|outside"),
    (text, "read_move", first_word, "moves_are_read", "it means"),
    (GameParallel, "_observations", lambda self: {}, "parallel_api", "parallel_api_test"),
]  # fmt: skip
FACTS, SEE = Tally.facts, GameText.see


@pytest.mark.parametrize(
    ("owner", "name", "broken", "law", "sentence"),
    [pytest.param(*case, id=f"{case[1]}-{case[3]}") for case in BROKEN_VIEWS],
)
def test_a_broken_view_breaks_the_law(monkeypatch, owner, name, broken, law, sentence):
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(LawError, match=sentence):
        game_conformance("kuhn", laws=[law])


def test_unknown_laws_games_and_efforts_are_told():
    with pytest.raises(ConfigError, match="unknown law 'prove'.*Did you mean 'proved'"):
        game_conformance("kuhn", laws=["prove"])
    with pytest.raises(ConfigError, match="unknown game 'khun'.*Did you mean 'kuhn'"):
        game_conformance("khun", laws=["logs_grow"])
    with pytest.raises(ConfigError, match="unknown effort 'fll'"):
        game_conformance("kuhn", laws=["logs_grow"], spent="fll")


def test_arguments_of_the_text_view_are_kept_from_the_game():
    subject = GameSubject("kuhn", {"players": 3, "history": "full"})
    assert subject.game == Kuhn(players=3)
    env = subject.make()
    assert len(env.possible_agents) == 3
    env.close()
    with pytest.raises(LawError, match=r"^kuhn \(players=3, history=full\): no$"):
        subject.require(False, "no")


def test_team_laws_are_laws_of_games_too():
    assert set(TEAM_LAWS) < set(GAME_LAWS)


def test_alternatives_of_a_hand_of_kuhn():
    """Player 0 holds the queen and has bet: player 1 may hold the jack or the king."""
    state = replay(Kuhn(), (1, 0, 1))
    found = alternatives(Kuhn(), state, 0, Stream(0))
    assert {twin.history for twin in found} == {(1, 2, 1)}
    found = alternatives(Kuhn(), state, 1, Stream(0))
    assert {twin.history for twin in found} == {(2, 0, 1)}
