"""Steps that speak, as the lines of a stream. Standard library only, and no I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from pytest_subagents.testing.scripted.speakers.interface import Record, Setting, Speaker, Tokens
from pytest_subagents.testing.scripted.speakers.registry import speaker
from pytest_subagents.testing.steps import (
    Answer,
    Change,
    Deny,
    Fail,
    LongLine,
    Raw,
    Retry,
    Run,
    Say,
    Spend,
    Start,
    Step,
    Think,
    Use,
)

_Known: TypeAlias = Literal["add", "update", "delete"]


class Teller:
    """Words the steps of one run; the first lines of the stream come with the first step that speaks."""

    def __init__(self, dialect: str, setting: Setting) -> None:
        self._speaker: Speaker = speaker(dialect, setting)
        self._begun = False

    def exit_code(self, kind: str) -> int:
        """Of the program after a `Fail`."""
        return self._speaker.exit_code(kind)

    def started(self) -> Iterator[str]:
        if not self._begun:
            self._begun = True
            yield from _lines(self._speaker.begin())

    def command_begins(self, command: str) -> Iterator[str]:
        yield from self.started()
        yield from _lines(self._speaker.command_begins(command))

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterator[str]:
        yield from _lines(self._speaker.command_ends(command, output, exit_code))

    def change(self, path: str, kind: _Known, text: str) -> Iterator[str]:
        yield from self.started()
        yield from _lines(self._speaker.change(path, kind, text))

    def told(self, step: Step) -> Iterator[str]:
        """The lines of a step that speaks, pretended. Raises `ValueError` for one that does not."""
        match step:
            case Raw(text=text, to="stdout"):
                yield text
                return
            case Run(command=command, output=output, exit_code=exit_code, really=False):
                yield from self.command_begins(command)
                yield from self.command_ends(command, output, exit_code)
                return
        yield from self.started()
        yield from _lines(self._records(step))

    def _records(self, step: Step) -> Iterable[Record]:
        said = self._speaker
        match step:
            case Start():
                return ()
            case Say(text=text):
                return said.say(text, final=False)
            case LongLine(size=size, speaks=True):
                return said.say("x" * size, final=False)
            case Think(text=text):
                return said.think(text)
            case Change(path=path, text=text, told=True):
                return said.change(path, "delete" if text is None else "update", text or "")
            case Change():
                return ()
            case Use(tool=tool, arguments=arguments, output=output, failed=failed):
                return said.use(tool, arguments, output, failed=failed)
            case Deny(tool=tool, message=message):
                return said.deny(tool, message)
            case Spend(input_tokens=given, cached_input_tokens=cached, output_tokens=output_tokens, usd=usd):
                return said.spend(Tokens(input=given, cached=cached, output=output_tokens, usd=usd))
            case Retry(kind=kind, message=message):
                return said.retry(kind, message)
            case Fail(kind=kind, message=message):
                return said.fail(kind, message)
            case Answer(text=text):
                return (*said.say(text, final=True), *said.end())
        raise ValueError(f"{type(step).__name__} does not speak")


def _lines(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        yield json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
