"""Load a model and its tokenizer from a folder, a hub name or a LoRA adapter."""

import json
from pathlib import Path
from typing import Any

import torch

from envgym.types import ConfigError, MissingExtraError

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load(path: str, *, dtype: str = "auto", device: str = "auto") -> tuple[Any, Any]:
    """Return (model in eval mode on its device, tokenizer).

    Args:
        path: A folder, or a name on the hub; a folder with ``adapter_config.json`` is put over
            the base model that it names, and holds the tokenizer or leaves it to the base.
        dtype: "auto", "float32", "bfloat16" or "float16"; auto on the CPU is float32.
        device: "auto", "cpu", "cuda" or "cuda:N".

    Raises:
        ConfigError: dtype is unknown, the device cannot be used, or nothing can be loaded from
            ``path``.
        MissingExtraError: An adapter, but peft is not installed.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    if dtype != "auto" and dtype not in _DTYPES:
        raise ConfigError(f"dtype must be auto, {', '.join(_DTYPES)}, got '{dtype}'")
    device = usable(device)
    if path.startswith(("/", ".", "~")) and not Path(path).is_dir():
        raise ConfigError(
            f"no model could be loaded from '{path}': there is no such folder; give a folder"
            " with a transformers model, or a hub id such as ORG/NAME"
        )
    adapter = Path(path) / "adapter_config.json"
    base = path
    if adapter.is_file():
        base = _base(adapter)
    kind: Any = _DTYPES.get(dtype, "auto")
    if dtype == "auto" and device == "cpu":
        kind = torch.float32
    model: Any
    noisy = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(base, dtype=kind, attn_implementation="sdpa")
        has_own = (Path(path) / "tokenizer_config.json").is_file()
        tokenizer = AutoTokenizer.from_pretrained(path if has_own else base)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ConfigError(f"no model could be loaded from '{base}': {reason}") from error
    finally:
        if noisy:
            logging.enable_progress_bar()
    if adapter.is_file():
        try:
            from peft import PeftModel
        except ImportError as error:
            raise MissingExtraError(f"the LoRA adapter in {path}", "train") from error
        model = PeftModel.from_pretrained(model, path)
    return model.to(device).eval(), tokenizer


def usable(device: str) -> str:
    """Return the torch device that ``device`` names; "auto" is the GPU where there is one.

    Raises:
        ConfigError: torch knows no such device, or this machine lacks it.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ConfigError(f"device '{device}' cannot be used here: {reason}") from error
    return device


def _base(adapter: Path) -> str:
    """Return the model that an adapter's configuration file names as its base."""
    try:
        found = json.loads(adapter.read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"{adapter} is no adapter's configuration: {error!r}") from error
    if not isinstance(found, str):
        raise ConfigError(f"{adapter} names no base model, so the adapter cannot be loaded")
    return found
