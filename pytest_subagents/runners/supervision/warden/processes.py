"""Processes of an agent, wherever they moved to, and their end. psutil guards against numbers that are used again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable

import psutil

from pytest_subagents.runners.supervision.warden.job import MARK


def descendants(ancestor: int | None = None) -> list[psutil.Process]:
    """Of this process, or of another one; dead ones that nobody has reaped are left out."""
    try:
        found = psutil.Process(ancestor).children(recursive=True)
    except (psutil.Error, OSError):
        return []
    return [process for process in found if _lives(process)]


def marked(mark: str) -> list[psutil.Process]:
    """Processes that have the mark in their environment, as far as this user may look into it."""
    return [process for process in psutil.process_iter() if _carries(process, mark)]


def in_session(session: int) -> list[psutil.Process]:
    """Processes whose session is that of a process (dead or not) that began one."""
    return [process for process in psutil.process_iter() if _session(process.pid) == session and _lives(process)]


def send(processes: Iterable[psutil.Process], number: int) -> None:
    """psutil looks first whether each is still the same process, or another one with its number."""
    for process in processes:
        try:
            process.send_signal(number)
        except (psutil.Error, OSError):
            continue


def terminate(processes: Iterable[psutil.Process]) -> None:
    """Asks to end; one that is stopped must go on for that."""
    processes = list(processes)
    send(processes, signal.SIGTERM)
    send(processes, signal.SIGCONT)


def kill(
    find: Callable[[], list[psutil.Process]], gone: Callable[[], bool], pause: Callable[[float], None], seconds: float
) -> int:
    """Kills what `find` finds until all are `gone`; gives how many are left when the seconds are over.

    All are stopped before the first is killed, so that none can start another one in between.
    """
    deadline = time.monotonic() + seconds
    while not gone():
        stopped: set[psutil.Process] = set()
        while more := set(find()) - stopped:
            send(more, signal.SIGSTOP)
            stopped |= more
            if time.monotonic() > deadline:
                break
        send(stopped, signal.SIGKILL)
        if time.monotonic() > deadline:
            return len(stopped)
        pause(0.01)
    return 0


def _lives(process: psutil.Process) -> bool:
    """A process whose first thread has ended looks like a zombie, but its other threads may go on."""
    try:
        dead = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return not dead or process.num_threads() > 1
    except (psutil.Error, OSError):
        return False


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return bool(process.environ().get(MARK) == mark) and _lives(process)
    except (psutil.Error, OSError, ValueError):
        return False


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0
