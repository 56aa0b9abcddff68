"""The model that learns: built or loaded, with its tokenizer, codec and adapters."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from envgym.agents.codec import ChatCodec
from envgym.agents.policies.loading import usable
from envgym.agents.train.config import ModelConfig, OptimConfig
from envgym.runtime.rollout import Rollout
from envgym.types import ConfigError, MissingExtraError, derive

SMALL = 10_000_000
"""Parameters below which one thread is the fastest on a CPU."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A model and what turns messages into its ids."""

    model: Any
    tokenizer: Any
    codec: ChatCodec

    @property
    def trainable(self) -> list[torch.nn.Parameter]:
        """Parameters that the optimizer moves."""
        return [p for p in self.model.parameters() if p.requires_grad]

    def threads(self, most: int) -> int:
        """Return how many of ``most`` threads torch should use on the CPU."""
        # Measured with 1 M parameters on two busy cores: 27 times slower with two threads,
        # because each small product ends in a wait for the other thread.
        small = sum(p.numel() for p in self.model.parameters()) < SMALL
        return 1 if small else most

    def describe(self) -> str:
        """Return one line about the size."""
        total = sum(p.numel() for p in self.model.parameters())
        moved = sum(p.numel() for p in self.trainable)
        share = "" if moved == total else f", {moved:,} of them trained"
        device = next(self.model.parameters()).device
        return f"{total:,} parameters{share}, {len(self.tokenizer)} tokens, on {device}"


def build(
    config: ModelConfig,
    *,
    seed: int,
    demonstrations: Sequence[Rollout] = (),
    tokenizer_from: Path | None = None,
) -> Learner:
    """Return the learner that a configuration names.

    Args:
        config: the [model] table.
        seed: decides the weights of "tiny" and of new adapters.
        demonstrations: what "tiny" trains its tokenizer on.
        tokenizer_from: a checkpoint whose tokenizer is used instead of a new one.

    Raises:
        ConfigError: the folder or hub id cannot be loaded, or the device cannot be used.
        MissingExtraError: ``lora_rank`` is above 0 and peft is not installed.
    """
    device = usable(config.device)
    key = derive(seed, "train", "weights") % 2**63
    if config.path == "tiny":
        tokenizer, model = _tiny(config, key, demonstrations, tokenizer_from)
    else:
        tokenizer, model = _loaded(config.path)
    if config.lora_rank > 0:
        model = _adapted(model, config, key)
    model = model.to(device=device, dtype=getattr(torch, config.dtype))
    return Learner(model, tokenizer, ChatCodec(tokenizer))


def adamw(learner: Learner, lr: float, config: OptimConfig) -> torch.optim.AdamW:
    """Return AdamW over the trainable parameters; matrices decay, vectors do not."""
    matrices = [p for p in learner.trainable if p.ndim >= 2]
    vectors = [p for p in learner.trainable if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=lr, betas=(0.9, config.beta2))


class Reference:
    """A policy frozen at some moment: a copy of the trainable tensors, lent to the model.

    With LoRA only the adapters are copied. Switching adapters off instead would give the base
    model, which is the wrong reference after an imitation that trained the same adapters.
    """

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._kept = [p.detach().clone() for p in learner.trainable]

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the frozen tensors into the model; the current ones come back at the end.

        No graph may be alive meanwhile: backward would meet the frozen tensors.
        """
        own = [p.data for p in self._learner.trainable]
        try:
            for parameter, kept in zip(self._learner.trainable, self._kept, strict=True):
                parameter.data = kept
            yield
        finally:
            for parameter, mine in zip(self._learner.trainable, own, strict=True):
                parameter.data = mine

    def tensors(self) -> list[torch.Tensor]:
        """Return the frozen tensors, for a checkpoint."""
        return self._kept

    def load(self, tensors: Sequence[torch.Tensor]) -> None:
        """Take the frozen tensors of a checkpoint."""
        self._kept = [
            kept.to(p.device) for kept, p in zip(tensors, self._learner.trainable, strict=True)
        ]


def _tiny(
    config: ModelConfig, key: int, demonstrations: Sequence[Rollout], folder: Path | None
) -> tuple[Any, Any]:
    from envgym.agents.tiny import tiny_qwen, tiny_tokenizer
    from envgym.agents.train.demonstrations import texts, words

    if folder is not None:
        from transformers import AutoTokenizer

        tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    else:
        tokenizer = tiny_tokenizer(
            texts(demonstrations), vocab_size=config.vocab, whole_words=words(demonstrations)
        )
    return tokenizer, tiny_qwen(tokenizer, hidden=config.hidden, layers=config.layers, seed=key)


def _loaded(path: str) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModelForCausalLM.from_pretrained(path)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise ConfigError(
            f"[model]: path='{path}' is neither 'tiny' nor a folder or hub id that transformers "
            f"can load: {reason}"
        ) from error
    return tokenizer, model


def _adapted(model: Any, config: ModelConfig, key: int) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise MissingExtraError("[model]: lora_rank", "train") from error
    lora = LoraConfig(
        r=config.lora_rank,
        lora_alpha=config.lora_alpha,  # type: ignore[arg-type]  # peft divides; any number works
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    # Adapters start random; peft draws from torch's global generator, which is put back.
    before = torch.get_rng_state()
    torch.manual_seed(key % 2**63)
    try:
        return get_peft_model(model, lora)
    finally:
        torch.set_rng_state(before)
