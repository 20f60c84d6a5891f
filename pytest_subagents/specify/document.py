"""What holds for a document in any syntax: a bounded depth, no key twice, whole characters, numbers in range."""

from __future__ import annotations

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify.place import quoted


def too_deep(line: int, shown: str) -> BadFile:
    return BadFile(f"{shown}:{line}", f"is nested more than {limits.WORKFLOW_DEPTH} levels deep")


def too_large(line: int, shown: str) -> BadFile:
    return BadFile(f"{shown}:{line}", f"has more than {limits.WORKFLOW_NODES} keys and values")


def given_twice(key: str, first: int, line: int, shown: str) -> BadFile:
    return BadFile(f"{shown}:{line}", f"the key {quoted(key)} is given twice, first on line {first}")


def refuse_surrogates(text: str, line: int, shown: str) -> None:
    """Half of a surrogate pair, which an escape can make, cannot be written to any file or terminal later."""
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise BadFile(f"{shown}:{line}", "half of a surrogate pair is no character")


def bad_number(word: str, error: ValueError, line: int, shown: str) -> BadFile:
    """`error` is one of `plain_scalar`: its text says what the number is."""
    return BadFile(f"{shown}:{line}", f"{quoted(word)} {error}", hint="put it in quotes if it is text")
