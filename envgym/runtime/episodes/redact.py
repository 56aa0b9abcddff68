"""Secrets never reach a file: a configuration is redacted before it is written."""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"
"""Stands where a secret stood."""

_SECRET_KEY = re.compile(
    r"(^|[_\-. ])(token|authorization|(api[_\-]?key|access[_\-]?key|private[_\-]?key|password|passwd"
    r"|passphrase|secret|credential)s?)$",
    re.IGNORECASE,
)
# Issuers' prefixes, bearer headers and credentials inside URLs.
_SECRET_VALUE = re.compile(
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_\-]{12,}"
    r"|\b(?:ghp|gho|ghs|ghu|github_pat|glpat|hf|xoxb|xoxp)[_\-][A-Za-z0-9_\-]{12,}"
    r"|\bAKIA[A-Z0-9]{12,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?<=\bBearer )[A-Za-z0-9._\-+/=]{8,}"
    r"|(?:(?<=[?&]key=)|(?<=[?&]token=)|(?<=[?&]api_key=)|(?<=[?&]access_token=))[^&\s#]+"
)


def redact(value: Any, key: str = "") -> Any:
    """Return ``value`` with secrets replaced, by name of the key or by look of the text.

    Numbers and flags stay: ``max_tokens`` is no secret.

    >>> redact({"api_key": "k-123", "url": "http://me:pw@host/", "max_tokens": 9})
    {'api_key': '[redacted]', 'url': 'http://[redacted]@host/', 'max_tokens': 9}
    """
    if isinstance(value, Mapping):
        return {name: redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item, key) for item in value]
    if isinstance(value, str):
        if value and _SECRET_KEY.search(key):
            return REDACTED
        return _SECRET_VALUE.sub(REDACTED, value)
    return value


def redacted(value: Any) -> bool:
    """Return True if a secret was taken out of ``value``."""
    if isinstance(value, Mapping):
        return any(map(redacted, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(redacted, value))
    return isinstance(value, str) and REDACTED in value
