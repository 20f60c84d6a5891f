"""Speaks as `opencode run --format json` of version 1.18 does: each answer of the model is a step."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pytest_subagents.testing.scripted.speakers.failing import STATUSES, worded
from pytest_subagents.testing.scripted.speakers.interface import Change, Record, Setting, Tokens

_TIME: Final = 1_767_225_600_000


class OpencodeRun:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._session = "ses_" + setting.session.replace("-", "")[:26]
        self._parts = 0
        self._open = False
        self._called = False
        self._next: Tokens | None = None

    def begin(self) -> Iterable[Record]:
        """The first step begins a run there."""
        yield from self._step()

    def say(self, text: str, *, final: bool) -> Iterable[Record]:
        yield from self._step()
        yield self._part("text", "text", text=text)

    def think(self, text: str) -> Iterable[Record]:
        yield from self._step()
        yield self._part("reasoning", "reasoning", text=text)

    def command_begins(self, command: str) -> Iterable[Record]:
        """Calls are told when they have ended."""
        return ()

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterable[Record]:
        metadata = {"output": output, "exit": exit_code, "truncated": False}
        return self._tool("bash", {"command": command}, output=output, metadata=metadata)

    def change(self, path: str, kind: Change, text: str) -> Iterable[Record]:
        where = posixpath.join(self._setting.cwd, path)
        if kind == "delete":
            changes = [{"filePath": where, "type": "delete"}]
            return self._tool("apply_patch", {}, output="Success.", metadata={"files": changes})
        if kind == "add":
            given = {"filePath": where, "content": text}
            return self._tool("write", given, output="Wrote file successfully.", metadata={"exists": False})
        given = {"filePath": where, "newString": text}
        return self._tool("edit", given, output="Edit applied successfully.", metadata={})

    def use(self, tool: str, arguments: Mapping[str, Any], output: str, *, failed: bool) -> Iterable[Record]:
        if failed:
            return self._tool(tool, arguments, status="error", error=output)
        return self._tool(tool, arguments, output=output, metadata={})

    def deny(self, tool: str, message: str) -> Iterable[Record]:
        words = "The user rejected permission to use this specific tool call."
        return self._tool(tool, {}, status="error", error=f"{words} {message}".strip())

    def spend(self, tokens: Tokens) -> Iterable[Record]:
        if self._open and self._called:
            yield self._finish("tool-calls")
        self._next = (self._next or Tokens()) + tokens

    def retry(self, kind: str, message: str) -> Iterable[Record]:
        """The real program says nothing."""
        return ()

    def fail(self, kind: str, message: str) -> Iterable[Record]:
        words = worded(kind, message)
        data = {"message": words, "statusCode": STATUSES.get(kind, 500), "isRetryable": kind == "rate_limit"}
        name = {"context_limit": "ContextOverflowError", "refusal": "ContentFilterError"}.get(kind, "APIError")
        yield self._line("error", error={"name": name, "data": data})

    def end(self) -> Iterable[Record]:
        yield from self._step()
        yield self._finish("stop")

    def exit_code(self, kind: str) -> int:
        return 1

    def _step(self) -> Iterable[Record]:
        """Begins a step, where the model has to answer again."""
        if self._open and self._called:
            yield self._finish("tool-calls")
        if not self._open:
            self._open = True
            yield self._part("step_start", "step-start")

    def _finish(self, reason: str) -> Record:
        spent, self._next = self._next, None
        self._open = self._called = False
        if spent is None:
            return self._part("step_finish", "step-finish", reason=reason)
        tokens = {
            "total": spent.input + spent.output,
            "input": spent.input - spent.cached,
            "output": spent.output,
            "reasoning": 0,
            "cache": {"write": 0, "read": spent.cached},
        }
        cost = {} if spent.usd is None else {"cost": spent.usd}
        return self._part("step_finish", "step-finish", reason=reason, tokens=tokens, **cost)

    def _tool(
        self, tool: str, given: Mapping[str, Any], *, status: str = "completed", **state: Any
    ) -> Iterable[Record]:
        yield from self._step()
        self._called = True
        call = f"call_{self._parts}"
        yield self._part("tool_use", "tool", tool=tool, callID=call, state={"status": status, "input": given, **state})

    def _part(self, kind: str, part: str, **keys: Any) -> Record:
        self._parts += 1
        return self._line(kind, part={"id": f"prt_{self._parts}", "sessionID": self._session, "type": part, **keys})

    def _line(self, kind: str, **keys: Any) -> Record:
        return {"type": kind, "timestamp": _TIME, "sessionID": self._session, **keys}
