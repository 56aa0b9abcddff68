"""SelfPlay-v0: seats, opponents, broken messages, files, snapshots, vectors."""

import pickle
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym import ConfigError, InfraError, Stream, TaskError, TextVectorEnv, register
from envgym.agents import OraclePolicy, RandomPolicy
from envgym.envs.games.selfplay import SelfPlayEnv
from envgym.envs.games.selfplay_tasks import SPLITS
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games.registry import make_game
from envgym.runtime.games.text import GameText
from envgym.runtime.rollout import Job, rollout
from envgym.testing import LAWS, Subject
from envgym.testing.trace import advance, begin, chosen, play
from envgym.types import EpisodeFileError, Reply

ENV_ID = "selfplaytest/SelfPlay-v0"
PROOFS = ("oracle_wins", "inaction_fails", "near_misses_fail", "exploits_gain_nothing")
SLOW = ("other_processes", "bulky_messages", *PROOFS)
LISTED = [name for name in LAWS if name not in SLOW]
"""The others run with those of all registered environments."""


@pytest.fixture(autouse=True, scope="module")
def registered():
    register(ENV_ID, "envgym.envs.games.selfplay:SelfPlayEnv")
    yield
    gym.registry.pop(ENV_ID)


class Scripted:
    """Says the same in every turn; keeps what it was asked and told to forget."""

    def __init__(self, text="[[pass]]", finish="stop", name="scripted"):
        self.name, self.text, self.finish = name, text, finish
        self.asked, self.closed = [], []

    def act(self, requests):
        self.asked += requests
        return [Reply(text=self.text, finish=self.finish) for _ in requests]

    def close(self, sessions):
        self.closed += sessions


class Deck:
    """A pool that draws by the stream."""

    def __init__(self, **players):
        self.players = players

    def draw(self, stream):
        name = stream.choice(sorted(self.players))
        return name, self.players[name]


def finish(env, message="[[pass]]"):
    while True:
        *_, terminated, truncated, info = env.step(message)
        if terminated or truncated:
            return info


# -- The laws of every environment ---------------------------------------------------------


@pytest.mark.parametrize("law", LISTED)
def test_law(law):
    LAWS[law](Subject(ENV_ID))


@pytest.mark.parametrize("law", ["spaces_and_infos", "books_balance", "snapshot_restore"])
@pytest.mark.parametrize(
    "kwargs",
    [
        {"game": "kuhn", "params": {"players": 3}, "seat": "rotate"},
        {"game": "tic_tac_toe", "opponent": "oracle", "history": "full"},
        {"game": "connect_four", "illegal": "random"},
        {"game": "goofspiel", "params": {"cards": 3}, "legal_actions": False},
    ],
    ids=lambda kwargs: kwargs["game"],
)
def test_laws_in_other_games(law, kwargs):
    LAWS[law](Subject(ENV_ID, kwargs))


# -- Seats and deals -----------------------------------------------------------------------


def test_a_worked_game():
    """Player 1 holds a jack against a bet and passes: the lowest result but one, -1 of 2."""
    env = SelfPlayEnv(seat=1, opponent=Scripted("[[bet]]"), reward="dense")
    for seed in range(30):
        shown, info = env.reset(seed=seed)
        if "Your card: J" in shown:
            break
    assert (
        shown.startswith("You are dealt J.\nPlayer 0 bets.") and "Legal actions: pass; bet" in shown
    )
    assert info["system"].startswith("Kuhn poker. You are player 1 of 2")
    shown, _, terminated, _, info = env.step("I give up. [[pass]]")
    assert terminated and "Result: player 0 +1, player 1 -1." in shown
    assert info["evidence"]["payoff"] == -0.5 and info["evidence"]["outcome"] == 0.25
    assert info["success"] == "no" and info["evidence"]["opponent"] == "scripted"
    assert [dict(call) for call in info["calls"]] == [{"name": "play", "args": {"action": "pass"}}]


def test_seats_are_drawn_rotated_or_fixed():
    drawn = {SelfPlayEnv().reset(seed=seed)[1]["evidence"]["seat"] for seed in range(12)}
    assert drawn == {0, 1}
    turning = SelfPlayEnv(params={"players": 3}, seat="rotate")
    assert [turning.reset(seed=k)[1]["evidence"]["seat"] for k in range(5)] == [0, 1, 2, 0, 1]
    fixed = SelfPlayEnv(seat=1)
    assert {fixed.reset(seed=k)[1]["evidence"]["seat"] for k in range(5)} == {1}


def test_every_card_is_dealt_alike():
    env, cards = SelfPlayEnv(seat=0), {"J": 0, "Q": 0, "K": 0}
    for seed in range(300):
        shown, _ = env.reset(seed=seed)
        cards[shown.partition("Your card: ")[2][0]] += 1
    assert all(70 <= count <= 130 for count in cards.values()), cards  # 100 +- 3.7 sd


def test_the_deal_does_not_depend_on_the_opponent():
    cards = []
    for opponent in ("random", "oracle", "cfr:10"):
        env = SelfPlayEnv(seat=0, opponent=opponent)
        cards.append([env.reset(seed=seed)[0] for seed in range(20)])
    assert cards[0] == cards[1] == cards[2]


def test_the_split_and_the_deal_change_the_game():
    env = SelfPlayEnv(seat=0)
    shown = {env.reset(seed=3, options={"task": f"train/{k}"})[0] for k in range(12)}
    assert len(shown) == 3
    assert env.tasks.by_id("test/0").params["deal"] == SPLITS["train"]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**63 - 1), game=st.sampled_from(["kuhn", "tic_tac_toe"]))
def test_a_seed_is_an_episode(seed, game):
    one = play(SelfPlayEnv(game=game), seed, "random")
    env = SelfPlayEnv(game=game)
    play(env, seed // 2, "random", turns=1)
    assert play(env, seed, one.messages).text == one.text


def test_interleaved_episodes_do_not_touch_each_other():
    """Two environments share one resolved policy; their conversations are apart."""
    policy = Scripted()
    alone = [
        play(SelfPlayEnv(seat=0, opponent=Scripted()), k, ["[[pass]]"] * 3).text for k in (0, 1)
    ]
    envs = [SelfPlayEnv(seat=0, opponent=policy) for _ in range(2)]
    traces = [begin(env, k) for k, env in enumerate(envs)]
    while not all(trace.over for trace in traces):
        for env, trace in zip(envs, traces, strict=True):
            if not trace.over:
                advance(env, trace, "[[pass]]")
    assert [trace.text for trace in traces] == alone
    assert len(set(policy.closed)) == 2


# -- Tasks of one's own --------------------------------------------------------------------


def test_a_task_names_its_game_and_seat():
    tasks = [
        {"id": "kuhn three", "params": {"game": "kuhn", "params": {"players": 3}, "seat": 2}},
        {"id": "noughts", "instruction": "Mind the corners.", "params": {"game": "tic_tac_toe"}},
    ]
    env = SelfPlayEnv(tasks=tasks)
    _, info = env.reset(seed=0, options={"task": "kuhn three"})
    assert "You are player 2 of 3" in info["system"] and env.game.players == 3
    shown, info = env.reset(seed=0, options={"task": "noughts"})
    assert shown.startswith("Mind the corners.\n\n") and env.game.name == "tic_tac_toe"
    assert play(env, 4, "random", options={"task": "noughts"}).over


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"game": "kuhm"}, "unknown game 'kuhm'.*Did you mean 'kuhn'"),
        ({"game": "kuhn", "seat": 2}, "seat must be from 0 to 1 in kuhn"),
        ({"game": "kuhn", "params": {"players": 9}}, "players must be a whole number 2 to 4"),
        ({"params": {"players": 3}}, "params belong to a game"),
        ({"deal": -1}, "deal"),
        ({"deals": 1}, "unknown field of params 'deals'"),
    ],
)
def test_bad_tasks_name_the_field(params, sentence):
    with pytest.raises(TaskError, match=sentence):
        SelfPlayEnv(tasks=[{"id": "t", "params": params}])


def test_a_seat_that_the_game_lacks_is_told_at_reset():
    env = SelfPlayEnv(tasks=[{"id": "t", "params": {"seat": 5}}])
    with pytest.raises(TaskError, match="task 't': seat must be from 0 to 1, got 5"):
        env.reset(seed=0)


# -- Opponents -----------------------------------------------------------------------------


def test_a_conversation_carries_what_is_new_and_is_closed():
    policy = Scripted()
    env = SelfPlayEnv(seat=1, opponent=policy, illegal="forfeit")
    env.reset(seed=0)
    env.step("[[bet]]")  # pass, bet: player 0 is asked again
    first, second = policy.asked
    assert first.session == second.session and first.agent == second.agent == "player_0"
    assert [m.role for m in first.messages] == ["system", "user"] and first.tools
    assert [m.role for m in second.messages] == ["user"] and not second.tools
    assert "Player 1 bets." in second.messages[0].content
    assert first.seed == second.seed and policy.closed == [first.session]


def test_conversations_are_closed_when_an_episode_is_left():
    for leave in ("reset", "close"):
        policy = Scripted()
        env = SelfPlayEnv(seat=1, opponent=policy)
        env.reset(seed=0)
        assert not policy.closed
        env.reset(seed=1) if leave == "reset" else env.close()
        assert policy.closed == [policy.asked[0].session]


def test_a_player_per_seat():
    low, high = Scripted(name="low"), Scripted("[[bet]]", name="high")
    for given_ in ({0: low, 2: high}, {"player_0": low, "2": high}, [low, "random", high]):
        env = SelfPlayEnv(params={"players": 3}, seat=1, opponent=given_)
        _, info = env.reset(seed=0)
        assert info["evidence"]["opponent"] == "player_0=low, player_2=high"


def test_a_pool_is_drawn_once_per_episode_and_named():
    pool = Deck(old=Scripted(), new="random", solved="cfr:5")
    env = SelfPlayEnv(params={"players": 3}, seat=0, opponent=pool)
    names = [env.reset(seed=seed)[1]["evidence"]["opponent"] for seed in range(30)]
    assert set(names) == {"old", "new", "solved"}
    assert names == [env.reset(seed=seed)[1]["evidence"]["opponent"] for seed in range(30)]
    assert finish(env)["evidence"]["opponent"] == names[-1]


def test_live_objects_survive_gym_make():
    policy = Scripted()
    env = gym.make(ENV_ID, seat=1, opponent=policy)
    env.reset(seed=0)
    assert len(policy.asked) == 1


def test_a_failing_opponent_makes_the_episode_invalid():
    env = SelfPlayEnv(seat=0, opponent=Scripted("no route", finish="error"))
    env.reset(seed=0)
    shown, reward, terminated, truncated, info = env.step("[[pass]]")
    assert (reward, terminated, truncated, info["invalid_reason"]) == (0.0, False, True, "opponent")
    assert "scripted: no route" in str(env.failure) and "no route" not in shown
    with pytest.raises(InfraError, match="opponent"):
        SelfPlayEnv(seat=1, opponent=Scripted(finish="error")).reset(seed=0)


def test_an_opponent_that_raises_is_not_hidden():
    class Broken(Scripted):
        def act(self, requests):
            raise ZeroDivisionError("bug")

    env = SelfPlayEnv(seat=0, opponent=Broken())
    env.reset(seed=0)
    with pytest.raises(ZeroDivisionError):
        env.step("[[pass]]")
    with pytest.raises(ResetNeeded):
        env.step("[[pass]]")


def test_an_opponents_forfeit_is_no_win():
    env = SelfPlayEnv(seat=0, opponent=Scripted("what?"))
    env.reset(seed=0)
    info = finish(env)
    assert info["evidence"]["by_forfeit"] and not info["evidence"]["won"]
    assert info["success"] == "no" and info["evidence"]["outcome"] == 0.5


def test_an_opponent_may_forfeit_before_the_first_move():
    env = SelfPlayEnv(seat=1, opponent=Scripted("what?"))
    shown, _ = env.reset(seed=0)
    assert "player_0 had no legal move and forfeits" in shown
    assert env.oracle() is None and env.random_action(Stream(0, "x")) == ""
    *_, terminated, _, info = env.step("[[pass]]")
    assert terminated and info["evidence"]["by_forfeit"] and info["calls"] == ()


def test_illegal_moves_of_an_opponent_may_be_replaced():
    env = SelfPlayEnv(seat=0, opponent=Scripted("what?"), illegal="random")
    env.reset(seed=0)
    assert not finish(env)["evidence"]["by_forfeit"]


# -- Broken messages of one's own ----------------------------------------------------------


def test_retries_are_told_counted_and_cost_nothing_until_the_forfeit():
    env = SelfPlayEnv(seat=0, reward="dense")
    env.reset(seed=0)
    shown, reward, over, _, info = env.step("Hm.\nLet me think.")
    assert not over and reward == 0.0 and "you have 2 tries left" in shown
    assert info["evidence"]["format_errors"] == 1 and info["evidence"]["retries"] == 1
    shown, *_, info = env.step("[[raise the stakes]]")
    assert "no legal move. Legal actions: pass; bet" in shown and "one try left" in shown
    assert info["evidence"]["invalid"] == 1 and info["evidence"]["errors"] == 2
    shown, _, terminated, _, info = env.step("")
    assert terminated and "You forfeit." in shown
    assert info["evidence"]["forfeited"] and info["evidence"]["outcome"] == 0.0
    assert info["success"] == "no"


@pytest.mark.parametrize(
    "message",
    ["[[bet]]", "bet", 'play(action="bet")', "[[pass]] or rather [[BET]]", "\\boxed{bet}"],
)
def test_forms_of_a_move(message):
    env = SelfPlayEnv(seat=0, opponent=Scripted())
    env.reset(seed=0)
    assert "bet" in env.step(message)[4]["calls"][0]["args"]["action"].lower()


def test_a_budget_counts_as_a_forfeit():
    """Stalling must not save a lost game: the outcome is the game's lowest, not an even 0.5."""
    env = SelfPlayEnv(game="tic_tac_toe", seat=0, max_turns=1)
    env.reset(seed=0)
    *_, truncated, info = env.step("hm")
    assert truncated and info["end"] == "budget" and info["evidence"]["outcome"] == 0.0


def test_the_oracle_beats_random_and_random_does_not_beat_itself():
    """Both seats in turn: mean outcomes apart by more than three standard errors."""
    jobs = [Job(seed=seed) for seed in range(60)]

    means, spreads = [], []
    for policy in (OraclePolicy(), RandomPolicy()):
        made = rollout(
            lambda: SelfPlayEnv(game="tic_tac_toe", seat="rotate"), policy, jobs, batch=4
        )
        totals = [done.total for _, done in made]
        mean = sum(totals) / len(totals)
        means.append(mean)
        spreads.append(sum((t - mean) ** 2 for t in totals) / len(totals) ** 2)
    assert means[0] - means[1] > 3 * sum(spreads) ** 0.5
    assert abs(means[1] - 0.5) < 3 * spreads[1] ** 0.5


def test_regret_is_that_of_the_own_move():
    """Folding a king to a bet gives away what calling would have won, and the fold: 2 + 1 of 2."""
    env = SelfPlayEnv(seat=1, opponent=Scripted("[[bet]]"), record_evidence=["regret"])
    for seed in range(60):
        if "Your card: K" in env.reset(seed=seed)[0]:
            break
    info = finish(env)
    assert info["evidence"]["regret"] == pytest.approx(1.5, abs=1e-6)
    unknown = SelfPlayEnv(game="connect_four", record_evidence="all")
    assert unknown.reset(seed=0)[1]["evidence"]["regret"] is None


# -- Files, snapshots, vectors -------------------------------------------------------------


def test_recorded_episodes_verify_and_rescore(tmp_path):
    env = gym.make(ENV_ID, opponent={0: "oracle", 1: "cfr:20"}, record=tmp_path / "run")
    totals = []
    for seed in range(4):
        trace = play(env, seed, "random")
        totals.append(trace.infos[-1])
    env.close()
    assert verify(tmp_path / "run").ok
    episodes = list(read_episodes(tmp_path / "run"))
    assert [e.records[-1]["opponent"] for e in episodes] == [
        info["evidence"]["opponent"] for info in totals
    ]
    assert {e.records[-1]["opponent"] for e in episodes} == {"oracle", "cfr:20"}
    for preset in ("outcome", "dense", "gated", "process"):
        for seed, score in enumerate(rescore(tmp_path / "run", preset)):
            live = SelfPlayEnv(opponent={0: "oracle", 1: "cfr:20"}, reward=preset)
            again = play(live, seed, [t.action for t in episodes[seed].turns])
            assert score.step_rewards == again.infos[-1]["step_rewards"]


def test_episodes_against_live_policies_say_why_they_cannot_be_run_again(tmp_path):
    env = gym.make(ENV_ID, opponent=Scripted(), record=tmp_path / "run")
    play(env, 0, "random")
    env.close()
    (episode,) = read_episodes(tmp_path / "run")
    assert episode.records[0]["opponent"] == "scripted"
    with pytest.raises(EpisodeFileError, match="opponent was a live object .*Scripted"):
        verify(tmp_path / "run")


def test_snapshots_hold_drawn_opponents_and_refuse_conversations():
    pool = Deck(a="oracle", b="random", c="cfr:5")
    env = SelfPlayEnv(game="kuhn", params={"players": 3}, opponent=pool)
    for seed in range(8):
        begin(env, seed)
        kept = env.snapshot()
        first = begin_from(env, kept, seed)
        other = SelfPlayEnv(game="kuhn", params={"players": 3}, opponent=pool)
        other.reset(seed=0)
        assert begin_from(other, kept, seed) == first
    live = SelfPlayEnv(opponent=Scripted())
    assert live.metadata["snapshot"] is False
    live.reset(seed=0)
    with pytest.raises(ConfigError, match="cannot take snapshots"):
        live.snapshot()
    drawn = SelfPlayEnv(opponent=Deck(a=Scripted()))
    drawn.reset(seed=0)
    with pytest.raises(ConfigError, match="'a' is a live policy"):
        drawn.snapshot()
    assert pickle.loads(pickle.dumps(SelfPlayEnv.presets()))


def begin_from(env, kept, seed):
    lines = [env.restore(kept)]
    for message in chosen(env, seed, "random"):
        shown, reward, terminated, truncated, info = env.step(message)
        lines.append((shown, reward, info["evidence"]))
        if terminated or truncated:
            return lines
    raise AssertionError


def test_batches_are_text_vectors():
    envs = gym.make_vec(ENV_ID, 5, game="tic_tac_toe", seat="rotate", opponent="oracle")
    assert isinstance(envs, TextVectorEnv)
    shown, infos = envs.reset(seed=10)
    assert infos["evidence"][1]["seat"] == 1 and len(shown) == 5
    alone = SelfPlayEnv(game="tic_tac_toe", seat="rotate", opponent="oracle")
    assert [alone.reset(seed=10 + k)[0] for k in range(5)] == list(shown)
    _, rewards, _, truncated, infos = envs.step(["[[a1]]"] * 5)
    assert rewards.shape == (5,) and not truncated.any() and "per_env" in infos
    envs.close()


# -- Bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kwargs", "sentence"),
    [
        ({"game": "kuhm"}, "unknown game 'kuhm'"),
        ({"game": 3}, "game must be a game's name, got 3"),
        ({"params": {"player": 3}}, "unknown argument of kuhn 'player'"),
        ({"params": [3]}, "params must be a mapping or None"),
        ({"seat": 2}, "seat must be from 0 to 1, 'random' or 'rotate', got 2"),
        ({"seat": True}, "seat must be from 0 to 1"),
        ({"seat": "randon"}, "unknown seat 'randon'.*Did you mean 'random'"),
        ({"opponent": "randon"}, "unknown agent 'randon'.*Did you mean 'random'"),
        ({"opponent": 7}, "opponent must be an agent string, a policy, a league"),
        ({"opponent": None}, "opponent must be an agent string, a policy, a league"),
        ({"opponent": []}, "opponent names nobody"),
        ({"opponent": {"x": "random"}}, "opponent must be given by seat, such as 1"),
        ({"opponent": {4: "random"}}, "opponent names seat 4, the seats are 0 to 1"),
        ({"opponent": {1: "random"}}, "opponent lacks a player for seat 0"),
        ({"opponent": {"object": "a.B"}}, r"opponent was a live object \(a.B\)"),
        ({"illegal": "noop"}, "has no move that does nothing"),
        ({"illegal": "retry"}, "illegal"),
        ({"history": "all"}, "unknown history 'all'"),
        ({"legal_actions": 1}, "legal_actions must be true or false"),
        ({"calls": "all"}, "unknown calls 'all'"),
        ({"gaem": "kuhn"}, "unknown argument 'gaem'"),
    ],
)
def test_bad_arguments(kwargs, sentence):
    with pytest.raises(ConfigError, match=sentence):
        SelfPlayEnv(**kwargs)


def test_a_reward_of_regret_needs_a_solved_game():
    from envgym.rewards import Program, ReduceSum, Source

    lost = Program("lost", -ReduceSum(Source("regret", "step", 0.0, 2.0)))
    with pytest.raises(ConfigError, match="needs the regret of moves, and connect_four"):
        SelfPlayEnv(game="connect_four", reward=lost)
    assert finish_after_reset(SelfPlayEnv(reward=lost))["valid"]


def finish_after_reset(env):
    env.reset(seed=0)
    return finish(env)


def test_the_episode_is_the_games_own():
    """The inner game is GameText's, word for word."""
    env = SelfPlayEnv(seat=0, opponent="oracle")
    shown, _ = env.reset(seed=5)
    text = GameText(make_game("kuhn"))
    text.reset(seed=env.state.seed)
    assert text.observe("player_0") == shown


def test_without_pettingzoo_the_class_loads_and_making_one_names_the_extra():
    code = (
        "import sys; sys.modules['pettingzoo'] = None\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'pettingzoo' else find(name, *a)\n"
        "from envgym.envs.games.selfplay import SelfPlayEnv\n"
        "from envgym.types import MissingExtraError\n"
        "try: SelfPlayEnv()\n"
        "except MissingExtraError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "needs the extra 'games'" in run.stdout


class Mute(Scripted):
    """Returns something that is no list of replies."""

    name = "mute"

    def __init__(self, given):
        self.given = given

    def act(self, requests):
        return self.given

    def close(self, sessions):
        pass


@pytest.mark.parametrize("given", [None, [], [Reply(text="")] * 2, [None], [Reply(text=None)]])
def test_an_opponent_without_a_reply_is_told_by_name(given):
    env = SelfPlayEnv(opponent=Mute(given), seat=1)
    with pytest.raises(ConfigError, match="SelfPlayEnv: opponent mute gave "):
        env.reset(seed=0)
    env.close()


def test_a_game_about_nothing_that_a_budget_cuts():
    nothing = [[[0, 0], [0, 0]]] * 2
    env = SelfPlayEnv(game="matrix", params={"payoffs": nothing}, seat=0, max_turns=1)
    env.reset(seed=0)
    _, reward, _, truncated, _ = env.step("nothing")
    assert (reward, truncated) == (0.5, True)
    env.close()


def test_arguments_of_the_game_may_be_arrays():
    payoffs = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])
    told = []
    for form in (payoffs, payoffs.tolist()):
        env = SelfPlayEnv(game="matrix", params={"payoffs": form}, seat=0)
        env.reset(seed=3)
        told.append((env.step(env.oracle())[1:4], env.game.params))
        env.close()
    assert told[0] == told[1]
