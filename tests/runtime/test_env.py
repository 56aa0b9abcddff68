"""TaskEnv: info, endings, budgets, evidence, invalid episodes, snapshots."""

import gc
import json
import weakref
from dataclasses import dataclass
from typing import Annotated

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

import envgym
from envgym import (
    ConfigError,
    Evidence,
    EvidenceError,
    InfraError,
    ListTasks,
    Record,
    Task,
    TaskEnv,
    TaskError,
    ToolError,
    tool,
)
from envgym.rewards.presets import standard_presets
from envgym.runtime.episodes import read_episodes


@dataclass
class Jar:
    coins: int = 0


class JarEnv(TaskEnv):
    """Put coins into a jar. Breaks on demand."""

    metadata = {**TaskEnv.metadata, "stream": "jar", "max_turns": 6}
    declares = (
        Evidence(key="coins", type="int", help="coins in the jar", lo=0, hi=3),
        Evidence(key="progress", type="float", help="share of coins", lo=0, hi=1),
        Evidence(key="weight", type="float", help="weighed", cost="costly", lo=0, hi=9),
        Evidence(key="outcome", type="float", scope="episode", help="full", lo=0, hi=1),
    )
    weighed = 0

    def builtin_tasks(self):
        return ListTasks([Task(id="jar", solution=("put(1)", "put(1)", "put(1)"))])

    def begin(self, task, stream):
        self.state = Jar()
        return "Fill the jar: three coins."

    @tool
    def put(self, coins: Annotated[int, "how many"]) -> str:
        """Put coins into the jar."""
        if coins > 1:
            raise ToolError("put: one coin at a time.")
        self.state.coins += coins
        if self.state.coins == 3:
            self.finish(True)
        return f"{self.state.coins} coins."

    @tool(cost=2.5)
    def weigh(self) -> str:
        """Weigh the jar."""
        return "heavy " * 200

    @tool
    def drop(self) -> str:
        """Drop the jar."""
        raise InfraError("jar", "the jar broke")

    @tool
    def give_up(self) -> str:
        """Stop here."""
        self.finish(False)
        return "You stop."

    def facts(self):
        return {"coins": self.state.coins, "progress": self.state.coins / 3}

    def final_facts(self):
        return {"outcome": float(self.state.coins == 3)}

    def costly_facts(self, keys):
        self.weighed += 1
        return {"weight": 1.5 * self.state.coins}

    @classmethod
    def presets(cls):
        return standard_presets()


def test_info_follows_the_contract():
    env = JarEnv()
    observation, info = env.reset(seed=5)
    assert observation == "Fill the jar: three coins."
    assert set(info) == {"task_id", "tools", "system", "seed", "env_version", "evidence"}
    assert info["seed"] == 5 and info["task_id"] == "jar" and "put" in info["system"]
    assert [t["function"]["name"] for t in info["tools"]] == ["put", "weigh", "drop", "give_up"]
    _, reward, terminated, truncated, info = env.step("put(1)")
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert info["calls"] == (Record(name="put", args={"coins": 1}),)
    assert info["evidence"] == {
        "turn": 1, "errors": 0, "extra_calls": 0, "tokens": 2, "cost": 0.0, "end": None,
        "coins": 1, "progress": 1 / 3,
    }  # fmt: skip
    assert (info["error"], info["turn"], info["valid"]) == (None, 1, True)
    env.step("put(1)")
    _, reward, terminated, truncated, info = env.step("put(1)")
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert (info["end"], info["success"], info["invalid_reason"]) == ("task", "yes", None)
    assert info["step_rewards"] == (0.0, 0.0, 1.0) and sum(e.value for e in info["ledger"]) == 1
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step("put(1)")


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("", "empty"),
        ("hello", "no call"),
        ("put(2)", "one coin at a time"),
        ("put('x')", "put: coins"),
        ("take(1)", "unknown tool 'take'"),
        ("put(\ud800)", "plain values"),
    ],
)
def test_mistakes_cost_a_turn_and_never_raise(message, sentence):
    env = JarEnv()
    env.reset(seed=0)
    observation, reward, terminated, truncated, info = env.step(message)
    assert sentence.lower() in observation.lower() and info["error"] == observation
    assert (reward, terminated, truncated, info["valid"]) == (0.0, False, False, True)
    assert info["evidence"]["errors"] == 1 and info["turn"] == 1


def test_budgets_close_the_books():
    env = JarEnv(max_turns=2, reward="dense")
    env.reset(seed=0)
    env.step("put(1)")
    _, _, terminated, truncated, info = env.step("put(1)")
    assert (terminated, truncated, info["end"], info["success"]) == (False, True, "budget", "no")
    assert info["evidence"]["end"] == "budget" and info["evidence"]["outcome"] == 0.0
    for kwargs, message in [
        ({"max_tokens": 2}, "put(1)"),
        ({"max_cost": 2.0}, "weigh()"),
        ({"max_seconds": 1e-9}, "weigh()"),
    ]:
        env = JarEnv(**kwargs)
        env.reset(seed=0)
        assert env.step(message)[4]["end"] == "budget", kwargs


def test_a_call_that_ends_the_task_wins_over_a_budget():
    env = JarEnv(max_turns=1)
    env.reset(seed=0)
    assert env.step("give_up()")[4]["end"] == "task"


def test_infrastructure_failure_is_invalid_and_never_reward_zero(tmp_path):
    env = JarEnv(reward="dense", record=tmp_path / "run")
    env.reset(seed=0)
    _, paid, *_ = env.step("put(1)")
    assert paid == pytest.approx(1 / 3)
    observation, reward, terminated, truncated, info = env.step("drop()")
    assert (reward, terminated, truncated, info["valid"]) == (0.0, False, True, False)
    assert (info["end"], info["invalid_reason"], info["success"]) == ("invalid", "jar", None)
    assert info["step_rewards"][0] == pytest.approx(1 / 3) and "failed (jar)" in observation
    assert str(env.failure) == "jar: the jar broke"
    env.close()
    [episode] = read_episodes(tmp_path / "run")
    assert episode.end.valid is False and episode.end.returns == {"agent": None}


def test_costly_evidence_is_measured_only_when_asked():
    env = JarEnv()
    env.reset(seed=0)
    assert "weight" not in env.step("put(1)")[4]["evidence"] and env.weighed == 0
    env = JarEnv(record_evidence="all")
    assert env.reset(seed=0)[1]["evidence"]["weight"] == 0.0
    assert env.step("put(1)")[4]["evidence"]["weight"] == 1.5


def test_all_calls_run_in_order_or_the_last_one_counts():
    message = '<tool_call>{"name": "put", "arguments": {"coins": 1}}</tool_call>' * 2
    last, every = JarEnv(), JarEnv(calls="all")
    last.reset(seed=0), every.reset(seed=0)
    assert last.step(message)[4]["evidence"]["extra_calls"] == 1 and last.state.coins == 1
    observation, *_, info = every.step(message)
    assert every.state.coins == 2 and len(info["calls"]) == 2
    assert observation == "1 coins.\n\n2 coins."


def test_observations_are_cut_saying_so():
    env = JarEnv(max_obs_chars=300)
    env.reset(seed=0)
    observation = env.step("weigh()")[0]
    assert len(observation) <= 300 and "characters cut" in observation


@pytest.mark.parametrize(
    ("kwargs", "error", "sentence"),
    [
        ({"reward": "dens"}, ConfigError, "Did you mean 'dense'"),
        ({"split": "tset"}, ConfigError, "unknown split 'tset'"),
        ({"max_turns": 0}, ConfigError, "max_turns must be a positive integer or None, got 0"),
        ({"max_turns": 2.5}, ConfigError, "max_turns must be a positive integer"),
        ({"max_seconds": -1}, ConfigError, "max_seconds must be a positive, finite number"),
        ({"calls": "first"}, ConfigError, "unknown calls 'first'; allowed: all, last"),
        ({"record_evidence": "some"}, ConfigError, "unknown record_evidence 'some'"),
        ({"render_mode": "human"}, ConfigError, "unknown render_mode 'human'"),
        ({"max_turn": 3}, ConfigError, "unknown argument 'max_turn'; .*Did you mean 'max_turns'"),
        ({"max_obs_chars": 3}, ConfigError, "max_obs_chars must be 200 or more, got 3"),
        ({"tasks": [{"id": 1}]}, TaskError, "field 'id'"),
    ],
)
def test_bad_configuration_fails_at_make(kwargs, error, sentence):
    with pytest.raises(error, match=sentence):
        JarEnv(**kwargs)


def test_a_program_without_its_evidence_fails_at_make():
    program = standard_presets(progress="distance")["dense"]
    with pytest.raises(EvidenceError, match="needs evidence 'distance'.*JarEnv supplies"):
        JarEnv(reward=program)


def test_bad_resets_are_named():
    env = JarEnv()
    with pytest.raises(ConfigError, match="unknown reset option 'taks'.*Did you mean 'task'"):
        env.reset(options={"taks": "jar"})
    with pytest.raises(TaskError, match="unknown task 'jra'"):
        env.reset(options={"task": "jra"})
    with pytest.raises(ConfigError, match="seed must be an integer from 0"):
        env.reset(seed=-1)


def test_undeclared_evidence_is_our_bug_and_is_named():
    class Sloppy(JarEnv):
        def facts(self):
            return {"coins": 0}

    with pytest.raises(ConfigError, match="missing \\['progress'\\]"):
        Sloppy().reset(seed=0)


def test_seeds_select_tasks_and_are_reported():
    env = gymnasium.make("envgym/GuessNumber-v0")
    first = [env.reset(seed=s)[1]["task_id"] for s in range(20)]
    assert first == [env.reset(seed=s)[1]["task_id"] for s in range(20)]
    assert len(set(first)) > 15
    env.reset(seed=3)
    drawn = [env.reset()[1]["seed"] for _ in range(2)]
    env.reset(seed=3)
    assert drawn == [env.reset()[1]["seed"] for _ in range(2)] and drawn[0] != drawn[1]


def test_snapshot_and_restore_continue_alike():
    env = gymnasium.make("envgym/GuessNumber-v0", reward="dense").unwrapped
    env.reset(seed=8)
    env.step("guess(50)")
    kept = env.snapshot()
    ahead = [env.step(f"guess({n})")[:4] for n in (20, 80)]
    twin = gymnasium.make("envgym/GuessNumber-v0", reward="dense").unwrapped
    assert twin.restore(kept) == env.restore(kept)
    assert [twin.step(f"guess({n})")[:4] for n in (20, 80)] == ahead
    assert [env.step(f"guess({n})")[:4] for n in (20, 80)] == ahead
    with pytest.raises(ConfigError, match="snapshot of GuessNumberEnv, not of JarEnv"):
        JarEnv().restore(kept)


def test_an_unended_episode_ends_as_external(tmp_path):
    env = JarEnv(record=tmp_path / "run", reward="dense")
    env.reset(seed=0)
    env.step("put(1)")
    env.reset(seed=1)
    env.step("put(1)")
    holder = weakref.ref(env)
    del env
    gc.collect()
    assert holder() is None
    episodes = list(read_episodes(tmp_path / "run"))
    assert [e.end.cause for e in episodes] == ["external", "external"]
    assert all(e.end.returns == {"agent": None} for e in episodes)


def test_close_is_idempotent_and_ends_the_episode(tmp_path):
    env = JarEnv(record=tmp_path / "run")
    env.reset(seed=0)
    env.close()
    env.close()
    assert [e.end.cause for e in list(read_episodes(tmp_path / "run"))] == ["external"]
    with pytest.raises(ResetNeeded):
        env.step("put(1)")


def test_late_evidence_is_recorded_even_after_the_end(tmp_path):
    env = JarEnv(record=tmp_path / "run", max_turns=1)
    env.reset(seed=0)
    env.step("put(1)")
    env.note({"judge.score": 0.5, "token_ids": np.arange(100)}, "judge")
    env.close()
    [episode] = read_episodes(tmp_path / "run")
    assert episode.records[-1]["judge.score"] == 0.5
    assert episode.records[-1]["token_ids"]["shape"] == [100]


def test_masks_hide_what_differs_between_runs():
    class Masked(JarEnv):
        metadata = {**JarEnv.metadata, "masks": (r"\d+ coins",)}

    env = Masked()
    env.reset(seed=0)
    assert env.step("put(1)")[0] == "<masked>."


def test_the_policy_may_fail_the_episode():
    env = JarEnv()
    env.reset(seed=0)
    env.invalidate("policy")
    with pytest.raises(ResetNeeded):
        env.step("put(1)")


def test_specs_hold_json_never_live_objects():
    program = standard_presets()["dense"]
    env = gymnasium.make(
        "envgym/GuessNumber-v0", reward=program, tasks=[Task(id="t", params={"number": 2})]
    )
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.program == program
    assert again.reset(seed=0)[1]["task_id"] == "t"
    json.dumps(env.unwrapped.spec.kwargs)


def test_as_text_returns_a_text_environment_itself():
    env = gymnasium.make("envgym/GuessNumber-v0")
    assert envgym.as_text(env) is env
    with pytest.raises(ConfigError, match="CartPole-v1 has no text codec"):
        envgym.as_text(gymnasium.make("CartPole-v1"))


def test_render_returns_the_last_exchange():
    env = JarEnv(render_mode="ansi")
    env.reset(seed=0)
    assert env.render() == "Fill the jar: three coins."
    env.step("put(1)")
    assert env.render() == "> put(1)\n1 coins."
    assert JarEnv().render() is None
