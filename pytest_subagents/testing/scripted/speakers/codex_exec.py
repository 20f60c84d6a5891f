"""Speaks as `codex exec --json` of version 0.169 does."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_subagents.testing.scripted.speakers.failing import worded
from pytest_subagents.testing.scripted.speakers.interface import Change, Record, Setting, Tokens


class CodexExec:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._items = 0
        self._retries = 0
        self._spent = Tokens()

    def begin(self) -> Iterable[Record]:
        yield {"type": "thread.started", "thread_id": self._setting.session}
        yield {"type": "turn.started"}

    def say(self, text: str, *, final: bool) -> Iterable[Record]:
        yield self._completed(type="agent_message", text=text)

    def think(self, text: str) -> Iterable[Record]:
        yield self._completed(type="reasoning", text=text)

    def command_begins(self, command: str) -> Iterable[Record]:
        item = {"command": command, "aggregated_output": "", "exit_code": None, "status": "in_progress"}
        yield {"type": "item.started", "item": {"id": self._id, "type": "command_execution", **item}}

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterable[Record]:
        yield self._completed(
            type="command_execution",
            command=command,
            aggregated_output=output,
            exit_code=exit_code,
            status="failed" if exit_code else "completed",
        )

    def change(self, path: str, kind: Change, text: str) -> Iterable[Record]:
        changes = [{"path": posixpath.join(self._setting.cwd, path), "kind": kind}]
        item = {"id": self._id, "type": "file_change", "changes": changes}
        yield {"type": "item.started", "item": {**item, "status": "in_progress"}}
        yield self._completed(type="file_change", changes=changes, status="completed")

    def use(self, tool: str, arguments: Mapping[str, Any], output: str, *, failed: bool) -> Iterable[Record]:
        result = {"content": [{"type": "text", "text": output}], "structured_content": None}
        call = {"type": "mcp_tool_call", "server": "scripted", "tool": tool, "arguments": arguments}
        begun = {"id": self._id, **call, "result": None, "error": None, "status": "in_progress"}
        yield {"type": "item.started", "item": begun}
        yield self._completed(
            **call,
            result=None if failed else result,
            error={"message": output} if failed else None,
            status="failed" if failed else "completed",
        )

    def deny(self, tool: str, message: str) -> Iterable[Record]:
        """The real program mostly says nothing at all; `declined` is in its source."""
        yield self._completed(
            type="command_execution",
            command=f"{tool}: {message}" if message else tool,
            aggregated_output="",
            exit_code=None,
            status="declined",
        )

    def spend(self, tokens: Tokens) -> Iterable[Record]:
        self._spent += tokens
        return ()

    def retry(self, kind: str, message: str) -> Iterable[Record]:
        self._retries += 1
        yield {"type": "error", "message": f"Reconnecting... {self._retries}/5 ({worded(kind, message)})"}

    def fail(self, kind: str, message: str) -> Iterable[Record]:
        words = worded(kind, message)
        yield {"type": "error", "message": words}
        yield {"type": "turn.failed", "error": {"message": words}}

    def end(self) -> Iterable[Record]:
        """Zeros where the script spends nothing, which readers take for unknown."""
        usage = {
            "input_tokens": self._spent.input,
            "cached_input_tokens": self._spent.cached,
            "cache_write_input_tokens": 0,
            "output_tokens": self._spent.output,
            "reasoning_output_tokens": 0,
        }
        yield {"type": "turn.completed", "usage": usage}

    def exit_code(self, kind: str) -> int:
        return 1

    @property
    def _id(self) -> str:
        return f"item_{self._items}"

    def _completed(self, **item: Any) -> Record:
        record = {"type": "item.completed", "item": {"id": self._id, **item}}
        self._items += 1
        return record
