"""Nothing becomes markup that is not written in a literal of ours."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_subagents.reports import escape
from pytest_subagents.reports.html import markup
from pytest_subagents.reports.html.code_colours import coloured
from pytest_subagents.reports.html.markup import Html, html, plain, said

FOLDER = Path(markup.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
BOX = re.compile(r"<b class=ctl>([A-Z0-9+]+)</b>")
TEXTS = st.text(st.characters())  # surrogates too


@given(TEXTS, st.booleans())
@example('<img src=x onerror="a">&\'', False)
@example("\u202ea\x1b[2J\x00\u200b\ufeff\U000e0041\ud800", True)
def test_no_text_is_markup_or_hides_itself(text: str, multiline: bool) -> None:
    shown = BOX.sub("", escape.html(text, multiline=multiline))
    assert not re.search(r"[<>\"']|&(?!(?:amp|lt|gt|quot|#39|#58|#35);)", shown)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ud800-\udfff]", shown)
    assert multiline or "\n" not in shown
    shown.encode()


@given(TEXTS)
def test_in_an_attribute_there_are_no_tags_at_all(text: str) -> None:
    assert not re.search("[<>\"'\n]", plain(text))


def test_what_cannot_be_seen_has_a_name_in_a_box() -> None:
    assert escape.html("a\u202eb\x1b\u2029\n") == (
        "a<b class=ctl>RLO</b>b<b class=ctl>ESC</b><b class=ctl>PS</b><b class=ctl>LF</b>"
    )
    assert escape.html("a\r\nb\tc", multiline=True) == "a\nb\tc"
    assert escape.html("::error::x", multiline=True) == "&#58;:error::x"


def test_text_is_escaped_and_html_is_not() -> None:
    made = html("<p>{}{}{}</p>", "<a&b>", html("<b>{}</b>", 7), said("\u202ex" * 3, 2))
    assert made == "<p>&lt;a&amp;b&gt;<b>7</b><bdi><b class=ctl>RLO</b>x… (4 more characters)</bdi></p>"
    assert isinstance(made, Html)


def _calls(path: Path, name: str) -> list[ast.Call]:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_template_is_a_literal(path: Path) -> None:
    for call in _calls(path, "html"):
        assert isinstance(call.args[0], ast.Constant), f"{path.name}:{call.lineno}"


CONSTANTS = {"SIGNATURE", "POLICY", "STYLE", "SCRIPT"}


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem != "markup"], ids=lambda path: path.stem)
def test_html_is_made_of_nothing_but_literals_elsewhere(path: Path) -> None:
    for call in _calls(path, "Html"):
        (made,) = call.args
        literal = isinstance(made, ast.Constant) or (isinstance(made, ast.Name) and made.id in CONSTANTS)
        assert literal, f"{path.name}:{call.lineno}"


@given(TEXTS, st.sampled_from(["a.py", "a.ts", "a.sql", "a.json", "a.txt"]))
@example("x = 'a<b' # \"c\" & d", "a.py")
def test_colours_change_no_letter(text: str, path: str) -> None:
    line = text.replace("\r", "").replace("\n", "")
    assert re.sub("<i class=c[csw]>|</i>", "", coloured(line, path)).replace("&#58;", ":") == escape.html(
        line, multiline=True
    ).replace("&#58;", ":")
