"""Tables of an environment's page, generated from its code.

A page under ``docs/envs`` holds, where the tables belong, two comment lines::

    <!-- tables: envgym/Quest-v0 -->
    <!-- end of tables -->

``python -m envgym.testing.page docs/envs`` writes what lies between them, and appends the block to
the page of a built-in id that has none yet; a test compares.
"""

import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from envgym.runtime import registry
from envgym.runtime.arguments import worded
from envgym.runtime.evidence import KERNEL
from envgym.runtime.numeric.env import NumericEnv
from envgym.runtime.numeric.evidence import NUMERIC_KERNEL
from envgym.runtime.tools import collect
from envgym.testing.docs import own_arguments, sections

_BLOCK = re.compile(r"(<!-- tables: (\S+) -->\n).*?(<!-- end of tables -->)", re.DOTALL)


def env_tables(env_cls: type) -> str:
    """Return the markdown tables of tools, arguments, presets and evidence of a TaskEnv class."""
    cls: Any = env_cls
    numeric = issubclass(cls, NumericEnv)
    kind = "numeric" if numeric else "text"
    parts = [
        "| fact | value |",
        "|---|---|",
        *_rows(_facts(cls)),
        "",
        *_tool_table(cls),
        f"**Arguments of its own** (the others are those of every {kind} environment)",
        "",
        "| argument | type | default |",
        "|---|---|---|",
        *_rows(_arguments(cls)),
        "",
        " ".join(sections(cls).get("Arguments", "").split()),
        "",
        "**Reward presets**",
        "",
        "| preset | program |",
        "|---|---|",
        *_rows((f"`{name}`", f"`{program}`") for name, program in cls.presets().items()),
        "",
        "**Evidence** (besides "
        + ", ".join(f"`{item.key}`" for item in (NUMERIC_KERNEL if numeric else KERNEL))
        + f", which every {kind} environment reports)",
        "",
        "| key | type | unit | range | when | meaning |",
        "|---|---|---|---|---|---|",
        *_rows(_evidence(cls)),
    ]
    return "\n".join(parts) + "\n"


def with_tables(text: str) -> str:
    """Return a page's text with every block of tables written anew."""

    def block(match: re.Match[str]) -> str:
        tables = env_tables(registry.env_class(match[2]))
        return f"{match[1]}\n{tables}\n{match[3]}"

    return _BLOCK.sub(block, text)


def tabled_ids(text: str) -> list[str]:
    """Return the ids whose tables a page holds."""
    return [match[2] for match in _BLOCK.finditer(text)]


def with_block(text: str) -> str:
    """Return a page's text with an empty block for each built-in id that it is about.

    A page is about an id that its first lines name in backticks.
    """
    opening = "\n".join(text.splitlines()[:10])
    for env_id in sorted({*registry.BUILTIN, *registry.NUMERIC}):
        if f"`{env_id}`" in opening and env_id not in tabled_ids(text):
            block = f"<!-- tables: {env_id} -->\n<!-- end of tables -->\n"
            text = f"{text.rstrip()}\n\n## Reference\n\n{block}"
    return text


def _rows(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return table rows; a bar inside a cell is escaped."""
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return lines or ["| none |"]


def _facts(cls: Any) -> list[tuple[str, str]]:
    facts = cls.metadata
    command = facts.get("command_tool")
    if issubclass(cls, NumericEnv):
        return [
            ("proof", f"{facts.get('proof')}"),
            ("text view", f"`{facts.get('text')}`"),
            ("PyTorch", "yes" if getattr(cls.core_class, "torch_ok", True) else "no"),
            ("snapshots", "yes" if facts.get("snapshot") else "no"),
            ("ends", " ".join(sections(cls).get("End of episode", "").split())),
        ]
    return [
        ("proof", f"{facts.get('proof')}"),
        ("default turns", f"{facts.get('max_turns')}"),
        ("a bare one-line message calls", f"`{command}`" if command else "nothing"),
        ("snapshots", "yes" if facts.get("snapshot") else "no"),
        ("cost of a step", f"{facts.get('cost')}"),
        ("ends", " ".join(sections(cls).get("End of episode", "").split())),
    ]


def _tool_table(cls: Any) -> list[str]:
    """Return the table of tools, with its heading; of a numeric environment its spaces."""
    if issubclass(cls, NumericEnv):
        core = cls.core_class()
        spaces = [("observation", core.observation_space), ("action", core.action_space)]
        rows = _rows((name, f"`{space}`") for name, space in spaces)
        return ["**Spaces** (default arguments)", "", "| space | value |", "|---|---|", *rows, ""]
    return [
        "**Tools**",
        "",
        "| tool | argument | type | default | meaning |",
        "|---|---|---|---|---|",
        *_rows(_tools(cls)),
        "",
    ]


def _tools(cls: Any) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, spec in collect(cls).items():
        schema = spec.schema["function"]["parameters"]
        rows.append((f"`{name}`", "", "", "", spec.help))
        for param in spec.params:
            words = worded(schema["properties"][param.name], schema.get("$defs", {}))
            default = "required" if param.required else f"`{param.default!r}`"
            rows.append(("", f"`{param.name}`", words, default, param.help))
    return rows


def _arguments(cls: Any) -> list[tuple[str, str, str]]:
    hints = get_type_hints(cls.__init__)
    return [
        (f"`{name}`", _kind(hints.get(name, item.annotation)), f"`{item.default!r}`")
        for name, item in own_arguments(cls).items()
        if item.default is not inspect.Parameter.empty
    ]


def _kind(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(f"`{choice!r}`" for choice in get_args(hint))
    if hint is type(None):
        return "None"
    if get_args(hint) and get_origin(hint) is not None and not isinstance(hint, type):
        inner = [_kind(part) for part in get_args(hint)]
        if "Union" in repr(get_origin(hint)):
            return " or ".join(inner)
    return hint if isinstance(hint, str) else getattr(hint, "__name__", str(hint))


def _evidence(cls: Any) -> list[tuple[str, ...]]:
    return [
        (
            f"`{item.key}`",
            item.type,
            item.unit,
            _range(item.lo, item.hi),
            "at the end" if item.scope == "episode" else "always",
            item.help
            + ("; costly" if item.cost == "costly" else "")
            + ("; volatile" if item.volatile else ""),
        )
        for item in cls.declares
    ]


def _range(low: float, high: float) -> str:
    if low == float("-inf") and high == float("inf"):
        return ""
    return f"{_bound(low)} to {_bound(high)}"


def _bound(bound: float) -> str:
    return {float("inf"): "∞", float("-inf"): "-∞"}.get(bound, f"{bound:g}")


def _main(arguments: Sequence[str]) -> int:
    for argument in arguments or ("docs/envs",):
        place = Path(argument)
        for page in sorted(place.rglob("*.md")) if place.is_dir() else [place]:
            old = page.read_text(encoding="utf-8")
            new = with_tables(with_block(old))
            if new != old:
                page.write_text(new, encoding="utf-8")
                print(f"{page}: written")  # noqa: T201  # a program's output
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
