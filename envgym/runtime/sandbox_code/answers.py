"""What came through the answers' pipe, and what it says about a run."""

import json
from typing import Any, Literal

_OVERHEAD = 4_096
"""Bytes a line may have beyond the result: nonce, index, an error's text."""

Status = Literal["ok", "error", "timeout", "memory", "output"]
_SIGXCPU, _SIGKILLED = 24, 128


class Answers:
    """Collects lines; those without the nonce are forged and spoil the run.

    Args:
        nonce: first word of every true line.
        count: answers due.
        limit: bytes of all results together.
    """

    def __init__(self, nonce: str, count: int, limit: int) -> None:
        self._mark, self._count, self._limit = nonce.encode() + b" ", count, limit
        self._rest = bytearray()
        self._used = 0
        self._values: list[Any] = []
        self._problem = ""
        self._kind: Status = "error"
        self.ready = self.complete = self.overflowed = False

    def take(self, data: bytes) -> None:
        """Read the lines that ``data`` completes."""
        self._rest += data
        if b"\n" in data:
            *lines, rest = self._rest.split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                if not self.complete and not self.overflowed:
                    self._line(bytes(line))
        if len(self._rest) > self._limit + _OVERHEAD:
            self.overflowed = True

    def _line(self, line: bytes) -> None:
        if not line.startswith(self._mark):
            if self.ready:
                self._spoil("the code wrote to the answers' pipe")
            return
        head, _, body = line[len(self._mark) :].partition(b" ")
        if head == b"ready":
            self.ready = True
        elif head == b"end":
            self.complete = True
            if len(self._values) != self._count:
                self._spoil(f"{len(self._values)} of {self._count} inputs were answered")
        elif head == b"error":
            kind, _, text = body.partition(b" ")
            self._spoil(_read(text) or "the code failed")
            self._kind = "memory" if kind == b"memory" else "error"
        elif head == str(len(self._values)).encode() and len(self._values) < self._count:
            self._used += len(body)
            if self._used > self._limit:
                self.overflowed = True
            else:
                self._value(body)
        else:
            self._spoil("the answers came out of order")

    def _value(self, body: bytes) -> None:
        try:
            value = json.loads(body)
            # A lone surrogate can be written to no file.
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:
            self._spoil(f"answer {len(self._values)} is no JSON that can be read: {error}")
        else:
            self._values.append(value)

    def _spoil(self, why: str) -> None:
        self.complete, self._problem = True, self._problem or why

    def verdict(self, code: int | None, ended: str) -> tuple[Status, str, tuple[Any, ...]]:
        """Return status, sentence and values.

        Args:
            code: exit code of the box, as Popen gives it.
            ended: "timeout" or "output" if the run was ended for that, else "".
        """
        if self.overflowed or ended == "output":
            return "output", f"the run wrote more than {self._limit} bytes", ()
        if self._problem:
            return self._kind, self._problem, ()
        if self.complete:
            return "ok", "", tuple(self._values)
        signal = -code if code is not None and code < 0 else (code or 0) - _SIGKILLED
        if ended == "timeout" or signal == _SIGXCPU:
            return "timeout", f"out of time after {len(self._values)} of {self._count} answers", ()
        how = f"was killed by signal {signal}" if signal > 0 else f"exited with code {code}"
        told = f"the process {how} after {len(self._values)} of {self._count} answers"
        return "error", told, ()


def _read(text: bytes) -> str:
    try:
        return str(json.loads(text))
    except (ValueError, RecursionError):
        return ""
