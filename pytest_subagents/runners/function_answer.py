"""What a function returned -> the text of its final message."""

from __future__ import annotations

import inspect
import json
from pathlib import PurePath

import msgspec


class NoAnswerError(TypeError):
    """What was returned cannot be a final message; the words say why."""


def answer_text(value: object) -> str | None:
    """A text as it is, None where nothing was returned, anything else as JSON.

    JSON can hold what the standard library has a form for there (dataclasses, enums, dates, paths, ...), and models of
    pydantic. Raises `NoAnswerError` for what it cannot hold, such as NaN or an open file.
    """
    match value:
        case None:
            return None
        case str():
            return value
        case bytes() | bytearray() | memoryview():
            raise NoAnswerError("it returned bytes; decode them first")
    if inspect.isgenerator(value) or inspect.isasyncgen(value) or inspect.isawaitable(value):
        raise NoAnswerError(f"it returned {_article(value)}; return the answer itself, and tell the rest by call.emit")
    try:
        plain = msgspec.to_builtins(value, str_keys=True, enc_hook=_by_its_own_means)
        return json.dumps(plain, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, NotImplementedError, RecursionError) as error:
        raise NoAnswerError(f"it returned {_article(value)} that is no JSON: {error}") from error


def _by_its_own_means(value: object) -> object:
    """What is no plain value says itself what it is, as models of pydantic do."""
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump(mode="json")
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{_article(value)} has no form in JSON")


def _article(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
