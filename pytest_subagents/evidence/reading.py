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
from pytest_subagents.vendors.reading import whole_objects
from pytest_subagents.vendors.recognising import Recogniser
from pytest_subagents.writing import open_file

_TOO_LONG: Final = b"(a line too long to be read)\n"


def said_in(path: Path, *, below: Path, redactor: Redactor) -> Iterator[Said]:
    """Nothing of what cannot be read, which `StoredEvidence` has told of. No link below `below` is followed."""
    with suppress(OSError, ValueError):  # no path at all: one with a NUL
        if _speaks(path, below):
            with open_file(path, below=below) as file:
                yield from _said(enumerate(_lines(file, redactor), 1))
            return
        with open_file(path, below=below) as file:
            behind = [] if file.seek(0, 2) > limits.WHOLE_FILE_BYTES else _whole(file)
        if behind:
            yield from _said((1, redactor.redact_bytes(each)) for each in behind)
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


def _whole(file: BinaryIO) -> list[bytes]:
    file.seek(0)
    objects = [line for _, line in whole_objects(file.read(limits.WHOLE_FILE_BYTES))]
    seen = Recogniser()
    for each in objects:
        seen.one(each, 1)
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
