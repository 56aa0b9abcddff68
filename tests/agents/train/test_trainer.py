"""Whole runs of a small model: phases, the gate, files."""

import json
import sys
from pathlib import Path
from typing import Annotated

import pytest
import torch

from envgym import Evidence, Stream, Task, TaskEnv, register, tool
from envgym.agents.train import run
from envgym.agents.train.errors import NothingToLearnError, TrainingStoppedError
from envgym.agents.train.metrics import read
from envgym.runtime.episodes import read_episodes
from envgym.types import ConfigError, Value

REQUIRED = {
    "success", "return", "return_parts", "turns", "mistakes", "degenerate", "entropy",
    "clip_fraction", "kl_behaviour", "mismatch_max", "tokens_per_s", "infra_errors", "grad_norm",
}  # fmt: skip


def test_a_run_writes_metrics_checkpoints_and_recorded_exams(small, tmp_path: Path) -> None:
    result = run(
        small(optim={"micro_tokens": 200}, rl={"epochs": 2, "minibatches": 2}, run={"threads": 2})
    )
    folder = tmp_path / "run"
    events = read(folder / "metrics.jsonl")
    phases = [event["phase"] for event in events]
    assert phases == ["sft"] * phases.count("sft") + ["exam", "probe"] + ["rl"] * 3 + ["exam"]
    for event in events:
        if event["phase"] == "rl":
            assert set(event) >= REQUIRED
            assert event["mismatch_max"] < 1e-4
            assert sum(event["return_parts"].values()) == pytest.approx(event["return"], abs=1e-4)
            assert event["episodes"] == 12
    assert result.trials == 5
    assert len(read_episodes(folder / "exams" / "after")) == 5
    last = json.loads((folder / "checkpoints" / "latest.json").read_text())["last"]
    assert last == "rl-000003"


def test_a_run_is_never_overwritten(small) -> None:
    config = small(sft={"steps": 1}, rl={"steps": 0})
    run(config)
    with pytest.raises(ConfigError, match="holds a run already"):
        run(config)


def test_a_checkpoint_plays(small, tmp_path: Path) -> None:
    from envgym import Job, make, rollout
    from envgym.agents.policies.transformers import TransformersPolicy

    run(small(sft={"steps": 1}, rl={"steps": 0}))
    folder = tmp_path / "run" / "checkpoints" / "rl-000000"
    policy = TransformersPolicy.from_pretrained(str(folder), max_new_tokens=5)
    ((_, played),) = rollout(lambda: make("envgym/Quest-v0"), policy, [Job(seed=1)], batch=1)
    assert played.valid


def test_the_gate_says_what_to_do_when_all_groups_are_degenerate(small, trainer) -> None:
    # An untrained model never wins, and outcome pays for nothing else.
    config = small(env={"kwargs": {"reward": "outcome"}}, sft={"steps": 1, "lr": 0.0})
    one = trainer(config)
    one.warm_start()
    one.begin_reinforcement()
    with pytest.raises(NothingToLearnError) as caught:
        one.probe()
    assert "100% of 2 probe groups have equal returns" in str(caught.value)
    assert "warm-start longer" in str(caught.value)


def test_an_alarm_stops_the_run(small) -> None:
    with pytest.raises(TrainingStoppedError, match="below the floor of 99"):
        run(small(run={"entropy_floor": 99.0, "patience": 2}))


def test_rollback_goes_back_once_and_then_stops(small, trainer) -> None:
    config = small(
        run={"entropy_floor": 99.0, "patience": 1, "on_alarm": "rollback", "checkpoint_every": 1}
    )
    one = trainer(config)
    with pytest.raises(TrainingStoppedError):
        one.run()
    reasons = [e for e in read(one.log.path) if e["phase"] == "alarm"]
    assert len(reasons) == 2
    assert one.progress.rolled_back


class NoExpertEnv(TaskEnv):
    """Ends at once."""

    declares = (
        Evidence(key="outcome", type="float", scope="episode", lo=0, hi=1, help="always 0"),
        Evidence(key="progress", type="float", lo=0, hi=1, help="always 0"),
    )

    def facts(self) -> dict[str, Value]:
        return {"progress": 0.0}

    def final_facts(self) -> dict[str, Value]:
        return {"outcome": 0.0}

    def begin(self, task: Task, stream: Stream) -> str:
        return "Say anything."

    @tool
    def say(self, word: Annotated[str, "any word"]) -> str:
        """Say a word."""
        self.finish(None)
        return word


def test_a_family_without_an_expert_is_named(small, trainer) -> None:
    register("test/NoExpert-v0", f"{__name__}:NoExpertEnv")
    sys.modules[__name__].NoExpertEnv = NoExpertEnv
    tasks = [
        {"id": f"{split}/{k}", "split": split, "instruction": f"{split} {k}"}
        for split in ("train", "test") for k in range(9)
    ]  # fmt: skip
    config = small(env={"id": "test/NoExpert-v0", "kwargs": {"tasks": tasks}})
    with pytest.raises(ConfigError, match="test/NoExpert-v0 has no expert to imitate"):
        trainer(config)


def test_lora_trains_adapters_only_and_holds_on_to_the_reference(
    small, trainer, tmp_path: Path
) -> None:
    base = trainer(small(), out=tmp_path / "base")
    base.warm_start()
    base.begin_reinforcement()
    path = str(base.checkpoints.path())
    one = trainer(
        small(model={"path": path, "lora_rank": 2}, sft={"steps": 2}, rl={"kl": 0.1, "lr": 0.01})
    )
    kept = {n: p.clone() for n, p in one.learner.model.named_parameters() if not p.requires_grad}
    assert 0 < sum(p.numel() for p in one.learner.trainable) < sum(p.numel() for p in kept.values())
    one.warm_start()
    one.begin_reinforcement()
    first, second = one.reinforce(), one.reinforce()
    now = dict(one.learner.model.named_parameters())
    assert all(torch.equal(p, now[n]) for n, p in kept.items())
    # The first update starts at the reference, the second one does not.
    assert first["kl_reference"] == pytest.approx(0, abs=1e-9)
    assert second["kl_reference"] > 0
    saved = one.save()
    assert (saved / "adapter_model.safetensors").is_file()
    assert not (saved / "model.safetensors").exists()
