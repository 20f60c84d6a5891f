"""Where two answers differ, by JSON Pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice

from pytest_subagents.model.comparison import AnswerChange
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.limits import COMPARED_CHANGES, COMPARED_ITEMS


def answer_changes(before: JsonValue, after: JsonValue) -> tuple[tuple[AnswerChange, ...], int]:
    """The first changes from `before` to `after`, in the order of their pointers, and how many there are besides.

    Items of a list are brought together by what they are, so one that is put in changes no other.
    """
    changes = _changes("", before, after)
    found = tuple(islice(changes, COMPARED_CHANGES))
    return found, sum(1 for _ in changes)


def _changes(pointer: str, before: JsonValue, after: JsonValue) -> Iterator[AnswerChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            below = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in after:
                yield AnswerChange(pointer=below, kind="removed", before=before[key])
            elif key not in before:
                yield AnswerChange(pointer=below, kind="added", after=after[key])
            else:
                yield from _changes(below, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(pointer, before, after)
    elif type(before) is not type(after) or before != after:  # True is not 1
        yield AnswerChange(pointer=pointer, kind="changed", before=before, after=after)


def _items(pointer: str, before: Sequence[JsonValue], after: Sequence[JsonValue]) -> Iterator[AnswerChange]:
    for start, end, other_start, other_end in _stretches(before, after):
        both = min(end - start, other_end - other_start)
        for offset in range(both):
            yield from _changes(
                f"{pointer}/{other_start + offset}", before[start + offset], after[other_start + offset]
            )
        for index in range(start + both, end):
            yield AnswerChange(pointer=f"{pointer}/{index}", kind="removed", before=before[index])
        for index in range(other_start + both, other_end):
            yield AnswerChange(pointer=f"{pointer}/{index}", kind="added", after=after[index])


def _stretches(before: Sequence[JsonValue], after: Sequence[JsonValue]) -> Iterator[tuple[int, int, int, int]]:
    """What is not equal, as positions in both. Of long lists all of it, item by item: to match them takes too long."""
    if len(before) + len(after) > COMPARED_ITEMS:
        yield 0, len(before), 0, len(after)
        return
    matcher = SequenceMatcher(None, [*map(_canonical, before)], [*map(_canonical, after)], autojunk=False)
    for tag, *positions in matcher.get_opcodes():
        if tag != "equal":
            start, end, other_start, other_end = positions
            yield start, end, other_start, other_end


def _canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True)
