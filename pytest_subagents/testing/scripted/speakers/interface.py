"""What a speaker does: it words one run of an agent in one dialect. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

Record: TypeAlias = Mapping[str, Any]
"""One line of a stream, before it is JSON."""
Change: TypeAlias = Literal["add", "update", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run begins with."""

    session: str = "5c1f0000-0000-4000-8000-000000000001"
    model: str = "scripted-model"
    cwd: str = "/project"
    version: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    input: int = 0
    cached: int = 0
    output: int = 0
    usd: float | None = None
    """None where the script names no cost."""

    def __add__(self, more: Tokens) -> Tokens:
        costs = [usd for usd in (self.usd, more.usd) if usd is not None]
        return Tokens(
            input=self.input + more.input,
            cached=self.cached + more.cached,
            output=self.output + more.output,
            usd=sum(costs) if costs else None,
        )


class Speaker(Protocol):
    """One run. Every method gives the lines for what happened, in the order of a real program; some give none."""

    def __init__(self, setting: Setting) -> None: ...

    def begin(self) -> Iterable[Record]: ...

    def say(self, text: str, *, final: bool) -> Iterable[Record]: ...

    def think(self, text: str) -> Iterable[Record]: ...

    def command_begins(self, command: str) -> Iterable[Record]: ...

    def command_ends(self, command: str, output: str, exit_code: int) -> Iterable[Record]: ...

    def change(self, path: str, kind: Change, text: str) -> Iterable[Record]:
        """`path` as it was given, perhaps relative to the setting's `cwd`."""
        ...

    def use(self, tool: str, arguments: Mapping[str, Any], output: str, *, failed: bool) -> Iterable[Record]: ...

    def deny(self, tool: str, message: str) -> Iterable[Record]: ...

    def spend(self, tokens: Tokens) -> Iterable[Record]: ...

    def retry(self, kind: str, message: str) -> Iterable[Record]: ...

    def fail(self, kind: str, message: str) -> Iterable[Record]: ...

    def end(self) -> Iterable[Record]: ...

    def exit_code(self, kind: str) -> int:
        """Of the program after `fail`."""
        ...
