"""Running code that nobody trusts: the protocol of a code runner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLimits:
    """What one run may use."""

    seconds: float = 10.0
    """Wall clock; CPU time is limited to the same amount, rounded up to whole seconds."""
    memory_mb: int = 512
    """Address space, MiB."""
    output_bytes: int = 1_000_000
    """Of the result and of each stream; what is beyond is cut."""
    processes: int = 16
    """Processes and threads at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeResult:
    """How a run ended."""

    status: Literal["ok", "error", "timeout", "memory", "output"]
    """ok: ``values`` holds one result per input; error: the code raised or exited."""
    values: tuple[Any, ...] = ()
    """JSON results, in the order of the inputs."""
    error: str = ""
    """One sentence; the last line of a traceback for an exception."""
    stdout: str = ""
    stderr: str = ""


@runtime_checkable
class CodeRunner(Protocol):
    """Calls a function in a source text on JSON inputs, outside this process."""

    name: str

    def call(
        self, source: str, function: str, inputs: Sequence[Mapping[str, Any]], limits: CodeLimits
    ) -> CodeResult:
        """Return the function's result for every input (keyword arguments).

        Raises:
            InfraError: the sandbox itself failed; never for what the code did.
        """
        ...
