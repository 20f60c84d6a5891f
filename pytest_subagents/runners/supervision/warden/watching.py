"""The warden: one small process for each agent, which outlives everybody who could forget to end that agent.

It starts the agent, puts what it says into files, watches the bounds, and ends the whole tree when the agent has ended,
a bound is passed, the worker asks for it, or the worker is gone. It loads little, so that it starts in milliseconds: no
typing, dataclasses, json or pathlib, and psutil only when a tree must be ended or the agent runs on for a while.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from pytest_subagents.runners.supervision.warden.capture import BoundedCapture, Capture, new_file, wide_pipe
from pytest_subagents.runners.supervision.warden.ending_text import ending_text, write_ending
from pytest_subagents.runners.supervision.warden.job import Job
from pytest_subagents.runners.supervision.warden.kernel import adopt_orphans, hide_process
from pytest_subagents.runners.supervision.warden.start import CannotStart, start
from pytest_subagents.runners.supervision.warden.talk import Talk
from pytest_subagents.runners.supervision.warden.tree import Tree

_PREPARE_SECONDS = 0.5
"""An agent that runs for so long is one that may have to be ended: what is needed for that is loaded before the agent
can do something to it (an agent in a checkout may remove the environment that psutil is in)."""
_ASKED_TO_END = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """The life of a warden: its standard input is the control pipe, its standard output the status pipe."""
    _let_go()
    hide_process()
    talk = Talk(0, 1)
    job = talk.job()
    if job is not None:
        Warden(job, talk).run()
    os._exit(0)  # what Python does at its end takes as long as its start, and nothing of it is needed


def _let_go() -> None:
    """Of all that a worker's other descriptors let through, and of its folder."""
    os.chdir("/")
    for name in os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"):
        if int(name) > 2:
            with suppress(OSError):
                os.close(int(name))


class Warden:
    """One agent, from its start to the end of the last process of its tree."""

    def __init__(self, job: Job, talk: Talk) -> None:
        self._job = job
        self._talk = talk
        self._tree = Tree(job.mark.decode(), complete=adopt_orphans())
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._captures: list[Capture] = []
        self._cause = ""
        self._message = ""
        self._root = 0
        self._exit_code: int | None = None
        self._ended: float | None = None
        """When the agent itself, the root of its tree, had ended."""
        self._childless = False
        self._left_behind = 0
        self._in_a_hurry = False
        self._answered = False
        self._spoke = False
        self._began = self._last_byte = time.monotonic()
        self._last_word = 0.0
        self._told = 0

    def run(self) -> None:
        """Nothing raises out of here but a fault of the warden's own, and then the tree is ended first."""
        folder = -1
        try:
            folder = os.open(os.path.dirname(self._job.end), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._listen()
            self._supervise()
        except CannotStart as error:
            self._end_for("launch", str(error))
        except OSError as error:
            if self._root:
                self._give_up()
                raise
            where = os.fsdecode(error.filename or b"")
            self._end_for("disk" if where else "launch", f"{where or 'it cannot be started'}: {error.strerror}")
        except BaseException:
            self._give_up()
            raise
        ended = time.monotonic() if self._ended is None else self._ended
        runtime = round((ended - self._began) * 1000) if self._root else 0
        text = ending_text(self._cause, self._exit_code, self._message, runtime, self._left_behind)
        with suppress(OSError):  # the disk is full, or the agent removed the folder: the worker is told all the same
            write_ending(folder, os.path.basename(self._job.end), text)
        code = "" if self._exit_code is None else self._exit_code
        words = self._message.replace("\n", " ")
        self._talk.say(f"end {self._cause}\0{code}\0{runtime}\0{self._left_behind}\0{words}", wait=True)

    def _give_up(self) -> None:
        if self._root:
            self._tree.kill(lambda: not self._tree.processes(), time.sleep, self._job.kill_seconds)

    def _supervise(self) -> None:
        job, writers = self._job, []
        try:
            for path in (job.stdout, job.stderr):
                file = new_file(path)
                reader, writer = wide_pipe()
                writers.append(writer)
                self._captures.append(
                    BoundedCapture(reader, file, job.stderr_bytes)
                    if self._captures
                    else Capture(reader, file, job.output_bytes)
                )
            self._hear()  # what came with the job
            if self._cause:
                return
            self._root = start(job, *writers)
        finally:
            for writer in writers:
                os.close(writer)
        self._began = self._last_byte = time.monotonic()
        self._talk.say(f"started {self._root}")
        for capture in self._captures:
            self._watch(capture.reader, partial(self._take, capture))
        self._run_until_root_ends()
        self._end_tree()
        for capture in self._captures:
            self._forget(capture.reader)
            capture.finish()
        self._judge_output()
        self._confirm()

    # What can happen.

    def _listen(self) -> None:
        """To the worker, to its death, and to signals."""
        waker, wake = os.pipe()
        for end in (waker, wake):
            os.set_blocking(end, False)
        for number in (signal.SIGCHLD, *_ASKED_TO_END):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._watch(waker, lambda: self._woken(os.read(waker, 4096)))
        self._watch(self._talk.control, self._hear)
        if hasattr(os, "pidfd_open"):
            # A fork of the worker (by a test of the user's, say) keeps the control pipe open when the worker dies.
            try:
                worker = os.pidfd_open(self._job.worker)
            except OSError:
                worker = -1
            if worker >= 0 and os.getppid() == self._job.worker:
                self._watch(worker, lambda: self._lose_worker(worker))

    def _watch(self, descriptor: int, handler: Callable[[], None]) -> None:
        self._handlers[descriptor] = handler
        self._poll.register(descriptor, select.POLLIN)

    def _forget(self, descriptor: int) -> None:
        if self._handlers.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def _turn(self, seconds: float | None) -> None:
        """Waits for something to happen, so many seconds at most, and sees to all that has happened."""
        milliseconds = None if seconds is None else max(0, int(seconds * 1000) + 1)
        for descriptor, _ in self._poll.poll(milliseconds):
            if descriptor in self._handlers:
                self._handlers[descriptor]()
        self._tell_size()

    def _take(self, capture: Capture) -> None:
        came = capture.pump()
        if came and capture is self._captures[0]:
            self._spoke, self._last_byte = True, time.monotonic()
        if not capture.open:
            self._forget(capture.reader)

    def _woken(self, signals: bytes) -> None:
        for number in _ASKED_TO_END:
            if number in signals:
                self._end_for("stopped", f"its warden got {number.name}")
        try:
            while not self._childless:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self._root:
                    self._exit_code, self._ended = os.waitstatus_to_exitcode(status), time.monotonic()
        except ChildProcessError:
            self._childless = True

    def _hear(self) -> None:
        for word, *fields in self._talk.heard():
            if word == "stop":
                self._end_for(*fields)
            self._in_a_hurry = self._in_a_hurry or word == "kill"
            self._answered = self._answered or word in ("stop", "done")
        if self._talk.gone:
            self._lose_worker(self._talk.control)

    def _lose_worker(self, descriptor: int) -> None:
        self._talk.gone = True
        self._forget(descriptor)
        self._end_for("stopped", "the process that ran it is gone")

    def _tell_size(self) -> None:
        every = self._job.watch_seconds
        if every is None or not self._captures or self._told == self._captures[0].size:
            return
        now = time.monotonic()
        if now - self._last_word >= every:
            size, self._last_word = self._captures[0].size, now
            if self._talk.say(f"size {size}"):
                self._told = size

    # What follows from it.

    def _end_for(self, cause: str, message: str) -> None:
        """The first cause counts; only what the last bytes mean to the watcher counts for an agent that has ended."""
        if not self._cause or (self._cause == "exited" and cause == "watch"):
            self._cause, self._message = cause, message

    def _run_until_root_ends(self) -> None:
        while self._ended is None and not self._cause:
            self._turn(self._seconds_to_next_bound())
            self._judge_output()
            if self._ended is None:
                self._judge_clock()
        self._end_for("exited", "")

    def _bounds(self) -> list[tuple[float, str, str]]:
        """When which bound is passed, as things are."""
        job, found = self._job, []
        if job.timeout is not None:
            found.append((self._began + job.timeout, "timeout", f"it ran for longer than {job.timeout:g} s"))
        if not self._spoke and job.start_timeout is not None:
            found.append(
                (self._began + job.start_timeout, "start_timeout", f"it said nothing for {job.start_timeout:g} s")
            )
        elif job.idle_timeout is not None:
            message = f"it said nothing{' more' * self._spoke} for {job.idle_timeout:g} s"
            found.append((self._last_byte + job.idle_timeout, "idle_timeout", message))
        return found

    def _judge_clock(self) -> None:
        now = time.monotonic()
        for when, cause, message in self._bounds():
            if now >= when:
                self._end_for(cause, message)
        if now >= self._began + _PREPARE_SECONDS:
            self._tree.prepare()

    def _seconds_to_next_bound(self) -> float | None:
        times = [when for when, _, _ in self._bounds()]
        if not self._tree.prepared:
            times.append(self._began + _PREPARE_SECONDS)
        if self._job.watch_seconds is not None and self._told != self._captures[0].size:
            times.append(self._last_word + self._job.watch_seconds)
        return min(times) - time.monotonic() if times else None

    def _judge_output(self) -> None:
        if self._cause not in ("", "exited"):
            return
        cause, message = "", ""
        for name, capture in zip(("standard output", "standard error"), self._captures, strict=True):
            if capture.failure:
                cause, message = "disk", f"its {name} cannot be written: {capture.failure}"
        if self._captures[0].over:
            cause, message = "output_limit", f"it said more than {self._job.output_bytes} bytes"
        if cause:
            self._cause, self._message = cause, message

    def _end_tree(self) -> None:
        """All that the agent started ends: what outlives it gets a moment, then TERM, then KILL."""
        by_itself = self._ended is not None
        if by_itself:
            self._wait(self._job.leftover_seconds)
        if self._gone():
            return
        if by_itself:
            self._left_behind = len(self._tree.processes())
        self._tree.terminate()
        self._wait(self._job.grace)
        if self._gone():
            return
        if not by_itself:
            self._left_behind = sum(process.pid != self._root for process in self._tree.processes())
        if left := self._tree.kill(self._gone, self._turn, self._job.kill_seconds):
            self._message = f"{self._message}; {left} of its processes cannot be ended".removeprefix("; ")

    def _gone(self) -> bool:
        return self._childless and self._tree.is_complete_or_empty()

    def _wait(self, seconds: float) -> None:
        """Until the tree is gone, or somebody is in a hurry; what the agent says is taken all the while."""
        deadline = time.monotonic() + seconds
        while not self._gone() and not self._in_a_hurry and (rest := deadline - time.monotonic()) > 0:
            self._turn(rest)

    def _confirm(self) -> None:
        """The worker sees the whole of the output before anybody reads how it ended, and may find a limit in it."""
        if self._job.watch_seconds is None or not self._talk.say(f"final {self._captures[0].size}", wait=True):
            return
        while not self._answered and not self._talk.gone:
            self._turn(None)
