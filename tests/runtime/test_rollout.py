"""Rollouts: the same episodes for any batch, threads and order; invalid is not zero."""

from functools import partial

import gymnasium
import pytest

from envgym import ConfigError, InfraError, Job, rollout
from envgym.runtime.episodes import read_episodes
from envgym.types import Reply

make = partial(gymnasium.make, "envgym/GuessNumber-v0", reward="dense")


class Halver:
    """Plays from the messages alone; checks what it is sent."""

    name = "halver"

    def __init__(self):
        self.open, self.closed, self.batches = {}, [], []

    def act(self, requests):
        self.batches.append(len(requests))
        replies = []
        for request in requests:
            text = request.messages[-1].content
            if request.session not in self.open:
                assert request.tools and [m.role for m in request.messages] == ["system", "user"]
                self.open[request.session] = [1, int(text.split(" to ")[1].split(".")[0])]
            low_high = self.open[request.session]
            if text.startswith("Higher"):
                low_high[0] = int(text.split()[-1].rstrip(".")) + 1
            elif text.startswith("Lower"):
                low_high[1] = int(text.split()[-1].rstrip(".")) - 1
            replies.append(Reply(text=f"guess({sum(low_high) // 2})"))
        return replies

    def close(self, sessions):
        self.closed += sessions


JOBS = [Job(seed=s, group=f"g{s // 2}", index=s % 2) for s in range(9)]


def play(**kwargs):
    return dict(rollout(make, Halver(), JOBS, **kwargs))


def test_results_do_not_depend_on_batch_or_threads():
    alone = play(batch=1)
    assert sorted(alone) == list(range(9)) and all(r.success for r in alone.values())
    assert play(batch=4) == alone == play(batch=16, threads=3)


def test_rollouts_carry_what_a_trainer_needs():
    result = play(batch=2)[3]
    assert result.valid and result.end == "task" and result.job is JOBS[3]
    assert len(result.step_rewards) == len(result.turns)
    assert result.total == pytest.approx(sum(t.reward for t in result.turns)) == 2.0
    assert result.turns[1].messages[0].role == "user" and len(result.turns[1].messages) == 1
    assert result.evidence["solved"] is True


def test_sessions_are_closed_and_batched():
    policy = Halver()
    list(rollout(make, policy, JOBS, batch=3))
    assert sorted(policy.closed) == sorted(policy.open) and max(policy.batches) == 3


def test_given_environments_stay_open():
    env = make()
    list(rollout(make, Halver(), JOBS[:2], envs=[env]))
    env.reset(seed=0)


def test_tokens_are_recorded_when_asked(tmp_path):
    class Tokens(Halver):
        def act(self, requests):
            return [
                Reply(text=r.text, token_ids=(1, 2), logprobs=(-0.5, -0.25))
                for r in super().act(requests)
            ]

    env = make(record=tmp_path / "run")
    list(rollout(make, Tokens(), JOBS[:1], envs=[env], record_tokens=True))
    env.close()
    [episode] = read_episodes(tmp_path / "run")
    assert all(list(record["token_ids"]) == [1, 2] for record in episode.records[1:])
    assert list(episode.records[-1]["logprobs"]) == [-0.5, -0.25]


class Broken(Halver):
    def act(self, requests):
        return [Reply(text="endpoint is down", finish="error") for _ in requests]


def test_a_failed_policy_makes_the_episode_invalid():
    for _, result in rollout(make, Broken(), JOBS[:3]):
        assert (result.valid, result.reason, result.total) == (False, "policy", None)


class Refuses(gymnasium.Wrapper):
    def reset(self, **kwargs):
        raise InfraError("container", "no daemon")


def test_an_environment_that_cannot_start_makes_the_episode_invalid():
    results = dict(rollout(lambda: Refuses(make()), Halver(), JOBS[:3], batch=2))
    assert [r.reason for r in results.values()] == ["container"] * 3


def test_a_bug_propagates_and_everything_is_closed():
    class Buggy(Halver):
        def act(self, requests):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(rollout(make, Buggy(), JOBS))


class Cracks(gymnasium.Wrapper):
    def step(self, action):
        if self.env.unwrapped.seed == 3:
            raise KeyError("our bug")
        return self.env.step(action)


def test_bugs_are_tolerated_up_to_a_rate_and_reported():
    crack = partial(rollout, lambda: Cracks(make()), Halver())
    with pytest.raises(KeyError):
        list(crack(JOBS))
    results = dict(crack(JOBS, crash_rate=0.1, batch=2))
    assert (results[3].valid, results[3].reason) == (False, "bug:KeyError")
    assert "our bug" in results[3].observation
    assert sum(r.valid for r in results.values()) == 8
    with pytest.raises(KeyError):
        list(crack([Job(seed=3)] * 9, crash_rate=0.1))


def test_bad_arguments_are_named():
    with pytest.raises(ConfigError, match="batch must be 1 or more"):
        list(rollout(make, Halver(), JOBS, batch=0))
