"""YAML, from its events: no node is composed and no object constructed, so nothing in a file can hurt the reader.

PyYAML's C composer dies of a stack overflow at about 26,000 brackets, its merge keys and aliases multiply without
bound, and the last of two equal keys wins. Here the depth is counted before anything is built, aliases, tags and merge
keys are refused, and every node keeps its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.model.integration import Fault
from pytest_subagents.specify.document import bad_number, given_twice, refuse_surrogates, too_deep, too_large
from pytest_subagents.specify.place import quoted
from pytest_subagents.specify.plain_scalar import resolved
from pytest_subagents.specify.tree import Entry, Items, Leaf, Located, Table

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Open:
    """A list or a map whose end has not come yet."""

    __slots__ = ("entries", "is_map", "items", "key", "key_line", "line", "seen")

    def __init__(self, line: int, *, is_map: bool) -> None:
        self.line = line
        self.is_map = is_map
        self.items: list[Located] = []
        self.entries: list[Entry] = []
        self.seen: dict[str, int] = {}
        self.key: str | None = None
        self.key_line = 0

    def take(self, node: Located) -> None:
        if self.is_map:
            self.entries.append(Entry(self.key or "", self.key_line, node))
            self.key = None
        else:
            self.items.append(node)

    def closed(self) -> Located:
        return Table(tuple(self.entries), self.line) if self.is_map else Items(tuple(self.items), self.line)


def tree_of(text: str, shown: str) -> Located:
    """The tree of one YAML document; nothing at all reads as an empty leaf. Raises `BadFile`."""
    try:
        return _built(_events(text), shown)
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, text, shown) from None
    except yaml.reader.ReaderError as error:
        # The C reader counts bytes and the Python one characters: the line is found by the character itself.
        place = text.find(chr(error.character)) if isinstance(error.character, int) else -1
        where = f"{shown}:{text.count(chr(10), 0, place) + 1}" if place >= 0 else shown
        raise BadFile(where, f"is not YAML: {error.reason}", hint="control characters are not allowed") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise BadFile(shown, f"is not YAML: {type(error).__name__}") from None


def yaml_faults(data: bytes) -> tuple[Fault, ...]:
    """Of any YAML, not only a workflow file: that it is none; keys that one map has twice. Nothing where nobody can
    tell."""
    maps: list[set[str] | None] = []
    """The keys of each map that is open; None for a list."""
    keys: list[bool] = []
    """Whether a key is due in it."""
    twice: list[Fault] = []

    def comes(key: str | None, line: int) -> None:
        if not maps or (seen := maps[-1]) is None:
            return
        if keys[-1] and key is not None and key in seen:
            twice.append(Fault(kind="duplicate definition", line=line, about=key))
        elif keys[-1] and key is not None:
            seen.add(key)
        keys[-1] = not keys[-1]

    try:
        for event in _events(data.decode("utf-8-sig")):
            line = event.start_mark.line + 1
            match event:
                case yaml.ScalarEvent(value=value):
                    comes(value, line)
                case yaml.AliasEvent():
                    comes(None, line)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    comes(None, line)
                    maps.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
                    keys.append(True)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    maps.pop()
                    keys.pop()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        about = " ".join(filter(None, (error.context, error.problem)))
        return (Fault(kind="syntax", line=None if mark is None else mark.line + 1, about=about),)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, MemoryError):
        return ()
    return tuple(twice)


def _events(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _built(events: Iterator[Any], shown: str) -> Located:
    root: Located | None = None
    stack: list[_Open] = []
    for count, event in enumerate(events):
        kind = type(event)
        line: int = event.start_mark.line + 1
        if count > limits.WORKFLOW_NODES:
            raise too_large(line, shown)
        if kind is yaml.ScalarEvent:
            _refuse_extras(event, line, shown)
            if stack and stack[-1].is_map and stack[-1].key is None:
                _take_key(stack[-1], event, line, shown)
                continue
            node: Located = _leaf(event, line, shown)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            _refuse_extras(event, line, shown)
            if stack and stack[-1].is_map and stack[-1].key is None:
                raise BadFile(f"{shown}:{line}", "a key must be text, not a list or a map")
            if len(stack) >= limits.WORKFLOW_DEPTH:
                raise too_deep(line, shown)
            stack.append(_Open(line, is_map=kind is yaml.MappingStartEvent))
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            node = stack.pop().closed()
        elif kind is yaml.AliasEvent:
            raise _no_alias(line, shown)
        elif kind is yaml.DocumentStartEvent and root is not None:
            raise BadFile(f"{shown}:{line}", "a second document begins here", hint="one file holds one document")
        else:
            continue
        if not stack:
            root = node
        else:
            stack[-1].take(node)
    return Leaf(None, 1) if root is None else root


def _refuse_extras(event: Any, line: int, shown: str) -> None:
    if event.anchor is not None:
        raise _no_alias(line, shown)
    if event.tag is not None:
        raise BadFile(f"{shown}:{line}", f"tags such as {quoted(event.tag)} are not allowed")


def _no_alias(line: int, shown: str) -> BadFile:
    hint = "write the value out, or put what agents share under 'workflow.defaults'"
    return BadFile(f"{shown}:{line}", "anchors and aliases are not allowed", hint=hint)


def _take_key(table: _Open, event: Any, line: int, shown: str) -> None:
    key: str = event.value
    if key == "<<" and not event.style:
        hint = "write the keys out, or put what agents share under 'workflow.defaults'"
        raise BadFile(f"{shown}:{line}", "merge keys ('<<') are not allowed", hint=hint)
    if key in table.seen:
        raise given_twice(key, table.seen[key], line, shown)
    refuse_surrogates(key, line, shown)
    table.seen[key] = line
    table.key, table.key_line = key, line


def _leaf(event: Any, line: int, shown: str) -> Leaf:
    if not event.style:
        try:
            value = resolved(event.value)
        except ValueError as error:
            raise bad_number(event.value, error, line, shown) from None
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return Leaf(value, line, event.value) if number else Leaf(value, line)
    refuse_surrogates(event.value, line, shown)
    return Leaf(event.value, line)


def _unreadable(error: yaml.MarkedYAMLError, text: str, shown: str) -> BadFile:
    mark = error.problem_mark or error.context_mark
    if mark is not None and "nesting depth" in (error.problem or ""):  # newer scanners count too, further ahead
        return too_deep(mark.line + 1, shown)
    if mark is None:
        return BadFile(shown, f"is not YAML: {error.problem or error.context or 'no reason given'}")
    lines = text.rstrip("\n").split("\n")
    # What is missing at the end is missed beyond it.
    number = min(mark.line, len(lines) - 1)
    where, line = f"{shown}:{number + 1}", lines[number]
    if "\t" in line[: len(line) - len(line.lstrip())] or line[mark.column : mark.column + 1] == "\t":
        return BadFile(where, "a tab stands where YAML wants spaces", hint="indent with spaces")
    what = " ".join(filter(None, (error.context, error.problem)))
    return BadFile(where, f"is not YAML: {what}")
