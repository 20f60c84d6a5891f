"""Session files of the pi agent: `{type: message, message: {role, content}}` after a `session` line (seen with v3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, Union

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    End,
    FailureKind,
    Message,
    ModelChange,
    Notice,
    SessionStart,
    TurnStart,
    Unknown,
)
from pytest_subagents.vendors.dialects.wire import NOTHING, WireDialect, text_at, text_of, value_of


class _Session(msgspec.Struct, tag="session", gc=False):
    id: str | None = None
    cwd: str | None = None


class _Model(msgspec.Struct, tag="model_change", gc=False):
    modelId: str = ""  # noqa: N815  # the vendor's names


class _Level(msgspec.Struct, tag="thinking_level_change", gc=False):
    pass


class _Compaction(msgspec.Struct, tag="compaction", gc=False):
    pass


class _Body(msgspec.Struct, gc=False):
    role: str = ""
    content: msgspec.Raw = NOTHING
    stopReason: str | None = None  # noqa: N815
    errorMessage: msgspec.Raw = NOTHING  # noqa: N815


class _Message(msgspec.Struct, tag="message", gc=False):
    message: _Body


_Wire = Union[_Session, _Model, _Level, _Compaction, _Message]
_ENDS: Final[Mapping[str, tuple[bool, FailureKind | None]]] = {
    "stop": (True, None),
    "length": (False, "output_limit"),
    "error": (False, "provider_error"),
    "aborted": (False, "killed"),
}


class PiSession(WireDialect):
    name: ClassVar[str] = "pi_session"
    vendor: ClassVar[str] = "pi"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._stopped: str | None = None
        self._error = ""

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _Session: self._session,
            _Model: _model,
            _Level: _notice,
            _Compaction: _notice,
            _Message: self._message,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        match record.get("type"):
            case "session":
                return {"version", "id"} <= record.keys()
            case "message":
                return isinstance(record.get("message"), dict) and "id" in record
            case "model_change" | "thinking_level_change" | "compaction" | "branch_summary" | "custom" | "label":
                return {"id", "parentId"} <= record.keys()
            case _:
                return False

    def finish(self, number: int) -> Sequence[AnyEvent]:
        if self._stopped is None or self._stopped not in _ENDS:
            return ()
        ok, failure = _ENDS[self._stopped]
        message = "" if ok else self._error or f"stopReason {self._stopped}"
        return (End(line=number, ok=ok, failure=failure, message=message),)

    def _session(self, wire: _Session, number: int) -> Sequence[AnyEvent]:
        self._stopped = None
        return (SessionStart(line=number, session_id=wire.id, cwd=wire.cwd),)

    def _message(self, wire: _Message, number: int) -> Sequence[AnyEvent]:
        body = wire.message
        blocks = value_of(body.content)
        if body.role == "assistant":
            self._stopped, self._error = body.stopReason, text_of(body.errorMessage)
            text = "".join(_texts(blocks))
            return (Message(line=number, text=text),) if text else ()
        if body.role == "user":
            self._stopped = None
            return (TurnStart(line=number), Message(line=number, text="".join(_texts(blocks)), role="user"))
        return (Unknown(line=number, name=body.role or "message"),)


def _texts(blocks: object) -> Sequence[str]:
    if isinstance(blocks, str):
        return (blocks,)
    return [text_at(block, "text") for block in blocks] if isinstance(blocks, list) else ()


def _model(wire: _Model, number: int) -> Sequence[AnyEvent]:
    return (ModelChange(line=number, model=wire.modelId),) if wire.modelId else ()


def _notice(wire: msgspec.Struct, number: int) -> Sequence[AnyEvent]:
    return (Notice(line=number, message=str(wire.__struct_config__.tag)),)
