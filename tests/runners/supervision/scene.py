"""One supervised agent in a folder of its own, and questions about its processes. Nothing here waits for a time."""

from __future__ import annotations

import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import psutil

from pytest_subagents.runners.supervision.order import Bounds, Ending, Order, Watch
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise

T = TypeVar("T")
BADGE = "SCENE"
PATIENCE = 60.0
SOON = 0.2
"""A bound that a test wants to be passed."""

PREAMBLE = """
import os, signal, sys, time
def say(text):
    sys.stdout.write(text + "\\n"); sys.stdout.flush()
def tell(name, text=""):
    with open(name + ".tmp", "w") as file: file.write(text)
    os.rename(name + ".tmp", name)
def for_ever():
    while True: signal.pause()
"""


def until(look: Callable[[], T | None], what: str) -> T:
    """What `look` gives as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.005)
    raise AssertionError(f"never seen: {what}")


class Scene:
    """Agents are Python programs; what they `tell` is a file in the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.badge = uuid.uuid4().hex
        self.stop = Stop()
        self.stdout, self.stderr, self.end = (folder / name for name in ("stdout.jsonl", "stderr.txt", "end.json"))

    def env(self) -> dict[str, str]:
        return {"PATH": os.defpath, BADGE: self.badge}

    def argv(self, *argv: str, env: Mapping[str, str] | None = None, stdin: Path | None = None, **bounds: Any) -> Order:
        return Order(
            argv=argv,
            env=self.env() if env is None else env,
            cwd=self.folder,
            stdout=self.stdout,
            stderr=self.stderr,
            end=self.end,
            bounds=Bounds(**({"grace": 20.0} | bounds)),
            stdin=stdin,
        )

    def agent(self, code: str, **bounds: Any) -> Order:
        return self.argv(*self.command(code), **bounds)

    def command(self, code: str) -> tuple[str, ...]:
        return (sys.executable, "-I", "-S", "-c", PREAMBLE + code)

    def run(self, code: str, watch: Watch | None = None, **bounds: Any) -> Ending:
        return supervise(self.agent(code, **bounds), watch=watch, stop=self.stop)

    def said(self) -> bytes:
        return self.stdout.read_bytes()

    def told(self, name: str) -> str:
        """Waits until the agent has told it."""
        path = self.folder / name
        until(path.exists, f"the file {name}")
        return path.read_text(encoding="utf-8")

    def told_pid(self, name: str) -> int:
        return int(self.told(name))

    def alive(self) -> list[int]:
        """The agent's processes, by a variable in their environment."""
        return [process.pid for process in psutil.process_iter() if self._is_mine(process)]

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(BADGE) == self.badge
        except psutil.Error:
            return False


class Running:
    """`supervise` in a thread, so that a test can do something meanwhile."""

    def __init__(self, order: Order, *, watch: Watch | None = None, stop: Stop | None = None) -> None:
        self._result: list[Ending | BaseException] = []
        self._thread = threading.Thread(target=self._run, args=(order, watch, stop), daemon=True)
        self._thread.start()

    def _run(self, order: Order, watch: Watch | None, stop: Stop | None) -> None:
        try:
            self._result.append(supervise(order, watch=watch, stop=stop))
        except BaseException as error:
            self._result.append(error)

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def ending(self) -> Ending:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        (result,) = self._result
        if isinstance(result, BaseException):
            raise result
        return result


def wardens(parent: int | None = None) -> list[psutil.Process]:
    """The wardens that a process (this one) has."""
    found = []
    for child in psutil.Process(parent).children():
        try:
            if any("warden.watching" in word for word in child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def is_gone(pid: int) -> bool:
    """Dead; a zombie that a careless init has not reaped is as dead."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
