"""A call in function syntax alone on the final line. Read with ``ast``; never evaluated."""

import ast
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from envgym.runtime.parse.calls import Parsed, refuse, stranger
from envgym.runtime.parse.jsontext import unfit
from envgym.runtime.tools import ToolSpec
from envgym.runtime.unicode import clean
from envgym.types.call import Call

_MAX_LINE = 4000
"""Characters. Longer arguments belong in a tag; this also bounds what ``ast`` has to swallow."""

_BAD_ESCAPE = re.compile(r"\\(?:[\n\\'\"abfnrtv0-7xNuU]|(.))", re.DOTALL)
_RAW = re.compile(r"\b[rRbBfFuU]{1,2}['\"]")
_JSON_NAMES = {"true": True, "false": False, "null": None}


class _NotLiteralError(Exception):
    pass


def final_line(text: str, tools: Mapping[str, ToolSpec]) -> tuple[Parsed | None, str | None]:
    """Return the final line's call, or None; and the sentence for a name that is no tool.

    A line with a known tool's name and brackets that cannot be read is refused, for it was
    meant as a call. An unknown name may still be prose or another syntax.
    """
    line = text.rstrip()
    line = line[line.rfind("\n") + 1 :].strip().strip("`")
    bracket = line.find("(")
    if bracket < 1 or len(line) > _MAX_LINE or not line.endswith(")"):
        return None, None
    name = line[:bracket]
    if not name.isidentifier():
        return None, None
    spec = tools.get(name)
    arguments = _arguments(line)
    if arguments is None:
        if spec is None:
            return None, None
        return refuse(f"{name}: write the arguments as plain values, {_example(spec)}."), None
    if spec is None:
        wrong = stranger(name, tools)
        return None, wrong[0].upper() + wrong[1:]
    positional, named = arguments
    names = [param.name for param in spec.params]
    if len(positional) > len(names):
        takes = f"{len(names)} argument" + ("" if len(names) == 1 else "s")
        return refuse(f"{name} takes {takes}, got {len(positional)}, {_example(spec)}."), None
    args = dict(zip(names, positional, strict=False))
    for key, value in named:
        if key in args:
            return refuse(f"{name}: {key} is given twice."), None
        args[key] = value
    return Parsed([Call(name, args)], None), None


def _example(spec: ToolSpec) -> str:
    return f"for instance <tool_call>{spec.example}</tool_call>"


def _arguments(line: str) -> tuple[list[Any], list[tuple[str, Any]]] | None:
    """Return positional and named values of ``name(...)``, or None if it is not that."""
    if "\\" in line and not _RAW.search(line):
        # An unknown escape means itself in Python too, with a warning that we neither want
        # printed nor, under ``-W error``, turned into another outcome.
        line = _BAD_ESCAPE.sub(lambda m: f"\\\\{m[1]}" if m[1] else m[0], line)
    try:
        node = ast.parse(line, mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        positional = [_value(arg) for arg in node.args]
        named = [(_key(keyword), _value(keyword.value)) for keyword in node.keywords]
    except (SyntaxError, ValueError, RecursionError, MemoryError, _NotLiteralError):
        return None
    if unfit([positional, [value for _, value in named]]) is not None:
        return None
    return positional, named


def _key(keyword: ast.keyword) -> str:
    if keyword.arg is None:
        raise _NotLiteralError
    return keyword.arg


def _value(node: ast.expr) -> Any:
    """Return what JSON could say too: text, numbers, true, false, null, lists, objects."""
    match node:
        case ast.Constant(value=str(text)):
            return clean(text)
        case ast.Constant(value=bool() | int() | None as plain):
            return plain
        case ast.Constant(value=float(number)) if isfinite(number):
            return number
        case ast.Name(id=name) if name in _JSON_NAMES:
            return _JSON_NAMES[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant() as operand):
            number = _value(operand)
            if isinstance(number, int | float) and not isinstance(number, bool):
                return -number if isinstance(sign, ast.USub) else number
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            pairs: dict[str, Any] = {}
            for key, value in zip(keys, values, strict=True):
                if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                    raise _NotLiteralError
                pairs[clean(key.value)] = _value(value)
            return pairs
    raise _NotLiteralError
