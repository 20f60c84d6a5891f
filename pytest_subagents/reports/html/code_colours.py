"""Comments, texts and words of a language in a line of code, by its file's suffix: to read by, not to rely on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from pytest_subagents.reports.html.markup import Html, block, html, joined

_STRINGS: Final = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`(?:[^`\\]|\\.)*`'
_WORDS: Final = (
    "and as assert async await bool break case catch class const continue def default defer del delete do elif "
    "else enum except export extends false False finally fn for from func function global go if impl implements "
    "import in int interface is lambda let loop match mod module mut new nil None not null or package pass "
    "private protected pub public raise return self static string struct super switch this throw trait true True "
    "try type typeof undefined use var void where while with yield"
)
_SQL: Final = (
    "and as by create default delete drop exists from foreign group if in index insert integer into join key not "
    "null on or order primary references select set table text unique update values where"
)
_COMMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("py", "sh", "bash", "rb", "yaml", "yml", "toml", "cfg", "ini", "tf"), r"(?:(?<=\s)|^)#.*"),
    **dict.fromkeys(
        ("c", "cc", "cpp", "cs", "go", "h", "hpp", "java", "js", "jsx", "kt", "mjs", "php", "rs", "swift", "ts", "tsx"),
        r"(?:(?<=\s)|^)(?://.*|/\*.*?(?:\*/|$)|\*\s.*)",
    ),
    **dict.fromkeys(("css", "scss"), r"/\*.*?(?:\*/|$)"),
    "json": r"(?!)",
    "sql": r"--.*",
}


def coloured(line: str, path: str) -> Html:
    """`line` of the file `path`; as it is where its language is not known."""
    pattern = _pattern(PurePosixPath(path).suffix[1:].lower())
    if pattern is None:
        return block(line)
    parts: list[Html] = []
    at = 0
    for match in pattern.finditer(line):
        parts.append(block(line[at : match.start()]))
        parts.append(html("<i class={}>{}</i>", match.lastgroup or "", block(match[0])))
        at = match.end()
    return joined([*parts, block(line[at:])])


@lru_cache(maxsize=64)
def _pattern(suffix: str) -> re.Pattern[str] | None:
    comment = _COMMENTS.get(suffix)
    if comment is None:
        return None
    words = "|".join((_SQL if suffix == "sql" else _WORDS).split())
    flags = re.IGNORECASE if suffix == "sql" else 0
    return re.compile(rf"(?P<cc>{comment})|(?P<cs>{_STRINGS})|(?P<cw>\b(?:{words})\b)", flags)
