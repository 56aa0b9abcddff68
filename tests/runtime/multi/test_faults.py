"""Policies that raise, or never answer: a tournament goes on, training stops."""

import re
import subprocess
import sys
import threading

import pytest

from envgym.agents.policies.random import RandomPolicy
from envgym.runtime.episodes import read_episodes
from envgym.runtime.episodes.rerun import verify
from envgym.runtime.games.registry import make_text
from envgym.runtime.multi.asking import Asker
from envgym.runtime.multi.play import matches
from envgym.runtime.rollout import Job
from envgym.types import ConfigError, Reply


class Broken:
    """Answers legally until its second message, which raises."""

    name = "broken"

    def __init__(self):
        self.asked = 0

    def act(self, requests):
        self.asked += 1
        if self.asked > 1:
            raise KeyError("lost")
        return [Reply(text="[[call]]") for _ in requests]

    def close(self, sessions):
        pass


class Asleep(Broken):
    """Never answers before it is told to."""

    name = "asleep"

    def __init__(self):
        super().__init__()
        self.wake = threading.Event()

    def act(self, requests):
        self.asked += 1
        self.wake.wait(30)
        return [Reply(text="[[call]]") for _ in requests]


def play(policy, *, jobs=1, record=None, **more):
    seats = {"player_0": policy, "player_1": RandomPolicy()}
    work = [Job(seed=seed) for seed in range(jobs)]
    made = lambda: make_text("leduc", record=record, append=True)  # noqa: E731
    return [match for _, match in matches(made, seats, work, batch=1, **more)]


def test_a_raise_propagates_by_default():
    with pytest.raises(KeyError, match="lost"):
        play(Broken(), jobs=3)


def test_or_forfeits_with_the_reason_in_the_record(tmp_path):
    found = play(Broken(), jobs=4, faults="forfeit", record=tmp_path)
    assert [match.forfeit for match in found].count("player_0") >= 3
    lost = found[-1]
    assert lost.valid
    assert lost.final == (-13.0, 0.0)
    mine = lost.rollouts["player_0"]
    assert mine.turns[-1].error == "broken raised KeyError: 'lost'"
    assert mine.total == -1.0
    assert lost.rollouts["player_1"].evidence["by_forfeit"]
    assert lost.rollouts["player_1"].success is False
    report = verify(tmp_path)
    assert report.ok, str(report)
    assert any(each.cuts for each in read_episodes(tmp_path))


def test_a_policy_out_of_time_forfeits_and_is_not_asked_again_while_it_thinks():
    policy = Asleep()
    try:
        found = play(policy, jobs=3, faults="forfeit", timeout=0.05)
    finally:
        policy.wake.set()
    assert [match.forfeit for match in found] == ["player_0"] * 3
    assert policy.asked == 1
    errors = [match.rollouts["player_0"].turns[-1].error for match in found]
    assert errors[0] == "asleep gave no answer within 0.05 s."
    assert errors[1] == "asleep is still thinking about an earlier message."


def test_one_in_time_is_just_played():
    found = play(RandomPolicy(), jobs=3, faults="forfeit", timeout=30.0)
    assert found[0].forfeit is None
    assert [m.final for m in found] == [m.final for m in play(RandomPolicy(), jobs=3)]


NO_REPLIES = [
    ([], "mute gave 0 replies to 1 request"),
    (None, "mute gave None to 1 request"),
    ([Reply(text="[[call]]")] * 2, "mute gave 2 replies to 1 request"),
    ([None], "mute gave None for a reply of text"),
    ([Reply(text=None)], "mute gave Reply.* for a reply of text"),
]


class Mute(Broken):
    """Returns something that is no list of replies."""

    name = "mute"

    def __init__(self, given):
        super().__init__()
        self.given = given

    def act(self, requests):
        return self.given


@pytest.mark.parametrize(("given", "words"), NO_REPLIES)
def test_no_replies_are_an_error(given, words):
    with pytest.raises(ConfigError, match=words):
        play(Mute(given))


@pytest.mark.parametrize("timeout", [None, 30.0])
@pytest.mark.parametrize(("given", "words"), NO_REPLIES)
def test_or_a_forfeit(given, words, timeout):
    (lost,) = play(Mute(given), faults="forfeit", timeout=timeout)
    assert (lost.valid, lost.forfeit) == (True, "player_0")
    assert re.match(words, lost.rollouts["player_0"].turns[-1].error)


def test_a_timeout_that_the_policy_raised_is_its_own():
    class Late(Broken):
        name = "late"

        def act(self, requests):
            raise TimeoutError("its server")

    found = play(Late(), jobs=2, faults="forfeit", timeout=30.0)
    for match in found:
        assert match.rollouts["player_0"].turns[-1].error == "late raised TimeoutError: its server"


STUCK = """
import threading
from envgym import make_text, matches
from envgym.agents import RandomPolicy
from envgym.runtime.rollout import Job

class Asleep:
    name = "asleep"
    def act(self, requests):
        threading.Event().wait()
    def close(self, sessions):
        pass

seats = {"player_0": Asleep(), "player_1": RandomPolicy()}
made = lambda: make_text("leduc")
((_, match),) = matches(made, seats, [Job(seed=0)], faults="forfeit", timeout=0.05)
print(match.forfeit)
"""


def test_a_policy_that_never_answers_does_not_keep_the_process():
    done = subprocess.run(
        [sys.executable, "-c", STUCK],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "player_0"), done.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"faults": "ignore"}, "Did you mean|allowed: forfeit, raise"),
        ({"faults": "forfeit", "timeout": 0}, "more than 0 seconds, got 0"),
        ({"timeout": 1.0}, "needs faults='forfeit'"),
    ],
)
def test_bad_arguments(more, words):
    with pytest.raises(ConfigError, match=words):
        Asker(**more)
