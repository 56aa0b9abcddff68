"""Checkpoints: a resumed run makes the same next step, bit for bit, on a CPU."""

import json
from pathlib import Path

import pytest
import torch

from envgym.agents.train.checkpoint import Checkpoints
from envgym.agents.train.interrupt import Interrupt, Stopped
from envgym.agents.train.metrics import read
from envgym.types import ConfigError

TIMES = ("seconds", "seconds_by_phase", "tokens_per_s")


def steady(path: Path) -> list[dict[str, object]]:
    """Return the metrics without what a clock decides."""
    return [{k: v for k, v in event.items() if k not in TIMES} for event in read(path)]


def weights(trainer) -> dict[str, torch.Tensor]:
    return {n: p.detach().clone() for n, p in trainer.learner.model.named_parameters()}


@pytest.fixture
def base(small, trainer, tmp_path: Path) -> str:
    """Return the folder of a small model that knows the commands."""
    one = trainer(small(), out=tmp_path / "base")
    one.warm_start()
    one.begin_reinforcement()
    return str(one.checkpoints.path())


@pytest.mark.parametrize("rank", [0, 2], ids=["full", "lora"])
def test_the_next_update_is_bit_equal(small, trainer, tmp_path: Path, base: str, rank) -> None:
    config = small(
        model={"path": base, "lora_rank": rank},
        sft={"steps": 2, "lr": 1e-4},
        rl={"kl": 0.05, "epochs": 2},
        run={"checkpoint_every": 1},
    )
    straight = trainer(config, out=tmp_path / "straight")
    straight.run()

    broken = trainer(config, out=tmp_path / "broken")
    broken.warm_start()
    broken.begin_reinforcement()
    broken.progress.before = broken.examine("before").event()
    broken.probe()
    broken.reinforce()
    broken.save()
    broken.reinforce()  # done after the checkpoint: the resumed run repeats it

    resumed = trainer(config, out=tmp_path / "broken", resume=True)
    assert resumed.progress.step == 1
    resumed.run()
    assert steady(tmp_path / "broken" / "metrics.jsonl") == steady(
        tmp_path / "straight" / "metrics.jsonl"
    )
    one, two = weights(straight), weights(resumed)
    assert all(torch.equal(one[name], two[name]) for name in one)


class _AfterChecks(Interrupt):
    """Wishes to stop at the n-th look."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def check(self) -> None:
        self.looks -= 1
        if self.looks <= 0:
            self.ask()
        super().check()


@pytest.mark.parametrize("looks", [30, 86, 101])
def test_ctrl_c_anywhere_leaves_a_checkpoint_that_goes_on(
    small, trainer, tmp_path: Path, looks: int
) -> None:
    """30 stops while imitating, 86 in the exam, 101 in the middle of collecting."""
    config = small(eval={"worlds": 3})
    straight = trainer(config, out=tmp_path / "straight")
    straight.run()

    cut = trainer(config, out=tmp_path / "cut", interrupt=_AfterChecks(looks))
    with pytest.raises(Stopped):
        cut.run()
    cut.save()
    resumed = trainer(config, out=tmp_path / "cut", resume=True)
    resumed.run()
    one, two = weights(straight), weights(resumed)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_last_and_best_are_kept_and_nothing_else(small, trainer) -> None:
    one = trainer(small(rl={"steps": 4}, run={"checkpoint_every": 1}))
    one.run()
    folder = one.checkpoints.folder
    pointer = json.loads((folder / "latest.json").read_text())
    kept = {path.name for path in folder.iterdir() if path.is_dir()}
    assert kept == set(pointer.values())
    assert pointer["last"] == "rl-000004"


def test_a_draft_that_was_never_renamed_is_no_checkpoint(small, trainer) -> None:
    one = trainer(small())
    one.warm_start()
    one.begin_reinforcement()
    folder = one.checkpoints.folder
    (folder / ".rl-000009.draft").mkdir()
    (folder / ".rl-000009.draft" / "model.safetensors").write_bytes(b"half")
    again = trainer(small(), resume=True)
    assert again.progress.phase == "rl"
    again.save()
    assert not (folder / ".rl-000009.draft").exists()


def test_nothing_to_resume_and_another_configuration(small, trainer) -> None:
    with pytest.raises(ConfigError, match="holds no checkpoint to resume from"):
        trainer(small(), resume=True)
    one = trainer(small())
    one.warm_start()
    one.begin_reinforcement()
    with pytest.raises(
        ConfigError, match=r"\[rl\]: lr was 0\.001, got 0\.002; a resumed run keeps"
    ):
        trainer(small(rl={"lr": 0.002}), resume=True)
    assert trainer(small(rl={"steps": 9}, eval={"worlds": 4}), resume=True).progress.step == 0


def test_weights_of_another_model_are_refused(small, trainer) -> None:
    one = trainer(small())
    one.save()
    other = trainer(small(model={"hidden": 96}))
    with pytest.raises(ConfigError, match="holds weights of another model"):
        one.checkpoints.load(other.learner.model)


@pytest.mark.parametrize("name", ["optimizer.pt", "state.json", "model.safetensors"])
def test_a_damaged_checkpoint_costs_one_sentence(small, trainer, base: str, name: str) -> None:
    (Path(base) / name).write_text("no checkpoint")
    with pytest.raises(ConfigError, match="is damaged and cannot be read"):
        trainer(small(), out=Path(base).parents[1], resume=True)


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_damaged_pointer_costs_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "latest.json").write_text(text)
    with pytest.raises(ConfigError, match="latest.json"):
        Checkpoints(tmp_path).path()
