"""Ctrl-C, and SIGTERM as CI systems send it, in a process that runs agents.

While an agent runs, the first one ends the agent, so that there is a result: what it had said and spent by then. The
interrupt itself goes on when that result is there. Whoever asks a second time does not want to wait for it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from pytest_subagents.runners.supervision.stop import Stop

_DEFAULTS: Final[dict[signal.Signals, Any]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""What a person or another plugin has set (`nohup` ignores signals) is left as it is."""


class Interrupts:
    """Handles both signals from `install` to `restore`."""

    def __init__(self, stop: Stop, *, terminates: bool) -> None:
        """`stop` ends the agents of this process. Without `terminates` SIGTERM is left alone: xdist replaces a worker
        that dies of it, whose warden sees to the agent, but ends the whole run for one that was interrupted."""
        self._stop = stop
        self._numbers = tuple(_DEFAULTS) if terminates else (signal.SIGINT,)
        self._before: dict[signal.Signals, Any] = {}
        self._woken_before: int | None = None
        self._holding = False
        self._held = ""

    def install(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in self._numbers:
            if signal.getsignal(number) is _DEFAULTS[number]:
                self._before[number] = signal.signal(number, self._take)
        self._woken_before = self._stop.wake_on_signals()

    def restore(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)
        if self._woken_before is not None:
            signal.set_wakeup_fd(self._woken_before)
            self._woken_before = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """What comes meanwhile ends the agent first, and is raised as `KeyboardInterrupt` at the end."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._held:
            name, self._held = self._held, ""
            raise KeyboardInterrupt(name)

    def _take(self, number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self._holding:
            # In this order: another signal may come at any moment, and what it raises be lost in some import.
            self._stop.ask(f"the run was interrupted ({name})")
            if not self._held:
                self._held = name
                return
        raise KeyboardInterrupt(name)
