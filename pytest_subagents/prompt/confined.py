"""The process that people's templates are compiled and rendered in.

Compiling is enough to hang, rendering to fill the memory, and Python cannot stop either from inside. The child has an
empty environment, a session of its own, limits that it sets for itself before it sees a template, and is killed when
it does not answer.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value
from pytest_subagents.prompt.faults import TemplateFault

_PROGRAM: Final = "import sys; sys.path += sys.argv[1:]; from pytest_subagents.prompt.child import main; main()"
_ANSWER_BYTES: Final = 6 * limits.PROMPT_BYTES + 64 * 1024
"""JSON writes a character in at most six times the bytes it has."""
_READ_BYTES: Final = 256 * 1024


class Job(Value, frozen=True, kw_only=True):
    """One template: to be checked, or to be rendered too."""

    source: str
    needs: tuple[str, ...] = ()
    """The ids in `depends_on`."""
    render: bool = False


class Setup(Value, frozen=True, kw_only=True):
    """What all templates of one process share."""

    values: dict[str, JsonValue]
    pending: tuple[str, ...] = ()
    """The results whose answers and findings are placeholders."""
    others: tuple[str, ...] = ()
    """All ids of the workflow, for hints."""


def run(setup: Setup, jobs: Sequence[Job], *, seconds: float = limits.TEMPLATE_SECONDS) -> tuple[str, ...]:
    """The text of each job, in order; one that is only to be checked has none. `seconds` are for one job.

    Raises `TemplateFault`, with the number of the job, for the first that fails.
    """
    texts: list[str] = []
    with tempfile.TemporaryFile() as file:
        _write(file, setup, jobs)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", _PROGRAM, *_folders()],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
        try:
            reader = _Reader(process)
            while len(texts) < len(jobs):
                texts.append(_text(reader.line(time.monotonic() + seconds), process))
        except TemplateFault as fault:
            fault.job = len(texts)
            raise
        finally:
            _end(process)
    return tuple(texts)


def _write(file: IO[bytes], setup: Setup, jobs: Sequence[Job]) -> None:
    """A file and no pipe: nobody waits for the other while it is written."""
    lines = [
        {"values": setup.values, "pending": setup.pending, "others": setup.others},
        *({"source": job.source, "needs": job.needs, "render": job.render} for job in jobs),
    ]
    for line in lines:
        file.write(json.dumps(line).encode() + b"\n")
    file.seek(0)


def _folders() -> list[str]:
    """Where the child finds this package and jinja2. It sees no site-packages, so nothing of those runs in it."""
    found: list[str] = []
    for name in ("pytest_subagents", "jinja2", "markupsafe"):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ImportError(f"{name} is not installed")
        folder = str(Path(spec.origin).resolve().parents[1])
        if folder not in found:
            found.append(folder)
    return found


class _Reader:
    """Lines of a process, each within its time and size."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._file = process.stdout.fileno()
        self._held = b""

    def line(self, deadline: float) -> bytes | None:
        """The next line; None at the end of the stream. Raises `TemplateFault` where it does not come."""
        parts = [self._held]
        size = len(self._held)
        with selectors.DefaultSelector() as selector:
            selector.register(self._file, selectors.EVENT_READ)
            while b"\n" not in parts[-1]:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TemplateFault(0, "it takes too long")
                if not selector.select(left):
                    continue
                data = os.read(self._file, _READ_BYTES)
                size += len(data)
                if not data or size > _ANSWER_BYTES:
                    return None
                parts.append(data)
        line, _, self._held = b"".join(parts).partition(b"\n")
        return line


def _text(line: bytes | None, process: subprocess.Popen[bytes]) -> str:
    try:
        answer = None if line is None else json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    match answer:
        case {"text": str() as text}:
            return text
        case {"line": int() as number, "what": str() as what, "hint": str() | None as hint}:
            raise TemplateFault(number, what, hint)
    raise TemplateFault(0, _death(process))


def _death(process: subprocess.Popen[bytes]) -> str:
    """Why there is no answer."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(1.0)
    match process.returncode:
        case code if code == -signal.SIGXCPU:
            return f"it takes more than {limits.TEMPLATE_CPU_SECONDS} seconds of CPU time"
        case int() as code if code < 0:
            return f"it ended the process that renders it (signal {-code})"
    return "the process that renders it came to no answer"


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # not waited for yet, so the id is still its own
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
