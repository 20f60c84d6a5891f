"""What an agent did, event by event: each file that it read or wrote, each command, each call of a tool.

A call is one line, where it ended; what a command reads, as far as its text tells, follows it. Nothing here raises,
and memory does not grow with the stream.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from pytest_subagents.audit.counts import Counts
from pytest_subagents.audit.entry import Entry, entry, plain
from pytest_subagents.audit.told import Told
from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent, Command, FileChange, SessionStart, Subagent, ToolCall, Unknown
from pytest_subagents.vendors.command_reads import Touch, command_reads
from pytest_subagents.vendors.places import is_outside, place
from pytest_subagents.vendors.tool_reads import arguments_of, form_of, touches_of

_ACTIONS: Final[dict[str, Literal["read", "search", "list"]]] = {"read": "read", "searched": "search", "listed": "list"}
_SHELLS: Final = frozenset({"shell", "bash", "run_shell_command", "exec_command", "local_shell", "local_shell_call"})
"""Tools that run commands. Session files of Codex, and refusals in some dialects, tell them as any other tool."""
_TEXTS: Final = ("cmd", "command")
_ROOTED: Final = ("/", "~", "<", "file:")
_NAMES_KEPT: Final = 16
"""Names of the workspace that a stream tells."""


class Actions:
    """Of one session, whose events it takes in their order."""

    def __init__(self, counts: Counts, told: Told, *, session: str | None = None) -> None:
        """`session` is the name of a session file of an agent's own subagent."""
        self._counts = counts
        self._told = told
        self._session = session
        self._workspaces: list[str] = []
        self._folder: str | None = ""
        """Where a shell that lives on would be; None is not known."""
        self._open: dict[str, Command | ToolCall] = {}
        self._ended: dict[str, None] = {}
        """Ids of the last calls that have ended, of which some dialects tell the end twice."""
        self._subagents: set[str] = set()

    def take(self, event: AnyEvent) -> Iterator[Entry]:
        match event:
            case SessionStart(cwd=str(cwd)) if cwd not in self._workspaces and len(self._workspaces) < _NAMES_KEPT:
                self._workspaces.append(cwd)
            case FileChange():
                yield from self._written(event)
            case Command() | ToolCall():
                yield from self._call(event)
            case Subagent(agent_id=id) if id not in self._subagents:
                if len(self._subagents) < limits.OPEN_CALLS:
                    self._subagents.add(id)
                self._counts.subagents += 1
                yield self._line(event, "delegate", subagent=plain(id))
            case Unknown():
                self._counts.unknown += 1

    def rest(self) -> Iterator[Entry]:
        """The calls that have not ended, in the order in which they began."""
        for event in self._open.values():
            yield from self._unended(event)
        self._open.clear()

    def _written(self, event: FileChange) -> Iterator[Entry]:
        where = plain(place(event.path, self._workspaces))
        if not event.failed:
            self._told.take(where, event.kind)
        yield self._line(event, "write", path=where, kind=event.kind, outside=is_outside(where), failed=event.failed)

    def _call(self, event: Command | ToolCall) -> Iterator[Entry]:
        if event.call_id and event.phase == "start":
            before = self._open.pop(event.call_id, None)
            if before is not None and _says(before) and _said(before) != _said(event):
                yield from self._unended(before)  # an id that is given twice hides nothing
            if len(self._open) < limits.OPEN_CALLS:
                self._open[event.call_id] = event
            else:
                self._counts.unfollowed += 1
            return
        begun = self._open.pop(event.call_id, None) if event.call_id else None
        if begun is None and self._is_known(event):
            return
        self._remember(event)
        what = event if begun is None or _says(event) else begun
        yield from self._used(event, what, begun=begun)

    def _is_known(self, event: Command | ToolCall) -> bool:
        """Whether it is one more end of a call, with nothing new in it."""
        denied = isinstance(event, ToolCall) and event.denied
        return event.call_id in self._ended and not _says(event) and not denied

    def _remember(self, event: Command | ToolCall) -> None:
        if event.call_id:
            self._ended[event.call_id] = None
            if len(self._ended) > limits.OPEN_CALLS:
                del self._ended[next(iter(self._ended))]

    def _unended(self, event: Command | ToolCall) -> Iterator[Entry]:
        self._counts.unended += 1
        for made in self._used(event, event):
            yield {**made, "ended": False}

    def _used(
        self, end: Command | ToolCall, what: Command | ToolCall, *, begun: Command | ToolCall | None = None
    ) -> Iterator[Entry]:
        """`end` says how it came out, `what` what it was; both may be the same."""
        denied = isinstance(end, ToolCall) and end.denied
        facts: Entry = {
            "failed": end.failed,
            "denied": denied,
            "exit_code": end.exit_code if isinstance(end, Command) else None,
            "begun": begun.line if begun is not None and begun.line != end.line else None,
        }
        command = what.command if isinstance(what, Command) else _command_in(what)
        if isinstance(what, ToolCall) and command is None:
            yield from self._tool(end, what, facts)
        else:
            yield from self._command(end, command or "", facts, denied=denied)

    def _command(self, end: Command | ToolCall, text: str, facts: Entry, *, denied: bool) -> Iterator[Entry]:
        self._counts.ran += not denied
        made = self._line(end, "command", command=plain(text), **facts)
        if denied:
            yield made
            return
        found = command_reads(text, self._folder)
        self._counts.commands += bool(found.unknown)
        yield {**made, "understood": False} if found.unknown else made
        for touch in found.touches:
            yield self._touched(end, touch, by="command", failed=end.failed)
        # As for `Reads`: the shells of some vendors live on, those of others begin anew.
        here = found.folder is not None and place(found.folder, self._workspaces) == "."
        self._folder = "" if here else None

    def _tool(self, end: Command | ToolCall, what: ToolCall, facts: Entry) -> Iterator[Entry]:
        tool, form = plain(what.tool), form_of(what.tool)
        given = arguments_of(what.arguments) if form is not None else None
        if form == "delegates":
            self._counts.subagents += 1
            yield self._line(end, "delegate", tool=tool, **facts)
            return
        touches: Iterable[Touch] = ()
        if form is not None and form != "nothing" and given is not None:
            touches = touches_of(form, given)
        if not touches:
            came_about = not (facts["denied"] or facts["failed"])
            self._counts.tools += form != "nothing" and came_about
            yield self._line(end, "tool", tool=tool, **facts)
        for touch in touches:
            yield self._touched(end, touch, tool=tool, **facts)

    def _touched(self, event: Command | ToolCall, touch: Touch, **fields: object) -> Entry:
        where = plain(place(touch.path, self._workspaces))
        moved = "by" not in fields and self._folder != "" and not touch.path.startswith(_ROOTED)
        self._counts.moved += moved
        return self._line(event, _ACTIONS[touch.use], path=where, outside=is_outside(where), unsure=moved, **fields)

    def _line(self, event: Command | ToolCall | FileChange | Subagent, action: str, **fields: object) -> Entry:
        parent = None if isinstance(event, Subagent) else event.parent
        return entry(
            action,
            line=event.line,
            session=self._session,
            parent=plain(parent) if parent is not None else None,
            **fields,
        )


def _command_in(call: ToolCall) -> str | None:
    """The command that a tool is given which runs one; None where it is no such tool, or that is not told."""
    if call.tool.lower() not in _SHELLS or not call.arguments:
        return None
    given = arguments_of(call.arguments)
    if given is None:
        return call.arguments
    found = next((value for name in _TEXTS if (value := given.get(name))), None)
    if isinstance(found, list):
        return shlex.join(str(word) for word in found)
    return found if isinstance(found, str) else None


def _said(event: Command | ToolCall) -> str:
    return event.command if isinstance(event, Command) else event.arguments


def _says(event: Command | ToolCall) -> bool:
    """Whether the end of a call tells what was called."""
    return bool(_said(event))
