"""On which line each key of a TOML document stands: tomllib does not say."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys, and the positions of tables in arrays of tables."""

STRING: Final = (
    r"""(?:\"\"\"(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"{3,5})?|"(?:[^"\\\n]++|\\.)*+"?|"""
    r"""\'\'\'(?:[^']++|'{1,2}(?!'))*+(?:'{3,5})?|'[^'\n]*+'?)"""
)
"""A string of TOML, also one without its end: no byte is looked at twice and no way back kept, for 16 MB of them."""

_NAME: Final = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')"""
_KEY: Final = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*+"
_HEADER: Final = re.compile(rf"[ \t]*(?P<array>\[?)\[[ \t]*(?P<key>{_KEY})[ \t]*\]")
_STATEMENT: Final = re.compile(rf"[ \t]*(?P<key>{_KEY})[ \t]*=")
_BLANK: Final = re.compile(r"(?:[ \t\r]*+(?:#[^\n]*+)?\n)++")
_PART: Final = re.compile(_NAME)
_VALUE: Final = re.compile(
    rf"(?P<skipped>#[^\n]*|{STRING})"
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)|(?P<other>[^#\"'\[\]{}\n]+|.)",
    re.S,
)


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of each table header and each `key = value` of a valid document."""
    lines: dict[Path, int] = {}
    sizes: dict[Path, int] = {}
    base: Path = ()
    at, line = 0, 1
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        if blank := _BLANK.match(text, at):
            end = blank.end()
        elif header := _HEADER.match(text, at):
            base = _entered(header["key"], (), sizes, in_array=bool(header["array"]))
            for size in range(1, len(base) + 1):
                lines.setdefault(base[:size], line)
        elif statement := _STATEMENT.match(text, at):
            path = base
            for part in _parts(statement["key"]):
                path = (*path, part)
                lines.setdefault(path, line)
            end = _end_of_value(text, statement.end())
        line += text.count("\n", at, end)
        at = end
    return lines


def _entered(key: str, path: Path, sizes: dict[Path, int], *, in_array: bool) -> Path:
    """The path of a header; the parts that name an array of tables stand for its last table."""
    parts = _parts(key)
    for index, part in enumerate(parts):
        path = (*path, part)
        if in_array and index == len(parts) - 1:
            sizes[path] = sizes.get(path, 0) + 1
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path


def _parts(key: str) -> list[str]:
    return [part[1:-1] if part[0] in "\"'" else part for part in _PART.findall(key)]


def _end_of_value(text: str, at: int) -> int:
    """Past the line break that ends the value which begins at `at`."""
    depth = 0
    for piece in _VALUE.finditer(text, at):
        match piece.lastgroup:
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "end" if depth <= 0:
                return piece.end()
    return len(text)
