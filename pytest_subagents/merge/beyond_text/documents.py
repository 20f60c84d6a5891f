"""Faults of JSON and TOML documents."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from typing import Final

from pytest_subagents.model.integration import Fault

_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")


def json_faults(data: bytes) -> tuple[Fault, ...]:
    """That it is no JSON; keys that one object has twice."""
    twice: list[str] = []

    def seen(pairs: list[tuple[str, object]]) -> None:
        twice.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)

    try:
        json.loads(data.decode("utf-8-sig"), object_pairs_hook=seen, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return (Fault(kind="syntax", line=error.lineno, about=error.msg),)
    except (UnicodeDecodeError, RecursionError, ValueError):
        return ()
    return tuple(Fault(kind="duplicate definition", line=None, about=name) for name in dict.fromkeys(twice))


def toml_faults(data: bytes) -> tuple[Fault, ...]:
    """That it is no TOML, which a key given twice is, too."""
    try:
        tomllib.loads(data.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        where = _LINE.search(str(error))
        about = _LINE.sub("", str(error)).strip()
        return (Fault(kind="syntax", line=int(where[1]) if where else None, about=about),)
    except (UnicodeDecodeError, RecursionError, ValueError):
        return ()
    return ()
