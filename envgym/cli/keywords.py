"""NAME=VALUE words of a command line as keyword arguments."""

import json
from typing import Any

from envgym.types import ConfigError


def keywords(flag: str, given: list[str] | None) -> dict[str, Any]:
    """Return NAME=VALUE words as keyword arguments: JSON where it is JSON, else text.

    Raises:
        ConfigError: a word without a name or without "=", or a name that is given twice.
    """
    found: dict[str, Any] = {}
    for word in given or []:
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            raise ConfigError(f"{flag} must be NAME=VALUE, got '{word}'.")
        if name in found:
            raise ConfigError(f"{flag} gives '{name}' twice.")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found
