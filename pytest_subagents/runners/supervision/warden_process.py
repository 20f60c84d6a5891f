"""Starts a warden, which is a program of its own in a session of its own."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

import pytest_subagents

_BOOT: Final = (
    "import sys\n"
    "package = sys.modules['pytest_subagents'] = type(sys)('pytest_subagents')\n"
    "package.__path__ = [sys.argv[1]]\n"
    "sys.path.append(sys.argv[2])\n"
    "from pytest_subagents.runners.supervision.warden.watching import main\n"
    "main()\n"
)
"""Neither `site` nor the face of the package is loaded: they would take twice the time of all the rest. The folder of
the package is no place to import from, as in a checkout of it an agent could put a psutil there."""
_FOLDERS: Final = (str(Path(pytest_subagents.__file__).parent), str(Path(psutil.__file__).parent.parent))
_ARGUMENTS: Final = ("-I", "-S", "-c", _BOOT, *_FOLDERS)
_LIBRARIES: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
"""What some builds of Python cannot start without."""


class WardenProcess:
    """A warden and the worker's ends of its two pipes (`warden/talk.py`). `OSError` where none can be started."""

    def __init__(self) -> None:
        self._open: list[int] = []
        self._code: int | None = None
        self.pid = 0
        try:
            self._start()
        except BaseException:
            self.hang_up()
            if self.pid:
                self.wait()
            raise

    def _start(self) -> None:
        job, self.control = self._pipe()
        self.status, words = self._pipe()
        env = {name: os.environ[name] for name in _LIBRARIES if name in os.environ}
        # A third of what subprocess takes of this process. Its own session keeps Ctrl-C in a terminal from it.
        self.pid = os.posix_spawn(
            sys.executable,
            (sys.executable, *_ARGUMENTS),
            env,
            file_actions=(
                (os.POSIX_SPAWN_DUP2, job, 0),
                (os.POSIX_SPAWN_DUP2, words, 1),
                (os.POSIX_SPAWN_DUP2, words, 2),
            ),
            setsid=True,
        )
        self._close(job, words)

    def kill(self) -> None:
        """At once; what it watched is left alone."""
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Until it has ended; its exit code, negative for a signal, 0 where somebody else has reaped it."""
        if self._code is None:
            try:
                _, status = os.waitpid(self.pid, 0)
                self._code = os.waitstatus_to_exitcode(status)
            except ChildProcessError:
                self._code = 0
        return self._code

    def hang_up(self) -> None:
        """Closes the pipes; a warden that still lives ends its agent, then itself."""
        self._close(*self._open)

    def _pipe(self) -> tuple[int, int]:
        pipe = os.pipe()
        self._open += pipe
        return pipe

    def _close(self, *descriptors: int) -> None:
        for descriptor in descriptors:
            self._open.remove(descriptor)
            os.close(descriptor)
