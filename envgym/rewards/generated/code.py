"""Reading a reward function's text: its declared components, and what can be said without running it."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from envgym.rewards.generated.schema import ObservationSchema
from envgym.rewards.generated.value import Check, Component, GeneratedReward
from envgym.types.errors import ConfigError, unknown

FUNCTION = "reward"
DECLARATION = "COMPONENTS"
ALLOWED_MODULES = ("collections", "functools", "itertools", "math", "re", "statistics")
"""What a reward function may import. A hint to the writer; the sandbox is what protects."""
_LONGEST = 20_000


def from_code(body: str, schema: ObservationSchema, parent: str = "") -> GeneratedReward:
    """Return the reward in ``body``, with the components that it declares.

    The contract: ``COMPONENTS = {"name": (lo, hi), ...}``, written out, and ``reward(record)``,
    which takes one record as the schema has it and returns a number per component.

    Raises:
        ConfigError: one sentence for the writer: no Python, no declaration, no function.

    >>> text = "COMPONENTS = {'p': (0, 1)}\\ndef reward(record):\\n    return {'p': record['left']}"
    >>> from envgym.types import Evidence
    >>> from_code(text, ObservationSchema((Evidence(key="left", type="int", help=""),))).components
    (Component(name='p', lo=0.0, hi=1.0),)
    """
    tree = _parsed(body)
    declared = _declaration(tree)
    function = next(
        (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION),
        None,
    )
    if function is None:
        raise ConfigError(f"the code defines no function {FUNCTION}(record).")
    taken = function.args
    if len(taken.posonlyargs + taken.args) != 1 or taken.vararg or taken.kwonlyargs or taken.kwarg:
        raise ConfigError(f"{FUNCTION} must take exactly one argument, the record.")
    components = tuple(Component(name, lo, hi) for name, (lo, hi) in declared.items())
    return GeneratedReward("code", body, components, schema.digest, parent=parent)


def read_statically(reward: GeneratedReward, schema: ObservationSchema) -> tuple[Check, ...]:
    """Return the checks that need no run: imports, and keys that the schema does not have."""
    tree = _parsed(reward.body)
    checks = []
    strangers = sorted({name for name in _imports(tree) if name not in ALLOWED_MODULES})
    told = f"imports {', '.join(strangers)}; allowed: {', '.join(ALLOWED_MODULES)}"
    checks.append(Check("imports", not strangers, told if strangers else ""))
    argument = _argument(tree)
    wrong = sorted({key for key in _keys(tree, argument) if key not in schema.keys})
    detail = unknown("key of the record", wrong[0], schema.keys) if wrong else ""
    checks.append(Check("schema", not wrong, detail))
    return tuple(checks)


def _parsed(body: str) -> ast.Module:
    if len(body) > _LONGEST:
        raise ConfigError(f"the code has {len(body)} characters; at most {_LONGEST} are allowed.")
    try:
        return ast.parse(body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"the code is no Python: {error}.") from error


def _declaration(tree: ast.Module) -> Mapping[str, tuple[Any, Any]]:
    how = f'the code must say {DECLARATION} = {{"name": (lowest, highest), ...}} in plain numbers'
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == DECLARATION for target in node.targets
        ):
            try:
                value = ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                raise ConfigError(f"{how}.") from None
            if (
                not isinstance(value, dict)
                or not value
                or not all(isinstance(v, tuple | list) and len(v) == 2 for v in value.values())
            ):
                raise ConfigError(f"{how}.")
            return {name: (pair[0], pair[1]) for name, pair in value.items()}
    raise ConfigError(f"{how}.")


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def _argument(tree: ast.Module) -> str:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == FUNCTION:
            return (node.args.posonlyargs + node.args.args)[0].arg
    return ""


def _keys(tree: ast.AST, argument: str) -> Iterator[str]:
    """Yield the constant keys by which ``argument`` is read."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get"),
                args=[ast.Constant(value=str(key)), *_],
            ):
                pass
            case _:
                continue
        if name == argument:
            yield key
