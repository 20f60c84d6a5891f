"""A JSON document part by part, so that nobody holds all of it: the same bytes as if it were made at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from pytest_subagents.reports.escape import json_document

INDENT: Final = 2


def filled(skeleton: bytes, arrays: Mapping[str, Iterable[bytes]], *, depth: int = 1) -> Iterator[str]:
    """The text of `skeleton`, an encoded object, with the elements of `arrays` in arrays of it that are empty there.

    They are found by the name of their key, `depth` objects or arrays deep. Elements are encoded, and asked for one at
    a time.
    """
    pad = " " * INDENT * depth
    places = {f'{pad}"{name}": []': elements for name, elements in arrays.items()}
    for line in _lines(skeleton):
        elements = places.pop(line.removesuffix(","), None)
        if elements is None:
            yield f"{line}\n"
        else:
            yield from _array(line, elements, pad)
    assert not places, "there is no such empty array"


def _array(line: str, elements: Iterable[bytes], pad: str) -> Iterator[str]:
    opening = line.removesuffix(",").removesuffix("]")
    between = f"{opening}\n"
    inner = pad + " " * INDENT
    for element in elements:
        yield between + inner + f"\n{inner}".join(_lines(element))
        between = ",\n"
    yield f"{line}\n" if between.startswith(opening) else f"\n{pad}]{line[len(opening) + 1 :]}\n"


def _lines(encoded: bytes) -> list[str]:
    return json_document(msgspec.json.format(encoded, indent=INDENT).decode("utf-8")).split("\n")
