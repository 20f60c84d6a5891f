"""A terminal to run a program in, and to look at; and agents that do what a test says, when it says so.

Nothing here sleeps: a terminal is read until what a test waits for is to be seen.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyte

ANSWER: Final = json.dumps({"status": "success", "summary": "Fine.", "findings": []})
_SECONDS: Final = 60.0
"""How long anything may take on however busy a machine."""
_NOT_OURS: Final = ("CI", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "COLUMNS", "LINES")
_PUPPET: Final = """\
import sys
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in iter(lines.readline, "end\\n"):
        print(line, end="", flush=True)
"""


def environment(**more: str) -> dict[str, str]:
    """This process's own, without what would change how programs print."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_XDIST", *_NOT_OURS))}
    return own | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | more


class Terminal:
    """A program in a terminal of `width` by `height`: what it drew, and all that has scrolled out at the top."""

    def __init__(
        self, words: Sequence[str], folder: Path, *, width: int = 100, height: int = 24, env: Mapping[str, str]
    ) -> None:
        self.screen = pyte.HistoryScreen(width, height, history=10_000, ratio=0.5)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        self.bytes = b""
        self.resize(width, height)
        self.program = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=folder,
            env=dict(env),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._open = True

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)

    def type(self, keys: str) -> None:
        """What a person types, which the terminal echoes."""
        os.write(self._master, keys.encode())

    @property
    def lines(self) -> list[str]:
        """What is to be seen, without blanks at the end."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The same with what has scrolled out, without empty lines at the end."""
        gone = ["".join(line[column].data for column in range(self.screen.columns)).rstrip() for line in self._gone()]
        return "\n".join([*gone, *self.lines]).rstrip()

    def line_with(self, words: str) -> str:
        """The only line of the screen that has them."""
        found = [line for line in self.lines if words in line]
        assert len(found) == 1, (words, self.lines)
        return found[0]

    def wait_for(self, seen: str | Callable[[], bool]) -> None:
        """Until these words are on the screen, or until it is so, and a drawing that has begun is whole."""
        deadline = time.monotonic() + _SECONDS
        while self._half_drawn or not (seen in "\n".join(self.lines) if isinstance(seen, str) else seen()):
            assert self._read(deadline), (seen, self.text)

    def finish(self) -> int:
        """Reads to the end; the exit code."""
        deadline = time.monotonic() + _SECONDS
        while self._read(deadline):
            pass
        assert not self._open, self.text
        return self.program.wait(_SECONDS)

    def close(self) -> None:
        """Whatever has become of it."""
        self.program.kill()
        self.program.wait()
        os.close(self._master)

    @property
    def _half_drawn(self) -> bool:
        """The position of the cursor has been saved, and not restored."""
        return self.bytes.rfind(b"\x1b7") > self.bytes.rfind(b"\x1b8")

    def _gone(self) -> list[Any]:
        return list(self.screen.history.top)

    def _read(self, deadline: float) -> bool:
        """Whether there was more, and time for it."""
        if not self._open or not select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux says EIO where nobody holds the other end any more
            data = b""
        self._open = bool(data)
        self.bytes += data
        self._stream.feed(data)
        return True


class Puppets:
    """Agents of the vendor `command`, in a folder; each writes the lines that it is told to, and ends when told to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pipes: dict[str, int] = {}
        (folder / "puppet.py").write_text(_PUPPET, encoding="utf-8")

    def agent(self, id: str, **keys: str) -> str:
        """One more, as a workflow file says it."""
        path = self._folder / f"{len(self._pipes)}.fifo"
        os.mkfifo(path)
        self._pipes[id] = os.open(path, os.O_RDWR)  # so that nobody waits for anybody to open it
        command = json.dumps([sys.executable, str(self._folder / "puppet.py"), str(path)])
        more = "".join(f", {name}: {value}" for name, value in keys.items())
        return f"id: {json.dumps(id)}, vendor: command, command: {command}, instructions: Look.{more}"

    def say(self, id: str, *events: Mapping[str, object]) -> None:
        data = "".join(json.dumps({"type": f"subagents.{event['type']}", **_rest(event)}) + "\n" for event in events)
        os.write(self._pipes[id], data.encode())

    def start(self, id: str, *, tokens: int = 1_200, usd: float | None = None, ran: str = "ls") -> None:
        """It says who it is, what it ran, and what it has spent."""
        self.say(
            id,
            {"type": "start", "format": 1, "session_id": "s", "model": "m"},
            {"type": "usage", "input_tokens": tokens, "output_tokens": 0, "usd": usd},
            {"type": "command", "command": ran, "exit_code": 0},
        )

    def end(self, id: str, answer: str = ANSWER) -> None:
        self.say(id, {"type": "message", "text": answer}, {"type": "end", "ok": True})
        self.let_go(id)

    def let_go(self, id: str) -> None:
        """It ends, whatever it has said."""
        os.write(self._pipes[id], b"end\n")

    def close(self) -> None:
        for pipe in self._pipes.values():
            os.close(pipe)


def _rest(event: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in event.items() if key != "type" and value is not None}
