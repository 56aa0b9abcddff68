"""Checkpoints: whole folders, renamed into place, that continue a run bit for bit."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from envgym.agents.train import toml
from envgym.agents.train.config import TrainConfig
from envgym.types import ConfigError

_STATE, _OPTIMIZER, _CONFIG, _POINTER = "state.json", "optimizer.pt", "config.toml", "latest.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checkpoint read back; the model's weights are already in place."""

    state: dict[str, Any]
    """What the trainer gave to ``save``."""
    optimizer: dict[str, Any] | None
    """State dict of the optimizer of the phase that was running."""
    reference: list[torch.Tensor] | None
    """Frozen tensors of the reference policy, if the run has one."""
    rng: torch.Tensor
    """State of torch's CPU generator."""


class Checkpoints:
    """The folder ``checkpoints`` of a run; keeps the last and the best.

    A checkpoint is an ordinary Hugging Face folder (weights or adapter as safetensors, and the
    tokenizer) plus optimizer, generator states, positions and configuration, so
    ``hf:RUN/checkpoints/NAME`` plays it. It is written under another name, flushed, and
    renamed; then the pointer file is replaced. A kill at any moment leaves the former one.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def save(
        self,
        name: str,
        *,
        model: Any,
        tokenizer: Any,
        optimizer: torch.optim.Optimizer | None,
        reference: list[torch.Tensor] | None = None,
        state: dict[str, Any],
        config: TrainConfig,
        best: bool = False,
    ) -> Path:
        """Write checkpoint ``name``, make it the last (and the best), drop the others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target, draft = self.folder / name, self.folder / f".{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        with _quiet():
            model.save_pretrained(draft)
        tokenizer.save_pretrained(draft)
        kept = {
            "optimizer": None if optimizer is None else optimizer.state_dict(),
            "reference": reference,
            "rng": torch.get_rng_state(),
        }
        torch.save(kept, draft / _OPTIMIZER)
        (draft / _STATE).write_text(json.dumps(state), "utf-8")
        (draft / _CONFIG).write_text(toml.dump(config), "utf-8")
        for path in draft.iterdir():
            _flush(path)
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
        pointer = self._pointer()
        pointer = {"last": name, "best": name if best else pointer.get("best", name)}
        if not (self.folder / pointer["best"]).is_dir():
            pointer["best"] = name
        beside = self.folder / f".{_POINTER}.draft"
        beside.write_text(json.dumps(pointer), "utf-8")
        _flush(beside)
        beside.replace(self.folder / _POINTER)
        self._drop_except(pointer.values())
        return target

    def path(self, which: str = "last") -> Path | None:
        """Return the folder of the "last" or "best" checkpoint, or None if there is none."""
        name = self._pointer().get(which)
        return None if name is None else self.folder / name

    @staticmethod
    def config(path: Path) -> TrainConfig:
        """Return the configuration that a checkpoint was made under."""
        return toml.load(path / _CONFIG)

    def load(self, model: Any, which: str = "last") -> Loaded:
        """Put a checkpoint's weights into ``model`` and return the rest.

        Raises:
            ConfigError: there is no checkpoint, it is damaged, or it is of another model.
        """
        path = self.path(which)
        if path is None:
            raise ConfigError(f"{self.folder} holds no checkpoint to resume from")
        try:
            _load_weights(model, path)
            # weights_only: a checkpoint from elsewhere cannot run code here.
            kept = torch.load(path / _OPTIMIZER, weights_only=True, map_location="cpu")
            state = json.loads((path / _STATE).read_text("utf-8"))
            return Loaded(state, kept["optimizer"], kept["reference"], kept["rng"])
        except ConfigError:
            raise
        except (
            OSError, EOFError, RuntimeError, ValueError, LookupError, TypeError,
            SafetensorError, UnpicklingError,
        ) as error:  # fmt: skip
            raise ConfigError(
                f"the checkpoint {path} is damaged and cannot be read ({type(error).__name__})"
            ) from error

    def _pointer(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads((self.folder / _POINTER).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ConfigError(f"{self.folder / _POINTER} cannot be read: {error}") from error
        if not isinstance(found, dict):
            raise ConfigError(f"{self.folder / _POINTER} does not say which checkpoint is the last")
        return found

    def _drop_except(self, names: Iterable[str]) -> None:
        keep = set(names)
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in keep:
                shutil.rmtree(path)


def _load_weights(model: Any, path: Path) -> None:
    adapter, whole = path / "adapter_model.safetensors", path / "model.safetensors"
    if adapter.is_file():
        from peft import set_peft_model_state_dict

        set_peft_model_state_dict(model, load_file(adapter))
        return
    parts = [whole] if whole.is_file() else sorted(path.glob("model-*.safetensors"))
    weights = {name: tensor for part in parts for name, tensor in load_file(part).items()}
    own = model.state_dict()
    if not weights or any(n not in own or own[n].shape != t.shape for n, t in weights.items()):
        raise ConfigError(
            f"{path} holds weights of another model; [model] must be as it was when they were saved"
        )
    # Tied weights are stored once; load_state_dict fills the other name through the tie.
    model.load_state_dict(weights, strict=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' progress bar out of the live table."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
