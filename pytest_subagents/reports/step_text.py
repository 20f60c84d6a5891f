"""The steps of a transcript for the terminal: one line for each thing an agent said or did, with its line number."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pytest_subagents.model.event import (
    AnyEvent,
    Command,
    End,
    Failure,
    FileChange,
    Message,
    ModelChange,
    Notice,
    Reasoning,
    SessionStart,
    Subagent,
    Todo,
    ToolCall,
    Unknown,
    Usage,
)
from pytest_subagents.model.limits import MESSAGE_CHARS, STEP_CHARS, STEP_LINES
from pytest_subagents.reports import wording
from pytest_subagents.reports.cells import fit
from pytest_subagents.reports.escape import cut, terminal
from pytest_subagents.reports.line import Line, Style

_NUMBER: Final = 6
_VERB: Final = 9
_INDENT: Final = " " * (_NUMBER + _VERB + 2)
_CHANGED: Final = {"add": "added", "update": "changed", "delete": "deleted", "rename": "renamed"}
_OPEN_CALLS: Final = 1_000


class Steps:
    """Turns the events of one transcript into lines, in their order.

    A command or tool is told once, when it ends; where somebody watches (`watched`) also when it starts. What has not
    ended when the transcript does is told by `rest`.
    """

    def __init__(
        self,
        *,
        width: int | None,
        whole: bool = False,
        watched: bool = False,
        redact: Callable[[str], str] = lambda text: text,
    ) -> None:
        """`width` is that of a terminal, None where lines need not fit into one; `whole` tells outputs, texts and what
        decides nothing in full; `redact` cuts out of a message what no part of it showed to be secret."""
        self._redact = redact
        self._width = width
        self._whole = whole
        self._watched = watched
        self._open: dict[str, tuple[int, str, str]] = {}
        self._message: Message | None = None
        """The last one, as what follows may be a part of it."""
        self._parts: list[str] = []

    def of(self, event: AnyEvent) -> Iterator[Line]:
        """What there is to tell by now; a message is told when it is whole."""
        if isinstance(event, Message) and event.role == "assistant":
            yield from self._said(event)
            return
        if not isinstance(event, Usage | Unknown | ModelChange) or self._whole:
            yield from self._told()
        yield from self._of(event)

    def _of(self, event: AnyEvent) -> Iterator[Line]:
        match event:
            case SessionStart(session_id=id, model=model, cli_version=version, cwd=cwd):
                parts = (model, version and f"version {version}", id and f"session {id}", cwd and f"in {cwd}")
                yield self._step(
                    event.line, "session", ", ".join(part for part in parts if part) or "begins", "heading"
                )
            case ModelChange(model=model):
                yield self._step(event.line, "model", model)
            case Message(text=text) if text.strip():
                yield from self._block(event.line, "was told", text, within=event.parent, lines=3)
            case Reasoning(text=text):
                yield from self._block(
                    event.line, "thought", text.strip() or "(not told)", within=event.parent, lines=3
                )
            case Command() | ToolCall():
                yield from self._call(event)
            case FileChange(path=path, kind=kind, failed=failed):
                words = f"{path}: it could not" if failed else path
                yield self._step(event.line, _CHANGED[kind], words, "failed" if failed else "plain")
            case Subagent(phase=phase, agent_id=id, description=description, status=status, failed=failed):
                words = ": ".join(part for part in (str(phase), description or id, status) if part)
                yield self._step(event.line, "subagent", words, "failed" if failed else "plain")
            case Todo(done=done, total=total):
                yield self._step(event.line, "steps", f"{done} of {total} done")
            case Failure(kind=kind, message=message, transient=transient):
                words = f"{kind}: {message}" + (" (it goes on)" if transient else "")
                yield self._step(event.line, "failed", words, "partial" if transient else "failed")
            case Notice(message=message):
                yield self._step(event.line, "notice", message)
            case End():
                yield self._end(event)
            case Usage() | Unknown() if self._whole:
                yield self._step(event.line, "usage" if isinstance(event, Usage) else "unknown", _small(event))

    def text(self, line: int, text: str) -> Iterator[Line]:
        """A line that is no protocol."""
        yield from self._told()
        if text.strip():
            yield self._step(line, "text", text.rstrip("\r\n"), "partial")

    def rest(self) -> Iterator[Line]:
        """What had begun and has not ended."""
        yield from self._told()
        for line, verb, words in sorted(self._open.values()):
            if not self._watched:
                yield self._step(line, verb, f"{words} (its end was not told)", "partial")
        self._open.clear()

    def _said(self, event: Message) -> Iterator[Line]:
        """Vendors send a message in parts, and some send all of it once more when it is whole."""
        last = self._message
        if last is not None and event.append and (event.message_id, event.parent) == (last.message_id, last.parent):
            self._parts.append(event.text)
            return
        repeated = last is not None and event.message_id is not None and event.message_id == last.message_id
        if not (repeated and event.text.startswith("".join(self._parts))):
            yield from self._told()
            self._message = event
        self._parts = [event.text]

    def _told(self) -> Iterator[Line]:
        message, text = self._message, "".join(self._parts)
        self._message, self._parts = None, []
        if message is not None and text.strip():
            yield from self._block(message.line, "said", self._redact(text), within=message.parent)

    def _call(self, event: Command | ToolCall) -> Iterator[Line]:
        name = event.command if isinstance(event, Command) else f"{event.tool} {event.arguments}".rstrip()
        key = event.call_id or name
        if event.phase == "start":
            verb = "runs" if isinstance(event, Command) else "uses"
            if self._watched:
                yield self._step(event.line, verb, name, within=event.parent)
            if len(self._open) < _OPEN_CALLS:
                self._open[key] = (event.line, verb, name)
            return
        begun = self._open.pop(key, None)
        if begun is not None and len(begun[2]) > len(name):
            name = begun[2]  # the end of a call often tells its id alone
        verb, bad = "used", event.failed
        if isinstance(event, ToolCall) and event.denied:
            verb, bad = "refused", True
        if isinstance(event, Command):
            bad = bad or event.exit_code not in (None, 0)
            verb, name = "ran", f"exit code {event.exit_code}: {name}" if event.exit_code else name
        yield self._step(event.line, verb, name, "failed" if bad else "plain", within=event.parent)
        if event.output.strip() and (self._whole or bad):
            yield from self._below(event.output, lines=None if self._whole else STEP_LINES)

    def _end(self, event: End) -> Line:
        parts = ["well" if event.ok else f"badly: {event.failure or 'the program says so'}"]
        parts += [event.message] if event.message else []
        parts += [wording.duration(event.duration_ms)] if event.duration_ms is not None else []
        return self._step(event.line, "ended", ", ".join(parts), "success" if event.ok else "failed")

    def _block(
        self, number: int, verb: str, text: str, *, within: str | None = None, lines: int = STEP_LINES
    ) -> Iterator[Line]:
        if self._width is not None and not self._whole:
            yield from self._broken(number, verb, text, max(self._width, 40) - len(_INDENT), within, lines)
            return
        first, _, others = text.strip("\n").partition("\n")
        yield self._step(number, verb, first, within=within)
        if others.strip():
            yield from self._below(others, lines=None if self._whole else lines)

    def _broken(self, number: int, verb: str, text: str, room: int, within: str | None, most: int) -> Iterator[Line]:
        """On a terminal: between words, on `most` lines."""
        head = text.strip("\n")[: 4 * room * most]
        told = terminal(head, multiline=True).expandtabs(4).split("\n")
        lines = [part for line in told for part in textwrap.wrap(line, room, break_on_hyphens=False) or [""]]
        yield self._step(number, verb, lines[0], within=within)
        # Once more, since this is where a line begins now.
        yield from (Line(text=self._fitted(f"{_INDENT}{terminal(each)}").rstrip()) for each in lines[1:most])
        if len(lines) > most or len(head) < len(text.strip("\n")):
            yield Line(text=self._fitted(f"{_INDENT}… (more: --full)"))

    def _below(self, text: str, *, lines: int | None) -> Iterator[Line]:
        all_lines = terminal(text, multiline=True).rstrip("\n").expandtabs(4).split("\n")
        shown = all_lines if lines is None else all_lines[:lines]
        yield from (Line(text=self._fitted(f"{_INDENT}{each}").rstrip()) for each in shown)
        if len(all_lines) > len(shown):
            left_out = wording.number_of(len(all_lines) - len(shown), "more line")
            yield Line(text=self._fitted(f"{_INDENT}… ({left_out}: --full)"))

    def _step(self, number: int, verb: str, text: str, style: Style = "plain", *, within: str | None = None) -> Line:
        inside = "· " if within is not None else ""
        words = cut(text, MESSAGE_CHARS if not self._whole else STEP_CHARS)
        shown = f"{number:>{_NUMBER}}  {verb:<{_VERB}}{inside}{terminal(words)}"
        return Line(text=self._fitted(shown).rstrip(), style=style)

    def _fitted(self, text: str) -> str:
        if self._width is None or self._whole:
            return text
        return fit(text, max(self._width, 40))


def _small(event: Usage | Unknown) -> str:
    if isinstance(event, Unknown):
        return event.name
    parts: Iterable[str] = (
        f"{event.input_tokens:,} input tokens" if event.input_tokens is not None else "",
        f"{event.output_tokens:,} output tokens" if event.output_tokens is not None else "",
        wording.dollars(event.usd) if event.usd is not None else "",
    )
    return ", ".join(part for part in parts if part) or "not told"
