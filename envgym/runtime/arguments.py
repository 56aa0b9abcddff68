"""Arguments of a tool: the check through pydantic, and the words for what is allowed."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, NotRequired, Required

from envgym.types.errors import ToolError, unknown

NOTHING = "Nothing happened; the turn is spent."
"""Ends every sentence about a call that was not carried out."""


_MAX_BITS = 1000
"""Of an integer argument, so that every tool can print it and turn it into a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One argument of a tool."""

    name: str
    annotation: Any
    """With its ``Annotated`` metadata."""
    help: str
    """What it means; may be empty."""
    required: bool
    default: Any
    """Used when an optional argument is not given; None for required ones."""


class Checker:
    """Validates one tool's arguments. Pydantic is imported when first asked."""

    def __init__(self, tool: str, params: tuple[Param, ...]) -> None:
        self.tool = tool
        self.params = params

    @cached_property
    def _adapter(self) -> Any:
        import typing_extensions
        from pydantic import ConfigDict, Field, TypeAdapter

        fields: dict[str, Any] = {}
        for param in self.params:
            kind = param.annotation
            if param.help:
                # Annotated flattens, so the description joins what is there already.
                kind = Annotated[kind, Field(description=param.help)]
            fields[param.name] = Required[kind] if param.required else NotRequired[kind]
        # Before Python 3.12 pydantic takes only the TypedDict of typing_extensions.
        typed_dict: Any = typing_extensions.TypedDict
        shape = typed_dict(self.tool, fields)
        shape.__pydantic_config__ = ConfigDict(
            extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False
        )
        return TypeAdapter(shape)

    @cached_property
    def _validate(self) -> Any:
        return self._adapter.validator.validate_python

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments object."""
        schema: dict[str, Any] = _untitled(self._adapter.json_schema())
        schema.setdefault("properties", {})
        for param in self.params:
            if not param.required and _is_json(param.default):
                default = param.default
                schema["properties"][param.name]["default"] = (
                    list(default) if isinstance(default, tuple) else default
                )
        return schema

    def check(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return typed arguments; raise ToolError with one sentence for the agent."""
        try:
            result: dict[str, Any] = self._validate(args)
        except ValueError as error:
            raise ToolError(f"{self.tool}: {self._sentence(error)} {NOTHING}") from None
        except RecursionError:
            raise ToolError(f"{self.tool}: an argument is nested too deeply. {NOTHING}") from None
        for name, value in result.items():
            # Text such as "999..." is a number in lax mode, of any length.
            if type(value) is int and value.bit_length() > _MAX_BITS:
                raise ToolError(f"{self.tool}: {name} is too large a number. {NOTHING}")
        return result

    def _sentence(self, error: Any) -> str:
        problems = error.errors(include_url=False)
        # A misspelt name is both unknown and missing; the first says more.
        first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
        kind, place, given = first["type"], first["loc"], first["input"]
        name = ".".join([_part(part) for part in place if _shown(part)][:4]) or "the arguments"
        if kind == "extra_forbidden" and len(place) == 1:
            return f"{unknown('argument', shorten_name(str(place[0])), self._names())}"
        top = self.schema["properties"].get(str(place[0])) if place else None
        defs = self.schema.get("$defs", {})
        if kind == "missing" and len(place) == 1 and top is not None:
            return f"{name} is missing; it must be {worded(top, defs)}."
        return f"{name} {_wish(first, top, defs, len(place))}, got {shorten(given)}.{_near(first)}"

    def _names(self) -> list[str]:
        return [param.name for param in self.params]


def _part(part: Any) -> str:
    return str(part) if isinstance(part, int) else shorten_name(str(part))


def _shown(part: Any) -> bool:
    """Return False for the names of union branches that pydantic puts into a place."""
    return isinstance(part, int) or not ("[" in part or part in ("int", "str", "float", "bool"))


def shorten_name(name: str) -> str:
    """Return a name that an agent gave, cut to 40 characters."""
    return name if len(name) <= 40 else f"{name[:40]}..."


def _wish(problem: Mapping[str, Any], top: Any, defs: Any, depth: int) -> str:
    """Return "must be ..." for one pydantic problem."""
    context = problem.get("ctx", {})
    match problem["type"]:
        case "less_than_equal":
            return f"must be at most {_bare(context['le'])}"
        case "greater_than_equal":
            return f"must be at least {_bare(context['ge'])}"
        case "less_than":
            return f"must be less than {_bare(context['lt'])}"
        case "greater_than":
            return f"must be more than {_bare(context['gt'])}"
        case "multiple_of":
            return f"must be a multiple of {context['multiple_of']}"
        case "literal_error" | "enum":
            return f"must be {context['expected']}"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case "string_too_short":
            return f"must have at least {context['min_length']} characters"
        case "too_long":
            return f"must have at most {context['max_length']} items"
        case "too_short":
            return f"must have at least {context['min_length']} items"
        case "value_error" | "assertion_error":
            return f"is not allowed ({context.get('error', 'refused')})"
    if depth == 1 and top is not None:
        return f"must be {worded(top, defs)}"
    message = problem["msg"]
    start = "Input should "
    return f"must {message[len(start) :]}" if message.startswith(start) else f"({message})"


def _bare(number: Any) -> Any:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _near(problem: Mapping[str, Any]) -> str:
    """Return a hint for a misspelt choice, with a space before it, or nothing."""
    given = problem["input"]
    if problem["type"] not in ("literal_error", "enum") or not isinstance(given, str):
        return ""
    choices = [c.strip("'") for c in problem["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    near = get_close_matches(given[:100], choices, n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 60
_repr.maxlevel, _repr.maxlist, _repr.maxdict, _repr.maxtuple = 2, 4, 4, 4


def shorten(value: Any) -> str:
    """Return a value as the agent may have written it, in about 60 characters."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:40]!r}... ({len(value)} characters)"
    try:
        text = _repr.repr(value)
    except (ValueError, RecursionError):
        # Python refuses to print an integer of more than 4300 digits.
        return f"a very large {type(value).__name__}"
    return text if len(text) <= 120 else f"{text[:117]}..."


def worded(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Return a JSON Schema in words: "an integer from 1 to 100", "'north' or 'south'"."""
    if "$ref" in schema:
        return worded(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "const" in schema:
        return shorten(schema["const"])
    if "enum" in schema:
        return _either([shorten(choice) for choice in schema["enum"]])
    if "anyOf" in schema:
        return _either([worded(branch, defs) for branch in schema["anyOf"]])
    match schema.get("type"):
        case "integer":
            return f"an integer{_range(schema)}"
        case "number":
            return f"a number{_range(schema)}"
        case "string":
            return f"text{_length(schema, 'Length', 'characters')}"
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case "array":
            item = worded(schema["items"], defs) if schema.get("items") else "anything"
            return f"a list{_length(schema, 'Items', 'items')} of {item}"
        case "object":
            inner = schema.get("properties")
            if inner:
                fields = [f"{name}: {worded(part, defs)}" for name, part in inner.items()]
                return f"an object {{{'; '.join(fields)}}}"
            return "an object"
    return "anything"


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    words = ("minimum", "at least"), ("maximum", "at most")
    more = ("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than")
    parts = [f"{word} {schema[key]}" for key, word in (*words, *more) if key in schema]
    return f" {' and '.join(parts)}" if parts else ""


def _length(schema: Mapping[str, Any], suffix: str, unit: str) -> str:
    low, high = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    if low and high is not None:
        return f" of {low} to {high} {unit}" if low != high else f" of {low} {unit}"
    if high is not None:
        return f" of at most {high} {unit}"
    return f" of at least {low} {unit}" if low else ""


def example_value(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    """Return a JSON value that fits a schema, the plainest there is."""
    if "$ref" in schema:
        return example_value(defs[schema["$ref"].rpartition("/")[2]], defs)
    for key in ("examples", "enum", "anyOf"):
        if schema.get(key):
            first = schema[key][0]
            return example_value(first, defs) if key == "anyOf" else first
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "integer" | "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            return min(low, schema["maximum"]) if "maximum" in schema else low
        case "string":
            return "text".ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", 99)]
        case "boolean":
            return True
        case "array":
            item = schema.get("items", {"type": "string"})
            return [example_value(item, defs)] * max(1, schema.get("minItems", 1))
        case "object":
            inner = schema.get("properties", {})
            return {name: example_value(inner[name], defs) for name in schema.get("required", ())}
    return None


def _untitled(schema: Any) -> Any:
    """Return a schema without the titles that pydantic derives from names."""
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {}
    for key, value in schema.items():
        if key == "properties" or key == "$defs":
            plain[key] = {name: _untitled(part) for name, part in value.items()}
        elif key not in ("title", "default", "const", "enum", "examples"):
            # Python keeps one object for Annotated[float, Ge(0)] and [float, Ge(0.0)], so which
            # form pydantic sees depends on the order of imports; whole numbers look the same.
            plain[key] = _bare(_untitled(value))
        elif key != "title":
            plain[key] = value
    return plain


def _is_json(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    return value is None or isinstance(value, bool | int | float | str)
