"""How Codex is asked to do what a script says: by its own tools, which differ by model (seen with 0.169.0).

A model that it knows gets `exec_command` and a free-form `apply_patch`, or one `exec` tool whose input is JavaScript;
one that it does not know gets `exec_command` alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from model_servers.script import EditFile, ListFolder, ReadFile, Shell, Tool, UnknownTool, WriteFile
from model_servers.wire.pieces import compact
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool as Ability


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    name: str
    arguments: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeCall:
    """A call whose input is a text of the tool's own grammar."""

    name: str
    input: str


NativeCall = FunctionCall | FreeCall

CAN: Final[Mapping[str, frozenset[Ability]]] = MappingProxyType(
    {
        "exec_command": frozenset({"read", "search", "edit", "shell"}),
        "exec": frozenset({"read", "search", "edit", "shell"}),
        "apply_patch": frozenset({"edit"}),
        "spawn_agent": frozenset({"subagents"}),
        "web_search": frozenset({"web"}),
    }
)
"""What its tools can do, where the sandbox lets them."""


def native_call(tool: Tool, offered: tuple[str, ...]) -> NativeCall:
    """`tool` as a call of one of the tools with these names."""
    match tool:
        case ReadFile(path=path):
            return _command(f"cat {shlex.quote(path)}", offered)
        case ListFolder(path=path):
            return _command(f"ls -1 {shlex.quote(path)}", offered)
        case Shell(command=command):
            return _command(command, offered)
        case WriteFile(path=path, content=content):
            # A patch cannot replace a file that is there without its lines; a new one it can add.
            return _patch(f"*** Add File: {path}\n{_lines('+', content)}", _written(path, content), offered)
        case EditFile(path=path, old=old, new=new):
            text = f"*** Update File: {path}\n@@\n{_lines('-', old)}{_lines('+', new)}"
            return _patch(text, _replaced(path, old, new), offered)
        case UnknownTool(name=name):
            return FunctionCall(name=name, arguments={})


def _command(command: str, offered: tuple[str, ...]) -> NativeCall:
    if "exec" in offered:
        run = f"const done = await tools.exec_command({compact({'cmd': command})});\n"
        tell = "text(`Process exited with code ${done.exit_code}\\n${done.output}`);"
        return FreeCall(name="exec", input=run + tell)
    return FunctionCall(name="exec_command", arguments={"cmd": command})


def _patch(body: str, command: str, offered: tuple[str, ...]) -> NativeCall:
    text = f"*** Begin Patch\n{body}*** End Patch\n"
    if "apply_patch" in offered:
        return FreeCall(name="apply_patch", input=text)
    if "exec" in offered:
        return FreeCall(name="exec", input=f"await tools.apply_patch({compact(text)});\ntext('Exit code: 0');")
    return _command(command, offered)


def _lines(sign: str, text: str) -> str:
    return "".join(f"{sign}{line}\n" for line in text.removesuffix("\n").split("\n"))


def _written(path: str, content: str) -> str:
    return f"mkdir -p $(dirname {shlex.quote(path)}) && printf %s {shlex.quote(content)} > {shlex.quote(path)}"


def _replaced(path: str, old: str, new: str) -> str:
    code = "import pathlib, sys; at = pathlib.Path(sys.argv[1]); at.write_text(at.read_text().replace(*sys.argv[2:4]))"
    return shlex.join(["python3", "-c", code, path, old, new])
