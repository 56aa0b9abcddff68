"""One episode line from bytes, checked field by field."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, get_args, get_origin

from envgym.runtime.episodes.schema import CAUSES, KINDS, SAFE_INT, VERSION, Line


class LineError(ValueError):
    """What is wrong with one line; the reader puts file and line number before it."""


def decode(data: bytes) -> Line:
    """Return the line in ``data``.

    Raises:
        LineError: one sentence that names the field, what was expected and what was there.
    """
    raw = _json(data)
    if not isinstance(raw, dict) or "kind" not in raw:
        raise LineError(f"not an episode line: {_short(data.decode('utf-8', 'replace'))}")
    kind = raw.pop("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise LineError(f"field 'kind': expected one of {', '.join(KINDS)}, got {_short(kind)}.")
    if kind == "head" and raw.get("v") != VERSION:
        raise LineError(
            f"field 'v': expected schema version {VERSION}, got {_short(raw.get('v'))}; "
            f"episode {_short(raw.get('ep'))} was left out."
        )
    checks = _FIELDS[kind]
    for name, check in checks.items():
        if name not in raw:
            if name in _OPTIONAL:
                continue
            raise LineError(f"field '{name}' is missing from this '{kind}' line.")
        raw[name] = check(name, raw[name])
    # Fields of a later minor version are left unread.
    return KINDS[kind](**{name: raw[name] for name in checks if name in raw})


def _json(data: bytes) -> Any:
    from pydantic_core import from_json

    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError:
        pass
    # Deeper nesting and lone surrogate escapes, which the fast reader refuses.
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        text = data[:200].decode("utf-8", "replace")
        raise LineError(f"not JSON ({str(error)[:80]}): {_short(text)}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _wrong(name: str, expected: str, got: Any) -> NoReturn:
    raise LineError(f"field '{name}': expected {expected}, got {_short(got)}.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def integer(value: Any) -> int | None:
    """Return an integer field's value; beyond 2**53 it stands as a string. None: it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():
        return int(value) if len(value) < 4000 else None
    if isinstance(value, str) and value.removeprefix("-").startswith("0x"):
        try:
            return int(value, 16)
        except ValueError:
            return None
    return None


def big(value: Any) -> Any:
    """Return ``value`` with a string that can only be a quoted integer turned back into one.

    For fields declared as integers: a declared text is never passed here.
    """
    found = integer(value) if isinstance(value, str) else None
    return found if found is not None and abs(found) > SAFE_INT else value


def whole_numbers(value: Any, annotation: Any) -> Any:
    """Return ``value`` with quoted big integers turned back wherever ``annotation`` says int.

    Args:
        value: a JSON value.
        annotation: a type of Python or a pydantic model, such as ``list[int] | None``.
    """
    if isinstance(value, str):
        choices = get_args(annotation) or (annotation,)
        return big(value) if int in choices and str not in choices else value
    if isinstance(value, dict):
        for model in (annotation, *get_args(annotation)):
            if fields := getattr(model, "model_fields", None):
                return {
                    key: whole_numbers(item, fields[key].annotation) if key in fields else item
                    for key, item in value.items()
                }
    # Of a union the branch that is a container decides; its last argument types the items.
    for branch in (annotation, *get_args(annotation)):
        origin, inside = get_origin(branch), [a for a in get_args(branch) if a is not ...]
        if isinstance(value, list) and origin in (list, tuple, Sequence) and inside:
            kinds = inside if len(inside) == len(value) else [inside[-1]] * len(value)
            return [whole_numbers(item, kind) for item, kind in zip(value, kinds, strict=True)]
        if isinstance(value, dict) and origin in (dict, Mapping) and inside:
            return {key: whole_numbers(item, inside[-1]) for key, item in value.items()}
    return value


def _text(name: str, value: Any) -> str:
    return value if isinstance(value, str) else _wrong(name, "a text", value)


def _text_or_none(name: str, value: Any) -> str | None:
    return None if value is None else _text(name, value)


def _whole(name: str, value: Any) -> int:
    found = integer(value)
    return _wrong(name, "an integer", value) if found is None else found


def _flag(name: str, value: Any) -> bool:
    return value if isinstance(value, bool) else _wrong(name, "true or false", value)


def _object(name: str, value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _wrong(name, "an object", value)


def _object_or_none(name: str, value: Any) -> Mapping[str, Any] | None:
    return None if value is None else _object(name, value)


def _parent(name: str, value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    found = _object(name, value)
    ep = _text_or_none(f"{name}/ep", found.get("ep"))
    event = _whole(f"{name}/e", found.get("e"))
    if event < 0:
        _wrong(f"{name}/e", "an event's number, 0 or more", event)
    return {**found, "ep": ep, "e": event}


def _group(name: str, value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    found = _object(name, value)
    return {**found, "index": _whole(f"{name}/index", found.get("index"))}


def _batch(name: str, value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    found = _object(name, value)
    numbers = {
        key: _count(f"{name}/{key}", found.get(key)) for key in ("row", "size", "start", "asked")
    }
    if numbers["row"] >= numbers["size"]:
        _wrong(f"{name}/row", f"a row below size ({numbers['size']})", numbers["row"])
    stored = _flag(f"{name}/evidence", found.get("evidence"))
    own = _object(f"{name}/vector", found.get("vector"))
    ep = _text_or_none(f"{name}/id", found.get("id"))
    return {"id": ep, **numbers, "evidence": stored, "vector": own}


def _count(name: str, value: Any) -> int:
    found = _whole(name, value)
    return found if found >= 0 else _wrong(name, "an integer, 0 or more", value)


def _some(name: str, value: Any) -> int:
    return _count(name, value) or _wrong(name, "an integer, 1 or more", value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        _wrong(name, "a list of texts", value)
    return tuple(_text(f"{name}/{i}", item) for i, item in enumerate(value))


def _per_agent(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Mapping[str, Any]]:
    def checked(name: str, value: Any) -> Mapping[str, Any]:
        items = _object(name, value)
        return {agent: check(f"{name}/{agent}", item) for agent, item in items.items()}

    return checked


def _number(name: str, value: Any) -> float:
    try:
        # An integer of hundreds of digits has no float.
        if not isinstance(value, bool) and math.isfinite(number := float(value)):
            return number if isinstance(value, int | float) else _wrong(name, "a number", value)
    except (OverflowError, TypeError, ValueError):
        pass
    _wrong(name, "a finite number", value)


def _number_or_none(name: str, value: Any) -> float | None:
    return None if value is None else _number(name, value)


def _flag_or_none(name: str, value: Any) -> bool | None:
    return None if value is None else _flag(name, value)


def _evidence(name: str, value: Any) -> Mapping[str, Any]:
    return {key: _tuples(item) for key, item in _object(name, value).items()}


def _tuples(value: Any) -> Any:
    """Evidence holds tuples; JSON has lists only."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _calls(name: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list):
        _wrong(name, "a list of calls", value)
    for i, call in enumerate(value):
        item = _object(f"{name}/{i}", call)
        for field, check in (("name", _text), ("args", _object)):
            if field not in item:
                raise LineError(f"field '{name}/{i}/{field}' is missing.")
            check(f"{name}/{i}/{field}", item[field])
    return tuple(value)


def _ended(name: str, value: Any) -> str:
    if value not in ("terminated", "truncated"):
        _wrong(name, "terminated or truncated", value)
    return str(value)


def _cause(name: str, value: Any) -> str:
    if value not in CAUSES:
        _wrong(name, "one of " + ", ".join(CAUSES), value)
    return str(value)


def _ledger(name: str, value: Any) -> tuple[tuple[Any, ...], ...]:
    if not isinstance(value, list):
        _wrong(name, "a list of entries", value)
    entries = []
    for i, entry in enumerate(value):
        where = f"{name}/{i}"
        if not isinstance(entry, list) or len(entry) != 7:
            _wrong(where, "[agent, component, earned, paid, value, gate, note]", entry)
        agent, component, earned, paid, amount, gate, note = entry
        entries.append(
            (
                _text(f"{where}/0", agent),
                _text(f"{where}/1", component),
                _whole(f"{where}/2", earned),
                None if paid is None else _whole(f"{where}/3", paid),
                _number(f"{where}/4", amount),
                _text_or_none(f"{where}/5", gate),
                _object_or_none(f"{where}/6", note),
            )
        )
    return tuple(entries)


_FIELDS: Mapping[str, Mapping[str, Callable[[str, Any], Any]]] = {
    "head": {
        "v": _whole,
        "ep": _text,
        "env": _text,
        "version": _text,
        "config": _object,
        "seed": _whole,
        "task": _object,
        "agents": _texts,
        "spaces": _object,
        "tools": _object,
        "program": _object,
        "parent": _parent,
        "group": _group,
        "libs": _object,
        "volatile": _texts,
        "masks": _texts,
        "batch": _batch,
    },
    "reset": {"ep": _text, "obs": _object, "ev": _per_agent(_evidence)},
    "e": {
        "ep": _text,
        "e": _whole,
        "acts": _object,
        "calls": _per_agent(_calls),
        "err": _per_agent(_text),
        "obs": _object,
        "ev": _per_agent(_evidence),
        "pay": _per_agent(_number),
        "ended": _per_agent(_ended),
    },
    "late": {"ep": _text, "e": _whole, "agent": _text, "ev": _evidence, "source": _text},
    "cut": {"ep": _text, "e": _whole, "cause": _text},
    "end": {
        "ep": _text,
        "cause": _cause,
        "valid": _flag,
        "reason": _text_or_none,
        "success": _per_agent(_flag_or_none),
        "returns": _per_agent(_number_or_none),
        "ledger": _ledger,
    },
    "block": {
        "eps": _texts,
        "e0": _count,
        "n": _some,
        "ref": _text,
        "hash": _text,
        "t0": _count,
    },
}
_OPTIONAL = frozenset(
    {"spaces", "tools", "program", "parent", "group", "libs", "volatile", "masks", "batch"}
)
