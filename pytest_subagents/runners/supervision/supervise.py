"""Runs one agent under a warden of its own, and stays with it until nothing of it lives.

The warden (`warden/`) is a process that starts the agent, captures what it says and ends its tree, whoever dies. This
is the other side: it starts the warden, tells the watcher what came, passes on a stop, and takes over where the warden
is killed.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from pytest_subagents.model import limits
from pytest_subagents.runners.supervision.ending_record import decode_fields, read_ending, write_ending
from pytest_subagents.runners.supervision.order import Cause, Ending, Order, Watch
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.warden.job import Job, encode
from pytest_subagents.runners.supervision.warden.processes import descendants, in_session, kill, marked
from pytest_subagents.runners.supervision.warden_process import WardenProcess


def supervise(order: Order, *, watch: Watch | None = None, stop: Stop | None = None) -> Ending:
    """Runs the program of `order` to its end, or to the first bound, stop or word of the watcher.

    Nothing that the program does raises. What `watch` raises, and what is raised in this thread meanwhile
    (`KeyboardInterrupt`, say), is raised again once the tree is ended. When this returns or raises, `order.stdout`,
    `order.stderr` and `order.end` are complete and no process of the tree lives, except what its user may not end (the
    message tells then). `watch` is called in this thread, the last time with the final size.
    """
    if stop is not None and stop.why:
        return _never_started(order, "stopped", stop.why)
    mark = os.urandom(16).hex()
    try:
        data = encode(_job(order, mark, watched=watch is not None))
    except ValueError as error:
        return _never_started(order, "launch", str(error))
    try:
        process = WardenProcess()
    except OSError as error:
        return _never_started(order, "launch", f"no process can be started: {error.strerror or error}")
    warden = _Warden(order, process, mark)
    try:
        return warden.stay(data, watch, stop)
    except BaseException as error:
        warden.end_for(error, hurry=stop is not None and bool(stop.why))
        raise
    finally:
        warden.close()


class _Warden:
    """The worker's side of the two pipes (`warden/talk.py`)."""

    def __init__(self, order: Order, process: WardenProcess, mark: str) -> None:
        self._order = order
        self._process = process
        self._mark = mark
        self._heard = b""
        self._complaint = ""
        self._root = 0
        self._told = False
        """Whether the warden knows its job."""
        self._seen = 0
        self._began = time.monotonic()
        bounds = order.bounds
        self._patience = None if bounds.timeout is None else self._began + bounds.timeout + self._slack()
        """When a warden that says nothing more has failed."""
        self._ending: Ending | None = None

    def stay(self, data: bytes, watch: Watch | None, stop: Stop | None) -> Ending:
        """Until it is over."""
        self._send(data)
        self._told = True
        while self._ending is None:
            for size, final in self._listen(stop):
                words = watch(size) if watch is not None and size > self._seen else None
                self._seen = size
                if self._patience is not None:  # the watcher may have taken long
                    self._patience = max(self._patience, time.monotonic() + self._slack())
                if words:
                    self._stop("watch", words)
                elif final:
                    self._send(b"done\n")
        return self._ending

    def end_for(self, error: BaseException, *, hurry: bool) -> None:
        """Ends the tree before the error goes on; in a hurry, and with each further one (an impatient Ctrl-C), at
        once."""
        if not self._told:
            self._lose(f"it was interrupted: {type(error).__name__}")
        if hurry:
            self._send(b"kill\n")
        self._stop("stopped", f"it was interrupted: {type(error).__name__}")
        while self._ending is None:
            try:
                for _ in self._listen(None):
                    pass
            except BaseException:
                self._send(b"kill\n")

    def close(self) -> None:
        """Whatever happened: a warden whose pipe is closed ends its agent if it still has one."""
        try:
            self._process.hang_up()
        finally:
            self._process.hang_up()
            self._process.wait()

    def _stop(self, cause: Cause, why: str) -> None:
        words = why.replace("\0", " ").replace("\n", " ")
        self._send(f"stop\0{cause}\0{words}\n".encode("utf-8", "replace"))
        soon = time.monotonic() + self._slack()
        self._patience = soon if self._patience is None else min(self._patience, soon)

    def _send(self, data: bytes) -> None:
        """A warden that cannot be told is dead, which the other pipe tells."""
        with suppress(BrokenPipeError):
            while data:
                data = data[os.write(self._process.control, data) :]

    def _slack(self) -> float:
        return 2 * self._order.bounds.grace + limits.KILL_SECONDS + limits.WARDEN_SECONDS

    def _listen(self, stop: Stop | None) -> Iterator[tuple[int, bool]]:
        """Waits for the warden and for the stop; gives the newest size of the output, and whether it is final."""
        poll = select.poll()
        poll.register(self._process.status, select.POLLIN)
        if stop is not None:
            poll.register(stop.fileno(), select.POLLIN)
        while self._ending is None:
            rest = None if self._patience is None else max(0.0, self._patience - time.monotonic()) * 1000
            ready = [descriptor for descriptor, _ in poll.poll(rest)]
            if stop is not None and stop.fileno() in ready and stop.woken():
                poll.unregister(stop.fileno())
                self._stop("stopped", stop.why)
            if self._process.status in ready:
                yield from self._hear()
            elif not ready:
                self._lose("its warden did not answer")

    def _hear(self) -> Iterator[tuple[int, bool]]:
        data = os.read(self._process.status, 65536)
        *lines, self._heard = (self._heard + data).split(b"\n")
        size, final = 0, False
        for line in lines:
            match line.split(b" ", 1):
                case [b"size" | b"final" as word, number]:
                    size, final = int(number), word == b"final"
                case [b"started", number]:
                    self._root = int(number)
                case [b"end", fields]:
                    self._ending = decode_fields(fields)
                case _:
                    self._complaint = line.decode("utf-8", "replace")
        if size or final:
            yield size, final
        if not data and self._ending is None:
            self._lose(self._complaint)

    def _lose(self, why: str) -> None:
        """The warden is dead, or as good as dead: its agent is ended from here, and the ending written if it is not."""
        self._process.kill()
        code = self._process.wait()
        left = kill(self._processes, lambda: not self._processes(), time.sleep, limits.KILL_SECONDS)
        written = read_ending(self._order.end)
        if written is None:
            how = why or (f"its warden was ended by signal {-code}" if code < 0 else f"its warden ended with {code}")
            message = f"{how}; {left} of its processes cannot be ended" if left else how
            runtime = round((time.monotonic() - self._began) * 1000)
            written = Ending(cause="lost", exit_code=None, message=message, runtime_ms=runtime)
            write_ending(self._order.end, written)
        self._ending = written

    def _processes(self) -> list[psutil.Process]:
        """By the mark; by the session too, as a process can forbid to look at its environment (codex does)."""
        found = {*marked(self._mark), *(in_session(self._root) if self._root else ())}
        return list(found.union(*(descendants(process.pid) for process in found)))


def _job(order: Order, mark: str, *, watched: bool) -> Job:
    bounds = order.bounds
    return Job(
        argv=[os.fsencode(argument) for argument in order.argv],
        env={os.fsencode(name): os.fsencode(value) for name, value in order.env.items()},
        mark=mark.encode(),
        cwd=_path(order.cwd),
        stdin=None if order.stdin is None else _path(order.stdin),
        stdout=_path(order.stdout),
        stderr=_path(order.stderr),
        end=_path(order.end),
        worker=os.getpid(),
        timeout=bounds.timeout,
        idle_timeout=bounds.idle_timeout,
        start_timeout=bounds.start_timeout,
        output_bytes=bounds.output_bytes,
        grace=bounds.grace,
        stderr_bytes=limits.STDERR_BYTES,
        kill_seconds=limits.KILL_SECONDS,
        leftover_seconds=limits.LEFTOVER_SECONDS,
        watch_seconds=limits.WATCH_SECONDS if watched else None,
    )


def _path(path: Path) -> bytes:
    name = os.fsencode(path)
    return name if name.startswith(b"/") else os.path.abspath(name)


def _never_started(order: Order, cause: Cause, message: str) -> Ending:
    """The files are there all the same, so that nobody has to ask."""
    for path in (order.stdout, order.stderr):
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    ending = Ending(cause=cause, exit_code=None, message=message)
    write_ending(order.end, ending)
    return ending
