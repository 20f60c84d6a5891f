"""What is around every page: a head that lets nothing in, and the end."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from typing import Final

from pytest_subagents.reports.html.markup import Html, html, plain
from pytest_subagents.reports.html.script import SCRIPT
from pytest_subagents.reports.html.shapes import SHAPES
from pytest_subagents.reports.html.style import STYLE


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY: Final = (
    f"default-src 'none'; script-src {_hash(SCRIPT)}; style-src {_hash(STYLE)}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No image, no font, no request; nothing but our script and our style, by their hashes."""
SIGNATURE: Final = "<!-- Made by pytest-subagents. -->"
"""Behind the doctype of every page: what may be replaced by another one."""

_HEAD: Final = html(
    """<!doctype html>
{}
<html lang=en>
<head>
<meta charset=utf-8>
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name=referrer content=no-referrer>
<meta name=robots content=noindex>
<meta name=viewport content="width=device-width,initial-scale=1">
""",
    Html(SIGNATURE),
    Html(POLICY),
)
_TOOLS: Final = Html(
    '<p class="tools js noprint" hidden><label>Theme <select id=theme><option value=system>System</option>'
    "<option value=light>Light</option><option value=dark>Dark</option></select></label>"
    "<button type=button id=keys-open>Keys <kbd>?</kbd></button></p>"
)
_KEYS: Final = Html(
    """<dialog id=keys aria-labelledby=keys-title>
<h2 id=keys-title>Keys</h2>
<dl class=pairs>
<dt><kbd>/</kbd></dt><dd>Filter the subagents</dd>
<dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>Next and previous problem</dd>
<dt><kbd>]</kbd> <kbd>[</kbd></dt><dd>Next and previous subagent</dd>
<dt><kbd>1</kbd> to <kbd>9</kbd></dt><dd>The parts of the page, in their order</dd>
<dt><kbd>t</kbd></dt><dd>Theme: system, light, dark</dd>
<dt><kbd>?</kbd></dt><dd>These keys; <kbd>Esc</kbd> closes them</dd>
</dl>
<p><button type=button id=keys-close>Close</button></p>
</dialog>
"""
)


@cache
def _version() -> str:
    """Ours; looking it up takes as long as a short page does."""
    return version("pytest-subagents")


def page(title: str, *, head: Html, body: Iterable[Html]) -> Iterator[Html]:
    """A page but for its `foot`, part by part."""
    yield _HEAD
    yield html("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n", plain(title), Html(STYLE))
    yield html('<a class=skip href="#main">Skip to the report</a>\n{}\n', SHAPES)
    yield html("<header>\n<div class=top>\n{}{}</div>\n", head, _TOOLS)
    yield from body


def foot(needed: str = "") -> Iterator[Html]:
    """The end of a page; `needed` is the folder that its links lead into."""
    yield Html("</main>\n<footer class=soft>\n")
    if needed:
        yield html(
            "<p>If a link to a further page does not open, the folder <b>{}</b> was not copied with this page.</p>\n",
            needed,
        )
    yield html(
        "<p>Made by pytest-subagents {}. This page loads nothing from the network.</p>\n</footer>\n{}",
        _version(),
        _KEYS,
    )
    yield html("<script>{}</script>\n</body>\n</html>\n", Html(SCRIPT))
