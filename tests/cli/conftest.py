"""Fixtures of the command line's tests: the real commands, in this process or in one of their own."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from envgym.cli.app import run


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def envgym(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Return a function that runs ``envgym ARGS`` here and returns code and text."""

    def call(*args: object) -> Done:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture
def start(script: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that starts ``envgym ARGS`` in a process of its own, ready for Ctrl-C."""

    def call(*args: object) -> subprocess.Popen[str]:
        # A shell's background job, as a test run may be, ignores SIGINT and hands that down.
        former = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                [script, *[str(arg) for arg in args]],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, former)

    return call


@pytest.fixture
def script() -> Path:
    """Return the console script that pip installed beside this interpreter."""
    return Path(sys.executable).with_name("envgym")
