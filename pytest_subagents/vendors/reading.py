"""Reads a transcript, whatever its dialect: into one Outcome (`read_transcript`) or event by event (`iter_events`).

The dialect is found out for each line, since a log may hold lines of several, or of none; the last one that spoke is
asked first. A file that is one JSON array is read as its objects, however they stand on lines. Else only where no line
is protocol are two more readings tried: lines behind a log's prefix, and the whole file as one JSON value. Protocol is
looked for nowhere else, never inside a string and never in a tool's output.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace

from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent
from pytest_subagents.model.outcome import Outcome
from pytest_subagents.model.spec import Checkpoint
from pytest_subagents.transcript.lines import Block, blocks
from pytest_subagents.vendors.checkpoints import Checkpoints
from pytest_subagents.vendors.dialects.wire import UNREADABLE
from pytest_subagents.vendors.folding import Fold
from pytest_subagents.vendors.prefixes import behind_prefix
from pytest_subagents.vendors.recognising import BYTE_ORDER_MARK, Recogniser
from pytest_subagents.vendors.registry import VENDORS
from pytest_subagents.vendors.sniffing import looks_like

_OBJECTS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def read_transcript(
    path: str | Path, children: Sequence[Path] = (), *, checkpoints: Sequence[Checkpoint] = ()
) -> Outcome:
    """All that the transcript at `path` says, in constant memory.

    `children` are the session files of the agent's own subagents: what they changed, spent and were denied is part of
    it, what they said is not. Which of the `checkpoints` it has passed is asked only where some are given. Never raises
    for what is in a file, or for one that cannot be read: `problem` says why.
    """
    fold, seen = _fold(checkpoints), Recogniser()
    try:
        for block in _blocks(path):
            if block.first == 1 and (objects := _listed(path, block)):
                _take(objects, seen, fold)
                seen.lines, seen.last_line = _counted(path)
                break
            seen.read(block, fold)
        if not seen.spoken:
            seen = _read_otherwise(path, seen, fold)
    except _UnopenableError as problem:
        return Outcome(problem=str(problem))
    except OSError as error:
        return _known(fold, seen, problem=f"it cannot be read to its end: {_words(error)}")
    for event in seen.finish():
        fold.take(event)
    for child in children:
        fold.take_child(read_transcript(child))
    return _known(fold, seen, problem="" if seen.spoken else _kind_of(path))


class _WatchedFold(Fold):
    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        super().__init__()
        self._checkpoints = Checkpoints(checkpoints)

    def take(self, event: AnyEvent) -> None:
        super().take(event)
        self._checkpoints.take(event)

    def outcome(self) -> Outcome:
        return replace(super().outcome(), passed=self._checkpoints.passed)


def _fold(checkpoints: Sequence[Checkpoint]) -> Fold:
    return _WatchedFold(checkpoints) if checkpoints else Fold()


def iter_events(path: str | Path) -> Iterator[AnyEvent]:
    """The events of the transcript at `path`, one after the other; none where it cannot be read."""
    seen = Recogniser()
    try:
        for block in _blocks(path):
            objects = _listed(path, block) if block.first == 1 else ()
            for number, line in objects or enumerate(block.lines, block.first):
                yield from seen.one(line, number)
            if objects:
                break
        if not seen.spoken:
            for lines in _other_readings(path, seen):
                seen = Recogniser()
                for number, line in lines:
                    yield from seen.one(line, number)
                if seen.spoken:
                    break
    except OSError:
        return
    yield from seen.finish()


class _UnopenableError(OSError):
    """Words it so that it can follow the name of the file."""

    def __str__(self) -> str:
        return str(self.args[0])


def _open(path: str | Path) -> BinaryIO:
    """The file at `path`, if it is a regular one: a FIFO would hang, a device would never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        raise _UnopenableError(f"it cannot be opened: {_words(error)}") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _UnopenableError("it is a directory" if stat.S_ISDIR(mode) else "it is no regular file")
    return open(descriptor, "rb", buffering=0)


def _blocks(path: str | Path) -> Iterator[Block]:
    with closing(_open(path)) as file:
        yield from blocks(file)


def _read_otherwise(path: str | Path, plain: Recogniser, fold: Fold) -> Recogniser:
    """The second readings. What was counted of the plain one holds where they find nothing either."""
    for lines in _other_readings(path, plain):
        seen = Recogniser()
        _take(lines, seen, fold)
        if seen.spoken:
            seen.lines, seen.last_line = plain.lines, plain.last_line
            return seen
    return plain


def _take(lines: Iterable[tuple[int, bytes]], seen: Recogniser, fold: Fold) -> None:
    for number, line in lines:
        for event in seen.one(line, number):
            fold.take(event)


def _other_readings(path: str | Path, plain: Recogniser) -> Iterator[Iterator[tuple[int, bytes]]]:
    """Numbered lines that may be protocol though no line of the file is as it stands."""
    if plain.prefixed:
        yield _behind_prefixes(path)
    yield _whole(path)


def _behind_prefixes(path: str | Path) -> Iterator[tuple[int, bytes]]:
    for block in _blocks(path):
        for number, line in enumerate(block.lines, block.first):
            yield number, behind_prefix(line) or line


def _whole(path: str | Path) -> Iterator[tuple[int, bytes]]:
    with closing(_open(path)) as file:
        yield from whole_objects(_read_all(file))


def whole_objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """A file as one JSON object, or the objects of one JSON array, each with the number of the line it begins on."""
    text = data.removeprefix(BYTE_ORDER_MARK)
    start = text.lstrip()[:1]
    if start == b"{":
        yield 1, text.strip()
    elif start == b"[":
        try:
            objects = _OBJECTS.decode(text)
        except UNREADABLE:
            return
        number, behind = 1, 0
        for one in map(bytes, objects):
            begins = text.index(one, behind)
            number += text.count(b"\n", behind, begins)
            yield number, one
            behind = begins


def begins_an_array(block: Block) -> bool:
    """Whether the first lines of a file can be those of one JSON array: it is not the `[` of a log's prefix."""
    head = b"".join(line[:64] for line in block.lines[:2]).removeprefix(BYTE_ORDER_MARK).lstrip()
    return head.startswith(b"[") and head[1:].lstrip().startswith(b"{")


def _listed(path: str | Path, block: Block) -> list[tuple[int, bytes]]:
    """The objects of a file that is one JSON array; none where it is anything else."""
    return list(_whole(path)) if begins_an_array(block) else []


def _counted(path: str | Path) -> tuple[int, int]:
    """How many lines of a file say something, and the number of the last one that does."""
    told = [number for block in _blocks(path) for number, line in enumerate(block.lines, block.first) if line.strip()]
    return len(told), told[-1] if told else 0


def _read_all(file: BinaryIO) -> bytes:
    """All of a file, or nothing where it is larger than `limits.WHOLE_FILE_BYTES`."""
    parts: list[bytes] = []
    size = 0
    while chunk := file.read(limits.READ_BYTES):
        size += len(chunk)
        if size > limits.WHOLE_FILE_BYTES:
            return b""
        parts.append(chunk)
    return b"".join(parts)


def _known(fold: Fold, seen: Recogniser, *, problem: str) -> Outcome:
    vendor = VENDORS.get(seen.vendor or "")
    return replace(
        fold.outcome(),
        vendor=seen.vendor,
        dialects=tuple(seen.spoken),
        lines=seen.lines,
        last_line=seen.last_line,
        unreadable=seen.unreadable,
        unreadable_lines=tuple(seen.unreadable_lines),
        damaged_line=seen.damaged_line,
        foreign=seen.foreign,
        text_excerpt=seen.excerpt,
        problem=problem,
        exit_meanings=vendor.exit_meanings if vendor is not None else (),
    )


def _kind_of(path: str | Path) -> str:
    with closing(_open(path)) as file:
        found = looks_like(file.read(limits.SNIFFED_BYTES))
    return f"it looks like {found}" if found else ""


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
