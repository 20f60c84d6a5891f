"""What an agent reads and writes, as the events of its stream tell it, whatever the vendor's dialect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent, Command, FileChange, SessionStart, Subagent, ToolCall, Unknown
from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.vendors.command_reads import Touch, command_reads
from pytest_subagents.vendors.places import is_outside, place
from pytest_subagents.vendors.tool_reads import arguments_of, form_of, touches_of

_EVERYTHING: Final = "**"
_NAMES_KEPT: Final = 16
"""Names of the workspace that a stream tells."""


class Reads:
    """Takes the events of one run in their order; memory does not grow with the run, and nothing in it raises.

    What several sessions in one stream read is taken together. Tools that failed or were refused read nothing.
    """

    def __init__(self, *, workspaces: Iterable[str] = ()) -> None:
        """`workspaces` are the names by which the stream may call the folder that the agent works in."""
        self._workspaces = [*workspaces]
        self._open: dict[str, Command | ToolCall] = {}
        self._folder: str | None = ""
        """Where a shell that lives on would be; None is not known."""
        self._read: set[str] = set()
        self._searched: set[str] = set()
        self._listed: set[str] = set()
        self._written: set[str] = set()
        self._outside: set[str] = set()
        self._unknown = 0
        self._subagents: set[str] = set()
        """Its own, of which not all vendors tell what they do; some tell of each twice."""
        self._delegated = 0
        self._more = False
        self._heard = False

    def take(self, event: AnyEvent) -> None:
        self._heard = self._heard or not isinstance(event, Unknown)
        match event:
            case SessionStart(cwd=str(cwd)) if cwd not in self._workspaces and len(self._workspaces) < _NAMES_KEPT:
                self._workspaces.append(cwd)
            case FileChange(failed=False, path=path):
                where = place(path, self._workspaces)
                self._put(self._outside if is_outside(where) else self._written, where)
            case Command() | ToolCall():
                self._call(event)
            case Subagent(agent_id=id) if len(self._subagents) < limits.SCOPE_PATHS:
                self._subagents.add(id)

    def use(self) -> ScopeUse:
        """What is known so far; calls that have not ended count as if they had."""
        rest = Reads(workspaces=self._workspaces)
        rest._folder = self._folder
        for event in self._open.values():
            rest._used(event)
        silent = not self._heard
        delegated = max(self._delegated + rest._delegated, len(self._subagents))
        return ScopeUse(
            read=_sorted(self._read, rest._read),
            searched=_sorted(self._searched, rest._searched),
            listed=_sorted(self._listed, rest._listed),
            written=_sorted(self._written),
            outside=_sorted(self._outside, rest._outside),
            unknown=self._unknown + rest._unknown + delegated + silent,
            more=self._more or rest._more,
        )

    def _call(self, event: Command | ToolCall) -> None:
        if isinstance(event, ToolCall) and form_of(event.tool) == "nothing":
            return
        if event.call_id and event.phase == "start":
            if len(self._open) < limits.OPEN_CALLS:
                self._open[event.call_id] = event
            else:
                self._used(event)
            return
        begun = self._open.pop(event.call_id, None) if event.call_id else None
        if isinstance(event, ToolCall) and (event.denied or event.failed):
            return
        self._used(event if begun is None or _says(event) else begun)

    def _used(self, event: Command | ToolCall) -> None:
        if isinstance(event, Command):
            self._command(event.command)
            return
        form = form_of(event.tool)
        if form == "delegates":
            self._delegated += 1
            return
        given = arguments_of(event.arguments)
        touches = touches_of(form, given) if form is not None and given is not None else ()
        if not touches:
            self._unknown += 1
        for touch in touches:
            if self._folder == "" or touch.path.startswith(("/", "~", "<", "file:")):
                self._touch(touch)
            else:
                self._unknown += 1

    def _command(self, text: str) -> None:
        found = command_reads(text, self._folder)
        self._unknown += found.unknown
        for touch in found.touches:
            self._touch(touch)
        # The shells of some vendors live on, those of others begin anew: only for the workspace it is the same.
        here = found.folder is not None and place(found.folder, self._workspaces) == "."
        self._folder = "" if here else None

    def _touch(self, touch: Touch) -> None:
        where = place(touch.path, self._workspaces)
        if is_outside(where):
            self._put(self._outside, where)
        elif touch.use == "read":
            self._put(self._read, where)
        else:
            glob = _EVERYTHING if where == "." else where if touch.is_glob else glob_of(where)
            self._put(self._searched if touch.use == "searched" else self._listed, glob)

    def _put(self, found: set[str], path: str) -> None:
        path = path.encode("utf-8", "replace").decode("utf-8")
        if path in (".", "") or path in found:
            return
        if len(found) >= limits.SCOPE_PATHS or len(glob_of(path)) > limits.PATH_BYTES:
            self._more = True
            return
        found.add(path)


def _says(event: Command | ToolCall) -> bool:
    """Whether the end of a call tells what was called."""
    return bool(event.command if isinstance(event, Command) else event.arguments)


def _sorted(*found: set[str]) -> tuple[str, ...]:
    return tuple(sorted(set[str]().union(*found))[: limits.SCOPE_PATHS])
