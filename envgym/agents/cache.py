"""Keys and values of many conversations, kept between turns.

Every conversation owns a slot: one row of the storage ``[slots, heads, columns, width]`` of each
layer. A row is dense: token number c of the conversation sits in column c, so a row has no holes
and what lies beyond its length is never looked at. The rows of the batch that runs now are moved
to the front, so attention reads a view of the storage and nothing is gathered or copied while
decoding. transformers' own caches cannot do this: their rows share one write position, and
cropping them changed meaning between releases.
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin


class SlotLayer(CacheLayerMixin):
    """One layer's storage. Shapes are taken from the first keys and values it is given."""

    is_sliding = False
    is_compileable = False

    def __init__(self, owner: "SlotCache") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.owner = owner

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Allocate as many slots and columns as the owner asks for."""
        self.keys = self._room(key_states)
        self.values = self._room(value_states)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write a block ``[rows, heads, tokens, width]`` and return all that it may look at."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None
        assert self.values is not None
        owner = self.owner
        index = (owner.row_index, slice(None), owner.column_index)
        self.keys[index] = key_states.transpose(1, 2)
        self.values[index] = value_states.transpose(1, 2)
        # A slice is a view; a tensor of slots, used for some prompts only, makes a copy.
        return (
            self.keys[:, :, : owner.width][owner.rows],
            self.values[:, :, : owner.width][owner.rows],
        )

    def get_seq_length(self) -> int:
        """Return the columns in use; rows differ, so masks and positions are passed by hand."""
        return self.owner.width

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return columns in use and offset 0."""
        return self.owner.width, 0

    def get_max_length(self) -> int:
        """Return -1: the storage grows."""
        return -1

    def grow(self) -> None:
        """Copy the storage into a larger one."""
        if self.is_initialized:
            assert self.keys is not None
            assert self.values is not None
            self.keys, self.values = self._grown(self.keys), self._grown(self.values)

    def swap(self, one: int, other: int, columns: int) -> None:
        """Exchange the first columns of two rows."""
        for store in (self.keys, self.values):
            if store is not None:
                kept = store[one, :, :columns].clone()
                store[one, :, :columns] = store[other, :, :columns]
                store[other, :, :columns] = kept

    def _room(self, like: torch.Tensor) -> torch.Tensor:
        # Zeros, not empty: masked columns still enter a product with weight 0, and 0 * nan is nan.
        return like.new_zeros(self.owner.slots, like.shape[1], self.owner.columns, like.shape[3])

    def _grown(self, old: torch.Tensor) -> torch.Tensor:
        new = self._room(old)
        new[: old.shape[0], :, : old.shape[2]] = old
        return new


class SlotCache(Cache):
    """The storage of all layers and the table of slots.

    Use: ``front(names)`` before a batch, then per forward pass ``block(...)`` to say where its
    tokens go, then the model's forward with this object as ``past_key_values``.

    Args:
        layers: Number of decoder layers.
        device: Where the model lives.
    """

    def __init__(self, layers: int, device: torch.device) -> None:
        self._stores = [SlotLayer(self) for _ in range(layers)]
        super().__init__(layers=list(self._stores))
        self.device = device
        self.slots = 0
        self.columns = 0
        self.width = 0
        self.rows: slice | torch.Tensor = slice(0, 0)
        self.row_index = self.column_index = torch.zeros(0, dtype=torch.long, device=device)
        self._names: list[str | None] = []
        self._slot_of: dict[str, int] = {}
        self._used: list[int] = []

    def __contains__(self, name: object) -> bool:
        return name in self._slot_of

    def reserve(self, slots: int, columns: int) -> None:
        """Make room for this many conversations of this many tokens; never shrinks."""
        if slots <= self.slots and columns <= self.columns:
            return
        # At least half as much again: growing step by step would copy everything each turn.
        if slots > self.slots:
            slots = max(slots, self.slots * 3 // 2)
        if columns > self.columns:
            columns = max(columns, self.columns * 3 // 2, 64)
        self.slots, self.columns = max(slots, self.slots), max(columns, self.columns)
        more = self.slots - len(self._names)
        self._names += [None] * more
        self._used += [0] * more
        for store in self._stores:
            store.grow()

    def free(self, name: str) -> None:
        """Give the slot of a conversation back; unknown names are ignored."""
        slot = self._slot_of.pop(name, None)
        if slot is not None:
            self._names[slot] = None
            self._used[slot] = 0

    def front(self, names: Sequence[str], columns: int) -> list[str]:
        """Move these conversations to the first slots; return them in slot order.

        Args:
            names: Distinct conversations; new ones get a slot.
            columns: Tokens that the longest of them will have after the coming turn.
        """
        wanted = set(names)
        new = [name for name in names if name not in self._slot_of]
        self.reserve(len(self._slot_of) + len(new), columns)
        count = len(names)
        # Places at the front that hold something else, and where our rows beyond it are now.
        places = [slot for slot in range(count) if self._names[slot] not in wanted]
        behind = [name for name in names if self._slot_of.get(name, 0) >= count]
        for name, place in zip(behind, places, strict=False):
            self._swap(self._slot_of[name], place)
        for name, place in zip(new, places[len(behind) :], strict=True):
            if self._names[place] is not None:
                self._swap(place, self._names.index(None, count))
            self._names[place], self._slot_of[name], self._used[place] = name, place, 0
        return [name for name in self._names[:count] if name is not None]

    def block(self, slots: Sequence[int], lengths: torch.Tensor, tokens: int, width: int) -> None:
        """Say where the next forward pass writes.

        Args:
            slots: Slot of each row of the block, ascending; all slots of the batch when decoding.
            lengths: int64 [rows], tokens that each row holds already.
            tokens: Tokens per row in the block, padding on the right included: row i writes
                columns ``lengths[i]`` to ``lengths[i] + tokens - 1``. What padding writes is
                overwritten by the row's next block and masked until then.
            width: Columns that attention reads; at least the largest column written plus 1.
        """
        first, last = slots[0], slots[-1] + 1
        if last - first == len(slots):
            index = torch.arange(first, last, device=self.device)
            self.rows = slice(first, last)
        else:
            index = self.rows = torch.tensor(slots, device=self.device)
        self.row_index = index[:, None]
        self.column_index = lengths[:, None] + torch.arange(tokens, device=self.device)
        self.width = width
        for slot in slots:
            self._used[slot] = max(self._used[slot], width)

    def _swap(self, one: int, other: int) -> None:
        columns = max(self._used[one], self._used[other])
        if columns:
            for store in self._stores:
                store.swap(one, other, columns)
        names, used = self._names, self._used
        names[one], names[other] = names[other], names[one]
        used[one], used[other] = used[other], used[one]
        for slot in (one, other):
            name = names[slot]
            if name is not None:
                self._slot_of[name] = slot
