"""Many matches with a policy in every seat."""

import pytest

from envgym import ConfigError
from envgym.agents import resolve_agent
from envgym.runtime.games.registry import make_text
from envgym.runtime.multi.play import matches
from envgym.runtime.rollout import Job
from envgym.types import InfraError, Reply
from tests.runtime.multi.pot import PotEnv


class Scripted:
    """Say one thing after the other in every session."""

    def __init__(self, *messages, name="scripted"):
        self.name, self.messages = name, messages
        self.asked, self.batches, self.closed = [], [], []
        self._turns = {}

    def act(self, requests):
        self.asked += requests
        self.batches.append(len(requests))
        return [self.reply(request) for request in requests]

    def reply(self, request):
        turn = self._turns[request.session] = self._turns.get(request.session, -1) + 1
        return Reply(text=self.messages[min(turn, len(self.messages) - 1)])

    def close(self, sessions):
        self.closed += sessions


class Failing(Scripted):
    """Fail in matches of odd seeds."""

    def reply(self, request):
        if int(request.session.split(":")[1]) % 2:
            return Reply(text="no answer in 30 s", finish="error")
        return super().reply(request)


class Raising(Scripted):
    def act(self, requests):
        raise RuntimeError("out of memory")


def kuhn():
    return make_text("kuhn")


def jobs(count):
    return [Job(seed=seed) for seed in range(count)]


def played(make_env, seats, given, **settings):
    return dict(matches(make_env, seats, given, **settings))


def summary(match):
    return (
        match.final,
        match.returns,
        {a: [t.reply.text for t in one.turns] for a, one in match.rollouts.items()},
        {a: (one.step_rewards, one.ledger, one.records) for a, one in match.rollouts.items()},
    )


def test_a_worked_hand():
    """Player 0 bets, player 1 folds: one chip, whoever holds what."""
    bet, fold = Scripted("I bet. [[bet]]"), Scripted("[[pass]]", name="folder")
    (match,) = played(kuhn, {"player_0": bet, "player_1": fold}, jobs(1)).values()
    assert match.valid
    assert match.reason is None
    assert match.final == (1.0, -1.0)
    assert match.returns == {"player_0": 0.5, "player_1": -0.5}
    assert match.players == {"player_0": "scripted", "player_1": "folder"}
    assert match.forfeit is None
    one = match.rollouts["player_0"]
    assert (one.total, one.step_rewards, one.success, one.end) == (0.5, (0.5,), True, "task")
    assert [turn.reward for turn in one.turns] == [0.0]
    assert [m.role for m in one.turns[0].messages] == ["system", "user"]
    assert "player 0 of 2" in one.turns[0].messages[0].content
    assert [m.role for m in match.rollouts["player_1"].turns[0].messages] == ["system", "user"]
    assert bet.closed == ["0:0:0:player_0"]


@pytest.mark.parametrize("batch", [2, 3, 16, 100])
def test_a_match_does_not_depend_on_the_batch(batch):
    alone = played(kuhn, seats(), jobs(20), batch=1)
    together = played(kuhn, seats(), jobs(20), batch=batch)
    assert sorted(together) == list(range(20))
    for number, match in together.items():
        assert summary(match) == summary(alone[number])


def seats():
    return {"player_0": resolve_agent("random"), "player_1": resolve_agent("oracle")}


def test_random_players_in_both_seats_choose_apart():
    """The same policy with the same seed in both seats must not mirror itself."""
    policy = resolve_agent("random")
    found = played(lambda: make_text("matrix"), dict.fromkeys(AGENTS, policy), jobs(60))
    assert {match.final for match in found.values()} == {(0.0, 0.0), (1.0, -1.0), (-1.0, 1.0)}


AGENTS = ("player_0", "player_1")


def test_one_policy_in_two_seats_has_two_conversations():
    policy = Scripted("[[bet]]")
    (match,) = played(kuhn, dict.fromkeys(AGENTS, policy), jobs(1)).values()
    assert match.final in ((2.0, -2.0), (-2.0, 2.0))
    assert [request.agent for request in policy.asked] == ["player_0", "player_1"]
    assert [request.session for request in policy.asked] == ["0:0:0:player_0", "0:0:0:player_1"]
    assert policy.asked[0].tools[0]["function"]["name"] == "play"


def test_a_policy_is_asked_once_a_round_for_all_its_seats():
    policy = Scripted("[[bet]]")
    played(kuhn, dict.fromkeys(AGENTS, policy), jobs(8), batch=8)
    assert policy.batches == [8, 8]


def test_a_failing_policy_makes_its_match_invalid_and_no_other():
    seats = {"player_0": Scripted("[[bet]]"), "player_1": Failing("[[pass]]")}
    found = played(kuhn, seats, jobs(6), batch=3)
    for seed, match in found.items():
        assert match.valid == (seed % 2 == 0)
        if not match.valid:
            assert match.reason == "policy"
            assert match.returns == dict.fromkeys(AGENTS, None)
            assert match.final is None
            assert match.rollouts["player_0"].observation == "no answer in 30 s"
            assert len(match.rollouts["player_0"].turns) == 1


def test_a_policy_that_raises_is_a_bug_and_propagates():
    closed = []

    def make():
        env = make_text("kuhn")
        env.resources.callback(closed.append, True)
        return env

    bet = Scripted("[[bet]]")
    with pytest.raises(RuntimeError, match="out of memory"):
        played(make, {"player_0": bet, "player_1": Raising("")}, jobs(3), batch=2)
    assert closed == [True, True]
    assert sorted(bet.closed) == ["0:0:0:player_0", "1:1:0:player_0"]


def test_a_policy_whose_service_fails_makes_its_matches_invalid():
    class Down(Scripted):
        def act(self, requests):
            raise InfraError("server", "no connection")

    seats = {"player_0": Scripted("[[bet]]"), "player_1": Down("")}
    found = played(kuhn, seats, jobs(3), batch=2)
    assert [(found[k].valid, found[k].reason) for k in range(3)] == [(False, "policy")] * 3
    assert found[0].rollouts["player_1"].observation == "server: no connection"


def test_every_seat_needs_a_policy():
    with pytest.raises(ConfigError, match="kuhn: nobody plays player_1"):
        played(kuhn, {"player_0": Scripted("")}, jobs(1))


def test_the_batch_is_positive():
    with pytest.raises(ConfigError, match="batch must be 1 or more, got 0"):
        played(kuhn, seats(), jobs(1), batch=0)


def test_no_jobs_no_matches():
    assert played(kuhn, seats(), []) == {}


def test_seats_may_be_chosen_per_match():
    bet, fold = Scripted("[[bet]]", name="bet"), Scripted("[[pass]]", name="fold")

    def swapped(number, job):
        assert job.seed == number
        order = (bet, fold) if number % 2 else (fold, bet)
        return dict(zip(AGENTS, order, strict=True))

    found = played(kuhn, swapped, jobs(4), batch=2)
    assert found[1].players == {"player_0": "bet", "player_1": "fold"}
    assert found[0].players == {"player_0": "fold", "player_1": "bet"}
    assert found[1].final == (1.0, -1.0)
    assert found[0].final == (-1.0, 1.0)


def test_a_forfeit_is_told():
    silent = Scripted("")
    found = played(kuhn, {"player_0": Scripted("[[bet]]"), "player_1": silent}, jobs(1))
    assert found[0].forfeit == "player_1"
    assert found[0].final == (0.0, -2.0)
    assert len(found[0].rollouts["player_1"].turns) == 3
    assert all(turn.error for turn in found[0].rollouts["player_1"].turns)
    assert found[0].rollouts["player_0"].success is False


def test_agents_that_leave_keep_their_share():
    crew = {"ann": Scripted("put(2)", "done()"), "bob": Scripted("leave()"),
            "cas": Scripted("put(3)")}  # fmt: skip
    (match,) = played(lambda: PotEnv(reward="gold"), crew, jobs(1)).values()
    assert match.returns == dict.fromkeys(crew, 5.0)
    assert match.rollouts["bob"].step_rewards == (5.0,)
    assert [turn.reward for turn in match.rollouts["bob"].turns] == [0.0]
    assert match.final is None  # a pot has no returns of its own


def test_our_failure_is_an_invalid_match():
    crew = {"ann": Scripted("put(2)"), "bob": Scripted("crash()"), "cas": Scripted("done()")}
    (match,) = played(PotEnv, crew, jobs(1)).values()
    assert (match.valid, match.reason) == (False, "table")
    assert match.rollouts["cas"].turns == ()


def test_a_table_that_cannot_be_set_is_an_invalid_match():
    class NoTable(PotEnv):
        resets_fail = True

    crew = dict.fromkeys(("ann", "bob", "cas"), Scripted("done()"))
    found = played(NoTable, crew, jobs(3), batch=2)
    assert [found[k].reason for k in range(3)] == ["table"] * 3


def test_groups_and_tokens_are_recorded(tmp_path):
    class Tokens(Scripted):
        def reply(self, request):
            return Reply(text="[[bet]]", token_ids=(1, 2, 3), logprobs=(-0.5, -0.25, -1.0))

    from envgym.runtime.episodes import read_episodes

    folder = tmp_path / "run"
    players = {"player_0": Tokens("[[bet]]"), "player_1": Scripted("[[pass]]")}
    given = [Job(seed=1, group="pair", index=index) for index in range(2)]
    list(matches(lambda: make_text("kuhn", record=folder), players, given, batch=1,
                 record_tokens=True))  # fmt: skip
    episodes = read_episodes(folder)
    assert len(episodes) == 4
    first = episodes[0]
    assert first.head.group == {"id": "pair", "index": 0}
    assert first.records[1]["token_ids"] == (1, 2, 3)
    assert "token_ids" not in episodes[1].records[1]
    assert episodes.problems == []
