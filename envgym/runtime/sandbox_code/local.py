"""The runner without a box: limits, and nothing between the code and this user's files."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from envgym.runtime.sandbox_code.process import Job, harness, run
from envgym.types import CodeLimits, CodeResult


class UnsafeLocalRunner:
    """Run code as this user, with limits but without isolation: for code you trust.

    Covered: wall clock, CPU time, address space, files' size and output. Not covered: the
    network, every file this user can read or write, processes (as root even their number), and
    what the code leaves behind in a session of its own.

    >>> from envgym.types import CodeLimits
    >>> source = "def double(x): return 2 * x"
    >>> UnsafeLocalRunner().call(source, "double", [{"x": 4}], CodeLimits()).values
    (8,)
    """

    name = "unsafe-local"

    def call(
        self, source: str, function: str, inputs: Sequence[Mapping[str, Any]], limits: CodeLimits
    ) -> CodeResult:
        """Return the function's result for every input."""
        job = Job.of(source, function, inputs, limits)
        argv = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", harness(), "{fd}", "-1"]
        with tempfile.TemporaryDirectory(prefix="envgym-code-") as folder:
            return run(argv, job, limits, cwd=folder)
