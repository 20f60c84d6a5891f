"""TOML by the standard library, guarded: it recurses as deep as its input does and keeps no lines."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify.document import bad_number, refuse_surrogates, too_deep, too_large
from pytest_subagents.specify.place import quoted
from pytest_subagents.specify.plain_scalar import finite
from pytest_subagents.specify.toml_lines import STRING, Path, lines_of
from pytest_subagents.specify.tree import Entry, Items, Leaf, Located, Table

_PLACE: Final = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", re.S)
_PIECE: Final = re.compile(
    rf"(?P<skipped>#[^\n]*|{STRING})"
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<dot>\.)|(?P<end>[\n=]++)|(?P<other>[^#\"'\[\]{}.\n=]+|.)",
    re.S,
)
_NAME: Final = re.compile(r"[A-Za-z0-9_ \t-]*")
"""What may stand between two dots of one key; strings aside."""


def tree_of(text: str, shown: str) -> Located:
    """The tree of a TOML document. Raises `BadFile`.

    The line of a value is that of the statement it stands in.
    """
    if text.count(",") + text.count("=") > limits.WORKFLOW_NODES:
        raise too_large(1, shown)
    _refuse_depth(text, shown)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(error, text, shown) from None
    except (ValueError, RecursionError, OverflowError, MemoryError) as error:
        raise BadFile(shown, f"is not TOML: {type(error).__name__}") from None
    return _located(data, (), 1, lines_of(text), shown)


def _refuse_depth(text: str, shown: str) -> None:
    """Brackets and dotted keys are counted before tomllib, which has no limit of its own, sees them."""
    depth = dots = 0
    line = 1
    for piece in _PIECE.finditer(text):
        match piece.lastgroup:
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "dot":
                dots += 1
            case "end":
                dots = 0
            case "other" if not _NAME.fullmatch(piece[0]):
                dots = 0
        if depth > limits.WORKFLOW_DEPTH or dots > limits.WORKFLOW_DEPTH:
            raise too_deep(line, shown)
        line += piece[0].count("\n")


def _located(value: object, path: Path, line: int, lines: dict[Path, int], shown: str) -> Located:
    if len(path) > limits.WORKFLOW_DEPTH:
        raise too_deep(line, shown)
    match value:
        case dict():
            entries = []
            for key, inner in value.items():
                refuse_surrogates(key, line, shown)
                place = lines.get((*path, key), line)
                entries.append(Entry(key, place, _located(inner, (*path, key), place, lines, shown)))
            return Table(tuple(entries), line)
        case list():
            places = [lines.get((*path, index), line) for index in range(len(value))]
            items = (_located(inner, (*path, index), places[index], lines, shown) for index, inner in enumerate(value))
            return Items(tuple(items), line)
        case str() | bool():
            return Leaf(value, line)
        case int() | float():
            return _number(value, line, shown)
        case _:
            raise BadFile(f"{shown}:{line}", f"{quoted(str(value))} is a date or a time", hint="put it in quotes")


def _number(value: int | float, line: int, shown: str) -> Leaf:
    if isinstance(value, float):
        try:
            return Leaf(finite(value), line, repr(value))
        except ValueError as error:
            raise bad_number(repr(value), error, line, shown) from None
    if abs(value) > limits.INTEGER_MAX:
        # Not shown: it may be too long even to be written in decimal.
        raise BadFile(f"{shown}:{line}", "an integer is out of range", hint="put it in quotes if it is text")
    return Leaf(value, line, str(value))


def _unreadable(error: tomllib.TOMLDecodeError, text: str, shown: str) -> BadFile:
    found = _PLACE.fullmatch(str(error))
    if found is None:
        return BadFile(shown, f"is not TOML: {str(error)[:200]}")
    line = found["line"] or str(text.count("\n") + (not text.endswith("\n")) or 1)
    what = found["what"]
    return BadFile(f"{shown}:{line}", f"is not TOML: {what[:1].lower()}{what[1:200]}")
