"""The steps that do not speak: what programs do to who started them. Standard library only."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from pytest_subagents.testing.steps import (
    FOREVER,
    Daemonise,
    Die,
    Exit,
    Flood,
    Hang,
    IgnoreTerm,
    LongLine,
    Orphan,
    Raw,
    Relaunch,
    Step,
    UnendedLine,
    Wait,
    WaitFor,
)

_CHUNK: Final = 1 << 16
_LINE: Final = b"noise " * 21 + b"\n"


def act(step: Step, *, left: Callable[[int], None]) -> None:
    """Does a step. `left` hears of each process that is left behind. Raises `ValueError` for a step that speaks."""
    match step:
        case Raw(text=text, to=to):
            write(text.encode("utf-8", "surrogateescape"), to)
        case Flood(size=size, to=to):
            _repeat(_LINE, size, to)
        case LongLine(size=size):
            _repeat(b"x", max(size - 1, 0), "stdout")
            write(b"\n", "stdout")
        case UnendedLine(size=size):
            _repeat(b"x", size, "stdout")
        case Wait(seconds=seconds) | Hang(seconds=seconds):
            time.sleep(seconds)
        case WaitFor(path=path):
            _wait_for(Path(path))
        case IgnoreTerm():
            ignore_term()
        case Daemonise(holds_pipe=holds_pipe, ignores_term=ignores_term, seconds=seconds):
            _leave(seconds, ignores_term=ignores_term, own_session=True, holds_pipe=holds_pipe, left=left)
        case Orphan(ignores_term=ignores_term, seconds=seconds):
            _leave(seconds, ignores_term=ignores_term, own_session=False, holds_pipe=True, left=left)
        case Relaunch():
            _relaunch(left)
        case Exit(code=code):
            leave(code)
        case Die(signal=name):
            _die(name)
        case _:
            raise ValueError(f"{type(step).__name__} is no act")


def write(data: bytes, to: str) -> None:
    """All of `data`. A reader that has gone ends the program, as it ends others."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1 if to == "stdout" else 2, rest) :]


def leave(code: int) -> NoReturn:
    sys.stderr.flush()
    os._exit(code)


def ignore_term() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _repeat(piece: bytes, size: int, to: str) -> None:
    chunk = piece * max(_CHUNK // len(piece), 1)
    whole, rest = divmod(size, len(chunk))
    for _ in range(whole):
        write(chunk, to)
    write(chunk[:rest], to)


def _wait_for(path: Path) -> None:
    end = time.monotonic() + FOREVER
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)


def _leave(
    seconds: float, *, ignores_term: bool, own_session: bool, holds_pipe: bool, left: Callable[[int], None]
) -> None:
    """Starts a process whose parent is gone at once; it has done all of this when the next step begins."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if own_session:
            os.setsid()
        if os.fork() != 0:
            os._exit(0)
        if ignores_term:
            ignore_term()
        if not holds_pipe:
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nothing, descriptor)
        os.write(writer, str(os.getpid()).encode())
        os.close(writer)
        os.close(reader)
        time.sleep(seconds)
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    left(int(os.read(reader, 32)))
    os.close(reader)


def _relaunch(left: Callable[[int], None]) -> None:
    """Returns in the child; the parent ends as the child does."""
    child = os.fork()
    if child == 0:
        left(os.getpid())
        return
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    leave(code if code >= 0 else 128 - code)


def _die(name: str) -> NoReturn:
    number = signal.Signals[name if name.startswith("SIG") else f"SIG{name}"]
    signal.signal(number, signal.SIG_DFL) if number not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), number)
    time.sleep(FOREVER)
    leave(70)
