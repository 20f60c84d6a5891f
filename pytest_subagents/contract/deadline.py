"""Stopping what cannot be counted: a deadline of CPU time that interrupts Python's `re` in the middle of a match.

`re` looks for signals while it backtracks (measured with Python 3.11; jsonschema-rs does not, which is why it only
gets schemas whose cost is bounded). The timer counts this process's own CPU time (`ITIMER_VIRTUAL`), so a busy
machine changes no verdict, and pytest-timeout's alarm (`ITIMER_REAL`) is left alone. No child process is needed.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, TypeVar

T = TypeVar("T")

_AGAIN: Final = 0.05
"""Seconds between further signals, should the first one be swallowed by a callback."""


class DeadlineError(Exception):
    """The CPU time is used up."""


def can_interrupt() -> bool:
    """Whether a `Deadline` can be set: on the main thread of a POSIX process whose handler is Python's."""
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGVTALRM) is not None
    )


class Deadline:
    """CPU seconds for all functions that are run under it together. Needs `can_interrupt()`; not to be nested.

    A handler and a timer that were there before are there again afterwards, the timer less the time used.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.process_time) -> None:
        self._seconds = self._left = seconds
        self._clock = clock
        self._armed = False
        self._handler: Any = None
        self._timer = (0.0, 0.0)

    def __enter__(self) -> Deadline:
        self._timer = signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        self._handler = signal.signal(signal.SIGVTALRM, self._expire)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGVTALRM, self._handler)
        delay, interval = self._timer
        if delay:
            signal.setitimer(signal.ITIMER_VIRTUAL, max(delay - (self._seconds - self._left), 1e-6), interval)

    def run(self, function: Callable[[], T]) -> T:
        """What `function` returns; `DeadlineError` where it, with those before it, takes too long."""
        if self._left <= 0.0:
            raise DeadlineError
        start = self._clock()
        self._armed = True
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._left, _AGAIN)
            return function()
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
            self._left -= self._clock() - start

    def _expire(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            raise DeadlineError
