"""A stop that any thread can ask for, and that wakes whoever waits for a process.

So do signals, where `wake_on_signals` says so. The kernel may give a signal to any thread, and then nothing interrupts
the main thread's waiting, in which alone Python runs the handler.
"""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress


class Stop:
    """Asked for once, for good; `fileno` becomes readable then, and `woken` says whether that was the reason."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        for descriptor in (self._reader, self._writer):
            os.set_blocking(descriptor, False)
        self._why = ""

    @property
    def why(self) -> str:
        """Words for a person; empty while nobody asked."""
        return self._why

    def ask(self, why: str) -> None:
        """Safe in a signal handler and in any thread; the first one counts."""
        if not self._why:
            self._why = why
            os.write(self._writer, b"\0")

    def wait(self, seconds: float | None) -> bool:
        """Waits that long (None: without end), or until somebody asks; whether somebody has."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self._why:
            rest = None if deadline is None else deadline - time.monotonic()
            if rest is not None and rest <= 0:
                break
            select.select([self._reader], [], [], rest)
            self.woken()
        return bool(self._why)

    def woken(self) -> bool:
        """Whether somebody has asked, for one who found `fileno` readable; it is not any more where nobody has."""
        if not self._why:
            with suppress(BlockingIOError):
                os.read(self._reader, 4096)
        return bool(self._why)

    def wake_on_signals(self) -> int:
        """From now on every signal that Python handles makes `fileno` readable. In the main thread only; gives what
        `signal.set_wakeup_fd` takes to undo it."""
        return signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def fileno(self) -> int:
        return self._reader

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)
