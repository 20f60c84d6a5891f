"""Draws below what pytest has written to its terminal, and makes room before pytest writes again.

pytest's cursor stays where pytest has left it, in the middle of a line mostly. The lines below it are reserved first
(ESC D goes down without going to the left, and scrolls at the bottom), so that the position that is saved then is
still right when it is restored. To clear them is to erase from the cursor on, and pytest goes on as if they had never
been there; whatever else was written meanwhile, the next drawing begins with the same.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from pytest_subagents.reports.cells import cells

_CLEAR: Final = "\x1b[J"
_DOWN: Final = "\x1bD"
_UNSEEN: Final = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""Colours, and what pytest tells the window of its progress."""
_KEEP: Final = 4
"""Lines of pytest's own that stay in sight."""
_AGAIN_SECONDS: Final = 0.1
"""What is drawn again after pytest has written, at most that often: it may write thousands of lines a second."""


class Below:
    """Stands for the file of pytest's terminal writer until it is closed. Every method may be called in any thread."""

    def __init__(self, writer: Any, descriptor: int) -> None:
        self._writer = writer
        self._file = writer._file
        self._descriptor = descriptor  # of our own: in a test, capturing has put another file in the place of stdout
        dumb = os.environ.get("TERM", "") in ("", "dumb") or bool(os.environ.get("CI"))
        self.draws = os.isatty(descriptor) and not dumb
        """Whether somebody looks at it, on a terminal that can do what we need; the log of a CI service is none."""
        self._lock = threading.RLock()  # pytest may be interrupted while it writes, and write of that
        self._lines: tuple[str, ...] = ()
        """What is to be seen while pytest does not write."""
        self._shown = False
        self._drawn = 0.0
        self._line = ""
        """What pytest has written of a line that it has not ended."""
        self._cut = False
        """We have ended that line."""
        self._file.flush()
        writer._file = self

    @classmethod
    def of(cls, config: Any) -> Below | None:
        """None where there is no terminal reporter, or what it writes to is no file of the system's."""
        if config.pluginmanager.get_plugin("terminalreporter") is None:
            return None
        writer = config.get_terminal_writer()
        try:
            return cls(writer, os.dup(writer._file.fileno()))
        except (AttributeError, OSError, ValueError):
            return None

    @property
    def colours(self) -> bool:
        return bool(self._writer.hasmarkup)

    def size(self) -> tuple[int, int]:
        """Cells of a line, and lines that can be drawn: none on a terminal of a few lines."""
        width, height = 0, 0
        with suppress(OSError):
            width, height = os.get_terminal_size(self._descriptor)
        return width or 80, max((height or 24) - _KEEP, 0)

    def draw(self, lines: Sequence[str], *, only_if: Callable[[], bool]) -> None:
        """`lines` below the cursor, in the place of those that are there; nothing if `only_if` says no by then."""
        with self._lock:
            if not only_if():
                self.clear()
            elif tuple(lines) != self._lines or not self._shown:
                self._lines = tuple(lines)
                self._show()

    def clear(self) -> None:
        """Nothing of ours is on the terminal any more."""
        with self._lock:
            self._lines = ()
            self._hide()

    def tell(self, line: str) -> None:
        """`line` on a line of its own, for a log. What pytest goes on with begins as the line that this one cut."""
        with self._lock:
            before = "\n" if self._line and not self._cut else ""
            self._cut = bool(self._line)
            self._put(f"{before}{line}\n")

    def close(self) -> None:
        """Gives pytest its file back."""
        with self._lock:
            self.clear()
            if self._writer._file is self:
                self._writer._file = self._file
            os.close(self._descriptor)
            self._descriptor = -1  # of a thread that somebody did not wait for, nothing reaches another file

    def write(self, text: str) -> int:
        """What pytest writes."""
        with self._lock:
            self._hide()
            again = text
            if self._cut and text:
                again = text[1:] if text.startswith("\n") else self._line + text
            self._file.write(again)
            self._file.flush()
            self._cut = self._cut and not text
            self._line = (self._line + text).rpartition("\n")[2]
            if self._lines and time.monotonic() - self._drawn >= _AGAIN_SECONDS:
                self._show()
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def _show(self) -> None:
        width, height = self.size()
        *before, last = (cells(part) for part in _UNSEEN.sub("", self._line).split("\r"))
        # Where the next character begins a new line, some terminals forget that when the cursor is restored.
        at_margin = last > 0 and last % width == 0
        # What stands to the right of the cursor would be erased with what stands below it.
        overwriting = any(each > last for each in before)
        if at_margin or overwriting or not 0 < len(self._lines) <= height:
            self._hide()
            return
        self._shown, self._drawn = True, time.monotonic()
        count = len(self._lines)
        # Without wrapping at the margin: a terminal may think that a character is wider than we do.
        rows = "".join(f"\r\n{line}" for line in self._lines)
        self._put(f"{_CLEAR}{_DOWN * count}\x1b[{count}A\x1b7\x1b[?7l{rows}\x1b[?7h\x1b8")

    def _hide(self) -> None:
        if self._shown:
            self._shown = False
            self._put(_CLEAR)

    def _put(self, text: str) -> None:
        data = text.encode(self._file.encoding or "utf-8", "replace")
        with suppress(OSError):  # the terminal is gone: pytest will see to that
            while data:
                data = data[os.write(self._descriptor, data) :]
