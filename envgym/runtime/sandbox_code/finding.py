"""From a name to a code runner that was seen working, or a refusal that says what to do."""

import shutil
import sys
from functools import cache

from envgym.runtime.sandbox_code.bubblewrap import BubblewrapRunner
from envgym.runtime.sandbox_code.local import UnsafeLocalRunner
from envgym.types import CodeLimits, CodeRunner, ConfigError, EnvgymError, InfraError
from envgym.types.errors import unknown

RUNNERS = ("auto", "bubblewrap", "unsafe-local")

_PROBE = """
def probe(path):
    import socket
    try:
        open(path).close()
        return "a file of the host can be read"
    except OSError:
        pass
    try:
        socket.create_connection(("127.0.0.1", 9), 0.2)
        return "the network can be reached"
    except OSError:
        return "works"
"""


@cache
def why_no_bubblewrap() -> str:
    """Return why bubblewrap cannot be used here; "" if a box was started and held.

    Looked at once per process: it costs two interpreter starts.
    """
    if not sys.platform.startswith("linux"):
        return f"bubblewrap needs Linux, this is {sys.platform}"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: apt-get install bubblewrap (or dnf, pacman, apk)"
    limits = CodeLimits(seconds=10.0, memory_mb=256)
    try:
        inputs = [{"path": __file__}, {"path": "/etc/passwd"}]
        result = BubblewrapRunner().call(_PROBE, "probe", inputs, limits)
    except InfraError as failure:
        return (
            f"bubblewrap cannot make a box here ({failure.detail}); inside a container allow user "
            "namespaces, on Ubuntu set kernel.apparmor_restrict_unprivileged_userns=0"
        )
    except EnvgymError as failure:
        return f"bubblewrap cannot be used here ({failure})"
    if result.values != ("works", "works"):
        found = result.error or ", ".join(sorted({str(each) for each in result.values}))
        return f"bubblewrap's box does not hold here: {found}"
    return ""


def find_runner(name: str = "auto") -> CodeRunner:
    """Return the code runner ``name``.

    Args:
        name: "auto" and "bubblewrap" give the box, after a box was really started; code never
            runs unprotected unless "unsafe-local" is asked for by name.

    Raises:
        ConfigError: no such runner.
        InfraError: bubblewrap cannot be used here; says why and what to do.
    """
    if name == "unsafe-local":
        return UnsafeLocalRunner()
    if name not in RUNNERS:
        raise ConfigError(unknown("code runner", name, RUNNERS))
    if why := why_no_bubblewrap():
        raise InfraError(
            "sandbox",
            f"{why}. Generated code does not run without a sandbox; for code you trust name the "
            "runner 'unsafe-local'",
        )
    return BubblewrapRunner()
