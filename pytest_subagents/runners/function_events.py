"""What a function tells while it runs: lines of the neutral dialect (docs/events.md), each written at once."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import TypeAlias

from pytest_subagents.model.event import ChangeKind, FailureKind
from pytest_subagents.model.json_value import JsonValue

_Key: TypeAlias = JsonValue | None


class Emit:
    """Writes events to a stream. Safe in any thread; what comes after the end of the run is dropped.

    Raises `OSError` where the stream cannot be written, as on a full disk.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._ended = False
        self.failed = False
        """Whether a failure was told that was not transient."""

    def message(self, text: str) -> None:
        """Something to read on the way; the answer is what the function returns."""
        self.line("message", text=text, final=False)

    def reasoning(self, text: str) -> None:
        self.line("reasoning", text=text)

    def command_started(self, command: str, *, id: str | None = None) -> None:
        self.line("command", phase="start", command=command, id=id)

    def command(self, command: str, *, output: str = "", exit_code: int | None = None, id: str | None = None) -> None:
        """A shell command that has ended."""
        self.line("command", phase="end", command=command, output=output, exit_code=exit_code, id=id)

    def tool(
        self,
        tool: str,
        *,
        arguments: JsonValue = None,
        output: JsonValue = None,
        failed: bool = False,
        denied: bool = False,
        id: str | None = None,
    ) -> None:
        """A call of any other tool that has ended."""
        flags = {"failed": failed or None, "denied": denied or None}
        self.line("tool", tool=tool, arguments=arguments, output=output, id=id, **flags)

    def file_change(self, path: str | os.PathLike[str], kind: ChangeKind = "update") -> None:
        """One file that was changed; absolute, or from the workspace."""
        self.line("file_change", path=os.fspath(path), kind=kind)

    def usage(
        self,
        *,
        input_tokens: int | None = None,
        cached_input_tokens: int | None = None,
        output_tokens: int | None = None,
        usd: float | None = None,
        cumulative: bool = False,
    ) -> None:
        """What one answer of a model took, or with `cumulative` all of them so far.

        Told at once, it lets limits hold while the function runs. Input includes what came from a cache.
        """
        self.line(
            "usage",
            input_tokens=input_tokens,
            cached_input_tokens=cached_input_tokens,
            output_tokens=output_tokens,
            usd=usd,
            cumulative=cumulative or None,
        )

    def notice(self, message: str) -> None:
        self.line("notice", message=message)

    def failure(self, kind: FailureKind, message: str, *, transient: bool = False) -> None:
        """Why an exception that is about to be raised is to count as `kind`; or, transient, what is tried again."""
        self.failed = self.failed or not transient
        self.line("failure", kind=kind, message=message, transient=transient)

    def line(self, kind: str, /, **keys: _Key) -> None:
        """A line `subagents.<kind>`; keys that are None are left out."""
        self._put(kind, keys, last=False)

    def end(self, **keys: _Key) -> None:
        """The last line."""
        self._put("end", keys, last=True)

    def _put(self, kind: str, keys: Mapping[str, _Key], *, last: bool) -> None:
        given = {key: value for key, value in keys.items() if value is not None}
        data = _encoded({"type": f"subagents.{kind}", **given})
        with self._lock:
            if not self._ended:
                self._ended = last
                self._write(data)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def _encoded(record: dict[str, _Key]) -> bytes:
    """One line; a lone surrogate, which UTF-8 has no place for, is escaped."""
    try:
        return (json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(record, allow_nan=False) + "\n").encode()
