"""The last look before something is recorded: what still seems to be a secret, and on which line; never its value.

It looks further than redaction does, into texts that were encoded or packed several times over, where nothing can be
cut out any more.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from pytest_subagents.model import limits
from pytest_subagents.transcript.lines import blocks
from pytest_subagents.transcript.redaction.chains import chains, settled
from pytest_subagents.transcript.redaction.cutting import PATTERN, Seeker
from pytest_subagents.transcript.redaction.formats import may_hold
from pytest_subagents.transcript.redaction.lines import found_in_line
from pytest_subagents.transcript.redaction.redactor import Redactor

_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]+")
_DEPTH: Final = 3
"""How often what was decoded is decoded again."""
_PACKED: Final = ((b"\x1f\x8b", 31), (b"\x78\x01", 15), (b"\x78\x5e", 15), (b"\x78\x9c", 15), (b"\x78\xda", 15))
"""How gzip and zlib begin, and what zlib calls that."""
_UNPACKED_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, order=True)
class Suspicion:
    """Something that looks like a secret: on which line, counted from 1, and what it is, without its value."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def suspicions(source: BinaryIO, redactor: Redactor) -> tuple[Suspicion, ...]:
    """What looks like a secret in a stream or a text, in order, each kind once a line, at most
    `limits.SUSPICIONS_SHOWN`. Constant memory, whatever the size of the file."""
    found: set[Suspicion] = set()
    for suspicion in _all(source, redactor.seeker):
        found.add(suspicion)
        if len(found) >= limits.SUSPICIONS_SHOWN:
            break
    return tuple(sorted(found))


def _all(source: BinaryIO, seeker: Seeker) -> Iterator[Suspicion]:
    held: list[bytes] = []
    for block in blocks(source):
        if block.overlong:
            yield Suspicion(block.first, "a line that is too long to be looked at")
        lines = [*held, *block.lines]
        first = block.first - len(held)
        yield from _in_lines(lines, first, seeker)
        held = lines[settled(lines) :]


def _in_lines(lines: list[bytes], first: int, seeker: Seeker) -> Iterator[Suspicion]:
    if seeker.may_be_in(b"".join(lines)):
        for number, line in enumerate(lines, first):
            if seeker.may_be_in(line):
                for _, _, cut in found_in_line(line.decode("utf-8", "surrogateescape"), seeker):
                    yield Suspicion(number, cut.what)
    if any(True for _ in _deep(b"".join(lines), seeker, _DEPTH)):
        for number, line in enumerate(lines, first):
            for what in _deep(line, seeker, _DEPTH):
                yield Suspicion(number, f"{what}, encoded")
    for chain in chains(lines):
        data = b"".join(part.data for part in chain.parts)
        if seeker.may_be_in(data):
            ends = [0]
            for part in chain.parts:
                ends.append(ends[-1] + len(part.data.decode("utf-8", "surrogateescape")))
            for cut in seeker.cuts(data.decode("utf-8", "surrogateescape"), escaped=chain.escaped):
                index = next(index for index, end in enumerate(ends[1:]) if end > cut.start)
                yield Suspicion(chain.parts[index].line + first, cut.what)


def _deep(data: bytes, seeker: Seeker, depth: int) -> Iterator[str]:
    """What is secret in the texts that stand in `data` as base64 or in hexadecimal, packed or not."""
    texts = [text for run in _RUN.finditer(data) for text in _decoded(run[0])] if depth else []
    together = b"\n".join(texts)
    if seeker.knows(together) or may_hold(together):
        for text in texts:
            if seeker.knows(text) or may_hold(text):
                cuts = seeker.cuts(text.decode("utf-8", "surrogateescape"), escaped=False)
                yield from (cut.what for cut in cuts if cut.what != PATTERN)
    if texts:
        yield from _deep(together, seeker, depth - 1)


def _decoded(run: bytes) -> Iterator[bytes]:
    plain = run.rstrip(b"=")
    if len(plain) % 2 == 0 and _HEX.fullmatch(plain):
        yield from _unpacked(binascii.unhexlify(plain))
    # One letter more than a multiple of four stands for nothing.
    whole = plain[: len(plain) - (len(plain) % 4 == 1)].translate(bytes.maketrans(b"-_", b"+/"))
    try:
        yield from _unpacked(base64.b64decode(whole + b"=" * (-len(whole) % 4)))
    except ValueError:
        return


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    for magic, kind in _PACKED:
        if data.startswith(magic):
            try:
                yield zlib.decompressobj(kind).decompress(data, _UNPACKED_BYTES)
            except zlib.error:
                return
