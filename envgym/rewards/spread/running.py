"""The values of an online node at every record, reset's included."""

from collections.abc import Sequence

from envgym.rewards.node import Node
from envgym.rewards.settled import Note
from envgym.rewards.signal import Evidenced


def running(
    node: Node, records: Sequence[Evidenced]
) -> tuple[list[float | None], tuple[Note, ...]]:
    """Return the value at each record, None where it is invalid, and the replacements made.

    Args:
        node: an online step node.
        records: T + 1 of them; the values are T + 1 too.
    """
    values: list[float | None] = []
    notes: list[Note] = []
    state = node.init()
    for number, record in enumerate(records):
        state, value = node.step(state, record)
        values.append(value)
        if node.guarded and number:
            notes.extend(Note(number - 1, *hit) for hit in node.hits(state))
    return values, tuple(notes)
