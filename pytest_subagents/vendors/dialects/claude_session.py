"""Claude Code's session files, `<session>.jsonl` (1.0 to 2.1.197), with those of its subagents.

There is no line that ends a run: the last message's `stop_reason` does. Lines of a subagent have `isSidechain`: among
the others in 1.x, in files of their own (`<session>/subagents/agent-<id>.jsonl`) in 2.x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    End,
    Failure,
    FailureKind,
    ModelChange,
    Notice,
    SessionStart,
    TurnStart,
    Usage,
)
from pytest_subagents.vendors.dialects.claude_content import Body, Calls, Text, ToolResult
from pytest_subagents.vendors.dialects.claude_usage import Tokens, usage_of
from pytest_subagents.vendors.dialects.wire import NOTHING, NotOursError, WireDialect, text_of
from pytest_subagents.vendors.failures import classify


class _SpentBody(Body, gc=False):
    model: str | None = None
    stop_reason: str | None = None
    usage: Tokens | None = None


class _Line(msgspec.Struct, gc=False):
    type: str
    message: _SpentBody | None = None
    sessionId: str | None = None  # noqa: N815  # the vendor's names
    isSidechain: bool = False  # noqa: N815
    isMeta: bool = False  # noqa: N815
    isApiErrorMessage: bool = False  # noqa: N815
    agentId: str | None = None  # noqa: N815
    cwd: str | None = None
    version: str | None = None
    subtype: str = ""
    error: msgspec.Raw = NOTHING
    toolUseResult: msgspec.Raw = NOTHING  # noqa: N815


_KEYS: Final = frozenset({"sessionId", "parentUuid", "isSidechain", "leafUuid"})
_TYPES: Final = frozenset(
    {"attachment", "last-prompt", "pr-link", "queue-operation", "mode", "file-history-snapshot", "summary",
     "bridge-session", "permission-mode", "ai-title", "custom-title", "agent-name", "agent-color", "tag", "system",
     "progress", "tool_use", "tool_result", "worktree-state", "content-replacement", "saved_hook_context",
     "turn_duration", "file-history-delta", "session-title", "speculation-accept"}
)  # fmt: skip
"""Types that carry no message."""
_ENDS: Final[Mapping[str, tuple[bool, FailureKind | None]]] = {
    "end_turn": (True, None),
    "stop_sequence": (True, None),
    "max_tokens": (False, "output_limit"),
    "model_context_window_exceeded": (False, "context_limit"),
    "refusal": (False, "refusal"),
}
"""What the last message's `stop_reason` says of the run; `tool_use` and null end nothing."""
_INTERRUPTED: Final = "[Request interrupted by user"


class ClaudeSession(WireDialect):
    name: ClassVar[str] = "claude_session"
    vendor: ClassVar[str] = "claude"
    wire: ClassVar[object] = _Line
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Line)

    def __init__(self) -> None:
        super().__init__()
        self._calls = Calls()
        self._session: str | None = None
        self._model: str | None = None
        self._is_subagent: bool | None = None
        self._stopped: str | None = None
        self._failed = False
        self._spent: dict[bool, tuple[str | None, int]] = {}

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {_Line: self._line}

    def claims(self, record: Mapping[str, object]) -> bool:
        if not isinstance(record.get("type"), str) or not record.keys() & _KEYS or "data" in record:
            return False
        message = record.get("message")
        return not (isinstance(message, dict) and "parts" in message) and "systemPayload" not in record

    def finish(self, number: int) -> Sequence[AnyEvent]:
        if self._failed or self._stopped is None or self._stopped not in _ENDS:
            return ()
        ok, failure = _ENDS[self._stopped]
        return (End(line=number, ok=ok, failure=failure, message="" if ok else f"stop_reason {self._stopped}"),)

    def _line(self, wire: _Line, number: int) -> Sequence[AnyEvent]:
        if wire.type in ("user", "assistant") and wire.message is not None:
            return (*self._start(wire, number), *self._message(wire, wire.message, number))
        if wire.type not in _TYPES or (
            wire.sessionId is None and wire.type not in ("summary", "file-history-snapshot")
        ):
            raise NotOursError(wire.type)
        what = wire.subtype or wire.type
        return (*self._start(wire, number), Notice(line=number, message=what))

    def _start(self, wire: _Line, number: int) -> Sequence[AnyEvent]:
        if wire.sessionId is None or wire.sessionId == self._session:
            return ()
        self._session, self._stopped, self._failed = wire.sessionId, None, False
        start = SessionStart(line=number, session_id=wire.sessionId, cwd=wire.cwd, cli_version=wire.version)
        return (start,)

    def _message(self, wire: _Line, body: _SpentBody, number: int) -> Sequence[AnyEvent]:
        if self._is_subagent is None:
            self._is_subagent = wire.isSidechain
        aside = wire.isSidechain and not self._is_subagent
        parent = (wire.agentId or "sidechain") if aside else None
        if wire.type == "user":
            return self._asked(wire, body, number, parent)
        if wire.isApiErrorMessage:
            return (self._api_failure(wire, body, number, parent),)
        if parent is None:
            self._stopped, self._failed = body.stop_reason, False
        events = self._calls.events(body, number, parent, role="assistant")
        return (*self._models(body, number, parent), *events, *self._usage(body, number, aside))

    def _asked(self, wire: _Line, body: _SpentBody, number: int, parent: str | None) -> Sequence[AnyEvent]:
        """A person's message begins a turn; the results of tools come as one too."""
        content = body.content
        events = self._calls.events(body, number, parent, role="user", result=wire.toolUseResult)
        if parent is not None:
            return events
        said = content if isinstance(content, str) else _text(body)
        if said.startswith(_INTERRUPTED):
            self._stopped, self._failed = None, True
            return (*events, End(line=number, ok=False, failure="killed", message=said))
        self._stopped = None
        blocks = content if isinstance(content, list) else []
        if wire.isMeta or not said or any(isinstance(block, ToolResult) for block in blocks):
            return events
        self._failed = False
        return (TurnStart(line=number), *events)

    def _api_failure(self, wire: _Line, body: _SpentBody, number: int, parent: str | None) -> AnyEvent:
        """A message that the CLI wrote itself after a failed request."""
        message = _text(body)
        if parent is not None:
            return Notice(line=number, message=message)
        self._failed = True
        return Failure(line=number, kind=classify(message, names=(text_of(wire.error),)), message=message)

    def _models(self, body: _SpentBody, number: int, parent: str | None) -> Sequence[AnyEvent]:
        if parent is not None or body.model is None or body.model in (self._model, "<synthetic>"):
            return ()
        self._model = body.model
        return (ModelChange(line=number, model=body.model),)

    def _usage(self, body: _SpentBody, number: int, aside: bool) -> Sequence[AnyEvent]:
        """Each line of a message repeats the usage of the whole message (2.x), or tells more of it (1.x)."""
        tokens = body.usage
        if tokens is None or tokens.input_tokens is None:
            return ()
        output, before = tokens.output_tokens or 0, self._spent.get(aside)
        if body.id is not None and before is not None and before[0] == body.id:
            self._spent[aside] = (body.id, max(output, before[1]))
            more = output - before[1]
            return (Usage(line=number, output_tokens=more, cumulative=False),) if more > 0 else ()
        self._spent[aside] = (body.id, output)
        return (usage_of(tokens, None, number, cumulative=False),)


def _text(body: Body) -> str:
    if isinstance(body.content, str):
        return body.content
    return "".join(block.text for block in body.content or () if isinstance(block, Text))
