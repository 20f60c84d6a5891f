"""Reading contracts: a built-in one, a file, a neighbour of a file, or a schema given in Python.

Whatever is read is bounded in size and depth before anything walks over it. Only regular files are opened, so that
a pipe cannot hang us and a device cannot fill the memory.
"""

from __future__ import annotations

import math
import os
import stat
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_subagents.contract import json_places
from pytest_subagents.contract.pointers import Part, format_pointer
from pytest_subagents.contract.strict_json import NotJsonError, decode
from pytest_subagents.contract.wording import cut
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value

_SUFFIX: Final = ".json"


class Document(Value, frozen=True, kw_only=True):
    """One JSON document of a contract: the contract itself or a neighbour that it refers to."""

    where: str
    """How a person finds it: the path of its file, or the place of the Python that holds it."""
    uri: str
    """What relative references in it start from; nothing is ever fetched from there."""
    value: JsonValue
    text: str | None = None
    """What `value` was read from, for line numbers."""
    named_at: str | None = None
    """The place that names the contract (`subagents.yaml:4`), where that is another one."""
    folder: PurePosixPath | None = None
    """Neighbours are files below this folder; None where there are none."""

    def fault(self, path: tuple[Part, ...], what: str, *, hint: str | None = None) -> BadUsage:
        """A person's mistake at `path`, with the file and the line."""
        hints = [hint] if hint else []
        if self.named_at is not None:
            hints.append(f"the contract is named at {self.named_at}")
        return BadUsage(self.spot(path), self.saying(path, what), hint="; ".join(hints) or None)

    def spot(self, path: tuple[Part, ...]) -> str:
        """`contract.json:12`, or only the place where there are no lines."""
        line = None if self.text is None else json_places.line_of(self.text, path)
        return self.where if line is None else f"{self.where}:{line}"

    def saying(self, path: tuple[Part, ...], what: str) -> str:
        return f"{cut(format_pointer(path))}: {what}" if path else what


def built_in_document(name: str) -> Document:
    """The schema that this package ships under `name`."""
    file = files("pytest_subagents.contract").joinpath("schemas", f"{name}{_SUFFIX}")
    text = file.read_text(encoding="utf-8")
    value = decode(text, size=limits.CONTRACT_BYTES, depth=limits.CONTRACT_DEPTH)
    return Document(where=f"built-in contract {name!r}", uri=f"contract:{name}", value=value, text=text)


def document_of_file(path: PurePosixPath, named_at: str | None) -> Document:
    """The contract in a file; `path` is absolute."""
    if path.suffix.lower() != _SUFFIX:
        raise BadUsage(named_at or str(path), f"a contract file is named *{_SUFFIX}, not {path.name!r}")
    text = _read(Path(path), named_at or str(path), what=f"contract file {str(path)!r}")
    return _parsed(
        text, where=str(path), uri=path.as_uri(), named_at=named_at, folder=PurePosixPath(os.path.realpath(path.parent))
    )


def document_of_neighbour(uri: str, path: PurePosixPath, contract: Document, asked_at: str) -> Document:
    """A file that a contract refers to; `path` lies below `contract.folder` as far as its letters go.

    A link may lead elsewhere in the folder, but not out of it.
    """
    real = PurePosixPath(os.path.realpath(path))
    if contract.folder is None or not real.is_relative_to(contract.folder):
        raise BadUsage(asked_at, f"{path.name!r} is a link that leaves the folder of the contract")
    if path.suffix.lower() != _SUFFIX:
        raise BadUsage(asked_at, f"a file that a contract refers to is named *{_SUFFIX}, not {path.name!r}")
    text = _read(Path(real), asked_at, what=f"file {str(path)!r}")
    return _parsed(text, where=str(path), uri=uri, named_at=contract.named_at, folder=contract.folder)


def document_of_python(schema: JsonValue, where: str) -> Document:
    """The contract that Python code gave as a value."""
    value = _plain(schema, where)
    return Document(where=where, uri="contract:python", value=value)


def _parsed(text: str, *, where: str, uri: str, named_at: str | None, folder: PurePosixPath) -> Document:
    try:
        value = decode(text, size=limits.CONTRACT_BYTES, depth=limits.CONTRACT_DEPTH)
    except NotJsonError as refusal:
        fault = refusal.fault
        spot = where if fault.line is None else f"{where}:{fault.line}"
        hint = None if named_at is None else f"the contract is named at {named_at}"
        raise BadUsage(spot, f"not exactly one JSON value: {cut(str(fault))}", hint=hint) from None
    return Document(where=where, uri=uri, value=value, text=text, named_at=named_at, folder=folder)


def _read(path: Path, where: str, *, what: str) -> str:
    """The text of a regular file within the size of a contract."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BadUsage(where, f"{what} is not a regular file")
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(limits.CONTRACT_BYTES + 1)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadUsage(where, f"{what} cannot be read: {reason.lower()}") from None
    if len(data) > limits.CONTRACT_BYTES:
        raise BadUsage(where, f"{what} is larger than {limits.CONTRACT_BYTES:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadUsage(where, f"{what} is not UTF-8 (byte {error.start})") from None


def _plain(schema: object, where: str) -> JsonValue:
    """A copy of `schema` in lists and dicts of its own, within the limits of a file."""
    budget = [limits.CONTRACT_BYTES]

    def copied(value: object, path: tuple[Part, ...]) -> JsonValue:
        if len(path) > limits.CONTRACT_DEPTH:
            raise BadUsage(where, f"the schema is nested deeper than {limits.CONTRACT_DEPTH} levels")
        budget[0] -= 2 + (len(value) if isinstance(value, str) else 0)
        if budget[0] < 0:
            raise BadUsage(where, f"the schema is larger than {limits.CONTRACT_BYTES:,} bytes")
        match value:
            case None | bool():
                return value
            case str():
                return _checked_text(value, path)
            case int() if abs(value) <= limits.INTEGER_MAX:
                return int(value)
            case float() if math.isfinite(value):
                return float(value)
            case list() | tuple():
                return [copied(item, (*path, index)) for index, item in enumerate(value)]
            case dict() if all(isinstance(key, str) for key in value):
                budget[0] -= sum(map(len, value))
                return {_checked_text(key, path): copied(item, (*path, key)) for key, item in value.items()}
        shown = f"a {type(value).__name__}" if not isinstance(value, int | float) else "a number beyond the range"
        raise BadUsage(where, f"{cut(format_pointer(path)) or 'the schema'}: {shown} cannot stand in a JSON Schema")

    def _checked_text(text: str, path: tuple[Part, ...]) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadUsage(where, f"{cut(format_pointer(path))}: a lone surrogate in {ascii(text)[:60]}") from None
        return str(text)

    return copied(schema, ())
