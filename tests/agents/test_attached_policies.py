"""Experts and baselines that see the environment."""

import gymnasium
import pytest

from envgym.agents.policies.oracle import NoisyOraclePolicy, OraclePolicy
from envgym.agents.policies.random import RandomPolicy
from envgym.types import ConfigError, Message, Policy, Request, Stream


class Corridor(gymnasium.Env[str, str]):
    """Counts; its expert says how far it has come."""

    observation_space = action_space = gymnasium.spaces.Text(9)

    def __init__(self, end: int = 99) -> None:
        self.place, self.end = 0, end

    def oracle(self) -> str | None:
        return f"expert {self.place}" if self.place < self.end else None

    def random_action(self, stream: Stream) -> str:
        return f"random {stream.below(1000)}"


def ask(session: str = "a", seed: int = 0) -> Request:
    return Request(session=session, messages=(Message("user", "?"),), seed=seed)


def play(policy, seed: int = 0, turns: int = 40, end: int = 99) -> list[str]:
    env = Corridor(end)
    policy.attach("a", gymnasium.Wrapper(env))
    said = []
    for _ in range(turns):
        said.append(policy.act([ask(seed=seed)])[0].text)
        env.place += 1
    policy.close(["a"])
    return said


def test_oracle_says_what_the_environment_says():
    assert play(OraclePolicy(), turns=3) == ["expert 0", "expert 1", "expert 2"]
    assert play(OraclePolicy(), turns=2, end=1) == ["expert 0", ""]


def test_noise_replaces_its_share():
    said = play(NoisyOraclePolicy(0.55), turns=400, end=999)
    assert sum(text.startswith("random") for text in said) / 400 == pytest.approx(0.55, abs=0.08)
    assert all(
        text in (f"expert {i}", text if text[0] == "r" else "") for i, text in enumerate(said)
    )
    assert play(NoisyOraclePolicy(0.0)) == play(OraclePolicy())
    assert all(text[0] == "r" for text in play(NoisyOraclePolicy(1.0)))
    assert play(NoisyOraclePolicy(0.0), turns=2, end=1)[1].startswith("random")


@pytest.mark.parametrize("make", [RandomPolicy, lambda seed=0: NoisyOraclePolicy(0.5, seed)])
def test_sequences_follow_the_seeds(make):
    first = play(make())
    assert first == play(make())
    assert first != play(make(), seed=1)
    assert first != play(make(seed=1))
    assert len(set(first)) > 20


@pytest.mark.parametrize("policy", [OraclePolicy(), RandomPolicy(), NoisyOraclePolicy()])
def test_they_need_an_environment(policy):
    assert isinstance(policy, Policy)
    with pytest.raises(ConfigError, match=rf"policy '{policy.name}' needs the environment"):
        policy.act([ask()])
    policy.attach("a", gymnasium.Env())
    with pytest.raises(ConfigError, match="which it lacks"):
        policy.act([ask()])


def test_noise_is_a_share():
    with pytest.raises(ConfigError, match=r"noise must be from 0 to 1, got 55"):
        NoisyOraclePolicy(55)
