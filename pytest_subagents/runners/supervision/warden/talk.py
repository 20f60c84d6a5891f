"""The two pipes between a warden and its worker.

From the worker: the job, then `done`, `kill` or `stop`, a line each; the end of the pipe is the death of the worker.
To the worker: `started PID`, `size N`, `final N` and `end` with fields, a line each; anything else is a complaint.
"""

from __future__ import annotations

import os

from pytest_subagents.runners.supervision.warden.job import Job, decode


class Talk:
    """The warden's side. What it says while the agent runs never waits: the worker may be stopped or busy."""

    def __init__(self, control: int, status: int) -> None:
        self.control = control
        self.gone = False
        """The worker is dead, or wants nothing more."""
        self._status = status
        self._heard = b""

    def job(self) -> Job | None:
        """What to do; None where the worker died before it had said all."""
        while b"\n" not in self._heard:
            if not self._listen():
                return None
        head, _, self._heard = self._heard.partition(b"\n")
        size, parts, came = int(head), [self._heard], len(self._heard)
        while came < size:
            parts.append(os.read(self.control, 1 << 20))
            came += len(parts[-1])
            if not parts[-1]:
                return None
        body = b"".join(parts)
        self._heard = body[size:]
        os.set_blocking(self.control, False)
        return decode(body[:size])

    def heard(self) -> list[list[str]]:
        """The words of the worker that have come since, each as its fields."""
        self._listen()
        *lines, self._heard = self._heard.split(b"\n")
        return [line.decode("utf-8", "replace").split("\0") for line in lines]

    def say(self, words: str, *, wait: bool = False) -> bool:
        """False where nobody took it."""
        os.set_blocking(self._status, wait)
        data = words.encode("utf-8", "replace") + b"\n"
        try:
            while data:
                data = data[os.write(self._status, data) :]
        except OSError:
            return False
        return True

    def _listen(self) -> bool:
        try:
            data = os.read(self.control, 65536)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        self._heard += data
        self.gone = self.gone or not data
        return bool(data)
