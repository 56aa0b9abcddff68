"""A program's tree with what every node said about one event of one episode."""

from collections.abc import Sequence
from dataclasses import dataclass

from envgym.rewards.fold.gate import Gate
from envgym.rewards.node import Node
from envgym.rewards.phases import Phase
from envgym.rewards.program import Program
from envgym.rewards.settled import Settled
from envgym.rewards.signal import Bounds, Evidenced, InvalidSignal, Scope
from envgym.types.errors import ConfigError, EvidenceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One node of the tree at one event."""

    depth: int
    """0 for the root."""
    label: str
    """Its name in the ledger."""
    formula: str
    """Its expression, or its kind where it has children."""
    phase: Phase
    scope: Scope
    bounds: Bounds
    here: float | None
    """Value at the event for a step node, what the event earned for an episode node; None where
    there is none: ``why`` says so."""
    whole: float | None
    """Value over the episode; None before its end for what needs the end."""
    gate: bool | None = None
    """Of a gate: whether it was open; None before the end and for every other node."""
    why: str = ""
    """Why there is no value: "not yet", "invalid: <source>", "not read", or what is missing."""


def trace(program: Program, records: Sequence[Evidenced], event: int) -> tuple[Said, ...]:
    """Return every node of the program, parents first, as it stood at ``event``.

    Online nodes are read over the records up to the event; all others at the end of the episode,
    if ``records`` hold it.

    Args:
        program: any program; group nodes need their late evidence.
        records: reset's record, then one per event.
        event: 0 to T - 1.

    Raises:
        ConfigError: there is no such event.

    >>> from envgym.rewards import ProgressDelta, Source
    >>> program = Program("p", ProgressDelta(Source("progress")))
    >>> records = [{"progress": x, "end": None} for x in (0.0, 0.25, 0.75)]
    >>> [(each.formula, each.here) for each in trace(program, records, 1)]
    [('delta(progress)', 0.5), ('progress', 0.75)]
    """
    if not 0 <= event < len(records) - 1:
        raise ConfigError(
            f"event must be from 0 to {len(records) - 2}, got {event}; the episode has "
            f"{len(records) - 1} events."
        )
    ended = records[-1].get("end") is not None
    found: list[Said] = []
    _grow(program.root, 0, records, event, ended, True, found)
    return tuple(found)


def _grow(
    node: Node,
    depth: int,
    records: Sequence[Evidenced],
    event: int,
    ended: bool,
    read: bool,
    found: list[Said],
) -> None:
    here, whole, why = _values(node, records, event, ended) if read else (None, None, "not read")
    is_open = None
    if isinstance(node, Gate) and read and ended:
        judged, _, _ = _values(node.when, records, event, ended, of_episode=True)
        is_open = None if judged is None else judged > 0
    found.append(
        Said(
            depth=depth,
            label=node.label,
            formula=node.formula,
            phase=node.phase,
            scope=node.scope,
            bounds=node.bounds,
            here=here,
            whole=whole,
            gate=is_open,
            why=why,
        )
    )
    for child in node.children:
        taken = read
        if isinstance(node, Gate) and is_open is not None and child is not node.when:
            # The branch not taken is never read, so it may even be invalid.
            taken = read and (child is node.then) == is_open
        _grow(child, depth + 1, records, event, ended, taken, found)


def _values(
    node: Node,
    records: Sequence[Evidenced],
    event: int,
    ended: bool,
    *,
    of_episode: bool = False,
) -> tuple[float | None, float | None, str]:
    online = node.phase == "online"
    if not online and not ended:
        return None, None, "not yet"
    whole, why = _explained(node, records)
    # What comes after the event cannot make an online node invalid there.
    until = whole if whole or not online else _explained(node, records[: event + 2])[0]
    if of_episode:
        return (None, None, why) if whole is None else (whole.value, whole.value, "")
    here = None if until is None else until.attribution[event]
    return here, None if whole is None else whole.value, why


def _explained(node: Node, records: Sequence[Evidenced]) -> tuple[Settled | None, str]:
    try:
        return node.explain(records), ""
    except InvalidSignal as invalid:
        return None, f"invalid: {invalid.node}"
    except (EvidenceError, ConfigError) as error:
        return None, str(error)
