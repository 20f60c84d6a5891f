"""The stream of `codex exec --json` up to September 2025: a settings line, the prompt, then `{"id", "msg"}` lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec

from pytest_subagents.model.event import AnyEvent, Notice, SessionStart
from pytest_subagents.vendors.dialects.codex_payload import EventMessages, Payload
from pytest_subagents.vendors.dialects.wire import UNREADABLE, WireDialect, parse_object, text_at


class _Line(msgspec.Struct, gc=False):
    id: msgspec.Raw
    msg: Payload


class CodexMsg(WireDialect):
    name: ClassVar[str] = "codex_msg"
    vendor: ClassVar[str] = "codex"
    wire: ClassVar[object] = _Line
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Line)

    def __init__(self) -> None:
        super().__init__()
        self._messages = EventMessages()

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {_Line: self._line}

    def claims(self, record: Mapping[str, object]) -> bool:
        return (bool(text_at(record, "msg", "type")) and "id" in record) or _is_preamble(record)

    def decode(self, line: bytes, number: int) -> Sequence[AnyEvent] | None:
        try:
            wire = self.decoder.decode(line)
        except UNREADABLE:
            record = parse_object(line)
            if record is not None and _is_preamble(record):
                return self._preamble(record, number)
            return self.decode_leniently(line, number)
        return self._makers[type(wire)](wire, number)

    def _line(self, wire: _Line, number: int) -> Sequence[AnyEvent]:
        return self._messages.events(wire.msg, number)

    def _preamble(self, record: Mapping[str, object], number: int) -> Sequence[AnyEvent]:
        """The settings begin a run; the prompt follows them."""
        if "prompt" in record:
            return (Notice(line=number, message="prompt"),)
        start = SessionStart(
            line=number,
            session_id=text_at(record, "session_id") or None,
            model=text_at(record, "model") or None,
            cwd=text_at(record, "workdir") or None,
        )
        return (start,)


def _is_preamble(record: Mapping[str, object]) -> bool:
    """A line without a type: the settings (`approval`, `sandbox`, `workdir`...) or `{"prompt": text}`."""
    if "type" in record:
        return False
    if record.keys() == {"prompt"}:
        return isinstance(record["prompt"], str)
    return {"workdir", "sandbox"} <= record.keys() or {"approval", "sandbox", "model"} <= record.keys()
