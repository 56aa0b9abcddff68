"""Other people's PettingZoo environments in words."""

import sys
import types
from math import inf, nan

import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo import AECEnv
from pettingzoo.utils.conversions import parallel_to_aec
from pettingzoo.utils.wrappers import OrderEnforcingWrapper

import envgym
from envgym.interop.pettingzoo import make, text_view
from envgym.interop.pettingzoo_text import ForeignText
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.runtime.games.aec import GameAEC
from envgym.runtime.games.registry import make_aec, make_game, make_parallel, make_text
from envgym.runtime.games.text import GameText
from envgym.runtime.multi.play import matches
from envgym.runtime.rollout import Job
from envgym.testing.games.hostile import HOSTILE_MOVES
from envgym.testing.games.kit import TEAM_LAWS
from envgym.testing.games.subject import GameSubject
from envgym.testing.games.trace import play
from envgym.testing.hostile import HOSTILE
from envgym.types import ConfigError, InfraError, Reply, Stream
from tests.interop.foreign_games import Bids, Mine
from tests.runtime.games.coin_game import CoinGame


def out(env, agent):
    return env.terminations[agent] or env.truncations[agent]


def send(env, *messages):
    """Step through messages; agents that are out leave, but for the last one."""
    for message in messages:
        env.step(message)
        while out(env, env.agent_selection) and not all(out(env, a) for a in env.agents):
            env.step(None)


@pytest.fixture
def shelf(monkeypatch):
    """Both environments under names of PettingZoo's own."""
    for name, kind in (("mine_v0", Mine), ("bids_v0", Bids)):
        module = types.ModuleType(f"pettingzoo.probe.{name}")
        module.env = kind
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return ["pettingzoo:probe.mine_v0", "pettingzoo:probe.bids_v0"]


# A process of its own cannot see what the fixture put on the shelf.
LAWS = sorted(TEAM_LAWS.keys() - {"other_processes"})


@pytest.mark.parametrize("law", LAWS)
def test_laws_of_environments_of_several_agents(shelf, law):
    for name in shelf:
        TEAM_LAWS[law](GameSubject(name, {"noop": "0"}, "light"))


def test_what_an_agent_is_told():
    view = text_view(Mine(), action_names={0: "wait", "1": "dig", 2: "leap"})
    view.reset(seed=1)
    assert view.role("bob") == (
        "mine_v0: Dig for gold until the mine closes.\n\n"
        "You are bob; the others are ann, cid.\n"
        "Actions: 0 (wait); 1 (dig); 2 (leap).\n\n"
        "When it is your turn, end your message with your action in double brackets, for instance "
        "[[wait]]. If there are several, the last one counts."
    )
    assert view.observe("ann") == "Observation: 0, 0, 3\n\nLegal actions: 0 (wait); 1 (dig)"
    send(view, "[[leap]]")
    assert view.observe("ann").startswith(
        "'leap' is no legal action. Legal actions: 0 (wait); 1 (dig). Nothing has happened yet"
    )
    send(view, "I dig. [[Dig.]]", "wait", "act(action=0)")
    assert view.observe("ann") == (
        "Observation: 1, 0, 3\n\nLegal actions: 0 (wait); 1 (dig); 2 (leap)"
    )


def test_an_agent_that_leaves_is_paid_what_it_is_owed():
    view = text_view(Mine(rounds=3), reward="dense")
    view.reset(seed=0)
    send(view, "0", "0", "0", "2")
    assert view.ended == {"ann": "terminated"} and view.paid["ann"] == -1.0
    assert view.agents == ["bob", "cid"] and view.agent_selection == "bob"
    send(view, "0")
    assert view.paid == {"bob": 0.0, "cid": 0.0}
    assert view.latest_evidence("ann")["payoff"] == 2.0
    assert view.latest_evidence("ann")["reward"] == 3.0
    send(view, "0", "0", "0")
    ledger = view.report("ann")["ledger"]
    assert [(e.value, e.earned, e.paid) for e in ledger] == [(-1.0, 3, 3), (3.0, 4, None)]
    assert view.report("ann")["step_rewards"] == (0.0, 2.0)
    assert view.total == {"ann": 2.0, "bob": 0.0, "cid": 0.0}
    assert view.returns() == (2.0, 0.0, 0.0)
    assert {a: view.report(a)["success"] for a in view.possible_agents} == {
        "ann": "yes",
        "bob": "no",
        "cid": "no",
    }
    assert view.latest_evidence("ann")["truncated"] is False
    assert view.latest_evidence("bob")["truncated"] is True
    assert view.observe("ann").startswith("The episode is over. Your total reward is 2.")


def test_agents_that_leave_at_once_in_one_step():
    view = text_view(Mine(rounds=9), reward="dense")
    view.reset(seed=0)
    send(view, "0", "0", "0", "2", "2", "2")
    assert view.returns() == (2.0, 2.0, -1.0)
    assert [view.report(a)["end"] for a in view.possible_agents] == ["task"] * 3
    assert view.terminations == {"cid": True}


def test_a_parallel_environment_waits_for_everybody():
    view = text_view(Bids(), reward="dense")
    view.reset(seed=0)
    assert view.possible_agents == ["0", "1", "2"]
    before = view.observe("2")
    send(view, "[[3]]", "[[1]]")
    assert view.foreign.round == 0 and view.observe("2") == before
    send(view, "[[0]]")
    assert view.foreign.round == 1 and view.paid == {"0": 1.0, "1": 0.0, "2": 0.0}
    assert view.observe("0") == (
        "Reward since your last action: 1; in all: 1.\n\n"
        "Observation:\n2 4 5\n1 0 0\n\nLegal actions: 0; 1; 2"
    )
    send(view, "[[2]]", "[[0]]", "[[0]]")
    assert view.ended == {"0": "terminated"} and view.agents == ["1", "2"]
    send(view, "3", "1")
    assert view.returns() == (2.0, 1.0, 0.0)
    facts = {a: view.latest_evidence(a) for a in view.possible_agents}
    assert [facts[a]["truncated"] for a in "012"] == [False, True, True]
    assert [facts[a]["won"] for a in "012"] == [True, False, False]


def test_both_forms_of_one_environment_agree():
    """PettingZoo's own conversion, through our path for AEC environments, against our rounds."""
    rounds, turns = text_view(Bids()), text_view(parallel_to_aec(Bids()))
    for seed in range(8):
        trace = play(rounds, seed, "random")
        other = play(turns, seed, trace.messages)
        assert trace.over and other.over and other.actors == trace.actors
        assert rounds.returns() == turns.returns()


GAMES = [
    ("kuhn", {}),
    ("leduc", {}),
    ("goofspiel", {"cards": 3}),
    ("tic_tac_toe", {}),
    ("repeated_matrix", {}),
]


@pytest.mark.parametrize(("name", "params"), GAMES)
@pytest.mark.parametrize("maker", [make_aec, make_parallel])
def test_our_own_games_through_the_foreign_path(name, params, maker):
    """Equal seeds and moves give the returns of the game's own text view."""
    game = make_game(name, **params)
    foreign, own = text_view(maker(name, **params)), GameText(game)
    for seed in range(6):
        foreign.reset(seed=seed)
        own.reset(seed=seed)
        stream = Stream(seed, "test", "moves")
        while own.agents and not out(own, own.agent_selection):
            agent, position = own.agent_selection, own.position
            assert foreign.agent_selection == agent
            move = stream.choice(position.legal())
            assert foreign.actions[agent].open(foreign.state.driver.mask(agent))
            send(own, f"[[{position.action_text(move)}]]")
            send(foreign, f"[[{move}]]")
        assert all(out(foreign, a) for a in foreign.agents)
        assert foreign.returns() == pytest.approx(own.returns())


def test_chance_and_changing_masks_agree_too():
    foreign, own = text_view(GameAEC(CoinGame())), GameText(CoinGame())
    for seed in range(6):
        own.reset(seed=seed)
        foreign.reset(seed=seed)
        for move in ("1", "0", "2"):
            send(own, f"[[{move}]]")
            send(foreign, f"[[{move}]]")
        assert foreign.returns() == own.returns()


def test_as_text_and_matches():
    view = envgym.as_text(OrderEnforcingWrapper(Mine()), action_names=["wait", "dig", "leap"])
    assert isinstance(view, ForeignText)

    class Digger:
        name = "digger"

        def act(self, requests):
            return [Reply(text="[[dig]]") for _ in requests]

        def close(self, sessions):
            pass

    seats = dict.fromkeys(view.possible_agents, Digger())
    jobs = [Job(seed=seed) for seed in range(3)]
    found = dict(
        matches(lambda: text_view(Mine(), action_names=["wait", "dig", "leap"]), seats, jobs)
    )
    for match in found.values():
        assert match.valid and match.final == tuple(match.returns.values())
        assert all(len(one.turns) == 4 for one in match.rollouts.values())
    assert len({match.final for match in found.values()}) > 1


def test_named_environments_are_verified_and_rescored(shelf, tmp_path):
    for number, name in enumerate(shelf):
        path = tmp_path / str(number)
        env = make_text(name, record=path, reward="delta", rounds=3)
        played = [play(env, seed, "mixed") for seed in range(4)]
        assert all(trace.over for trace in played)
        env.close()
        episodes = read_episodes(path)
        assert not episodes.problems
        assert [e.head.env for e in episodes] == [name] * 12
        assert next(iter(episodes)).head.config["rounds"] == 3
        report = verify(path)
        assert report.ok and report.episodes == 4, report
        for preset in env.presets():
            live = make_text(name, reward=preset, rounds=3)
            scores = rescore(path, preset)
            for seed, trace in enumerate(played):
                play(live, seed, trace.messages)
                found = [s.total for s in scores[3 * seed : 3 * seed + 3]]
                assert found == list(live.total.values())


def test_live_objects_are_recorded_but_not_run_again(tmp_path):
    env = text_view(Mine(), record=tmp_path / "run", gap=2.0)
    play(env, 0, "random")
    env.close()
    first = next(iter(read_episodes(tmp_path / "run")))
    assert first.head.env == "pettingzoo:mine_v0"
    assert first.head.config == {"object": "tests.interop.foreign_games.Mine", "gap": 2.0}
    scores = rescore(tmp_path / "run", env.presets()["dense"])
    assert [score.total for score in scores] == list(env.returns())
    with pytest.raises(envgym.EnvgymError, match="was a live object .*foreign_games.Mine"):
        verify(tmp_path / "run")


PRESETS = ["outcome", "dense", "gated", "process", "delta"]


@pytest.mark.parametrize("preset", PRESETS)
def test_presets(preset):
    view = text_view(Mine(rounds=3), reward=preset, gap=5.0)
    assert sorted(view.presets()) == sorted(PRESETS)
    view.reset(seed=0)
    send(view, "0", "0", "0", "2", "0", "0", "0", "0")
    due = {"outcome": 2.0, "dense": 2.0, "gated": 4.0, "process": 2.0, "delta": 2.0}[preset]
    # gated: 2 and, the outcome being above 0, the 2 of its steps clipped to 0.4 * 5.
    assert view.total == {"ann": due, "bob": 0.0, "cid": 0.0}
    assert "unknown reward preset 'outcom'" in refused(Mine(), reward="outcom")


def test_a_forfeit_ends_it_below_everybody():
    view = text_view(Mine(), illegal="retry:1,forfeit", reward="dense")
    view.reset(seed=3)
    send(view, "1", "1", "1")
    held = view.returns()
    assert max(held) == 1.0
    send(view, "no move at all?\nNo.", "[[7]]")
    assert view.forfeited == "ann" and view.returns() == (-1.0, *held[1:])
    assert view.total["ann"] == -1.0
    assert not any(view.latest_evidence(a)["won"] for a in view.possible_agents)
    view = text_view(Mine(), illegal="forfeit", forfeit_return=-20)
    view.reset(seed=3)
    send(view, "[[9]]")
    assert view.returns() == (-20.0, 0.0, 0.0)


def test_noop_and_random_moves():
    view = text_view(Mine(), illegal="noop", noop="wait", action_names=["wait", "dig", "leap"])
    view.reset(seed=0)
    send(view, "[[fly]]")
    assert view.state.moves == [("ann", "0")] and view.agent_selection == "bob"
    # Where the move is masked the first legal one is made.
    view = text_view(Mine(), illegal="noop", noop=2)
    view.reset(seed=0)
    send(view, "[[fly]]", "0", "0", "[[fly]]")
    assert view.state.moves[0] == ("ann", "0") and view.state.moves[3] == ("ann", "2")
    assert "has no move that does nothing" in refused(Mine(), illegal="noop")
    view = text_view(Mine(), illegal="random")
    view.reset(seed=0)
    send(view, "?!")
    assert view.agent_selection == "bob" and view.state.moves[0][1] in ("0", "1")


@pytest.mark.parametrize("kind", [Mine, Bids])
def test_hostile_messages_never_raise(kind):
    view = text_view(kind(), illegal="retry:9,random")
    corpus = [*HOSTILE, *(case.text for case in HOSTILE_MOVES)]
    view.reset(seed=0)
    for message in corpus:
        if all(out(view, agent) for agent in view.agents):
            view.reset(seed=1)
        send(view, message)
    # What is no text at all is no move either.
    for message in (b"[[1]]", 1, 1.5, ["[[1]]"]):
        with pytest.raises(ConfigError):
            view.step(message)


class Plain(AECEnv):
    """One agent, spaces of your choice; what it is sent stands in ``got``."""

    metadata = {"name": "plain_v0"}

    def __init__(self, acts=None, sees=None, amount=1.0, mask=None, agents=("solo",)):
        self.possible_agents = list(agents)
        self.acts, self.sees = acts or spaces.Discrete(2), sees or spaces.Discrete(3)
        self.amount, self.mask, self.got = amount, mask, []

    def observation_space(self, agent):
        return self.sees

    def action_space(self, agent):
        return self.acts

    def observe(self, agent):
        return 2

    def reset(self, seed=None, options=None):
        self.seed, self.agents = seed, self.possible_agents[:]
        self.rewards = self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {
            a: {} if self.mask is None else {"action_mask": self.mask} for a in self.agents
        }
        self.agent_selection = self.agents[0]

    def step(self, action):
        if self.terminations[self.agent_selection]:
            self._was_dead_step(action)
            return
        self.got.append(action)
        self.rewards = dict.fromkeys(self.agents, self.amount)
        self.terminations = dict.fromkeys(self.agents, True)


def test_seeds_reach_the_environment():
    view = text_view(Plain())
    view.reset(seed=2**63 - 1)
    assert view.foreign.seed == 2**63 - 1
    assert view.observe("solo") == "Observation: 2\n\nLegal actions: 0; 1"
    assert "You are solo.\n" in view.role("solo")
    send(view, "1")
    assert view.foreign.got == [1] and type(view.foreign.got[0]) is int
    assert view.report("solo")["success"] is None  # nobody to be above of


def test_several_numbers_and_their_masks():
    dials = spaces.MultiDiscrete([3, 2], start=[1, 0])
    view = text_view(Plain(dials, mask=(np.array([0, 1, 1]), np.array([1, 0]))))
    view.reset(seed=0)
    assert view.observe("solo").endswith("Legal actions: 2 or 3; 0")
    send(view, "[[1, 0]]")
    assert "Number 1, 1, is not allowed. Legal actions: 2 or 3; 0." in view.observe("solo")
    send(view, "[[3, 0]]")
    (got,) = view.foreign.got
    assert dials.contains(got) and got.tolist() == [3, 0]


def test_box_actions():
    box = spaces.Box(np.array([-1, 0], np.float32), np.array([1, 0.1], np.float32))
    view = text_view(Plain(box))
    view.reset(seed=0)
    send(view, "[[0.5, 0.2]]")
    assert "Number 2, 0.2, is not allowed." in view.observe("solo")
    send(view, "[[-1e0, 0.1]]")
    (got,) = view.foreign.got
    assert box.contains(got) and got.dtype == np.float32


def test_an_agent_without_a_choice_is_not_asked():
    view = text_view(Plain(mask=np.zeros(2, np.int8)))
    with pytest.raises(ConfigError, match="nobody can move at the beginning"):
        view.reset(seed=0)
    assert view.foreign.got == [0]


@pytest.mark.parametrize("amount", [nan, inf])
def test_rewards_that_are_no_numbers_make_the_episode_invalid(amount):
    view = text_view(Plain(amount=amount, agents=("a", "b")))
    view.reset(seed=0)
    view.step("0")
    assert isinstance(view.failure, InfraError)
    assert view.report("a")["invalid_reason"] == "reward" and view.total == {"a": None, "b": None}


def test_an_environment_in_which_nobody_ever_moves_is_stuck():
    class Idle(Plain):
        def step(self, action):
            pass

    view = text_view(Idle(mask=np.zeros(2, np.int8)))
    with pytest.raises(InfraError, match="stuck: nobody has had a choice for 10000 steps"):
        view.reset(seed=0)


def test_what_the_environment_raises_is_not_hidden():
    view = text_view(Mine(fail=1))
    view.reset(seed=0)
    with pytest.raises(OSError, match="caved in"):
        view.step("1")
    view.reset(seed=0)
    send(view, "0")
    assert view.agent_selection == "bob"


def test_snapshots_need_an_environment_that_can_be_pickled():
    env = Mine()
    env.lock = (n for n in range(3))
    view = text_view(env)
    view.reset(seed=0)
    with pytest.raises(ConfigError, match="the environment cannot be kept: cannot pickle"):
        view.snapshot()


def refused(env, **options):
    with pytest.raises(envgym.EnvgymError) as error:
        text_view(env, **options)
    return str(error.value)


GRAPH = spaces.Graph(spaces.Discrete(2), spaces.Discrete(2))


@pytest.mark.parametrize(
    ("env", "options", "told"),
    [
        (object(), {}, "expected a PettingZoo AECEnv or ParallelEnv, got object"),
        (Plain(acts=GRAPH), {}, "actions of Graph"),
        (Plain(acts=spaces.Box(0, 1, (17,))), {}, "cannot be written as text; allowed: Discrete"),
        (Plain(sees=GRAPH), {}, "observations of Graph"),
        (Plain(sees=spaces.Dict(a=spaces.Tuple([GRAPH]))), {}, "cannot be told in words"),
        (Plain(agents=()), {}, "possible_agents must name one agent or more"),
        (Plain(agents=(1, "1")), {}, "all different, got [1, '1']"),
        (Plain(), {"gap": 0}, "gap must be more than 0, got 0"),
        (Plain(), {"gap": nan}, "gap must be more than 0, got nan"),
        (Plain(), {"forfeit_return": 1}, "forfeit_return must be at most 0, got 1"),
        (Plain(), {"noop": 2}, "noop must be an action, got 2"),
        (Plain(), {"rules": {"duo": "x"}}, "rules must be a text, or one for each agent (solo)"),
        (Plain(), {"rules": 3}, "rules must be a text"),
        (Plain(), {"action_names": ["a"]}, "action_names must be 2 names, got 1"),
        (Plain(), {"action_names": "ab"}, "must be a list of names or a mapping"),
        (Plain(), {"action_names": {"x": "a"}}, "must be a list of names or a mapping"),
        (Plain(), {"action_names": {2: "a"}}, "action_names: there is no action 2"),
        (Plain(), {"action_names": ["a", "A."]}, "must be different words that are no numbers"),
        (Plain(), {"action_names": ["1", "0"]}, "must be different words that are no numbers"),
        (
            Plain(acts=spaces.MultiDiscrete([2, 2])),
            {"action_names": ["a", "b"]},
            "action_names are for Discrete spaces",
        ),
        (GameText(make_game("kuhn")), {}, "kuhn is text already"),
    ],
)
def test_refusals(env, options, told):
    assert told in refused(env, **options)


def test_names_of_pettingzoo(monkeypatch):
    with pytest.raises(ConfigError, match=r"expected a module such as classic.tictactoe_v3"):
        make("os")
    with pytest.raises(ConfigError, match=r"Did you mean 'classic.tictactoe_v3'"):
        make("classic.tictacto_v3")
    with pytest.raises(ConfigError, match=r"unknown PettingZoo environment 'utils.conversions'"):
        make("utils.conversions")
    monkeypatch.setitem(sys.modules, "pygame", None)
    for name in [n for n in sys.modules if n.startswith("pettingzoo.classic.rps")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ConfigError, match=r"needs the package 'pygame'.*pettingzoo\[classic\]"):
        make("classic.rps_v2")


def test_arguments_of_named_environments(shelf):
    env = make_text(shelf[0], rounds=2, rules="Dig.", max_turns=5)
    assert env.foreign.rounds == 2 and env.role("ann").startswith("Dig.\n\nYou are ann")
    with pytest.raises(ConfigError, match="unexpected keyword argument 'depth'; the view's own: "):
        make_text(shelf[0], depth=3)
    with pytest.raises(ConfigError, match="one for each agent"):
        make_text(shelf[0], rules={"ann": "x"})
    each = make_text(shelf[0], rules={"ann": "A", "bob": "B", "cid": "C"})
    assert each.role("cid").startswith("C\n\n")
