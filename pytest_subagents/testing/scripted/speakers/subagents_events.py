"""Speaks the neutral dialect (docs/events.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_subagents.testing.scripted.speakers.failing import worded
from pytest_subagents.testing.scripted.speakers.interface import Change, Record, Setting, Tokens


class SubagentsEvents:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._calls = 0

    def begin(self) -> Iterable[Record]:
        given = self._setting
        yield _line("start", format=1, session_id=given.session, model=given.model, cwd=given.cwd)

    def say(self, text: str, *, final: bool) -> Iterable[Record]:
        yield _line("message", text=text, **({} if final else {"final": False}))

    def think(self, text: str) -> Iterable[Record]:
        yield _line("reasoning", text=text)

    def command_begins(self, command: str) -> Iterable[Record]:
        self._calls += 1
        yield _line("command", phase="start", command=command, id=str(self._calls))

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterable[Record]:
        yield _line("command", phase="end", command=command, output=output, exit_code=exit_code, id=str(self._calls))

    def change(self, path: str, kind: Change, text: str) -> Iterable[Record]:
        yield _line("file_change", path=path, kind=kind)

    def use(self, tool: str, arguments: Mapping[str, Any], output: str, *, failed: bool) -> Iterable[Record]:
        self._calls += 1
        call = {"tool": tool, "arguments": arguments, "id": str(self._calls)}
        yield _line("tool", phase="start", **call)
        yield _line("tool", phase="end", output=output, failed=failed, **call)

    def deny(self, tool: str, message: str) -> Iterable[Record]:
        yield _line("tool", tool=tool, output=message or "it is not allowed", denied=True)

    def spend(self, tokens: Tokens) -> Iterable[Record]:
        cost = {} if tokens.usd is None else {"usd": tokens.usd}
        yield _line(
            "usage",
            input_tokens=tokens.input,
            cached_input_tokens=tokens.cached,
            output_tokens=tokens.output,
            **cost,
        )

    def retry(self, kind: str, message: str) -> Iterable[Record]:
        yield _line("failure", kind=kind, message=worded(kind, message), transient=True)

    def fail(self, kind: str, message: str) -> Iterable[Record]:
        yield _line("end", ok=False, failure=kind, message=worded(kind, message))

    def end(self) -> Iterable[Record]:
        yield _line("end", ok=True)

    def exit_code(self, kind: str) -> int:
        return 1


def _line(kind: str, /, **keys: Any) -> Record:
    return {"type": f"subagents.{kind}", **keys}
