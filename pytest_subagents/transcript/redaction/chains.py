"""Texts that came in parts, one a line: what no line holds, their lines together may."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_subagents.transcript.redaction.lines import is_json
from pytest_subagents.transcript.redaction.views import beside_escapes

_PART: Final = re.compile(
    rb'"(?:text|content|delta|partial_json|thinking|chunk|arguments|deltaContent)"\s*:\s*'
    rb'"((?:[^"\\]++|\\.)*+)"',
    re.DOTALL,
)
_CHANGING: Final = b"0123456789abcdefABCDEFTZ:.-_"
"""What numbers, times and UUIDs are made of, which differ from line to line."""
_OF_WHOM: Final = re.compile(rb'"(?:parent_tool_use_id|session_?id|thread_id|parentId)"\s*:\s*"([^"\\]{1,80})"', re.I)
_SIGHT: Final = 200
"""Bytes before a part that say which text it is a part of."""
_HELD: Final = 1024
"""Of a longer part only this much of either end can belong to what its neighbours hold."""
_HELD_LINES: Final = 256
_HELD_BYTES: Final = 32 * 1024
"""Lines that are held back until what follows them is known: parts may have one character each."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text: bytes of a line."""

    line: int
    start: int
    data: bytes


@dataclass(slots=True)
class Chain:
    """Parts that follow each other. `escaped`: they are parts of JSON strings; else whole lines."""

    escaped: bool
    parts: list[Part] = field(default_factory=list)


def chains(lines: Sequence[bytes]) -> Iterator[Chain]:
    """The texts of more than one part in these lines."""
    open_chains: dict[bytes, Chain] = {}
    log = Chain(escaped=False)
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(b"{") and not is_json(line.decode("utf-8", "surrogateescape")):
            log.parts.append(Part(number, 0, line))
            continue
        if log.parts:
            yield from _worth(log)
            log = Chain(escaped=False)
        whom: bytes | None = None
        for match in _PART.finditer(line):
            start, end = match.span(1)
            if start == end:
                continue
            if whom is None:
                whom = b"\0".join(_OF_WHOM.findall(line))
            name = line[max(0, match.start() - _SIGHT) : start].translate(None, _CHANGING) + b"\0" + whom
            chain = open_chains.setdefault(name, Chain(escaped=True))
            if end - start <= 2 * _HELD:
                chain.parts.append(Part(number, start, line[start:end]))
                continue
            head, tail = _plain_end(line, start + _HELD), _plain_end(line, end - _HELD)
            chain.parts.append(Part(number, start, line[start:head]))
            yield from _worth(chain)
            open_chains[name] = Chain(escaped=True, parts=[Part(number, tail, line[tail:end])])
    yield from _worth(log)
    for chain in open_chains.values():
        yield from _worth(chain)


def _worth(chain: Chain) -> Iterator[Chain]:
    if len(chain.parts) > 1:
        yield chain


def _plain_end(line: bytes, place: int) -> int:
    """The first place from `place` on that no escape reaches over."""
    first = max(0, place - _HELD)
    return first + beside_escapes(line[first : place + 8].decode("latin-1"), place - first)


def settled(lines: Sequence[bytes]) -> int:
    """How many of the first of these lines are too far from the last to be a part of what is still to come."""
    size = 0
    for number in range(len(lines) - 1, -1, -1):
        size += len(lines[number])
        if size > _HELD_BYTES or len(lines) - number > _HELD_LINES:
            return min(number + 1, len(lines) - 1)
    return 0
