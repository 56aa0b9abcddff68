"""What users write for ``reward=``, turned into a Program."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from envgym.rewards.named import named_program
from envgym.rewards.program import Program
from envgym.types.errors import ConfigError, near_file


def resolve(
    value: "str | Program | Mapping[str, Any] | PathLike[str]",
    presets: Mapping[str, Program],
    where: str = "reward",
) -> Program:
    """Return the program that ``value`` names, is or describes.

    Args:
        value: a preset's name or one of ``NAMED`` (tournament, ...), a Program, its JSON as a dict, or the path of a .json file.
        presets: programs by name.
        where: what is being configured, for messages.

    Raises:
        ConfigError: in one sentence with the nearest name, or the path inside the JSON.
    """
    if isinstance(value, Program):
        return value
    if isinstance(value, Mapping):
        return _from_json(value, where)
    if isinstance(value, PathLike) or (isinstance(value, str) and value.endswith(".json")):
        return _from_file(Path(value), where)
    if not isinstance(value, str):
        raise ConfigError(
            f"{where}: reward must be a preset name, a Program, its JSON or a .json path, "
            f"got {type(value).__name__}."
        )
    try:
        return named_program(value, presets)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _from_json(spec: Mapping[str, Any], where: str) -> Program:
    try:
        return Program.from_spec(spec)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    except RecursionError:
        raise ConfigError(f"{where}: the reward program is nested too deeply.") from None


def _from_file(path: Path, where: str) -> Program:
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        if not isinstance(error, OSError | UnicodeDecodeError):
            reason = "this is no path"  # it holds a null character
        near = near_file(path) if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(
            f"{where}: cannot read the reward file '{path}': {reason}.{near}"
        ) from None
    try:
        spec = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{where}: {path}:{error.lineno}: not JSON: {error.msg} at column {error.colno}."
        ) from None
    except RecursionError:
        raise ConfigError(f"{where}: {path}: the JSON is nested too deeply.") from None
    except ValueError:  # Python reads no integer of more than 4300 digits
        raise ConfigError(f"{where}: {path}: the JSON holds a number of too many digits.") from None
    return _from_json(spec, f"{where}: {path}")
