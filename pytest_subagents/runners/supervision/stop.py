"""A stop that any thread can ask for, and that wakes whoever waits for a process."""

from __future__ import annotations

import os
import select


class Stop:
    """Asked for once, for good; `fileno` becomes readable then."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else os.pipe()
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

    def wait(self, seconds: float) -> bool:
        """Waits that long, or until somebody asks; whether somebody has."""
        select.select([self._reader], [], [], seconds)
        return bool(self._why)

    def fileno(self) -> int:
        return self._reader

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)
