"""Ctrl-C as a wish: finish what must not be cut, save, leave."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Stopped(Exception):  # noqa: N818  # a wish that was granted, not an error
    """Raised at the next safe point after a wish to stop."""


class Interrupt:
    """While open, the first SIGINT or SIGTERM sets ``asked``; a second SIGINT stops at once.

    Outside the main thread signals cannot be caught; then only ``ask`` sets it.
    """

    def __init__(self) -> None:
        self.asked = False
        self._former: dict[int, object] = {}

    def ask(self) -> None:
        """Wish to stop."""
        self.asked = True

    def check(self) -> None:
        """Raise ``Stopped`` if somebody wishes to stop."""
        if self.asked:
            raise Stopped

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)  # type: ignore[arg-type]

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True
