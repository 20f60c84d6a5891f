"""Texts that do something to a page which takes them for markup, with those that other formats must survive."""

from __future__ import annotations

import json
import re
from typing import Final

from hostile_report import HOSTILE, payloads

_AIMED: Final = {
    "image": '<img src=x onerror="window.pwned=1">',
    "script": "<script>window.pwned=1</script>",
    "ends of elements": "</script></style></title></textarea></noscript></template></svg><!--<script>",
    "ends of ours": "</pre></bdi></b></span></summary></div></details></li></ul></section></main></body></html>",
    "comment": "--><!-- --!><![CDATA[ ]]><?php ",
    "out of an attribute": "\"><a href=javascript:window.pwned=1>x</a> ' onblur='window.pwned=1 ` onclick=pwned",
    "loads": "<link rel=stylesheet href=https://evil.example/a.css><link rel=preconnect href=https://evil.example>",
    "frames": "<iframe src=https://evil.example></iframe><object data=https://evil.example></object><embed src=x>",
    "form": "<form action=https://evil.example><input name=report autofocus onfocus=window.pwned=1><button>Success",
    "style": "</style><style>@import 'https://evil.example/x';*{display:none!important}</style>",
    "over the page": '<div style="position:fixed;inset:0;background:url(https://evil.example/x)">All gates passed',
    "template": "<template shadowrootmode=open><p>hidden</p></template><plaintext><xmp><noembed><select><option>",
    "media": "<video src=https://evil.example autoplay><audio src=x onerror=window.pwned=1><source srcset=https://e.example>",
    "svg": "<svg><use href=data:image/svg+xml,x><style>*{visibility:hidden}</style><foreignObject><p>x</svg>",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1></style></mglyph></table>",
    "dialog": "<dialog open>Success</dialog><details open><summary>Success</summary><base target=_blank>",
    "clobbering": "<a id=filter><a id=keys name=close><img name=getElementById><form name=body>",
    "names of ours": "main agents top filter keys subagents-table shown __proto__ constructor toString hasOwnProperty",
    "braces": "{} {0} {0.__class__} {{7*7}} {% raw %} ${7*7} %(x)s",
    "entities": "&lt;img src=x onerror=window.pwned=1&gt; &#x3c;script&#x3e; &NewLine; &colon; &amp;amp;",
    "link": "[a](javascript:window.pwned=1) ![](https://evil.example/x.png) <javascript:window.pwned=1> data:,x",
    "ours, forged": "Success. Nothing needs attention. Every gate passed. Made by pytest-subagents 9.9.",
    "directions": "\u202egpj.exe\u202c \u2066a\u2067b\u2068c\u2069 \u200bd\u200ee\u200ff \ufeffg \u061ch",
    "controls": "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "lone surrogates": "\ud800<b>\udfff \udc80</b>\udbff",
    "many lines": "line\n" * 30 + "\r\nlast\rline",
    "one long line": "<b>" * 2_000,
}
_VISIBLE: Final = re.compile(r"[!-~]")
_PIECES: Final = re.compile(r"[!-~]{3,}")


def page_payloads() -> dict[str, str]:
    """Each by its name, every file of `tests/data/hostile` that is meant for a format among them."""
    files = json.loads((HOSTILE / "sarif" / "finding-files.json").read_text(encoding="utf-8"))
    ids = json.loads((HOSTILE / "names" / "ids.json").read_text(encoding="utf-8"))
    named = {"sarif/finding-files.json": " ".join(files), "names/ids.json": " ".join(id for id in ids if len(id) < 40)}
    return {**payloads(), **named, **_AIMED}


def tame(text: str) -> str:
    """The same shape without a sign that means anything: each one that is to be seen is an `x`."""
    return _VISIBLE.sub("x", text)


def pieces(text: str) -> set[str]:
    """The runs of signs that must stand on a page as they are, wherever `text` is shown."""
    return set(_PIECES.findall(text[:200]))
