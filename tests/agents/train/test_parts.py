"""Alarms, intervals, tasks, metrics, interrupts."""

import os
import signal

import pytest

from envgym.agents.train.alarms import Alarms
from envgym.agents.train.interrupt import Interrupt, Stopped
from envgym.agents.train.metrics import MetricsLog, read
from envgym.agents.train.stats import wilson
from envgym.agents.train.tasks import TaskSampler, exam_tasks
from envgym.runtime.tasks import ProceduralTasks, task_digest
from envgym.types import ConfigError, Task


def make(split: str, index: int) -> Task:
    return Task(id=f"{split}/{index}", split=split, params={"world": index % 40})


TASKS = ProceduralTasks({"train": 200, "test": 200}, make)


def test_wilson_known_values() -> None:
    # Newcombe 1998, table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_digest_ignores_names_and_nothing_else() -> None:
    assert task_digest(make("train", 3)) == task_digest(make("test", 43))
    assert task_digest(make("train", 3)) != task_digest(make("train", 4))


def test_training_never_meets_a_world_of_the_exam() -> None:
    exam = exam_tasks(TASKS, "test", 20)
    barred = {task_digest(task) for task in exam}
    assert len(barred) == 20
    sampler = TaskSampler(TASKS, "train", 0, barred)
    drawn = {task_digest(sampler.draw()) for _ in range(300)}
    assert not drawn & barred
    assert sampler.seen == drawn
    assert sampler.skipped > 0


def test_an_exam_larger_than_the_split_is_refused() -> None:
    with pytest.raises(ConfigError, match="only 40 distinct tasks"):
        exam_tasks(TASKS, "test", 41)
    with pytest.raises(ConfigError, match="same world as an exam task"):
        TaskSampler(TASKS, "train", 0, {task_digest(make("train", i)) for i in range(40)}).draw()


def test_a_sampler_continues_where_its_state_was_taken() -> None:
    one = TaskSampler(TASKS, "train", 5, ())
    [one.draw() for _ in range(7)]
    two = TaskSampler(TASKS, "train", 5, ())
    two.load(one.state())
    assert [one.draw().id for _ in range(9)] == [two.draw().id for _ in range(9)]


def test_entropy_alarm_needs_patience() -> None:
    alarms = Alarms(entropy_floor=0.1, crash_drop=0.0, patience=2)
    assert alarms.watch(entropy=0.05, success=0.5) is None
    assert alarms.watch(entropy=0.5, success=0.5) is None
    assert alarms.watch(entropy=0.05, success=0.5) is None
    assert "entropy is 0.0500" in str(alarms.watch(entropy=0.05, success=0.5))


def test_crash_alarm_and_its_state() -> None:
    alarms = Alarms(entropy_floor=0.0, crash_drop=0.3, patience=2)
    for _ in range(10):
        assert alarms.watch(entropy=1.0, success=0.9) is None
    said = [alarms.watch(entropy=1.0, success=0.0) for _ in range(3)]
    again = Alarms(entropy_floor=0.0, crash_drop=0.3, patience=2)
    again.load(alarms.state())
    assert again.state() == alarms.state()
    assert said[2] is not None
    assert "fell from 0.90" in said[2]


def test_metrics_of_a_resumed_run_drop_what_is_repeated(tmp_path) -> None:
    path = tmp_path / "run" / "metrics.jsonl"
    log = MetricsLog(path)
    for k in range(4):
        log.write({"update": k, "x": 1 / 3})
    assert MetricsLog(path, upto=2).lines == 2
    assert [event["update"] for event in read(path)] == [0, 1]
    with pytest.raises(ValueError, match="not JSON compliant"):
        log.write({"x": float("nan")})


def test_first_signal_asks_and_second_leaves() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        interrupt.check()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stopped):
            interrupt.check()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
