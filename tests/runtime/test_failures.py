"""What a caller, a family, a disk or the clock may do wrong, and what becomes of the episode."""

import gc
import json
import os
from itertools import count
from typing import ClassVar

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import envgym
from envgym import (
    ConfigError,
    Evidence,
    InfraError,
    Job,
    ListTasks,
    Program,
    Task,
    TaskEnv,
    TaskError,
    TextVectorEnv,
    rollout,
    tool,
)
from envgym.rewards import Potential, Source
from envgym.rewards.presets import charge, standard_presets
from envgym.runtime.env import MAX_ACTION_CHARS
from envgym.runtime.episodes import read_episodes, rescore, verify
from envgym.types import Reply

_CLOCK = count()


def _strict(env):
    """Only an even number of steps counts as a success here."""
    even = env.state["steps"] % 2 == 0
    env.finish(even)
    return {"outcome": float(even)}


class FragileEnv(TaskEnv):
    """Every part of it fails on demand."""

    metadata: ClassVar = {**TaskEnv.metadata, "stream": "fragile", "max_turns": 8}
    declares = (
        Evidence(key="progress", type="float", help="steps of eight", lo=0, hi=1),
        Evidence(key="ticks", type="int", help="of a wall clock", lo=0, volatile=True),
        Evidence(key="exact", type="float", help="measured", cost="costly", lo=0, hi=1),
        Evidence(key="outcome", type="float", scope="episode", help="won", lo=0, hi=1),
    )
    checkers: ClassVar = {"strict": _strict}

    def builtin_tasks(self):
        return ListTasks([Task(id="one")])

    @classmethod
    def presets(cls):
        return standard_presets(potential=Source("exact", lo=0, hi=1))

    def begin(self, task, stream):
        if task.params.get("fails") == "begin":
            raise InfraError("docker", "no daemon")
        self.state = {"steps": 0}
        return "Go."

    @tool
    def step_on(self) -> str:
        """Take a step."""
        self.state["steps"] += 1
        return "One step."

    @tool
    def win(self) -> str:
        """Win."""
        self.finish(True)
        return "Won."

    @tool
    def crash(self) -> str:
        """Have a bug."""
        self.state["steps"] += 1
        raise KeyError("a bug")

    @tool
    def lose_disk(self) -> str:
        """Fail."""
        raise InfraError("disk", "gone")

    def facts(self):
        if self.turn and self.task.params.get("fails") == "facts":
            raise InfraError("facts")
        return {"progress": min(self.state["steps"] / 8, 1.0), "ticks": next(_CLOCK)}

    def final_facts(self):
        if self.task.params.get("fails") == "final_facts":
            raise InfraError("final_facts")
        return {"outcome": 1.0 if self._finished else 0.0}

    def costly_facts(self, keys):
        if self.turn and self.task.params.get("fails") == "costly_facts":
            raise InfraError("costly_facts")
        return {"exact": min(self.state["steps"] / 8, 1.0)}


ID = "test/Fragile-v0"


@pytest.fixture(autouse=True)
def _registered():
    gymnasium.register(ID, FragileEnv, vector_entry_point=f"envgym.runtime.vector:{ID}")
    yield
    del gymnasium.registry[ID]


def made(**kwargs):
    return gymnasium.make(ID, disable_env_checker=True, **kwargs)


@pytest.mark.parametrize("seed", [np.int64(3), np.uint8(3), 3])
def test_numpy_seeds_are_seeds(seed):
    _, info = made().reset(seed=seed)
    assert info["seed"] == 3 and type(info["seed"]) is int
    vector = gymnasium.make_vec(ID, 2)
    _, infos = vector.reset(seed=seed)
    assert infos["seed"].tolist() == [3, 4]
    _, infos = vector.reset(seed=np.array([5, 7]))
    assert infos["seed"].tolist() == [5, 7]


@pytest.mark.parametrize("seed", [1.5, "x", -1, 1 << 63, [1]])
def test_other_seeds_are_refused_in_one_sentence(seed):
    with pytest.raises(ConfigError, match=r"seed must be an integer from 0 to 2\*\*63 - 1, got"):
        made().reset(seed=seed)


@pytest.mark.parametrize("action", [None, 3, b"step_on()", ["step_on()"], {"a": 1}])
def test_an_action_that_is_no_text_is_refused_and_costs_nothing(action):
    env = made()
    env.reset(seed=0)
    with pytest.raises(ConfigError, match="whole message, a str, got"):
        env.step(action)
    *_, info = env.step(np.str_("step_on()"))
    assert info["turn"] == 1 and info["error"] is None
    vector = gymnasium.make_vec(ID, 2)
    vector.reset(seed=0)
    with pytest.raises(ConfigError, match="whole message"):
        vector.step([action, "step_on()"])


@pytest.mark.parametrize(
    "group", ["g", {"id": "g"}, {"id": 1, "index": 0}, {"id": "g", "index": -1}]
)
def test_a_bad_group_is_refused_before_anything_happens(group):
    env = made()
    env.reset(seed=0)
    with pytest.raises(ConfigError, match="reset option 'group' must be"):
        env.reset(seed=1, options={"group": group})
    assert env.step("step_on()")[-1]["turn"] == 1


def test_a_bug_in_the_middle_of_a_step_ends_the_episode(tmp_path):
    env = made(record=tmp_path)
    env.reset(seed=0)
    env.step("step_on()")
    with pytest.raises(KeyError):
        env.step("crash()")
    with pytest.raises(ResetNeeded):
        env.step("step_on()")
    env.reset(seed=1)
    env.step("win()")
    env.close()
    episodes = read_episodes(tmp_path)
    assert [e.cause for e in episodes] == ["external", "task"] and episodes.problems == []
    assert [len(e.turns) for e in episodes] == [1, 1]


class Says:
    """Says one thing for ever."""

    name = "says"

    def __init__(self, text):
        self.text = text

    def act(self, requests):
        return [Reply(text=self.text, token_ids=tuple(range(100))) for _ in requests]

    def close(self, sessions):
        pass


def test_a_rollout_records_the_bug_as_invalid(tmp_path):
    jobs = [Job(seed=s) for s in range(3)]
    made_env = lambda: made(record=tmp_path)  # noqa: E731
    done = [r for _, r in rollout(made_env, Says("crash()"), jobs, batch=1, crash_rate=1.0)]
    assert {r.reason for r in done} == {"bug:KeyError"}
    assert [(e.cause, e.end.reason) for e in read_episodes(tmp_path)] == [
        ("invalid", "bug:KeyError")
    ] * 3


@pytest.mark.parametrize("where", ["facts", "final_facts", "costly_facts"])
def test_infrastructure_failing_anywhere_makes_the_episode_invalid(tmp_path, where):
    env = made(record=tmp_path, tasks=[{"id": "t", "params": {"fails": where}}])
    env.reset(seed=0)
    turns = 1
    if where == "final_facts":
        env.step("step_on()")
        turns = 2
    _, reward, terminated, truncated, info = env.step("win()")
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert (info["valid"], info["end"], info["success"]) == (False, "invalid", None)
    assert info["invalid_reason"] == where
    assert info["step_rewards"] == (0.0,) * turns, "one per turn, the failed one included"
    with pytest.raises(ResetNeeded):
        env.step("win()")
    env.close()
    (episode,) = read_episodes(tmp_path)
    assert (episode.cause, episode.total, episode.end.valid) == ("invalid", None, False)
    (score,) = rescore(tmp_path, "dense")
    assert score.total is None and not score.valid and len(score.step_rewards) == turns
    assert verify(tmp_path).difference is None


def test_a_reset_that_fails_leaves_no_episode_running(tmp_path):
    env = made(record=tmp_path)
    env.reset(seed=0)
    with pytest.raises(InfraError):
        env.reset(seed=1, options={"task": {"id": "t", "params": {"fails": "begin"}}})
    with pytest.raises(ResetNeeded):
        env.step("win()")
    env.reset(seed=2)
    with pytest.raises(TaskError):
        env.reset(seed=1, options={"task": "nowhere"})
    with pytest.raises(ResetNeeded):
        env.step("win()")
    env.close()
    assert [e.cause for e in read_episodes(tmp_path)] == ["external", "external"]


def test_a_disk_that_fills_up_makes_the_episode_invalid_and_close_frees_all(tmp_path):
    env = made(record=tmp_path, reward="dense")
    env.reset(seed=0)
    env.step("step_on()")
    writer = env.unwrapped._recorder.writer
    kept, writer._fd = writer._fd, os.open("/dev/full", os.O_WRONLY)
    _, reward, terminated, truncated, info = env.step("step_on()")
    assert truncated and not terminated and not info["valid"]
    assert info["invalid_reason"] == "disk"
    assert reward == pytest.approx(sum(info["reward_parts"].values())) == 0.125
    assert sum(info["step_rewards"]) == pytest.approx(0.25)
    with pytest.raises(InfraError):
        env.reset(seed=1)
    env.close()
    env.close()
    os.close(writer._fd)
    writer._fd = kept


def test_a_program_that_cannot_answer_says_so_at_once():
    env = made(reward=Program("p", Source("progress") + Source("outcome", "episode")))
    env.reset(seed=0)
    inner = env.unwrapped
    inner.facts = lambda: {"progress": None, "ticks": 0}
    assert env.step("step_on()")[-1]["valid"] is False
    del inner.facts
    assert env.step("step_on()")[-1]["valid"] is False, "the score stays unknown"
    _, _, terminated, truncated, info = env.step("win()")
    assert (terminated, truncated, info["end"]) == (False, True, "invalid")
    assert info["invalid_reason"] == "reward:progress" and info["success"] is None


def test_evidence_of_the_presets_is_always_recorded(tmp_path):
    env = made(record=tmp_path, reward="outcome")
    _, info = env.reset(seed=0)
    assert info["evidence"]["exact"] == 0.0
    for action in ("step_on()", "step_on()", "win()"):
        env.step(action)
    env.close()
    (score,) = rescore(tmp_path, "process")
    assert score.total == 1.0 and score.step_rewards == (0.125, 0.125, 0.75)


def test_volatile_evidence_is_masked_and_so_is_what_it_pays(tmp_path):
    program = Program("ticks", Source("ticks") + Source("outcome", "episode"))
    env = made(record=tmp_path, reward=program)
    env.reset(seed=0)
    env.step("step_on()")
    env.step("win()")
    env.close()
    (episode,) = read_episodes(tmp_path)
    assert set(episode.head.volatile) == {"/ev/agent/ticks", "/pay/agent"}
    report = verify(tmp_path)
    assert report.ok, report


def test_a_task_names_a_checker_that_the_family_has(tmp_path):
    with pytest.raises(TaskError, match=r"unknown checker 'strikt'.*Did you mean 'strict'"):
        made(tasks=[{"id": "t", "checker": "strikt"}])
    with pytest.raises(TaskError, match="unknown checker"):
        made(tasks=ListTasks([Task(id="t", checker="os:system")]))
    lazy = envgym.ProceduralTasks({"train": 3}, lambda s, i: Task(id=f"{s}/{i}", checker="no"))
    with pytest.raises(TaskError, match="task 'train/"):
        made(tasks=lazy).reset(seed=0)
    env = made(tasks=[{"id": "t", "checker": "strict"}], record=tmp_path)
    for actions, verdict in ((("step_on()", "win()"), "no"), (("win()",), "yes")):
        env.reset(seed=0)
        for action in actions:
            _, reward, terminated, _, info = env.step(action)
        assert terminated and info["success"] == verdict
        assert reward == info["evidence"]["outcome"] == float(verdict == "yes")
    env.close()
    assert verify(tmp_path).ok


def test_snapshots_of_other_programs_and_junk_are_refused():
    env = made()
    env.reset(seed=0)
    snapshot = env.unwrapped.snapshot()
    with pytest.raises(ConfigError, match="taken under reward 'outcome"):
        made(reward="dense").unwrapped.restore(snapshot)
    with pytest.raises(ConfigError, match="no snapshot"):
        env.unwrapped.restore(snapshot[:40])
    assert env.step("step_on()")[-1]["turn"] == 1, "the running episode was not touched"


def test_specs_hold_json_and_budgets_are_finite():
    env = made(max_turns=3, tasks=ListTasks([Task(id="a")]), max_cost=np.float64(2))
    assert json.loads(json.dumps(env.spec.kwargs))["tasks"] == {
        "taskset": "ListTasks",
        "splits": {"train": 1},
    }
    with pytest.raises(ConfigError, match="max_seconds must be a positive, finite number"):
        made(max_seconds=float("inf"))


def test_losing_every_reference_closes_recorded_episodes(tmp_path):
    for seed in range(20):
        env = made(record=tmp_path, append=True)
        env.reset(seed=seed)
        env.step("step_on()")
        del env
    gc.collect()
    assert [e.cause for e in read_episodes(tmp_path)] == ["external"] * 20


def test_a_reset_that_crashes_counts_against_the_crash_rate():
    class Broken(FragileEnv):
        def begin(self, task, stream):
            raise KeyError("a bug")

    jobs = [Job(seed=s, task="one") for s in range(3)]
    done = [r for _, r in rollout(Broken, Says("win()"), jobs, batch=2, crash_rate=1.0)]
    assert [(r.reason, r.valid, r.task_id) for r in done] == [("bug:KeyError", False, "one")] * 3
    with pytest.raises(KeyError):
        list(rollout(Broken, Says("win()"), jobs))


def test_a_disk_that_refuses_tokens_makes_the_rollout_invalid(tmp_path, monkeypatch):
    def refuse(self, evidence, source):
        raise InfraError("disk", "full")

    monkeypatch.setattr(FragileEnv, "note", refuse)
    ((_, done),) = rollout(
        lambda: made(record=tmp_path), Says("step_on()"), [Job(seed=0)], record_tokens=True
    )
    assert (done.reason, done.valid, done.total) == ("disk", False, None)
    (episode,) = read_episodes(tmp_path)
    assert (episode.cause, episode.end.reason) == ("invalid", "disk")


def test_rendering_needs_a_reset():
    with pytest.raises(ResetNeeded):
        FragileEnv(render_mode="ansi").render()


def test_an_exception_in_one_thread_waits_for_the_others():
    vector = gymnasium.make_vec(ID, 4, threads=4)
    vector.reset(seed=0)
    with pytest.raises(KeyError):
        vector.step(["crash()", "step_on()", "step_on()", "step_on()"])
    assert [env.unwrapped.turn for env in vector.envs] == [0, 1, 1, 1]
    with pytest.raises(ResetNeeded):
        vector.step(["step_on()"] * 4)
    vector.close()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_vectors_tell_what_gymnasiums_tell(mode):
    makers = [lambda: made(max_turns=3)] * 2
    theirs = SyncVectorEnv(makers, autoreset_mode=mode)
    ours = TextVectorEnv(makers, autoreset_mode=mode)
    _same(theirs.reset(seed=4), ours.reset(seed=4))
    for step in range(7):
        if mode is AutoresetMode.DISABLED and step in (3, 6):
            options = {"reset_mask": np.array([True, True])}
            _same(theirs.reset(options=dict(options)), ours.reset(options=dict(options)))
        actions = ("step_on()", "win()" if step == 2 else "nothing")
        _same(theirs.step(actions), ours.step(actions))
    theirs.close()
    ours.close()


def _same(theirs, ours):
    assert tuple(theirs[0]) == tuple(ours[0])
    for one, other in zip(theirs[1:-1], ours[1:-1], strict=True):
        assert one.dtype == other.dtype and (one == other).all()
    _same_infos(theirs[-1], ours[-1])


def _same_infos(theirs, ours):
    assert {key for key in ours if key not in ("per_env", "_per_env")} == set(theirs)
    for key, value in theirs.items():
        if isinstance(value, dict):
            _same_infos(value, ours[key])
        elif key not in ("evidence", "final_obs"):  # the clock ticks on
            assert value.dtype == ours[key].dtype and list(value) == list(ours[key]), key


def test_potentials_at_every_kind_of_end(tmp_path):
    kept = Potential(Source("progress", lo=0, hi=1), on_truncation="keep", name="kept")
    zero = Potential(Source("progress", lo=0, hi=1), name="zero")
    program = Program("both", Source("outcome", "episode", lo=0, hi=1) + kept + zero)
    env = made(record=tmp_path, reward=program, max_turns=3)
    sums = {}
    scripts = {"budget": ["step_on()"] * 3, "task": ["step_on()", "win()"], "cut": ["step_on()"]}
    for name, script in scripts.items():
        env.reset(seed=0)
        parts = {}
        for action in script:
            _, reward, _, _, info = env.step(action)
            assert reward == pytest.approx(sum(info["reward_parts"].values()))
            for key, value in info["reward_parts"].items():
                parts[key] = parts.get(key, 0.0) + value
        sums[name] = parts
        if name != "cut":
            assert sum(info["step_rewards"]) == pytest.approx(sum(e.value for e in info["ledger"]))
            assert all(e.earned < len(script) for e in info["ledger"])
    env.close()
    assert sums["budget"] == pytest.approx({"kept": 0.375, "zero": 0.0, "outcome": 0.0})
    assert sums["task"] == pytest.approx({"kept": 0.0, "zero": 0.0, "outcome": 1.0})
    assert sums["cut"] == pytest.approx({"kept": 0.125, "zero": 0.125})
    scores = rescore(tmp_path, program)
    assert [s.total for s in scores] == [pytest.approx(0.375), pytest.approx(1.0), None]
    assert scores[2].step_rewards == (0.25,)
    assert verify(tmp_path).ok


def test_a_message_cut_to_the_longest_length_verifies(tmp_path):
    env = made(record=tmp_path)
    env.reset(seed=0)
    _, _, _, _, info = env.step("ä" * (MAX_ACTION_CHARS + 500))
    assert info["evidence"]["tokens"] <= 2 * MAX_ACTION_CHARS / 4
    env.close()
    report = verify(tmp_path)
    assert report.ok, report


def test_a_misspelt_file_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "mine.jsonl").write_text('{"id": "a"}\n')
    (tmp_path / "ladder.json").write_text("{}")
    with pytest.raises(TaskError, match=r"there is no such file. Did you mean '.*mine.jsonl'"):
        made(tasks=tmp_path / "mien.jsonl")
    with pytest.raises(ConfigError, match=r"Did you mean '.*ladder.json'"):
        made(reward=str(tmp_path / "lader.json"))
    with pytest.raises(ConfigError, match=r"Did you mean '.*mine.jsonl'"):
        made(tasks=str(tmp_path / "mine"))


def test_json_nested_too_deeply_is_one_sentence(tmp_path):
    deep = {"node": "source", "key": "progress"}
    for _ in range(5000):
        deep = {"node": "scale", "of": deep, "factor": 1.0}
    with pytest.raises(ConfigError, match="nested deeper than 100 nodes"):
        made(reward=deep)
    for name, error in (("r.json", ConfigError), ("t.jsonl", TaskError)):
        (tmp_path / name).write_text("[" * 100_000)
        with pytest.raises(error, match="nested too deeply|recursion"):
            made(
                **(
                    {"reward": str(tmp_path / name)}
                    if name == "r.json"
                    else {"tasks": str(tmp_path / name)}
                )
            )


def test_recorded_tokens_leave_the_count_of_tokens_alone(tmp_path):
    """A program that charges for tokens scores a recording with token ids as it scored the run."""
    program = Program(
        "p", Source("outcome", "episode", lo=0, hi=1) + charge("tokens", 0.01, name="length")
    )
    ((_, done),) = rollout(
        lambda: made(record=tmp_path, reward=program), Says("win()"), [Job(seed=0)],
        record_tokens=True,
    )  # fmt: skip
    (score,) = rescore(tmp_path, program)
    assert score.total == done.total == pytest.approx(0.98)
    env = made()
    env.reset(seed=0)
    with pytest.raises(ConfigError, match="the kernel's 'end'"):
        env.unwrapped.note({"end": "task"}, "judge")
