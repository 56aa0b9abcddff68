"""Random but valid tool calls, drawn from the tools' JSON Schemas."""

import json
from collections.abc import Mapping
from typing import Any

from envgym.runtime.tools import ToolSpec
from envgym.types import Stream

_WORDS = ("alpha", "north", "seven", "open", "blue", "note", "", "x")


def random_call(tools: Mapping[str, ToolSpec], stream: Stream) -> str:
    """Return a tagged call of a random tool with random arguments that fit its schema."""
    spec = tools[stream.choice(list(tools))]
    schema = spec.schema["function"]["parameters"]
    arguments = draw(schema, schema.get("$defs", {}), stream)
    return f"<tool_call>{json.dumps({'name': spec.name, 'arguments': arguments})}</tool_call>"


def draw(schema: Mapping[str, Any], defs: Mapping[str, Any], stream: Stream, depth: int = 0) -> Any:
    """Return a random JSON value of ``schema``; optional properties appear half the time."""
    if "$ref" in schema:
        return draw(defs[schema["$ref"].rpartition("/")[2]], defs, stream, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return stream.choice(schema["enum"])
    if "anyOf" in schema:
        return draw(stream.choice(schema["anyOf"]), defs, stream, depth)
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {
                name: draw(part, defs, stream, depth + 1)
                for name, part in schema.get("properties", {}).items()
                if name in required or stream.chance(1, 2)
            }
        case "array":
            low = schema.get("minItems", 0)
            high = max(low, min(schema.get("maxItems", 3), 3 if depth < 4 else 0))
            items = schema.get("items", {"type": "string"})
            return [draw(items, defs, stream, depth + 1) for _ in range(stream.integers(low, high))]
        case "integer":
            low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
            high = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 0) + 101) - 1)
            return stream.integers(int(low), int(max(low, high)))
        case "number":
            low, high = schema.get("minimum", 0.0), schema.get("maximum", 1.0)
            return round(low + (high - low) * stream.uniform(), 6)
        case "boolean":
            return stream.chance(1, 2)
        case "null":
            return None
        case _:
            word = stream.choice(_WORDS)
            least, most = schema.get("minLength", 0), schema.get("maxLength", len(word))
            return word.ljust(least, "a")[: max(least, most)]
