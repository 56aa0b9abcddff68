"""Every kind of policy plays a real environment through the rollout."""

import gymnasium
import pytest

import envgym  # noqa: F401  registers the ids
from envgym.agents import (
    HumanPolicy,
    NoisyOraclePolicy,
    OpenAIPolicy,
    OraclePolicy,
    RandomPolicy,
    TransformersPolicy,
)
from envgym.agents.tiny import tiny_qwen, tiny_tokenizer
from envgym.runtime.rollout import Job, Rollout, rollout


def play(policy, episodes: int = 4, batch: int = 3) -> list[Rollout]:
    def make() -> gymnasium.Env[str, str]:
        return gymnasium.make("envgym/GuessNumber-v0", disable_env_checker=True)

    jobs = [Job(seed=seed) for seed in range(episodes)]
    done = dict(rollout(make, policy, jobs, batch=batch))
    return [done[number] for number in range(episodes)]


def texts(runs: list[Rollout]) -> list[list[str]]:
    return [[turn.reply.text for turn in run.turns] for run in runs]


def test_oracle_wins_and_noise_costs_turns():
    clean, noisy = play(OraclePolicy()), play(NoisyOraclePolicy(0.5))
    assert all(run.success for run in clean)
    assert sum(len(run.turns) for run in noisy) > sum(len(run.turns) for run in clean)


@pytest.mark.parametrize("make", [RandomPolicy, NoisyOraclePolicy])
def test_noise_makes_calls_and_does_not_depend_on_the_batch(make):
    runs = play(make())
    assert all(said.startswith("<tool_call>") for run in texts(runs) for said in run)
    assert texts(runs) == texts(play(make(), batch=1))


def test_a_person_plays():
    lines = iter(range(1000))
    policy = HumanPolicy(lambda prompt: f"guess({next(lines) % 100})", lambda title, text: None)
    assert all(run.valid for run in play(policy, episodes=2, batch=1))


def test_a_model_plays_and_its_tokens_make_up_the_conversation():
    tokenizer = tiny_tokenizer(["guess the number"])
    policy = TransformersPolicy(tiny_qwen(tokenizer, layers=1), tokenizer, max_new_tokens=5)
    for run in play(policy):
        assert run.valid
        ids: list[int] = []
        for turn in run.turns:
            if ids:
                assert list(turn.reply.prompt_ids) == policy.codec.suffix(
                    turn.messages, after=ids[-1]
                )
            ids += [*turn.reply.prompt_ids, *turn.reply.token_ids]
            assert 1 <= len(turn.reply.token_ids) == len(turn.reply.logprobs) <= 5


def test_a_dead_endpoint_makes_episodes_invalid_never_zero(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    policy = OpenAIPolicy("m", "http://127.0.0.1:9/v1", retries=0, timeout=2.0)
    for run in play(policy, episodes=2):
        assert (run.valid, run.reason, run.total) == (False, "policy", None)
