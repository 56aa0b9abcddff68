"""One run: start the box, feed the job, read three pipes up to their limits, leave nothing alive."""

import json
import os
import secrets
import select
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Self

from envgym.runtime.sandbox_code.answers import Answers
from envgym.types import CodeLimits, CodeResult, ConfigError, InfraError

START_SECONDS = 30.0
"""For the box and its interpreter; beyond it the sandbox is broken, not the code."""
_FLOOD = 10
"""A stream that writes this many times what is kept of it is ended."""
_FILES = 64
_GRACE = 0.25
"""Seconds for the last words of a run that is over, and the longest sleep between looks."""
_CHUNK = 65_536


@cache
def harness() -> str:
    """Return the text of the program that runs inside the box."""
    return Path(__file__).with_name("harness.py").read_text(encoding="utf-8")


@dataclass(slots=True)
class Pipe:
    """What one stream said, cut at ``limit`` bytes."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0

    def take(self, data: bytes) -> None:
        """Keep what still fits."""
        self.total += len(data)
        self.kept += data[: max(0, self.limit - len(self.kept))]

    def text(self) -> str:
        """Return what was kept; bytes that are no UTF-8 become replacement signs."""
        return self.kept.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Job:
    """A checked job: a function of a source text and its inputs."""

    source: str
    function: str
    inputs: str
    """JSON list."""
    count: int

    @classmethod
    def of(
        cls,
        source: str,
        function: str,
        inputs: Sequence[Mapping[str, Any]],
        limits: CodeLimits,
    ) -> Self:
        """Return the job; raise ConfigError if it, its limits or an input make no sense."""
        if not isinstance(function, str) or not function.isidentifier():
            raise ConfigError(f"call needs a function name, got {function!r}.")
        if not isinstance(source, str):
            raise ConfigError(f"call needs a source text, got {source!r}.")
        if not 0 < limits.seconds < float("inf"):
            raise ConfigError(
                f"CodeLimits.seconds must be above 0 and finite, got {limits.seconds}."
            )
        for name, least in (("memory_mb", 32), ("output_bytes", 1), ("processes", 1)):
            if getattr(limits, name) < least:
                given = getattr(limits, name)
                raise ConfigError(f"CodeLimits.{name} must be {least} or more, got {given}.")
        texts = []
        for i, each in enumerate(inputs):
            try:
                texts.append(json.dumps(dict(each), allow_nan=False))
            except (TypeError, ValueError, RecursionError) as error:
                raise ConfigError(f"call: input {i} is no JSON: {error}.") from error
        return cls(source, function, f"[{', '.join(texts)}]", len(texts))

    def text(self, nonce: str, limits: list[tuple[str, int]]) -> bytes:
        """Return what the harness reads."""
        rest = {"source": self.source, "function": self.function, "nonce": nonce, "limits": limits}
        return f'{json.dumps(rest)[:-1]}, "inputs": {self.inputs}}}'.encode()


def run(
    argv: Sequence[str],
    job: Job,
    limits: CodeLimits,
    *,
    pass_fds: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> CodeResult:
    """Return how one run of the harness ended.

    Args:
        argv: the command; ``{fd}`` in it becomes the number of the answers' pipe, ``{info}`` that
            of a pipe on which bubblewrap names the first process of the box.
        job: what to run.
        limits: of this run.
        pass_fds: other descriptors that the command needs.
        env: its environment; None: an empty one.
        cwd: its folder.

    Raises:
        InfraError: the box did not start.
    """
    nonce = secrets.token_hex(16)
    answers = Answers(nonce, job.count, limits.output_bytes)
    text = job.text(nonce, _rlimits(limits))
    (read, write), (info, tell) = os.pipe(), os.pipe()
    os.set_blocking(info, False)
    try:
        process = subprocess.Popen(
            [part.replace("{fd}", str(write)).replace("{info}", str(tell)) for part in argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(write, tell, *pass_fds),
            env=dict(env or {}),
            cwd=cwd,
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        os.close(read)
        os.close(info)
        raise InfraError("sandbox", f"the code runner did not start: {error}") from error
    finally:
        os.close(write)
        os.close(tell)
    out, err = Pipe(limits.output_bytes), Pipe(limits.output_bytes)
    try:
        ended = _watch(process, read, text, answers, (out, err), limits)
    finally:
        first = _first(info)
        _kill(process)
        _await(first)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        os.close(read)
        os.close(info)
    if not answers.ready:
        raise InfraError("sandbox", _why(process.returncode, err.text(), ended))
    status, told, values = answers.verdict(process.returncode, ended)
    return CodeResult(
        status=status, values=values, error=told, stdout=out.text(), stderr=err.text()
    )


def _rlimits(limits: CodeLimits) -> list[tuple[str, int]]:
    seconds = ceil(limits.seconds)
    return [
        ("RLIMIT_CORE", 0),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_NOFILE", _FILES),
        ("RLIMIT_FSIZE", max(limits.output_bytes, 1 << 20)),
        ("RLIMIT_NPROC", limits.processes),
        ("RLIMIT_AS", limits.memory_mb << 20),
    ]


def _watch(
    process: "subprocess.Popen[bytes]",
    read: int,
    text: bytes,
    answers: Answers,
    streams: tuple[Pipe, Pipe],
    limits: CodeLimits,
) -> str:
    """Serve the pipes until all are closed; return "timeout", "output" or ""."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    stdin, stdout, stderr = (
        each.fileno() for each in (process.stdin, process.stdout, process.stderr)
    )
    takers = {stdout: streams[0], stderr: streams[1]}
    deadline, started, settled = time.monotonic() + START_SECONDS, False, False
    rest = memoryview(text)
    os.set_blocking(stdin, False)
    with selectors.DefaultSelector() as selector:
        selector.register(stdin, selectors.EVENT_WRITE)
        for fd in (*takers, read):
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            now = time.monotonic()
            if answers.ready and not started:
                deadline, started = now + limits.seconds, True
            if not settled and (answers.complete or process.poll() is not None):
                # What it left running may hold the pipes open; the last words are read, no more.
                deadline, settled = min(deadline, now + _GRACE), True
            if now >= deadline:
                return "" if settled else "timeout"
            for key, _ in selector.select(min(deadline - now, _GRACE)):
                if key.fd == stdin:
                    rest = _feed(stdin, rest)
                    if not rest:
                        selector.unregister(stdin)
                        process.stdin.close()
                elif not (data := os.read(key.fd, _CHUNK)):
                    selector.unregister(key.fd)
                elif key.fd == read:
                    answers.take(data)
                    if answers.overflowed:
                        return "output"
                else:
                    takers[key.fd].take(data)
                    if takers[key.fd].total > _FLOOD * limits.output_bytes:
                        return "output"
        # All pipes are closed: it is over, or the code closed them and goes on.
        try:
            process.wait(max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            return "" if answers.complete else "timeout"
    return ""


def _feed(fd: int, rest: memoryview) -> memoryview:
    """Write what fits into the pipe and return what is left; nothing if nobody reads any more."""
    try:
        return rest[os.write(fd, rest[:_CHUNK]) :]
    except BlockingIOError:
        return rest
    except OSError:
        return rest[:0]


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the process, its group and, with the box's first process, all that is in the box."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _first(info: int) -> int | None:
    """Return a handle on the first process of the box; None if there is no box or it is gone."""
    try:
        return os.pidfd_open(json.loads(os.read(info, _CHUNK))["child-pid"])
    except (OSError, ValueError, KeyError):
        return None


def _await(first: int | None) -> None:
    """Wait until the box's first process is gone; the kernel ends all others before it."""
    if first is None:
        return
    try:
        poll = select.poll()
        poll.register(first, select.POLLIN)
        gone = poll.poll(START_SECONDS * 1000)
    finally:
        os.close(first)
    if not gone:
        raise InfraError(
            "sandbox", f"the box was killed and is still there {START_SECONDS:g} s later"
        )


def _why(code: int | None, stderr: str, ended: str) -> str:
    """Return why there was no first line of the harness."""
    last = stderr.strip().splitlines()[-1:] or [f"exit code {code}"]
    if ended == "timeout":
        return f"the box did not start within {START_SECONDS:g} s: {last[0]}"
    return f"the box did not start: {last[0]}"
