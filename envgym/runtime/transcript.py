"""The transcript as evidence: what was said and seen, for programs that read it.

It is never recorded twice: an episode file holds messages, calls and observations already, and
``with_transcript`` puts them back into the evidence when it is scored.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from envgym.types import Evidence

TRANSCRIPT: tuple[Evidence, ...] = (
    Evidence(key="message", type="str", help="the agent's whole message of the event; '' at reset"),
    Evidence(key="observation", type="str", help="what the agent saw next"),
    Evidence(
        key="calls",
        type="tuple",
        help="calls that ran: (name, ((argument, value), ...)), arguments sorted by name",
    ),
)

KEYS = frozenset(item.key for item in TRANSCRIPT)


def transcript(
    message: Any, observation: Any, calls: Sequence[tuple[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    """Return the transcript evidence of one event.

    >>> transcript("go", "a hall", [("go", {"to": ["n"], "by": 1})])["calls"]
    (('go', (('by', 1), ('to', ('n',)))),)
    """
    return {
        "message": message if isinstance(message, str) else str(message),
        "observation": observation if isinstance(observation, str) else str(observation),
        "calls": tuple([(name, _frozen(args)) for name, args in calls]),
    }


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple([(str(key), _frozen(value[key])) for key in sorted(value, key=str)])
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    return value
