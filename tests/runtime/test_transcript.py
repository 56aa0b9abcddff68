"""The transcript as evidence: paid by in step, never recorded twice, there when rescored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import gymnasium
import pytest

from envgym.rewards import Bounds, Program, Reading
from envgym.rewards.reading import ITEMS, TEXT, items, text
from envgym.rewards.signal import Scope
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.types import ConfigError


@dataclass(frozen=True)
class Polite(Reading):
    """0.5 for a message that says please, 0.25 per call that ran, 1 for a hint seen."""

    kind: ClassVar[str] = "test.polite"
    scope: Scope = "step"

    @property
    def types(self) -> Mapping[str, frozenset[str]]:
        return {"message": TEXT, "observation": TEXT, "calls": ITEMS}

    @property
    def bounds(self) -> Bounds:
        return Bounds(0.0, 10.0)

    def read(self, record):
        said, seen = text(record, "message"), text(record, "observation")
        calls = items(record, "calls")
        ran = sum(name == "guess" and args[0][0] == "number" for name, args in calls)
        return 0.5 * ("please" in said) + 0.25 * ran + ("igher" in seen or "ower" in seen)


PROGRAM = Program("polite", Polite())
GUESS = 'please <tool_call>{"name": "guess", "arguments": {"number": 50}}</tool_call>'


def play(record=None, reward=PROGRAM):
    env = gymnasium.make(
        "envgym/GuessNumber-v0", reward=reward, record=record, max_turns=3, disable_env_checker=True
    )
    try:
        env.reset(seed=5)
        return [env.step(message) for message in (GUESS, "please", "what")]
    finally:
        env.close()


def test_a_program_may_read_what_was_said_and_seen():
    steps = play()
    assert [step[1] for step in steps] == [1.75, 0.5, 0.0]
    assert not {"message", "observation", "calls"} & set(steps[0][4]["evidence"])


def test_a_recording_under_another_program_can_be_rescored(tmp_path):
    play(tmp_path / "run", reward="outcome")
    (episode,) = read_episodes(tmp_path / "run")
    assert "message" not in episode.records[1]
    assert episode.evidence[1]["message"] == GUESS
    assert episode.evidence[0]["calls"] == ()
    (found,) = rescore(tmp_path / "run", PROGRAM)
    assert found.step_rewards == (1.75, 0.5, 0.0)


def test_verify_runs_it_again(tmp_path):
    play(tmp_path / "run")
    assert verify(tmp_path / "run").ok


def test_costly_keys_can_be_asked_for_by_name():
    with pytest.raises(ConfigError, match="record_evidence: unknown key 'mesage'.*'message'"):
        gymnasium.make(
            "envgym/GuessNumber-v0", record_evidence=["mesage"], disable_env_checker=True
        )
