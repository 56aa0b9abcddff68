"""``envgym info``: everything that an environment's class says about itself."""

import inspect
from typing import Annotated, Any

import typer
from rich.console import Console

from envgym.cli import screen
from envgym.runtime import registry
from envgym.runtime.evidence import declared
from envgym.runtime.games.registry import is_team
from envgym.runtime.numeric.env import NumericArgs
from envgym.runtime.numeric.evidence import numeric_declared
from envgym.runtime.settings import KernelArgs
from envgym.runtime.tools import collect
from envgym.testing.docs import own_arguments
from envgym.types import ConfigError, Evidence


def info(
    env_id: Annotated[
        str, typer.Argument(metavar="ID", help="An id or a game's name from `envgym list`.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the same facts as one JSON object.")
    ] = False,
) -> None:
    """Show an environment's tools, arguments, evidence, reward presets and task splits."""
    if is_team(env_id):
        from envgym.cli.info_team import info_team

        info_team(env_id, as_json)
        return
    found = describe(env_id)
    if as_json:
        screen.print_json(found)
    else:
        _show(screen.console(), found)


def describe(env_id: str) -> dict[str, Any]:
    """Return the facts of one environment as JSON values."""
    spec = registry.find(env_id)
    family = registry.env_class(env_id)
    if not hasattr(family, "declares"):
        raise ConfigError(f"{env_id} is no environment of text; see `envgym list`.")
    numeric = registry.is_numeric(env_id)
    keys = numeric_declared(family) if numeric else declared(family)
    return {
        "id": spec.id,
        "class": f"{family.__module__}:{family.__qualname__}",
        "doc": inspect.getdoc(family) or "",
        "metadata": dict(family.metadata),
        "tools": [tool.schema for tool in collect(family).values()],
        "arguments": _arguments(family),
        "shared_arguments": sorted((NumericArgs if numeric else KernelArgs).__annotations__),
        "evidence": [evidence_row(item) for item in keys.values()],
        "presets": {
            name: {"text": str(program), "phase": str(program.phase), "spec": program.spec()}
            for name, program in family.presets().items()
        },
        "splits": None if numeric else _splits(spec.id),
        "text": family.metadata["text"] if numeric else None,
    }


def _arguments(family: Any) -> list[dict[str, Any]]:
    """Return the family's own keyword arguments: name, type and default."""
    return [
        {
            "name": name,
            "type": inspect.formatannotation(parameter.annotation),
            "default": repr(parameter.default),
        }
        for name, parameter in own_arguments(family).items()
    ]


def evidence_row(item: Evidence) -> dict[str, Any]:
    """Return a declaration as JSON values."""
    return {
        "key": item.key,
        "type": item.type,
        "unit": item.unit,
        "scope": item.scope,
        "cost": item.cost,
        "volatile": item.volatile,
        "help": item.help,
    }


def _splits(env_id: str) -> dict[str, int] | None:
    """Return the number of built-in tasks per split; None if the family has none of its own."""
    try:
        env = registry.make(env_id, disable_env_checker=True)
    except ConfigError:
        return None
    try:
        return dict(env.unwrapped.tasks.splits)  # type: ignore[attr-defined]  # every one is a TaskEnv
    finally:
        env.close()


def _show(out: Console, found: dict[str, Any]) -> None:
    metadata = found["metadata"]
    facts = ("version", "proof", "cost", "snapshot", "command_tool", "max_turns")
    told = [f"{name} {screen.cell(metadata[name])}" for name in facts if name in metadata]
    out.print(found["id"], style="bold", soft_wrap=True)
    out.print(f"{found['class']}; {', '.join(told)}\n", style="dim", soft_wrap=True)
    out.print(found["doc"], soft_wrap=True)
    section(out, "Tools", ("name", "arguments", "help"), [tool_row(t) for t in found["tools"]])
    section(out, "Arguments", ("name", "type", "default"), value_rows(found["arguments"]))
    out.print(f"and those of every environment: {', '.join(found['shared_arguments'])}")
    shown = ("key", "type", "unit", "scope", "cost", "help")
    section(
        out, "Evidence", shown, value_rows([{k: e[k] for k in shown} for e in found["evidence"]])
    )
    programs = [(name, p["phase"], p["text"]) for name, p in found["presets"].items()]
    section(out, "Reward presets", ("name", "phase", "program"), programs)
    splits = found["splits"]
    if found["text"] is not None:
        out.print(
            f"\nNo tasks: worlds follow from seeds. Text view: {found['text']}", soft_wrap=True
        )
    elif splits is None:
        out.print("\nNo tasks of its own: give tasks=FILE.")
    else:
        section(out, "Tasks", ("split", "tasks"), list(splits.items()))


def section(out: Console, title: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    """Print a heading and a table."""
    out.print(f"\n{title}", style="bold")
    out.print(screen.table(columns, rows) if rows else "none")


def value_rows(items: list[dict[str, Any]]) -> list[list[Any]]:
    """Return the values of dicts as rows."""
    return [list(item.values()) for item in items]


def tool_row(schema: dict[str, Any]) -> tuple[str, str, str]:
    """Return a tool's name, arguments and help; optional arguments stand in brackets."""
    function = schema["function"]
    properties = function["parameters"].get("properties", {})
    required = function["parameters"].get("required", [])
    shown = [name if name in required else f"[{name}]" for name in properties]
    return function["name"], ", ".join(shown) or "-", function.get("description", "")
