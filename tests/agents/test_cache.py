"""Slots move, grow and are reused; what a conversation wrote stays its own."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.cache import SlotCache

NAMES = "abcdefg"
steps = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True),
        st.integers(1, 4),
        st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_every_row_reads_what_it_wrote(plan):
    """Each step appends marked columns to a batch, then frees some conversations."""
    cache = SlotCache(2, torch.device("cpu"))
    written: dict[str, list[float]] = {}
    mark = 0.0
    for batch, tokens, freed in plan:
        columns = max(len(written.get(name, [])) for name in batch) + tokens
        order = cache.front(batch, columns)
        assert sorted(order) == sorted(batch)
        lengths = torch.tensor([len(written.get(name, [])) for name in order])
        marks = mark + torch.arange(1.0, len(order) * tokens + 1).reshape(len(order), tokens)
        mark = float(marks.max())
        for name, row in zip(order, marks.tolist(), strict=True):
            written.setdefault(name, []).extend(row)
        block = marks[:, None, :, None].expand(-1, 2, -1, 3)
        cache.block(range(len(order)), lengths, tokens, columns)
        for layer in range(2):
            keys, values = cache.update(block + layer, -block, layer)
            assert keys.shape == values.shape == (len(order), 2, columns, 3)
            for row, name in enumerate(order):
                expected = torch.tensor(written[name])
                assert torch.equal(keys[row, 1, : len(expected), 2], expected + layer)
                assert torch.equal(values[row, 0, : len(expected), 0], -expected)
        for name in freed:
            cache.free(name)
            written.pop(name, None)
            assert name not in cache


def test_slots_are_reused():
    cache = SlotCache(1, torch.device("cpu"))
    for start in range(0, 40, 4):
        names = [str(start + k) for k in range(4)]
        cache.front(names, 10)
        for name in names:
            cache.free(name)
    assert cache.slots == 4


def test_a_batch_at_the_front_stays_where_it_is():
    cache = SlotCache(1, torch.device("cpu"))
    order = cache.front(["a", "b", "c"], 4)
    assert cache.front(["c", "a", "b"], 4) == order
    assert cache.front(["c", "a"], 4) in (["a", "c"], ["c", "a"])


def test_a_block_may_skip_slots():
    cache = SlotCache(1, torch.device("cpu"))
    cache.front(["a", "b", "c"], 4)
    one = torch.ones(3, 1, 1, 2)
    cache.block(range(3), torch.zeros(3, dtype=torch.long), 1, 1)
    cache.update(one, one, 0)
    cache.block([0, 2], torch.tensor([1, 1]), 1, 2)
    keys, _ = cache.update(5 * one[:2], one[:2], 0)
    assert keys[:, 0, :, 0].tolist() == [[1, 5], [1, 5]]
    cache.block(range(3), torch.tensor([2, 1, 2]), 1, 3)
    keys, _ = cache.update(9 * one, one, 0)
    assert keys[:, 0, :, 0].tolist() == [[1, 5, 9], [1, 9, 0], [1, 5, 9]]
