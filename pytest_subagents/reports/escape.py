"""Untrusted text on its way to a person: one function for each medium, and nothing gets around them.

What draws nothing, moves the cursor or turns the direction of writing is shown as an escape, never stripped: a
pattern that strips escape sequences lets through those that it does not know. The set is written down here rather
than asked of `unicodedata`, so that the same report has the same bytes under every version of Python.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pytest_subagents.model.limits import COMBINING_MARKS

_INVISIBLE: Final = (
    "\x7f-\x9f"  # DEL and C1: U+009B begins a control sequence as ESC [ does
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line and paragraph separators, bidirectional controls
    "\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags and variation selectors: whole sentences can hide in them
)
"""Categories Cc (without C0), Cf, Cs, Zl and Zp of Unicode 17, and letters and marks that draw nothing.

U+FE0E and U+FE0F stay: they are part of every other emoji.
"""
_UNSAFE_IN_LINE: Final = re.compile(f"[\x00-\x1f{_INVISIBLE}]")
_UNSAFE_IN_BLOCK: Final = re.compile(f"[\x00-\x08\x0b-\x1f{_INVISIBLE}]")
_UNSAFE_IN_JSON: Final = re.compile(f"[{_INVISIBLE}]")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

_MARKS: Final = re.compile(rf"[^\w\s\x00-\x7f]{{{COMBINING_MARKS + 1},}}")
"""A run in which there may be too many marks; most marks are neither letters nor digits, and regexes know no more."""

_CI_COMMAND: Final = re.compile(r"^[^\S\n]*:(?=:)|(?<=#)#(?=\w{0,40}\[)", re.MULTILINE)
"""What the log of a CI service obeys: `::error::` at the start of a line (GitHub), `##[`, `##vso[`, `##teamcity[`."""

_MARKDOWN: Final = re.compile(
    r"(?P<linked>@(?=\w)|#(?=[0-9])|:(?=/)|\bwww(?=\.)|\bGH(?=-[0-9]))|[!-/:-@\[-`{-~]", re.IGNORECASE
)
_MERMAID: Final = re.compile(r"[!-,:-@\[-^`{-~]")
"""All ASCII punctuation but what is in most paths and means nothing in a label: `-`, `.`, `/` and `_`."""
_C0: Final = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
)
_NAMED: Final = {
    **dict(enumerate(_C0.split())),
    0x7F: "DEL",
    0xAD: "SHY",
    0x61C: "ALM",
    0x2028: "LS",
    0x2029: "PS",
    0x2060: "WJ",
    0xFEFF: "BOM",
    0x200B: "ZWSP",
    0x200C: "ZWNJ",
    0x200D: "ZWJ",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
"""What a page calls what cannot be seen; everything else by its number."""
_BACKTICKS: Final = re.compile("`+")
_ZERO_WIDTH_SPACE: Final = "&#8203;"


def terminal(text: str, *, multiline: bool = False) -> str:
    """`text` for a terminal, in which nothing is left that a terminal obeys, or the log of a CI service.

    It stays on one line; with `multiline`, line feeds and tabs stay what they are. Escaping twice does no harm.
    """
    if multiline:
        shown = _UNSAFE_IN_BLOCK.sub(_escaped, text.replace("\r\n", "\n"))
    else:
        shown = _UNSAFE_IN_LINE.sub(_escaped, text)
    if "::" in shown or "##" in shown:
        shown = _CI_COMMAND.sub(_broken_command, shown)
    return shown if shown.isascii() else _MARKS.sub(_thinned, shown)


def markdown(text: str) -> str:
    """`text` on one line of Markdown, in a table cell too, in which nothing is markup.

    All punctuation becomes numeric entities. Mentions, issue numbers and bare addresses, which GitHub links after
    entities are resolved, are broken by a zero-width space.
    """
    return _MARKDOWN.sub(_entity, terminal(text))


def markdown_block(text: str) -> str:
    """`text` as a fenced block of Markdown, of as many lines as it has, behind a fence that it cannot close."""
    shown = terminal(text, multiline=True)
    longest = max((len(run) for run in _BACKTICKS.findall(shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def html(text: str, *, multiline: bool = False) -> str:
    """`text` for a place between two tags of HTML, in which nothing is markup and everything is seen.

    It stays on one line; with `multiline`, line feeds and tabs stay what they are. What would not be seen stands as a
    name in a box (`<b class=ctl>RLO</b>`), the only tag that this function makes.
    """
    shown = _html_signs(text)
    if multiline:
        shown = _UNSAFE_IN_BLOCK.sub(_boxed, shown.replace("\r\n", "\n"))
    else:
        shown = _UNSAFE_IN_LINE.sub(_boxed, shown)
    if "::" in shown or "##" in shown:  # a page may be printed into the log of a CI service
        shown = _CI_COMMAND.sub(_entity_at_end, shown)
    return shown if shown.isascii() else _MARKS.sub(_thinned, shown)


def html_plain(text: str) -> str:
    """`text` on one line where HTML allows no tags: a quoted attribute, a title, a label in a drawing."""
    return _html_signs(terminal(text))


def mermaid(text: str) -> str:
    """`text` for a quoted label of a Mermaid diagram, in which nothing is markup: its own entities (`#40;`)."""
    return _MERMAID.sub(lambda match: f"#{ord(match[0])};", terminal(text))


def json_document(text: str) -> str:
    r"""A JSON text whose strings show as `\u202e` and the like what would not be seen; it means the same."""
    if "##" in text:
        text = _CI_COMMAND.sub(_json_escaped, text)
    return text if text.isascii() and "\x7f" not in text else _UNSAFE_IN_JSON.sub(_json_escaped, text)


def cut(text: str, chars: int) -> str:
    """`text`, or its first `chars` characters and how many were left out."""
    return text if len(text) <= chars else f"{text[:chars]}… ({len(text) - chars:,} more characters)"


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _html_signs(text: str) -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.replace('"', "&quot;").replace("'", "&#39;")


def _entity_at_end(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}&#{ord(match[0][-1])};"


def _boxed(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"<b class=ctl>{_NAMED.get(code) or f'U+{code:04X}'}</b>"


def _broken_command(match: re.Match[str]) -> str:
    before, sign = match[0][:-1], match[0][-1]
    return f"{before}\\x{ord(sign):02x}"


def _json_escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _entity(match: re.Match[str]) -> str:
    text = match[0]
    shown = text if text.isalpha() else f"&#{ord(text)};"
    return shown if match["linked"] is None else shown + _ZERO_WIDTH_SPACE


def _thinned(match: re.Match[str]) -> str:
    shown: list[str] = []
    run = dropped = 0
    for char in match[0]:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run > COMBINING_MARKS:
            dropped += 1
            continue
        if dropped and not run:
            shown.append(f"[+{dropped} marks]")
            dropped = 0
        shown.append(char)
    return "".join(shown) + (f"[+{dropped} marks]" if dropped else "")
