"""Shapings verified on real environments: GuessNumber played out, and Gymnasium's toy text."""

import gymnasium
import pytest

import envgym  # noqa: F401 - registers the ids
from envgym.rewards import ProgressDelta, Source, verify_shaping
from envgym.rewards.shaping.mdp import from_table
from envgym.rewards.shaping.play import from_play
from envgym.types import ConfigError

TURNS = 3
SOLVED = Source("solved", "episode", lo=0, hi=1)


@pytest.fixture(scope="module")
def play():
    env = gymnasium.make("envgym/GuessNumber-v0", high=4, max_turns=TURNS)

    def run(plan):
        _, info = env.reset(seed=0)
        records = [info["evidence"]]
        for number in plan:
            call = f'{{"name": "guess", "arguments": {{"number": {number}}}}}'
            *_, info = env.step(f"<tool_call>{call}</tool_call>")
            records.append(info["evidence"])
        return records

    yield run
    env.close()


def test_a_family_and_a_program_of_the_user(play):
    mdp = from_play(play, (1, 2, 3, 4), TURNS, gamma=0.9)
    outcome = verify_shaping(mdp, SOLVED, SOLVED)
    assert outcome.exact
    assert outcome.best_return == 1.0  # the right number at once
    dense = SOLVED + ProgressDelta(Source("progress", lo=0, hi=1))
    assert verify_shaping(mdp, SOLVED, dense).keeps
    # Paid for every guess, an agent takes all of them.
    chatty = verify_shaping(mdp, SOLVED, SOLVED + Source("guesses", lo=0))
    assert not chatty.keeps
    assert chatty.shaped_return < 1.0


def test_a_play_that_loses_records_is_named(play):
    mdp = from_play(lambda plan: play(plan)[: len(plan) or 1], (1,), TURNS, gamma=0.9)
    with pytest.raises(ConfigError, match="returned 1 records for 1 actions"):
        verify_shaping(mdp, SOLVED, SOLVED)


@pytest.mark.parametrize(("slippery", "expected"), [(False, 0.9**5), (True, None)])
def test_frozen_lake_is_read_from_its_table(slippery, expected):
    lake = gymnasium.make("FrozenLake-v1", is_slippery=slippery).unwrapped
    mdp = from_table(lake.P, 0, gamma=0.9)
    goal = Source("outcome", "episode", lo=0, hi=1)
    report = verify_shaping(mdp, goal, Source("reward", lo=0, hi=1))
    assert report.exact
    if expected is not None:
        assert report.best_return == pytest.approx(expected)
    far = verify_shaping(mdp, goal, goal + 0.1 * Source("state", lo=0, hi=15))
    assert not far.keeps
