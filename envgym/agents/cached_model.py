"""One forward pass over a ragged batch whose past lies in slots."""

from collections.abc import Sequence
from inspect import signature
from typing import Any

import torch

from envgym.agents.cache import SlotCache
from envgym.types import ConfigError


class CachedModel:
    """A causal language model that reads and extends a ``SlotCache``.

    Masks and positions are made here, per row, and passed whole: what transformers would infer
    from a cache assumes that all rows are equally long.

    Args:
        model: A transformers or peft model with full or sliding-window attention.

    Raises:
        ConfigError: Another attention implementation than sdpa and eager, or other layers.
    """

    def __init__(self, model: Any) -> None:
        config = model.config.get_text_config()
        self.model = model
        self.layers = int(config.num_hidden_layers)
        self.max_context = int(getattr(config, "max_position_embeddings", 0) or 1 << 31)
        """Longest conversation that the model has positions for, in tokens."""
        self._window = _window(config)
        self._additive = _attention(model.config) == "eager"
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._keeps_logits = "logits_to_keep" in signature(inner.forward).parameters

    def logits(
        self,
        cache: SlotCache,
        slots: Sequence[int],
        ids: torch.Tensor,
        lengths: torch.Tensor,
        width: int,
        ends: torch.Tensor | None,
    ) -> torch.Tensor:
        """Return logits ``[rows, vocabulary]`` after token ``ends`` of each row (None: the only).

        ids: int64 [rows, tokens]; lengths: int64 [rows], ids of each row in the cache already.
        """
        rows, tokens = ids.shape
        cache.block(slots, lengths, tokens, width)
        columns = torch.arange(width, device=ids.device)
        position = cache.column_index
        options: dict[str, Any] = {}
        keep = None
        if ends is not None and self._keeps_logits:
            keep, where = ends.unique(return_inverse=True)
            options["logits_to_keep"] = keep.to(ids.device)
        output = self.model(
            input_ids=ids,
            # Padding and finished rows may point past the model's limit; they are never read.
            position_ids=position.clamp(max=self.max_context - 1),
            attention_mask=self._mask(columns, position),
            past_key_values=cache,
            use_cache=True,
            **options,
        )
        logits: torch.Tensor = output.logits
        if ends is None:
            return logits[:, -1]
        index = where if keep is not None else ends
        return logits[torch.arange(rows, device=ids.device), index.to(ids.device)]

    def _mask(self, columns: torch.Tensor, position: torch.Tensor) -> Any:
        """Return which columns each token may look at, ``[rows, 1, tokens, columns]``."""
        seen = (columns <= position[..., None])[:, None]
        if self._window is None:
            return self._additively(seen)
        size, kinds = self._window
        near = seen & (columns > position[..., None] - size)[:, None]
        if kinds == {"sliding_attention"}:
            return self._additively(near)
        return {
            "full_attention": self._additively(seen),
            "sliding_attention": self._additively(near),
        }

    def _additively(self, allowed: torch.Tensor) -> torch.Tensor:
        if not self._additive:
            return allowed
        dtype = next(iter(self.model.parameters())).dtype
        zero = torch.zeros((), dtype=dtype, device=allowed.device)
        return torch.where(allowed, zero, torch.finfo(dtype).min)


def _attention(config: Any) -> str:
    name = str(getattr(config, "_attn_implementation", None) or "sdpa")
    if name not in ("sdpa", "eager"):
        raise ConfigError(
            f"attn_implementation must be 'sdpa' or 'eager' for the slot cache, got '{name}'; "
            "load the model with attn_implementation='sdpa'"
        )
    return name


def _window(config: Any) -> tuple[int, frozenset[str]] | None:
    """Return the sliding window and the kinds of layers; None where all attention is full."""
    size: Any = getattr(config, "sliding_window", None)
    kinds = frozenset(getattr(config, "layer_types", None) or ())
    if not kinds:
        kinds = frozenset({"sliding_attention" if size else "full_attention"})
    other = kinds - {"full_attention", "sliding_attention"}
    if other:
        raise ConfigError(
            f"layer_types of {config.model_type} hold {', '.join(sorted(other))}; "
            "only full_attention and sliding_attention can be kept in slots"
        )
    return None if kinds == {"full_attention"} else (int(size), kinds)
