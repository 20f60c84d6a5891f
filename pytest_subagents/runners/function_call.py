"""What a Python function that stands for an agent is called with, and how that reaches its process.

The function runs in a child (`runners.function_child`), which finds the call in a JSON file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.value import Value
from pytest_subagents.runners.function_events import Emit


class FunctionCall(Value, frozen=True, kw_only=True):
    """The only argument of a function that a workflow names under `function`.

    The function returns its final message: a text as it is, anything else (a dict, a dataclass, a pydantic model) as
    JSON. What it raises ends the run as failed. It may be `async`.
    """

    agent: str
    """The id of the subagent."""
    prompt: str
    workspace: Path
    """The folder to work in, which is the current directory too: a private checkout for one that writes."""
    scope: Scope
    model: str | None
    """As the specification names it."""
    schema: JsonValue
    """The contract, as one JSON Schema."""
    results: Mapping[str, JsonValue]
    """What the subagents that it needs came to, by id: `status`, `summary`, `answer` and `findings` of each."""
    emit: Emit
    """Tells what it does while it runs; all of it may be left out."""


class CallFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call, as it is handed to the child: everything of it but `emit`."""

    address: str
    """`package.module:function`."""
    rootdir: str
    agent: str
    prompt: str
    workspace: str
    session: str
    """A fresh name of this run."""
    read: list[str] | None = None
    write: list[str] = []
    model: str | None = None
    contract: msgspec.Raw = msgspec.Raw(b"null")
    results: dict[str, msgspec.Raw] = {}


def call_file(
    *,
    address: str,
    rootdir: Path,
    agent: str,
    prompt: str,
    workspace: Path,
    session: str,
    scope: Scope,
    model: str | None,
    schema: JsonValue,
    results: Mapping[str, JsonValue],
) -> bytes:
    """The content of a call file; paths are absolute, `session` is a fresh UUID."""
    encode = msgspec.json.encode
    return encode(
        CallFile(
            address=address,
            rootdir=str(rootdir),
            agent=agent,
            prompt=prompt,
            workspace=str(workspace),
            session=session,
            read=None if scope.read is None else list(scope.read),
            write=list(scope.write),
            model=model,
            contract=msgspec.Raw(encode(schema)),
            results={name: msgspec.Raw(encode(value)) for name, value in results.items()},
        )
    )


def child_command(path: Path) -> tuple[str, ...]:
    """How to start the child for the call file at `path`.

    `-P`: the current directory is an agent's workspace, whose modules must not stand in for installed ones.
    """
    return (sys.executable, "-P", "-m", "pytest_subagents.runners.function_child", str(path))


def read_call(data: bytes, emit: Emit) -> tuple[CallFile, FunctionCall]:
    """The reverse of `call_file`; raises `msgspec.DecodeError` for anything else."""
    given = msgspec.json.decode(data, type=CallFile)
    decode = msgspec.json.decode
    call = FunctionCall(
        agent=given.agent,
        prompt=given.prompt,
        workspace=Path(given.workspace),
        scope=Scope(read=None if given.read is None else tuple(given.read), write=tuple(given.write)),
        model=given.model,
        schema=decode(given.contract),
        results={name: decode(value) for name, value in given.results.items()},
        emit=emit,
    )
    return given, call
