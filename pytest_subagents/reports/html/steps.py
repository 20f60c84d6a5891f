"""A transcript as steps: a call with its result is one, and parts of one message are one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from pytest_subagents.model import event
from pytest_subagents.model.evidence import ChildSession, Said, Unreadable
from pytest_subagents.model.limits import ANSWER_BYTES, OPEN_CALLS
from pytest_subagents.model.value import Value
from pytest_subagents.reports import wording

Kind: TypeAlias = Literal["prompt", "message", "thinking", "tool", "error", "note", "session"]

_ONE_CHARS: Final = 300
_NOISE: Final = 200
"""Lines in a row that are no protocol of which the text is kept."""
_CHANGED: Final = {"add": "Added", "update": "Changed", "delete": "Deleted", "rename": "Renamed"}


class Step(Value, frozen=True, kw_only=True):
    """All of its texts are untrusted but `what`."""

    line: int
    kind: Kind
    what: str
    """Its kind in a word or two."""
    one: str = ""
    """What it is, on one line."""
    end: str = ""
    """How it came out, in a word or two."""
    bodies: tuple[tuple[str, str], ...] = ()
    """Texts with what each one is."""
    bad: bool = False
    child: bool = False
    """It is of a subagent of the agent's own."""


class Steps:
    """Takes what a transcript says, in its order. Memory is bounded by what one message, and open calls, may hold."""

    def __init__(self) -> None:
        self._open: dict[str, event.Command | event.ToolCall] = {}
        self._ended: dict[str, None] = {}
        self._message: event.Message | None = None
        self._parts: list[str] = []
        self._size = 0
        self._noise: list[Unreadable] = []
        self._lost = 0

    def all(self, said: Iterator[Said]) -> Iterator[Step]:
        for each in said:
            yield from self._take(each)
        yield from self._rest()

    def _take(self, each: Said) -> Iterator[Step]:
        if isinstance(each, Unreadable):
            yield from self._flush()
            self._lost += 1
            if len(self._noise) < _NOISE:
                self._noise.append(each)
            return
        yield from self._unread()
        match each:
            case event.Message():
                yield from self._told(each)
                return
            case event.Command() | event.ToolCall() if each.phase == "start" and each.call_id:
                if len(self._open) < OPEN_CALLS:
                    self._open[each.call_id] = each
                return
            case event.TurnStart():
                return
        yield from self._flush()
        match each:
            case event.Command() | event.ToolCall():
                yield from self._call(each)
            case ChildSession():
                yield from self._unended()
                yield Step(line=0, kind="session", what="Session of its own subagent", one=each.name)
            case _:
                yield _plain_step(each)

    def _rest(self) -> Iterator[Step]:
        yield from self._unread()
        yield from self._flush()
        yield from self._unended()

    def _unread(self) -> Iterator[Step]:
        """Lines in a row that are no protocol."""
        if self._noise:
            text = "\n".join(each.text for each in self._noise)
            yield Step(
                line=self._noise[0].line,
                kind="error",
                what="No protocol",
                one=_first(text) or "(nothing to see)",
                end=wording.number_of(self._lost, "line") if self._lost > 1 else f"{self._noise[0].size:,} bytes",
                bodies=(("Text", text),) if _is_long(text) else (),
            )
        self._noise, self._lost = [], 0

    def _told(self, message: event.Message) -> Iterator[Step]:
        before = self._message
        if before is not None and message.append and message.message_id == before.message_id:
            if self._size < ANSWER_BYTES:
                self._parts.append(message.text)
                self._size += len(message.text)
            return
        yield from self._flush()
        self._message, self._parts, self._size = message, [message.text], len(message.text)

    def _flush(self) -> Iterator[Step]:
        message, text = self._message, "".join(self._parts)
        self._message, self._parts = None, []
        if message is not None and text:
            user = message.role == "user"
            yield Step(
                line=message.line,
                kind="prompt" if user else "message",
                what="Prompt" if user else "Message",
                one=_first(text),
                bodies=(("Text", text),) if _is_long(text) else (),
                child=message.parent is not None,
            )

    def _call(self, end: event.Command | event.ToolCall) -> Iterator[Step]:
        begun = self._open.pop(end.call_id, None) if end.call_id else None
        if begun is None and end.call_id in self._ended and not _says(end):
            return
        if end.call_id:
            self._ended[end.call_id] = None
            if len(self._ended) > OPEN_CALLS:
                del self._ended[next(iter(self._ended))]
        yield _call_step(begun or end, end, ended=end.phase == "end")

    def _unended(self) -> Iterator[Step]:
        for begun in self._open.values():
            yield _call_step(begun, begun, ended=False)
        self._open.clear()


def steps_of(said: Iterator[Said]) -> Iterator[Step]:
    return Steps().all(said)


def _says(end: event.Command | event.ToolCall) -> bool:
    return bool(end.command if isinstance(end, event.Command) else end.arguments)


def _call_step(begun: event.Command | event.ToolCall, end: event.Command | event.ToolCall, *, ended: bool) -> Step:
    command = end.command if isinstance(end, event.Command) else ""
    command = command or (begun.command if isinstance(begun, event.Command) else "")
    tool = end.tool if isinstance(end, event.ToolCall) else ""
    tool = tool or (begun.tool if isinstance(begun, event.ToolCall) else "")
    arguments = end.arguments if isinstance(end, event.ToolCall) else ""
    arguments = arguments or (begun.arguments if isinstance(begun, event.ToolCall) else "")
    bodies = [("Command", command)] if _is_long(command) else []
    bodies += [("Arguments", arguments)] if _is_long(arguments) else []
    bodies += [("Output", end.output)] if end.output else []
    denied = isinstance(end, event.ToolCall) and end.denied
    return Step(
        line=begun.line,
        kind="tool",
        what="Command" if command else "Tool",
        one=_first(command) if command else _first(f"{tool} {arguments}"),
        end=_end(end, denied=denied) if ended else "did not end",
        bodies=tuple(bodies),
        bad=end.failed or denied,
        child=end.parent is not None,
    )


def _end(end: event.Command | event.ToolCall, *, denied: bool) -> str:
    if denied:
        return "denied"
    code = end.exit_code if isinstance(end, event.Command) else None
    told = f"exit {code}" if code is not None else "failed" if end.failed else ""
    lines = end.output.count("\n") + (not end.output.endswith("\n")) if end.output else 0
    return " · ".join(part for part in (told, wording.number_of(lines, "line") if lines else "") if part)


def _plain_step(each: Said) -> Step:
    match each:
        case event.Reasoning():
            bodies = (("Text", each.text),) if _is_long(each.text) else ()
            return Step(
                line=each.line,
                kind="thinking",
                what="Thinking",
                one=_first(each.text),
                bodies=bodies,
                child=each.parent is not None,
            )
        case event.FileChange():
            one = f"{_CHANGED[each.kind]} {each.path}"
            return Step(
                line=each.line,
                kind="tool",
                what="File",
                one=_first(one),
                end="failed" if each.failed else "",
                bad=each.failed,
                child=each.parent is not None,
            )
        case event.Subagent():
            bodies = (("Answer", each.answer),) if each.answer else ()
            word = {"start": "started", "update": "goes on", "end": "ended"}[each.phase]
            one = _first(" ".join(part for part in (each.description, each.agent_id) if part))
            return Step(
                line=each.line,
                kind="tool",
                what="Subagent",
                one=one,
                end=each.status or word,
                bodies=bodies,
                bad=each.failed,
            )
        case event.Failure():
            what = "Retry" if each.transient else "Error"
            bodies = (("Text", each.message),) if _is_long(each.message) else ()
            return Step(
                line=each.line,
                kind="note" if each.transient else "error",
                what=what,
                one=_first(each.message),
                end=each.kind.replace("_", " "),
                bodies=bodies,
                bad=not each.transient,
            )
        case event.End():
            text = each.message or (each.text or "") or ("it ended well" if each.ok else "")
            values = tuple(
                pair for pair in (("Text", each.text or ""), ("Value", each.structured or "")) if _is_long(pair[1])
            )
            took = wording.duration(each.duration_ms) if each.duration_ms is not None else ""
            return Step(
                line=each.line,
                kind="note" if each.ok else "error",
                what="End",
                one=_first(text),
                end=took,
                bodies=values,
                bad=not each.ok,
            )
        case event.Unknown():
            return Step(line=each.line, kind="note", what="Unknown", one=_first(each.name))
        case _:
            return Step(line=getattr(each, "line", 0), kind="note", what=_note(each)[0], one=_note(each)[1])


def _note(each: object) -> tuple[str, str]:
    match each:
        case event.SessionStart():
            parts = (each.session_id, each.model, f"version {each.cli_version}" if each.cli_version else None)
            return "Session", _first(" · ".join(part for part in parts if part))
        case event.ModelChange():
            return "Model", _first(each.model)
        case event.Todo():
            return "Plan", f"{each.done:,} of {each.total:,} done"
        case event.Usage():
            used = [f"{each.input_tokens:,} in" if each.input_tokens is not None else ""]
            used += [f"{each.cached_input_tokens:,} of them cached" if each.cached_input_tokens else ""]
            used += [f"{each.output_tokens:,} out" if each.output_tokens is not None else ""]
            used += [wording.dollars(each.usd) if each.usd is not None else ""]
            return "Usage", ", ".join(part for part in used if part)
        case event.Notice():
            return "Notice", _first(each.message)
        case _:
            return "Other", ""


def _first(text: str) -> str:
    """The first line with something in it, cut."""
    line = next((line for line in text[: 4 * _ONE_CHARS].split("\n") if line.strip()), "").strip()
    return line if len(line) <= _ONE_CHARS else f"{line[:_ONE_CHARS]}…"


def _is_long(text: str) -> bool:
    return "\n" in text.strip() or len(text) > 110
