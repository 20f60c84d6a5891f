"""Speaks as `claude -p --output-format stream-json --verbose` of version 2.1.197 does."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pytest_subagents.testing.scripted.speakers.failing import STATUSES, worded
from pytest_subagents.testing.scripted.speakers.interface import Change, Record, Setting, Tokens

_ERRORS: Final = {"rate_limit": "rate_limit", "auth": "authentication_failed", "provider_error": "server_error"}
_TOOLS: Final = ("Task", "Bash", "Edit", "Read", "WebFetch", "Write")


class ClaudeStream:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._lines = 0
        self._messages = 0
        self._calls = 0
        self._speaking = False
        self._text = ""
        self._next = Tokens()
        self._spent = Tokens()
        self._denied: list[Record] = []

    def begin(self) -> Iterable[Record]:
        given = self._setting
        yield self._line(
            "system",
            subtype="init",
            cwd=given.cwd,
            tools=list(_TOOLS),
            mcp_servers=[],
            model=given.model,
            permissionMode="default",
            slash_commands=[],
            apiKeySource="ANTHROPIC_API_KEY",
            claude_code_version=given.version or "2.1.197",
            output_style="default",
        )

    def say(self, text: str, *, final: bool) -> Iterable[Record]:
        """A text after another text is the next message: the blocks of one message are one text."""
        if self._text:
            self._rest()
        self._text = text
        yield self._assistant({"type": "text", "text": text})

    def think(self, text: str) -> Iterable[Record]:
        yield self._assistant({"type": "thinking", "thinking": text, "signature": ""})

    def command_begins(self, command: str) -> Iterable[Record]:
        yield self._call("Bash", {"command": command})

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterable[Record]:
        if exit_code:
            yield self._result(f"Exit code {exit_code}\n{output}", failed=True)
            return
        result = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False, "noOutputExpected": False}
        yield self._result(output, tool_use_result=result)

    def change(self, path: str, kind: Change, text: str) -> Iterable[Record]:
        where = posixpath.join(self._setting.cwd, path)
        if kind == "delete":  # it has no tool for that
            yield from self.command_begins(f"rm {where}")
            yield from self.command_ends("", "", 0)
            return
        if kind == "add":
            yield self._call("Write", {"file_path": where, "content": text})
            result = {"type": "create", "filePath": where, "content": text, "structuredPatch": []}
            yield self._result(f"File created successfully at: {where}", tool_use_result=result)
            return
        yield self._call("Edit", {"file_path": where, "new_string": text, "replace_all": False})
        words = f"The file {where} has been updated successfully."
        yield self._result(words, tool_use_result={"filePath": where, "newString": text, "structuredPatch": []})

    def use(self, tool: str, arguments: Mapping[str, Any], output: str, *, failed: bool) -> Iterable[Record]:
        yield self._call(tool, arguments)
        yield self._result(output, failed=failed)

    def deny(self, tool: str, message: str) -> Iterable[Record]:
        yield self._call(tool, {})
        self._denied.append({"tool_name": tool, "tool_use_id": self._id, "tool_input": {}})
        words = f"Claude requested permissions to use {tool}, but you haven't granted it yet."
        yield self._result(f"{words} {message}".strip(), failed=True)

    def spend(self, tokens: Tokens) -> Iterable[Record]:
        self._rest()
        self._next = tokens
        self._spent += tokens
        return ()

    def retry(self, kind: str, message: str) -> Iterable[Record]:
        yield self._line(
            "system",
            subtype="api_retry",
            attempt=1,
            max_retries=10,
            retry_delay_ms=1000,
            error_status=STATUSES.get(kind),
            error=_ERRORS.get(kind, "unknown"),
        )

    def fail(self, kind: str, message: str) -> Iterable[Record]:
        words = f"API Error: {worded(kind, message)}"
        said = {
            "id": "synthetic",
            "model": "<synthetic>",
            "role": "assistant",
            "type": "message",
            "content": [{"type": "text", "text": words}],
            "usage": _usage(Tokens()),
        }
        error = _ERRORS.get(kind, "unknown")
        yield self._line("assistant", message=said, parent_tool_use_id=None, error=error)
        stop = "refusal" if kind == "refusal" else "stop_sequence"
        yield self._end(words, is_error=True, api_error_status=STATUSES.get(kind), stop_reason=stop)

    def end(self) -> Iterable[Record]:
        yield self._end(self._text, is_error=False, api_error_status=None, stop_reason="end_turn")

    def exit_code(self, kind: str) -> int:
        return 1

    @property
    def _id(self) -> str:
        return f"toolu_{self._calls}"

    def _rest(self) -> None:
        """What comes next is of another message."""
        self._speaking, self._text = False, ""

    def _assistant(self, block: Record) -> Record:
        if not self._speaking:
            self._messages += 1
            self._speaking = True
        message = {
            "id": f"msg_{self._messages}",
            "type": "message",
            "role": "assistant",
            "model": self._setting.model,
            "content": [block],
            "stop_reason": None,
            "stop_sequence": None,
            # What came out is not known yet when a message begins.
            "usage": _usage(Tokens(input=self._next.input, cached=self._next.cached, output=1)),
        }
        return self._line("assistant", message=message, parent_tool_use_id=None)

    def _call(self, tool: str, given: Mapping[str, Any]) -> Record:
        self._calls += 1
        return self._assistant({"type": "tool_use", "id": self._id, "name": tool, "input": given})

    def _result(self, content: str, *, failed: bool = False, **more: Any) -> Record:
        self._rest()
        block = {"tool_use_id": self._id, "type": "tool_result", "content": content, "is_error": failed}
        return self._line("user", message={"role": "user", "content": [block]}, parent_tool_use_id=None, **more)

    def _end(self, text: str, **more: Any) -> Record:
        spent, model = self._spent, self._setting.model
        of_model = {
            "inputTokens": spent.input - spent.cached,
            "outputTokens": spent.output,
            "cacheReadInputTokens": spent.cached,
            "cacheCreationInputTokens": 0,
            "costUSD": spent.usd or 0,
        }
        told = {} if spent == Tokens() else {"usage": _usage(spent), "modelUsage": {model: of_model}}
        cost = {} if spent.usd is None else {"total_cost_usd": spent.usd}
        return self._line(
            "result",
            subtype="success",
            duration_ms=1,
            duration_api_ms=1,
            num_turns=max(self._messages, 1),
            result=text,
            permission_denials=self._denied,
            **told,
            **cost,
            **more,
        )

    def _line(self, kind: str, **keys: Any) -> Record:
        self._lines += 1
        uuid = f"00000000-0000-4000-8000-{self._lines:012}"
        return {"type": kind, **keys, "session_id": self._setting.session, "uuid": uuid}


def _usage(tokens: Tokens) -> Record:
    return {
        "input_tokens": tokens.input - tokens.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.output,
    }
