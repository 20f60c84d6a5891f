"""Speaks as `gemini --output-format stream-json` of version 0.61 does.

Texts carry no id there: what is said between two tool calls is one message, so the answer must not follow commentary.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pytest_subagents.testing.scripted.speakers.failing import STATUSES, worded
from pytest_subagents.testing.scripted.speakers.interface import Change, Record, Setting, Tokens

_TIME: Final = "2026-01-01T00:00:00.000Z"
_PIECE: Final = 24
"""Characters of an answer in one line, as the real program cuts it."""
_PIECES: Final = 100
"""Lines that a text is cut into at most."""
_NAMES: Final = {"rate_limit": "RESOURCE_EXHAUSTED", "auth": "FatalAuthenticationError"}


class GeminiStream:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._calls = 0
        self._spent: Tokens | None = None

    def begin(self) -> Iterable[Record]:
        yield _line("init", session_id=self._setting.session, model=self._setting.model)
        yield _line("message", role="user", content=self._setting.prompt)

    def say(self, text: str, *, final: bool) -> Iterable[Record]:
        size = max(_PIECE, -(-len(text) // _PIECES))
        for begin in range(0, len(text), size):
            yield _line("message", role="assistant", content=text[begin : begin + size], delta=True)

    def think(self, text: str) -> Iterable[Record]:
        return ()

    def command_begins(self, command: str) -> Iterable[Record]:
        yield self._use("run_shell_command", {"command": command})

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterable[Record]:
        """A code other than 0 is a success there."""
        yield self._result(output=output)

    def change(self, path: str, kind: Change, text: str) -> Iterable[Record]:
        where = posixpath.join(self._setting.cwd, path)
        if kind == "delete":  # it has no tool for that
            yield from (self._use("run_shell_command", {"command": f"rm {where}"}), self._result(output=""))
            return
        if kind == "add":
            yield self._use("write_file", {"file_path": where, "content": text})
        else:
            yield self._use("replace", {"file_path": where, "new_string": text})
        yield self._result()

    def use(self, tool: str, arguments: Mapping[str, Any], output: str, *, failed: bool) -> Iterable[Record]:
        yield self._use(tool, arguments)
        if failed:
            yield self._result(status="error", output=output, error={"type": "execution_failed", "message": output})
        else:
            yield self._result(output=output)

    def deny(self, tool: str, message: str) -> Iterable[Record]:
        yield self._use(tool, {})
        words = message or f'Tool "{tool}" not found.'
        yield self._result(status="error", output=words, error={"type": "tool_not_registered", "message": words})

    def spend(self, tokens: Tokens) -> Iterable[Record]:
        self._spent = (self._spent or Tokens()) + tokens
        return ()

    def retry(self, kind: str, message: str) -> Iterable[Record]:
        """The real program tells of it on standard error alone."""
        return ()

    def fail(self, kind: str, message: str) -> Iterable[Record]:
        error = {"type": _NAMES.get(kind, "Error"), "message": worded(kind, message)}
        yield _line("result", status="error", error=error, **self._stats())

    def end(self) -> Iterable[Record]:
        yield _line("result", status="success", **self._stats())

    def exit_code(self, kind: str) -> int:
        return STATUSES.get(kind, 500) % 256

    def _stats(self) -> Mapping[str, Any]:
        spent = self._spent
        if spent is None:
            return {}
        counts = {
            "total_tokens": spent.input + spent.output,
            "input_tokens": spent.input,
            "output_tokens": spent.output,
            "cached": spent.cached,
            "input": spent.input - spent.cached,
        }
        return {
            "stats": {**counts, "duration_ms": 1, "tool_calls": self._calls, "models": {self._setting.model: counts}}
        }

    def _use(self, tool: str, parameters: Mapping[str, Any]) -> Record:
        self._calls += 1
        return _line("tool_use", tool_name=tool, tool_id=f"call_{self._calls}", parameters=parameters)

    def _result(self, *, status: str = "success", **more: Any) -> Record:
        return _line("tool_result", tool_id=f"call_{self._calls}", status=status, **more)


def _line(kind: str, /, **keys: Any) -> Record:
    return {"type": kind, "timestamp": _TIME, **keys}
