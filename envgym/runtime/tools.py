"""Tools: typed methods that an agent may call, with their schema, checks and help.

    class Guess(TaskEnv):
        @tool
        def guess(self, number: Annotated[int, Le(100), "your guess"]) -> str:
            \"\"\"Guess the hidden number.\"\"\"

The annotations are the contract: they give the JSON Schema that endpoints are sent, the checks
that arguments pass, and the help that stands in the system prompt. Constraints are those of
``annotated_types`` (``Ge``, ``Le``, ``Len``) or pydantic's ``Field``.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, get_type_hints, overload

from envgym.runtime.arguments import NOTHING, Checker, Param, example_value, shorten, worded
from envgym.types.errors import ConfigError

__all__ = ["NOTHING", "Param", "ToolSpec", "collect", "help_text", "shorten", "tool"]

F = TypeVar("F", bound=Callable[..., str])
_MARK = "__envgym_tool__"
_SPECS = "__envgym_specs__"
_ARGS_SECTION = re.compile(r"^(Args|Arguments|Parameters):\s*$")
_SECTION = re.compile(r"^[A-Z][A-Za-z ]{0,20}:\s*$")
_ARG_LINE = re.compile(r"^(\w+)(?:\s*\([^)]{0,80}\))?:\s+(.*)$")


@dataclass(frozen=True)
class _Mark:
    name: str | None
    cost: float


@overload
def tool(method: F, /) -> F: ...
@overload
def tool(*, name: str | None = None, cost: float = 0.0) -> Callable[[F], F]: ...
def tool(
    method: F | None = None, /, *, name: str | None = None, cost: float = 0.0
) -> F | Callable[[F], F]:
    """Mark a method as a tool; use it bare or with arguments.

    The docstring's first paragraph is the help; arguments are described by a string inside
    ``Annotated`` or by an ``Args:`` section. The method returns the observation and raises
    ``ToolError`` for an agent's mistake.

    Args:
        name: what agents call it; None: the method's name.
        cost: spent against ``max_cost`` by every call that succeeds, in the family's unit.
    """

    def mark(function: F) -> F:
        setattr(function, _MARK, _Mark(name, cost))
        return function

    return mark if method is None else mark(method)


@dataclass(frozen=True)
class ToolSpec:
    """What is known of one tool. Made by ``collect``, shared by all instances of a class."""

    name: str
    """What agents call it."""
    help: str
    """First paragraph of the docstring, on one line."""
    params: tuple[Param, ...]
    """Arguments in the order of the signature."""
    function: Callable[..., str]
    """The method, unbound: ``spec.function(env, **spec.validate(args))``."""
    cost: float = 0.0
    """Spent against ``max_cost`` by every call that succeeds."""

    @cached_property
    def text_arg(self) -> str | None:
        """Name of the only required argument if that is text, else None."""
        name = self.single_arg
        if name is None:
            return None
        kind = next(param.annotation for param in self.params if param.name == name)
        return name if getattr(kind, "__origin__", kind) is str else None

    @cached_property
    def single_arg(self) -> str | None:
        """Name of the only required argument, of any type, else None."""
        required = [param.name for param in self.params if param.required]
        return required[0] if len(required) == 1 else None

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.name, self.params)

    @cached_property
    def _schema_json(self) -> str:
        function = {
            "name": self.name,
            "description": self.help,
            "parameters": self._checker.schema,
        }
        return json.dumps({"type": "function", "function": function})

    @property
    def schema(self) -> dict[str, Any]:
        """The tool in OpenAI's format; a new dict at every access, for users keep infos."""
        schema: dict[str, Any] = json.loads(self._schema_json)
        return schema

    def validate(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments as typed values; missing optional ones stay missing.

        Lax where the meaning is clear: "7" is 7, 17 is "17" for a text argument.

        Raises:
            ToolError: one sentence for the agent naming tool, argument, allowed and given.
        """
        return self._checker.check(args)

    @cached_property
    def example(self) -> str:
        """One valid call as JSON text, with the required arguments."""
        schema = self._checker.schema
        arguments = {
            name: example_value(schema["properties"][name], schema.get("$defs", {}))
            for name in schema.get("required", ())
        }
        return json.dumps({"name": self.name, "arguments": arguments}, ensure_ascii=False)

    @cached_property
    def signature(self) -> str:
        """The tool with its arguments' types and ranges, for people and for prompts."""
        schema = self._checker.schema
        defs = schema.get("$defs", {})
        parts = []
        for param in self.params:
            words = worded(schema["properties"][param.name], defs)
            optional = "" if param.required else f", default {shorten(param.default)}"
            parts.append(f"{param.name}: {words}{optional}")
        return f"{self.name}({'; '.join(parts)})"


def collect(cls: type) -> dict[str, ToolSpec]:
    """Return the tools of a class by name, base classes' first, in order of definition.

    An override stays a tool, in its old place, only if it is marked again. The result is kept
    on the class and shared: do not change it.

    Raises:
        ConfigError: a tool lacks annotations, has an argument that no call can name, or takes
            the name of another.
    """
    known: dict[str, ToolSpec] | None = cls.__dict__.get(_SPECS)
    if known is not None:
        return known
    attributes: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        attributes.update(dict.fromkeys(vars(base)))
    specs: dict[str, ToolSpec] = {}
    for attribute in attributes:
        function = inspect.getattr_static(cls, attribute, None)
        mark = getattr(function, _MARK, None) if inspect.isfunction(function) else None
        if mark is None:
            continue
        spec = _spec(cls, function, mark)
        if spec.name in specs:
            raise ConfigError(f"{cls.__name__}: two tools are called '{spec.name}'.")
        specs[spec.name] = spec
    setattr(cls, _SPECS, specs)
    return specs


def help_text(specs: Mapping[str, ToolSpec], *, command_tool: str | None = None) -> str:
    """Return the help for the system prompt: how to write a call, then a line per tool.

    Args:
        specs: the tools, by name.
        command_tool: the tool that a bare one-line message calls, where the family has one.
    """
    if not specs:
        return "There are no tools."
    lines: list[str] = []
    command = specs.get(command_tool) if command_tool is not None else None
    if command is not None:
        lines.append(f"Write one command on a line of its own. {command.help}")
        about = next((p.help for p in command.params if p.name == command.text_arg), "")
        if about:
            lines.append(f"The command: {about}")
    if command is None or len(specs) > 1:
        first = next(spec for spec in specs.values() if spec is not command)
        start = "Or call" if command is not None else "To call"
        lines.append(f"{start} a tool: write its name and arguments as JSON between two tags.")
        lines.append(f"<tool_call>{first.example}</tool_call>")
        lines.append("Tools:")
        lines.extend(_line(spec) for spec in specs.values() if spec is not command)
    return "\n".join(lines)


def _line(spec: ToolSpec) -> str:
    notes = [f"{param.name}: {param.help}" for param in spec.params if param.help]
    about = f" ({'; '.join(notes)})" if notes else ""
    return f"- {spec.signature}: {spec.help}{about}"


def _spec(cls: type, function: Callable[..., str], mark: _Mark) -> ToolSpec:
    where = f"{cls.__name__}.{function.__name__}"
    doc = inspect.getdoc(function) or ""
    if not doc:
        raise ConfigError(f"{where}: a tool needs a docstring, for it is what agents read.")
    described = _described(doc.splitlines())
    hints = get_type_hints(function, include_extras=True)
    params = []
    for item in list(inspect.signature(function).parameters.values())[1:]:
        if item.kind not in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY):
            raise ConfigError(f"{where}: '{item.name}' cannot be given by name in a call.")
        if item.name not in hints:
            raise ConfigError(f"{where}: argument '{item.name}' needs an annotation.")
        annotation = hints[item.name]
        notes = [m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, str)]
        params.append(
            Param(
                name=item.name,
                annotation=annotation,
                help=" ".join(notes) or described.get(item.name, ""),
                required=item.default is item.empty,
                default=None if item.default is item.empty else item.default,
            )
        )
    first = doc.split("\n\n", 1)[0]
    return ToolSpec(
        name=mark.name or function.__name__,
        help=" ".join(first.split()),
        params=tuple(params),
        function=function,
        cost=mark.cost,
    )


def _described(lines: Iterable[str]) -> dict[str, str]:
    """Return the descriptions of an ``Args:`` section, continuation lines joined."""
    found: dict[str, str] = {}
    inside = False
    current: str | None = None
    margin = 0
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if _ARGS_SECTION.match(line):
            inside, margin, current = True, 0, None
        elif inside and text and indent == 0 and (_SECTION.match(line) or margin):
            inside = False
        elif inside and text:
            margin = margin or indent
            entry = _ARG_LINE.match(text) if indent == margin else None
            if entry is not None:
                current = entry[1]
                found[current] = entry[2]
            elif current is not None:
                found[current] += f" {text}"
    return found
