"""What is asked of supervision, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Cause: TypeAlias = Literal[
    "exited",  # the program ended by itself, well or not, or by a signal that was not ours
    "launch",  # it could not be started: missing, not executable, no such folder
    "start_timeout",  # no byte on stdout in time
    "idle_timeout",  # no new byte on stdout for too long
    "timeout",  # the wall clock
    "output_limit",  # more bytes than allowed
    "disk",  # what it said could not be written any more
    "watch",  # the watcher said stop: a limit of turns, tokens or cost
    "stopped",  # somebody asked to stop: Ctrl-C, -x, the controller's death
    "lost",  # the warden itself was killed
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long and how much; seconds and bytes. None is no bound."""

    timeout: float | None = None
    idle_timeout: float | None = None
    start_timeout: float | None = None
    output_bytes: int | None = None
    grace: float = 5.0
    """Between TERM and KILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One process to be run under supervision."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    """All of its environment; supervision adds one variable, by which it knows the processes of the run."""
    cwd: Path
    stdout: Path
    """Made new, mode 0600: every byte of standard output, on disk before anything of it is read."""
    stderr: Path
    """The same for standard error (at most `limits.STDERR_BYTES`, the first and the last of it)."""
    end: Path
    """Written last, and at once: how it ended, as JSON, also where the process that asked is dead by then."""
    bounds: Bounds = Bounds()
    stdin: Path | None = None
    """A regular file opened as standard input; without one it is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a supervised process ended. When this is there, no process of its tree lives any more."""

    cause: Cause
    exit_code: int | None
    """As the shell of Python gives it: negative for a signal; None where it never started or nobody knows."""
    message: str = ""
    """Words for a person: why it could not be started, what the watcher said."""
    runtime_ms: int = 0
    left_behind: int = 0
    """Processes of its tree that lived on after it and had to be ended."""


Watch: TypeAlias = Callable[[int], str | None]
"""Called with the size of the stdout file each time it has grown; words are the reason to stop the run."""
