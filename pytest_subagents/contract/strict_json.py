"""Text -> JSON value, refusing everything that two readers could understand differently.

Python's own `json` takes NaN, `1e400`, lone surrogates and duplicate keys; msgspec and orjson refuse the first
three and take duplicates (the last one wins, so that `{"status": "failed", "st\\u0061tus": "success"}` passes).
Here the decoded keys are compared, numbers are bounded before they are made, and depth is bounded after.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from pytest_subagents.contract import json_places
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value

_INTEGER_DIGITS: Final = len(str(limits.INTEGER_MAX)) + 1
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_BLANK: Final = " \t\n\r"


class Fault(Value, frozen=True, kw_only=True):
    """Why a text is not exactly one JSON value. Lines and columns count from 1."""

    what: str
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    """The place in the value, where the fault has one."""

    def __str__(self) -> str:
        if self.line is None:
            return self.what
        return f"{self.what} at line {self.line}, column {self.column}"


class NotJsonError(Exception):
    """Carries a `Fault` from where it is found to where it becomes a reason or an error."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _RefusedError(Exception):
    """A hook met a value that is not allowed; the place is looked for afterwards."""


def decode(text: str, *, size: int, depth: int, first_line: int = 1) -> JsonValue:
    """The one JSON value that `text` is, blanks around it apart; `NotJsonError` for anything else.

    `size` is in bytes of UTF-8, `depth` in objects and arrays inside each other. `first_line` is the number of the
    first line where `text` is part of a longer one.
    """
    try:
        _check_text(text, size)
        value = _decode(text)
        if text.count("[") + text.count("{") > depth and _deeper_than(value, depth):
            raise NotJsonError(Fault(what=f"nested deeper than {depth} levels"))
    except RecursionError:
        raise NotJsonError(Fault(what=f"nested deeper than {depth} levels")) from None
    except NotJsonError as refusal:
        raise NotJsonError(_moved(refusal.fault, first_line - 1)) from None
    return value


def _check_text(text: str, size: int) -> None:
    if len(text) > size or (not text.isascii() and len(text.encode("utf-8", "surrogatepass")) > size):
        raise NotJsonError(Fault(what=f"larger than {size:,} bytes"))
    if text.startswith("\ufeff"):
        raise NotJsonError(Fault(what="a byte order mark before the value", line=1, column=1))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise NotJsonError(_fault_at(f"the lone surrogate {text[error.start]!a}", text, error.start)) from None


def _decode(text: str) -> JsonValue:
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(_syntax_fault(text, error)) from None
    except _RefusedError:
        raise NotJsonError(_found(text)) from None
    if _SURROGATE_ESCAPE.search(text):
        trouble = json_places.first_trouble(text)
        if trouble is not None:
            raise NotJsonError(_fault_of(text, trouble))
    return value


def _found(text: str) -> Fault:
    trouble = json_places.first_trouble(text)
    return Fault(what="a value that is not allowed") if trouble is None else _fault_of(text, trouble)


def _fault_of(text: str, trouble: json_places.Trouble) -> Fault:
    line, column = json_places.line_and_column(text, trouble.position)
    return Fault(what=trouble.what, line=line, column=column, pointer=trouble.pointer)


def _fault_at(what: str, text: str, position: int) -> Fault:
    line, column = json_places.line_and_column(text, position)
    return Fault(what=what, line=line, column=column)


def _syntax_fault(text: str, error: json.JSONDecodeError) -> Fault:
    stripped_end = len(text.rstrip(_BLANK))
    if not stripped_end:
        return Fault(what="nothing where the value should be", line=1, column=1)
    if error.msg == "Extra data":
        return _fault_at(f"trailing text after the value: {_excerpt(text, error.pos)}", text, error.pos)
    if error.msg.startswith("Unterminated string"):
        return _fault_at("cut off inside the string that starts", text, error.pos)
    if error.pos >= stripped_end:
        return _fault_at("cut off before the value is complete,", text, stripped_end)
    if error.pos == len(text) - len(text.lstrip(_BLANK)):
        return _fault_at(f"no JSON value but {_excerpt(text, error.pos)}", text, error.pos)
    message = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
    return _fault_at(f"{message}, found {_excerpt(text, error.pos)},", text, error.pos)


def _excerpt(text: str, position: int) -> str:
    rest = text[position : position + limits.VALUE_CHARS]
    return f"{rest!r}…" if position + len(rest) < len(text) else repr(rest)


def _moved(fault: Fault, lines: int) -> Fault:
    if not lines or fault.line is None:
        return fault
    return Fault(what=fault.what, line=fault.line + lines, column=fault.column, pointer=fault.pointer)


def _deeper_than(value: JsonValue, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for container in level
            for child in (
                container.values() if type(container) is dict else container if type(container) is list else ()
            )
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _RefusedError
    return value


def _integer(token: str) -> int:
    if len(token) > _INTEGER_DIGITS:
        raise _RefusedError
    number = int(token)
    if not -limits.INTEGER_MAX <= number <= limits.INTEGER_MAX:
        raise _RefusedError
    return number


def _real(token: str) -> float:
    number = float(token)
    if math.isinf(number):
        raise _RefusedError
    return number


def _constant(token: str) -> NoReturn:
    raise _RefusedError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant, strict=True
)
