"""What reviewbot writes, as events. A vendor that speaks a known dialect needs no such file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pytest_subagents.model.event import AnyEvent, End, FileChange, Message, SessionStart, ToolCall, Unknown, Usage
from pytest_subagents.vendors.dialects.interface import Sink


class ReviewbotStream:
    name: ClassVar[str] = "reviewbot_stream"
    vendor: ClassVar[str] = "reviewbot"

    def claims(self, record: Mapping[str, object]) -> bool:
        return record.get("bot") == "reviewbot" and isinstance(record.get("event"), str)

    def decode(self, line: bytes, number: int) -> Sequence[AnyEvent] | None:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(record, dict) or not self.claims(record):
            return None
        return _events(record, number)

    def digest(self, lines: Sequence[bytes], first: int, sink: Sink) -> int:
        """As quick as it must be for a few lines; `decode` on each does."""
        for index, line in enumerate(lines):
            events = self.decode(line, first + index)
            if events is None:
                return index
            for event in events:
                sink.take(event)
        return len(lines)

    def finish(self, number: int) -> Sequence[AnyEvent]:
        return ()


def _events(record: Mapping[str, object], number: int) -> Sequence[AnyEvent]:
    match record:
        case {"event": "start", "session": str() as session, "model": str() as model}:
            return (SessionStart(line=number, session_id=session, model=model),)
        case {"event": "read", "path": str() as path}:
            return (ToolCall(line=number, tool="read", phase="end", arguments=json.dumps({"path": path})),)
        case {"event": "wrote", "path": str() as path}:
            return (FileChange(line=number, path=path, kind="update"),)
        case {"event": "answer", "text": str() as text}:
            return (Message(line=number, text=text),)
        case {"event": "end", "ok": bool() as ok, "tokens": {"in": int() as given, "out": int() as made}}:
            usage = Usage(line=number, input_tokens=max(given, 0), output_tokens=max(made, 0))
            return (usage, End(line=number, ok=ok))
    return (Unknown(line=number, name=str(record["event"])[:200]),)
