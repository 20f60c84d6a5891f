"""What some streams say of each answer of a model while they run, beyond the events that count in the end.

Claude Code reports what a run spent in its last line alone; the lines before it carry what the provider said when each
answer began: the tokens that went in, and of those that came out only the first (seen with 2.1.197).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.value import Value
from pytest_subagents.vendors.dialects.claude_usage import Tokens, usage_of
from pytest_subagents.vendors.dialects.wire import UNREADABLE


class Response(Value, frozen=True, kw_only=True):
    """One answer of a model. It may be told several times, by one id."""

    id: str
    parent: str | None
    """The call of the main agent that this is a subagent's answer in; None for the main agent's own."""
    usage: Usage


class _Body(msgspec.Struct, gc=False):
    id: str
    model: str = ""
    usage: Tokens | None = None


class _Assistant(msgspec.Struct, tag_field="type", tag="assistant", gc=False):
    message: _Body
    parent_tool_use_id: str | None = None


_CLAUDE: Final = msgspec.json.Decoder(_Assistant)
_SYNTHETIC: Final = "<synthetic>"
"""The model of a message that Claude Code wrote itself, after a request that failed."""


def _claude(line: bytes) -> Response | None:
    if b'"assistant"' not in line:
        return None
    try:
        wire = _CLAUDE.decode(line)
    except UNREADABLE:
        return None
    if wire.message.model == _SYNTHETIC:
        return None
    told = usage_of(wire.message.usage, None, 0)
    usage = Usage(
        input_tokens=_believable(told.input_tokens),
        cached_input_tokens=_believable(told.cached_input_tokens),
        output_tokens=_believable(told.output_tokens),
    )
    return Response(id=wire.message.id, parent=wire.parent_tool_use_id, usage=usage)


def _believable(count: int | None) -> int | None:
    return count if count is not None and 0 <= count < 2**53 else None


READERS: Final[Mapping[str, Callable[[bytes], Response | None]]] = MappingProxyType({"claude_stream": _claude})
"""By dialect, for those that say it; None for a line that says nothing of the kind. They never raise."""
