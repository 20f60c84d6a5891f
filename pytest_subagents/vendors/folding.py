"""Folds the events of a transcript into one Outcome while they are read; its size does not grow with the file.

Judged is the last turn of the last thread: a new session forgets what came before, a new turn the answer and the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    End,
    Failure,
    FileChange,
    Message,
    ModelChange,
    SessionStart,
    ToolCall,
    TurnStart,
    Usage,
)
from pytest_subagents.model.outcome import Change, Denial, FinalMessage, Outcome
from pytest_subagents.model.outcome import Usage as Spent
from pytest_subagents.vendors.places import place

_Spent: TypeAlias = tuple[int | None, int | None, int | None, float | None]
"""Tokens in, of these from a cache, tokens out, and dollars: a tuple, since some vendors tell it for every step."""
_NOTHING_SPENT: Final[_Spent] = (None, None, None, None)


class Fold:
    """Takes events in their order; `outcome` gives what they say so far."""

    _spent: _Spent

    def __init__(self) -> None:
        self.counts: defaultdict[type, int] = defaultdict(int)
        self._session: SessionStart | None = None
        self._model: str | None = None
        self._handlers: Mapping[type, Callable[..., None]] = {
            SessionStart: self._session_start,
            TurnStart: self._turn_start,
            ModelChange: self._model_change,
            Message: self._message,
            ToolCall: self._tool_call,
            FileChange: self._file_change,
            Usage: self._usage,
            Failure: self._failed,
            End: self._ended,
        }
        self._forget_run()

    def take(self, event: AnyEvent) -> None:
        kind = type(event)
        self.counts[kind] += 1
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(event)

    def take_child(self, child: Outcome) -> None:
        """Adds what the session file of a subagent says: what it changed, spent and was denied; never an answer."""
        for change in child.changes:
            self._change(change.path, change.kind)
        for denial in child.denials:
            self._deny(denial)
        spent = child.usage
        more = (spent.input_tokens, spent.cached_input_tokens, spent.output_tokens, spent.usd)
        self._spent = _added(self._spent, more)

    def outcome(self) -> Outcome:
        """What is known of the run; the reader adds what it knows of the file."""
        session = self._session
        tokens, cached, output, usd = self._spent
        cwd = session.cwd if session is not None and len(session.cwd or "") <= limits.PATH_BYTES else None
        return Outcome(
            session_id=_brief(session.session_id) if session is not None else None,
            model=self._model,
            cli_version=_brief(session.cli_version) if session is not None else None,
            cwd=cwd,
            events=tuple(sorted((kind.__name__, times) for kind, times in self.counts.items())),
            final=self._final(),
            end=self._end,
            failure=self._failure,
            notice=self._notice,
            denials=tuple(self._denials),
            changes=_merged(self._changes, cwd),
            usage=Spent(input_tokens=tokens, cached_input_tokens=cached, output_tokens=output, usd=usd),
            duration_ms=self._duration,
        )

    def _forget_run(self) -> None:
        self._denials: list[Denial] = []
        self._changes: dict[str, ChangeKind | None] = {}
        self._spent = _NOTHING_SPENT
        self._duration: int | None = None
        self._forget_turn()

    def _forget_turn(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self._message_id: str | None = None
        self._line = 0
        self._structured = False
        self._end: End | None = None
        self._failure: Failure | None = None
        self._notice = ""

    def _final(self) -> FinalMessage | None:
        if not self._line:
            return None
        return FinalMessage(text="".join(self._pieces), line=self._line, structured=self._structured)

    def _session_start(self, event: SessionStart) -> None:
        """The same session again is one that is resumed: what it changed before is still there."""
        same = (
            self._session is not None and event.session_id is not None and event.session_id == self._session.session_id
        )
        if same:
            self._forget_turn()
        else:
            self._session = event
            self._model = None
            self._forget_run()
        self._model = _brief(event.model) or self._model

    def _turn_start(self, event: TurnStart) -> None:
        self._forget_turn()
        self._model = _brief(event.model) or self._model

    def _model_change(self, event: ModelChange) -> None:
        self._model = _brief(event.model)

    def _message(self, event: Message) -> None:
        if event.parent is not None or event.role != "assistant" or not event.final:
            return
        if event.append and event.message_id is not None and event.message_id == self._message_id:
            if self._size <= limits.ANSWER_BYTES:  # beyond it, no contract will read it anyway
                self._pieces.append(event.text)
                self._size += len(event.text)
        else:
            self._pieces = [event.text]
            self._size = len(event.text)
            self._message_id = event.message_id
        self._line = event.line
        self._structured = False
        self._failure = None

    def _tool_call(self, event: ToolCall) -> None:
        if event.denied:
            self._deny(Denial(tool=event.tool, message=event.output or event.arguments, line=event.line))

    def _deny(self, denial: Denial) -> None:
        if len(self._denials) < limits.DENIALS_KEPT:
            self._denials.append(Denial(tool=_short(denial.tool), message=_short(denial.message), line=denial.line))

    def _file_change(self, event: FileChange) -> None:
        if not event.failed and 0 < len(event.path) <= limits.PATH_BYTES:
            self._change(event.path, event.kind)

    def _change(self, path: str, kind: ChangeKind) -> None:
        if len(self._changes) < limits.CHANGES_KEPT or path in self._changes:
            self._changes[path] = together(self._changes.get(path), kind)

    def _usage(self, event: Usage) -> None:
        usd = event.usd if event.usd is not None and 0 <= event.usd <= limits.INTEGER_MAX else None
        spent = (
            _believable(event.input_tokens),
            _believable(event.cached_input_tokens),
            _believable(event.output_tokens),
            usd,
        )
        self._spent = spent if event.cumulative else _added(self._spent, spent)

    def _failed(self, event: Failure) -> None:
        if event.transient:
            self._notice = _short(event.message)
        else:
            self._failure = msgspec.structs.replace(event, message=_short(event.message))

    def _ended(self, event: End) -> None:
        # The text is kept once, as the final message.
        self._end = msgspec.structs.replace(event, text=None, structured=None, message=_short(event.message))
        if (duration := _believable(event.duration_ms)) is not None:
            self._duration = (self._duration or 0) + duration
        if not event.ok:
            if event.failure is not None or self._failure is None:  # else what failed was said before
                kind = event.failure or "provider_error"
                said = event.message or (self._failure.message if self._failure is not None else "")
                self._failure = Failure(line=event.line, kind=kind, message=_short(said))
            return
        self._failure = None
        text = event.structured if event.structured is not None else event.text
        if text is None:
            return
        self._pieces, self._line = [text], event.line
        self._structured = event.structured is not None


def _short(text: str) -> str:
    return text[: limits.MESSAGE_CHARS]


def _brief(name: str | None) -> str | None:
    return name[: limits.MESSAGE_CHARS] if name is not None else None


def _believable(count: int | None) -> int | None:
    """A count that can be one; what cannot is not known."""
    return count if count is not None and 0 <= count <= limits.INTEGER_MAX else None


def _added(known: _Spent, more: _Spent) -> _Spent:
    """The sum of what is known; None where nothing is."""
    return (
        more[0] if known[0] is None else known[0] + (more[0] or 0),
        more[1] if known[1] is None else known[1] + (more[1] or 0),
        more[2] if known[2] is None else known[2] + (more[2] or 0),
        more[3] if known[3] is None else known[3] + (more[3] or 0),
    )


def together(before: ChangeKind | None, now: ChangeKind) -> ChangeKind | None:
    """What two changes of one file come to; None is a file that came and went."""
    if before == "add":
        return None if now == "delete" else "add"
    if before == "delete" and now == "add":
        return "update"
    return now


def _merged(changes: Mapping[str, ChangeKind | None], cwd: str | None) -> tuple[Change, ...]:
    """Sorted by path, one a path, from the workspace where it lies in it."""
    workspaces = () if cwd is None else (cwd,)
    merged: dict[str, ChangeKind | None] = {}
    for path, kind in changes.items():
        where = place(path, workspaces)
        merged[where] = kind if where not in merged or kind is None else together(merged[where], kind)
    return tuple(Change(path=path, kind=kind) for path, kind in sorted(merged.items()) if kind is not None)
