"""The turns of an episode that numeric vectors recorded as blocks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from envgym.runtime.episodes import arrays
from envgym.runtime.episodes.episode import Part, Turn
from envgym.types.errors import EpisodeFileError

INVALID = "the action was invalid"
"""The mistake of a turn that a vector refused; blocks do not keep which rule it broke."""


def stored_turns(
    folder: Path, parts: Sequence[Part], row: int
) -> tuple[list[Turn], list[Mapping[str, Any]]]:
    """Return the turns and the evidence of their records as far as blocks hold them.

    Args:
        folder: of the episode file.
        parts: the episode's events in order.
        row: its row in the arrays.

    Raises:
        EpisodeFileError: arrays are missing or damaged.
    """
    turns: list[Turn] = []
    records: list[Mapping[str, Any]] = []
    errors = 0
    for part in parts:
        found = arrays.get_several(folder, part.ref)
        if not {"actions", "pay", "ended", "ev/errors"} <= found.keys():
            raise EpisodeFileError(f"the arrays {part.ref} hold no observations, pay or evidence")
        rows = {
            name: arrays.column(folder, part.ref, name, part.t0, part.n, row).tolist()
            for name in found
            if name != "marks"
        }
        shown = {name: rows[name] for name in rows if name.split("/")[0] == "obs"}
        facts = {name[3:]: rows[name] for name in rows if name.startswith("ev/")}
        for at in range(part.n):
            ended = rows["ended"][at]
            record = {key: _tuples(values[at]) for key, values in facts.items()}
            if not ended:
                record.pop("outcome", None)
            mistake = INVALID if record["errors"] > errors else None
            errors = record["errors"]
            turns.append(
                Turn(
                    e=part.e0 + at,
                    action=rows["actions"][at],
                    calls=(),
                    err=mistake,
                    obs=_one({name: values[at] for name, values in shown.items()}),
                    pay=float(rows["pay"][at]),
                    ended="terminated" if ended else None,
                )
            )
            records.append({**record, "end": "task" if ended else None})
    return turns, records


def _one(shown: Mapping[str, Any]) -> Any:
    return (
        shown["obs"]
        if "obs" in shown
        else {name.removeprefix("obs/"): shown[name] for name in shown}
    )


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
