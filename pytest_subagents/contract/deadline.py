"""Stopping what cannot be counted: a deadline of CPU time that interrupts Python's `re` in the middle of a match.

`re` looks for signals while it backtracks (measured with Python 3.11; jsonschema-rs does not, which is why it only
gets schemas whose cost is bounded). The timer counts this process's own CPU time (`ITIMER_VIRTUAL`), so a busy
machine changes no verdict and pytest-timeout's alarm (`ITIMER_REAL`) is left alone. No child process is needed.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final, TypeVar

T = TypeVar("T")

_AGAIN: Final = 0.05
"""Seconds between further signals, should the first one be swallowed by a callback."""


class DeadlineError(Exception):
    """The CPU time is used up."""


def can_interrupt() -> bool:
    """Whether `within` can stop its function: on the main thread of a POSIX process whose handler is Python's."""
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGVTALRM) is not None
    )


def within(seconds: float, function: Callable[[], T]) -> T:
    """What `function` returns; `DeadlineError` once it has used `seconds` of CPU time. Needs `can_interrupt()`.

    A timer and a handler that were there before are there again afterwards, the timer less the time used.
    """
    armed = True

    def expire(number: int, frame: FrameType | None) -> None:
        if armed:
            raise DeadlineError

    before = signal.getsignal(signal.SIGVTALRM)
    other_delay, other_interval = signal.getitimer(signal.ITIMER_VIRTUAL)
    signal.signal(signal.SIGVTALRM, expire)
    left = 0.0
    try:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
            return function()
        finally:
            armed = False
            left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
        if other_delay:
            signal.setitimer(signal.ITIMER_VIRTUAL, max(other_delay - (seconds - left), 1e-6), other_interval)
