"""The runner that puts code into a bubblewrap box."""

import itertools
import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from subprocess import SubprocessError
from subprocess import run as run_command
from typing import Any

from envgym.runtime.sandbox_code import seccomp
from envgym.runtime.sandbox_code.binds import LIBRARIES, interpreter
from envgym.runtime.sandbox_code.process import Job, harness, run
from envgym.types import CodeLimits, CodeResult, InfraError

WORK = "/work"
"""The box's only writable folder, in memory, gone with it."""
WORK_BYTES = 16 << 20
_FIRST_UID, _UIDS = 61_184, 4_336
"""Users that no account has by default; as root every box runs as the next one, because the
kernel counts processes per user and never limits root's."""
_NOBODY = "65534"
_STRIDE = 61
"""Shares no factor with ``_UIDS``: forked workers, whose turns are equal, stay apart."""
_turns = itertools.count()


class BubblewrapRunner:
    """Run code with no network, no host files and no rights; see the package for what is covered.

    One interpreter start per call, whatever the number of inputs (25 ms on an idle core, 0.1 s on a
    busy one). Works as root and
    as another user; not inside a container that forbids namespaces.

    Thread-safe: the box ends with the thread that called, which waits for it anyway.
    """

    name = "bubblewrap"

    def call(
        self, source: str, function: str, inputs: Sequence[Mapping[str, Any]], limits: CodeLimits
    ) -> CodeResult:
        """Return the function's result for every input.

        Raises:
            InfraError: bubblewrap is missing or the box did not start.
        """
        job = Job.of(source, function, inputs, limits)
        filtered = seccomp.opened()
        try:
            argv = _argv(filtered)
            return run(argv, job, limits, pass_fds=() if filtered is None else (filtered,))
        finally:
            if filtered is not None:
                os.close(filtered)


def _argv(filtered: int | None) -> list[str]:
    """Return the command of one box; ``{fd}`` stands for the answers' pipe."""
    path = shutil.which("bwrap")
    if path is None:
        raise InfraError("sandbox", "bubblewrap is not installed (no 'bwrap' on the PATH)")
    python = interpreter()
    root = os.geteuid() == 0
    argv = [path, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    argv += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "box"]
    argv += ["--info-fd", "{info}"]
    if root:  # the harness becomes another user before it reads anything, and keeps no right
        argv += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        uid = str(_FIRST_UID + (_STRIDE * os.getpid() + next(_turns)) % _UIDS)
    else:
        argv += ["--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY]
        if "--disable-userns" in _options(path):
            argv += ["--disable-userns"]
        uid = "-1"
    for folder in python.folders:  # else bubblewrap makes them for root alone
        argv += ["--perms", "0755", "--dir", folder]
    for there, here in python.binds:
        argv += ["--ro-bind", there, here]
    for folder in python.covered:
        argv += ["--tmpfs", folder, "--remount-ro", folder]
    argv += ["--dev", "/dev", "--remount-ro", "/dev"]
    argv += ["--perms", "1777", "--size", str(WORK_BYTES), "--tmpfs", WORK]
    argv += ["--remount-ro", "/", "--chdir", WORK]
    argv += ["--clearenv", "--setenv", "LD_LIBRARY_PATH", LIBRARIES, "--setenv", "HOME", WORK]
    argv += ["--setenv", "TMPDIR", WORK]
    if filtered is not None:
        argv += ["--seccomp", str(filtered)]
    return [*argv, "--", python.executable, *_PYTHON, harness(), "{fd}", uid]


_PYTHON = ("-I", "-S", "-B", "-X", "utf8", "-c")


@cache
def _options(path: str) -> frozenset[str]:
    try:
        shown = run_command(
            [path, "--help"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, SubprocessError) as error:
        raise InfraError("sandbox", f"the code runner did not start: {error}") from error
    return frozenset((shown.stdout + shown.stderr).split())
