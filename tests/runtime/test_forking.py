"""Forks: snapshots of real environments, continuations, retries and the credit made of them."""

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import envgym  # noqa: F401 - registers the environments
from envgym.agents.policies.oracle import NoisyOraclePolicy, OraclePolicy
from envgym.agents.policies.random import RandomPolicy
from envgym.rewards.credit.pav import pav_rewards
from envgym.rewards.credit.pivotal import pivotal
from envgym.rewards.credit.relative_progress import relative_progress
from envgym.rewards.spread.turning_points import turning_rewards
from envgym.runtime.episodes.reader import read_episodes
from envgym.runtime.forking import Values, completion_values, path_values, play_path, retry_from
from envgym.types import ConfigError, InfraError, Message, Reply


def guess(**options):
    return gymnasium.make("envgym/GuessNumber-v0", **{"high": 8, "max_turns": 4, **options})


class Counting:
    """Guesses the numbers of its list in order, whatever it is told; keeps what it was asked."""

    name = "counting"

    def __init__(self, guesses):
        self.guesses, self.asked, self.given = guesses, [], {}

    def act(self, requests):
        replies = []
        for request in requests:
            self.asked.append(request)
            turn = self.given.setdefault(
                request.session, sum(m.role == "assistant" for m in request.messages)
            )
            self.given[request.session] += 1
            replies.append(Reply(text=f"guess({self.guesses[turn]})"))
        return replies

    def close(self, sessions):
        for session in sessions:
            self.given.pop(session, None)


def number_of(env, seed):
    env.reset(seed=seed)
    return env.unwrapped.state.number


def test_a_path_keeps_a_fork_before_every_turn():
    env = guess()
    target = number_of(env, 3)
    wrong = [n for n in range(1, 9) if n != target]
    path = play_path(env, Counting([wrong[0], wrong[1], target]), seed=3)
    assert path.success is True and path.valid and path.total == 1.0
    assert [fork.turn for fork in path.forks] == [0, 1, 2]
    assert len(path.replies) == len(path.step_rewards) == 3
    roles = [m.role for m in path.forks[2].messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]


def test_values_of_a_certain_prover_are_what_it_reaches():
    env = guess()
    path = play_path(env, RandomPolicy(), seed=5)
    values = completion_values(env, OraclePolicy(), path.forks, k=2)
    halving_needs = 4
    assert values.counts == (2,) * len(path.forks)
    assert values.means[0] == 1.0 and values.errors[0] == 0.0
    assert len(path.forks) <= halving_needs


def test_values_rise_to_certainty_on_the_path_of_the_oracle():
    env = guess(high=32, max_turns=7)
    path = play_path(env, OraclePolicy(), seed=1)
    values = path_values(env, RandomPolicy(), path, k=24, seed=2)
    assert len(values) == len(path.forks) + 1
    assert values[-1] == 1.0 and all(0 <= v <= 1 for v in values)
    assert values[0] < values[-1]
    assert path_values(env, RandomPolicy(), path, k=24, seed=2) == values


def test_several_environments_change_nothing_but_the_batch():
    env = guess(high=32, max_turns=7)
    path = play_path(env, OraclePolicy(), seed=1)
    alone = completion_values(env, RandomPolicy(), path.forks, k=6)
    batched = Batches()
    several = [guess(high=32, max_turns=7) for _ in range(4)]
    assert completion_values(several, batched, path.forks, k=6) == alone
    assert max(batched.sizes) == 4 and sum(size > 1 for size in batched.sizes) > 3
    assert not batched._seats
    with pytest.raises(ConfigError, match="at least one environment, got none"):
        completion_values([], RandomPolicy(), path.forks, k=1)


class Batches(RandomPolicy):
    """Random, and counts how many requests came at once."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def act(self, requests):
        self.sizes.append(len(requests))
        return super().act(requests)


def test_a_state_is_valued_alike_whatever_else_is_asked():
    env = guess(high=32, max_turns=7)
    path = play_path(env, OraclePolicy(), seed=1)
    whole = completion_values(env, RandomPolicy(), path.forks, k=5)
    alone = completion_values(env, RandomPolicy(), path.forks[-1:], k=5)
    assert alone.means == whole.means[-1:]


def test_progress_of_a_real_path_telescopes():
    env = guess(high=32, max_turns=7)
    path = play_path(env, NoisyOraclePolicy(0.5), seed=4)
    values = path_values(env, NoisyOraclePolicy(0.7, seed=9), path, k=8)
    progress = pav_rewards([values], alpha=3.0)[0]
    assert progress.shape == (len(path.replies),)
    assert progress.sum() == pytest.approx(3.0 * (values[-1] - values[0]))
    assert np.isfinite(relative_progress([values[1:]], [values[:-1]])).all()
    assert len(turning_rewards(values)) == len(path.replies)


def test_a_retry_shares_its_prefix_and_may_end_otherwise():
    env = guess()
    target = number_of(env, 3)
    wrong = [n for n in range(1, 9) if n != target][:4]
    failed = play_path(env, Counting(wrong), seed=3)
    assert failed.success is False
    saved = retry_from(env, Counting([*wrong[:2], target]), failed, 2)
    assert saved.success is True and saved.start == 2
    assert saved.replies[:2] == failed.replies[:2]
    assert saved.forks[:3] == failed.forks[:3]
    assert [fork.turn for fork in saved.forks] == [0, 1, 2]
    width = len(failed.replies)
    mask = [[t < len(p.replies) for t in range(width)] for p in (failed, saved)]
    credit = pivotal(np.array([[-1.0] * width, [1.0] * width]), [2, 2], mask)
    assert credit.tolist() == [[0, 0, -1, -1], [0, 0, 1, 0]]


def test_a_hint_is_the_last_thing_the_policy_reads():
    env = guess()
    failed = play_path(env, Counting([1, 2, 3, 4]), seed=3)
    again = Counting([1, 2, 3, 4])
    retried = retry_from(env, again, failed, 1, hint="Guess higher.")
    first = again.asked[0]
    assert first.messages[-1].content.endswith("\n\nGuess higher.")
    assert first.tools and first.messages[0].role == "system"
    assert retried.forks[1].messages[-1] == first.messages[-1]
    assert failed.forks[1].messages[-1] != first.messages[-1]


@settings(max_examples=8)
@given(st.integers(0, 50), st.integers(0, 3))
def test_replaying_the_same_replies_from_a_fork_ends_alike(seed, turn):
    env = guess(reward="dense")
    said = [2, 4, 6, 8]
    path = play_path(env, Counting(said), seed=seed)
    turn = min(turn, len(path.forks) - 1)
    again = retry_from(env, Counting(said), path, turn)
    assert (again.total, again.step_rewards, again.success) == (
        path.total,
        path.step_rewards,
        path.success,
    )


def test_quest_forks_too():
    env = gymnasium.make("envgym/Quest-v0", reward="dense")
    path = play_path(env, OraclePolicy(), seed=0)
    assert path.success is True
    values = completion_values(env, OraclePolicy(), path.forks[:2], k=1, measure="return")
    assert values.known() == pytest.approx((path.total, path.total))


class Broken(Counting):
    """Fails at its second reply."""

    def act(self, requests):
        replies = super().act(requests)
        if len(requests[0].messages) == 1:
            return [Reply(text="down", finish="error")]
        return replies


def test_a_policy_that_fails_makes_the_path_invalid_and_the_value_unknown():
    env = guess()
    assert number_of(env, 3) != 1
    path = play_path(env, Broken([1] * 4), seed=3)
    assert not path.valid and path.reason == "policy"
    assert path.total is None and path.success is None and path.step_rewards == ()
    values = completion_values(env, Broken([1] * 4), path.forks[:1], k=2)
    assert values.means == (None,) and values.counts == (0,)
    with pytest.raises(InfraError, match="state 0"):
        values.known()
    with pytest.raises(ConfigError, match="valid path with a success; this one is policy"):
        path_values(env, OraclePolicy(), path, 1)


def test_standard_error_of_a_coin():
    values = Values(means=(0.5,), counts=(2,), errors=(0.5,))
    assert values.known() == (0.5,)
    env = guess(high=2, max_turns=1)
    path = play_path(env, RandomPolicy(), seed=0)
    found = completion_values(env, RandomPolicy(), path.forks[:1], k=40)
    assert 0.2 < found.means[0] < 0.8
    p = found.means[0]
    assert found.errors[0] == pytest.approx((p * (1 - p) / 39) ** 0.5)
    pairs = [completion_values(env, RandomPolicy(), path.forks[:1], k=2, seed=s) for s in range(8)]
    assert {v.errors[0] for v in pairs if v.means[0] == 0.5} == {0.5}
    assert any(v.means[0] == 0.5 for v in pairs)
    assert completion_values(env, RandomPolicy(), path.forks[:1], k=1).errors == (0.0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e, p: completion_values(e, OraclePolicy(), p.forks, 0), "k must be 1 or more"),
        (
            lambda e, p: completion_values(e, OraclePolicy(), p.forks, 1, measure="win"),
            "measure must be success or return, got 'win'",
        ),
        (lambda e, p: retry_from(e, OraclePolicy(), p, 99), "turn must be 0 to 0, got 99"),
        (lambda e, p: retry_from(e, OraclePolicy(), p, 0.0), r"turn must be 0 to 0, got 0\.0"),
        (lambda e, p: retry_from(e, OraclePolicy(), p, False), "turn must be 0 to 0, got False"),
        (
            lambda e, p: play_path(gymnasium.make("CartPole-v1"), OraclePolicy(), seed=0),
            "CartPoleEnv cannot take snapshots",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(call, message):
    env = guess()
    path = play_path(env, OraclePolicy(), seed=0)
    with pytest.raises(ConfigError, match=message):
        call(env, path)


def test_a_task_may_be_named():
    path = play_path(guess(), OraclePolicy(), seed=0, task="train/7")
    assert path.success is True
    assert isinstance(path.forks[0].messages[0], Message)


def test_continuations_of_a_recorded_environment_are_children_and_others_play_on(tmp_path):
    env, other = guess(record=tmp_path / "r"), guess()
    other.reset(seed=5)
    path = play_path(env, RandomPolicy(), seed=3)
    kept = [fork.snapshot for fork in path.forks]
    completion_values(env, RandomPolicy(), path.forks, k=2)
    env.close()
    assert [fork.snapshot for fork in path.forks] == kept
    episodes = list(read_episodes(tmp_path / "r"))
    assert len(episodes) == 1 + 2 * len(path.forks)
    first, *children = (each.head.parent for each in episodes)
    assert first is None
    assert [each["e"] for each in children] == [t for t in range(len(path.forks)) for _ in "12"]
    target = other.unwrapped.state.number
    assert other.step(f"guess({target})")[2] is True
