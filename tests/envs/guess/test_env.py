"""GuessNumber: halving is exact, the range is kept, bad knobs are named."""

import gymnasium as gym
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import ConfigError, Stream, TaskError
from envgym.envs.guess import GuessNumberEnv
from envgym.envs.guess.env import halvings


@pytest.mark.parametrize(("count", "guesses"), [(1, 1), (2, 2), (3, 2), (7, 3), (8, 4), (100, 7)])
def test_halvings_known_values(count, guesses):
    assert halvings(count) == guesses


@given(high=st.integers(2, 1_000_000), share=st.floats(0, 1))
def test_the_oracle_needs_at_most_the_halvings_and_progress_pays_one(high, share):
    number = 1 + int(share * (high - 1))
    env = GuessNumberEnv(
        high=high, reward="dense", tasks=[{"id": "t", "params": {"high": high, "number": number}}]
    )
    env.reset(seed=0)
    progress = [0.0]
    while True:
        *_, terminated, truncated, info = env.step(env.oracle())
        progress.append(info["evidence"]["progress"])
        if terminated or truncated:
            break
    assert info["success"] == "yes" and info["turn"] <= halvings(high)
    assert progress == sorted(progress) and progress[-1] == 1.0
    assert sum(info["step_rewards"]) == pytest.approx(2.0)


@given(st.lists(st.integers(1, 40), max_size=8), st.integers(1, 30))
def test_answers_never_lie_and_what_is_left_holds_the_number(guesses, number):
    env = GuessNumberEnv(high=30, tasks=[{"id": "t", "params": {"high": 30, "number": number}}])
    env.reset(seed=0)
    for guess in guesses:
        observation, _, terminated, truncated, _ = env.step(f"guess({guess})")
        assert env.state.low <= number <= env.state.high
        expected = (
            f"Correct: {guess}." if guess == number
            else "guess: number must be at most 30" if guess > 30
            else f"Higher than {guess}." if guess < number
            else f"Lower than {guess}."
        )  # fmt: skip
        assert observation.startswith(expected)
        if terminated or truncated:
            break


def test_random_actions_are_always_inside_the_range():
    env = GuessNumberEnv(high=3)
    stream = Stream(0, "test")
    for seed in range(30):
        env.reset(seed=seed)
        assert env.step(env.random_action(stream))[4]["error"] is None


@pytest.mark.parametrize("high", [1, 0, -3, 2.5, True, 1_000_001, "9"])
def test_a_bad_range_fails_at_make(high):
    with pytest.raises(ConfigError, match="high must be an integer from 2 to 1,000,000"):
        gym.make("envgym/GuessNumber-v0", high=high)


def test_tasks_must_fit_their_own_range():
    with pytest.raises(TaskError, match="number must be at most high"):
        GuessNumberEnv(tasks=[{"id": "t", "params": {"high": 5, "number": 6}}])
