"""What a transcript says, in its order: the events of every line, and the lines that are no protocol.

Redacted once more on the way, for transcripts that others have recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from pytest_subagents.model import limits
from pytest_subagents.model.evidence import Said, Unreadable
from pytest_subagents.transcript.lines import blocks
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.vendors.prefixes import behind_prefix
from pytest_subagents.vendors.reading import begins_an_array, whole_objects
from pytest_subagents.vendors.recognising import Recogniser
from pytest_subagents.writing import open_file

_TOO_LONG: Final = b"(a line too long to be read)\n"


def said_in(path: Path, *, below: Path, redactor: Redactor) -> Iterator[Said]:
    """Nothing of what cannot be read, which `StoredEvidence` has told of. No link below `below` is followed."""
    with suppress(OSError, ValueError):  # no path at all: one with a NUL
        listed = _objects(path, below) if _may_be_an_array(path, below) else []
        if not listed and _speaks(path, below):
            with open_file(path, below=below) as file:
                yield from _said(enumerate(_lines(file, redactor), 1))
            return
        if behind := listed or _objects(path, below):
            yield from _said((number, redactor.redact_bytes(each)) for number, each in behind)
            return
        with open_file(path, below=below) as file:
            yield from _said(
                (number, behind_prefix(line) or line) for number, line in enumerate(_lines(file, redactor), 1)
            )


def _speaks(path: Path, below: Path) -> bool:
    """Whether any line of it is protocol as it stands."""
    seen = Recogniser()
    with open_file(path, below=below) as file:
        for block in blocks(file):
            for number, line in enumerate(block.lines, block.first):
                seen.one(line, number)
                if seen.spoken:
                    return True
    return False


def _may_be_an_array(path: Path, below: Path) -> bool:
    with open_file(path, below=below) as file:
        first = next(blocks(file), None)
    return first is not None and begins_an_array(first)


def _objects(path: Path, below: Path) -> list[tuple[int, bytes]]:
    """The objects of a file that is one JSON value, if any of them is protocol."""
    with open_file(path, below=below) as file:
        if file.seek(0, 2) > limits.WHOLE_FILE_BYTES:
            return []
        file.seek(0)
        objects = list(whole_objects(file.read(limits.WHOLE_FILE_BYTES)))
    seen = Recogniser()
    for number, each in objects:
        seen.one(each, number)
    return objects if seen.spoken else []


def _lines(file: BinaryIO, redactor: Redactor) -> Iterator[bytes]:
    parts = ([_TOO_LONG] if block.overlong else block.lines for block in blocks(file))
    for data in redactor.redact_lines(parts):
        yield from BytesIO(data)


def _said(lines: Iterable[tuple[int, bytes]]) -> Iterator[Said]:
    seen = Recogniser()
    for number, line in lines:
        lost = seen.unreadable + seen.foreign
        yield from seen.one(line, number)
        if seen.unreadable + seen.foreign > lost:
            text = line[: limits.HTML_BODY_CHARS].decode("utf-8", "replace").removesuffix("\n")
            yield Unreadable(line=number, text=text, size=len(line.removesuffix(b"\n")))
    yield from seen.finish()
