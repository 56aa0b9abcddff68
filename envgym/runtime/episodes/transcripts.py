"""A recorded or played episode as the text a judge reads."""

from collections.abc import Iterable


def transcript_text(opening: str, turns: Iterable[tuple[str, str]]) -> str:
    """Return an episode as text: what was shown, then each message and what it brought.

    Args:
        opening: the first observation.
        turns: (message, observation) of every event, in order.

    >>> print(transcript_text("a hall", [("go north", "a kitchen")]))
    [shown]
    a hall
    <BLANKLINE>
    [turn 1, agent]
    go north
    <BLANKLINE>
    [turn 1, shown]
    a kitchen
    """
    blocks = [f"[shown]\n{opening}"]
    for number, (message, observation) in enumerate(turns, 1):
        blocks.append(f"[turn {number}, agent]\n{message}")
        blocks.append(f"[turn {number}, shown]\n{observation}")
    return "\n\n".join(blocks)
