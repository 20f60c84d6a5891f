"""Nothing that a medium obeys gets through its function."""

from __future__ import annotations

import html
import json
import sys
import unicodedata
from xml.etree import ElementTree

import pytest
from hostile_report import payloads
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_subagents.model.limits import COMBINING_MARKS
from pytest_subagents.reports.escape import cut, json_document, markdown, markdown_block, terminal, xml

DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
texts = st.text(st.characters()) | st.sampled_from(list(payloads().values()))


def dangerous(text: str) -> set[str]:
    return {f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in DANGEROUS}


def test_no_code_point_of_a_dangerous_category_survives() -> None:
    """All of Unicode: what this Python knows to be dangerous is escaped in every medium."""
    for start in range(0, sys.maxunicode + 1, 4096):
        every = "".join(map(chr, range(start, min(start + 4096, sys.maxunicode + 1))))
        assert dangerous(terminal(every)) == set()
        assert dangerous(terminal(every, multiline=True)) <= {"U+0009", "U+000A"}
        assert dangerous(markdown(every)) == set()


def test_letters_signs_and_emoji_stay_what_they_are() -> None:
    text = "Grüße, 你好, नमस्ते, שָׁלוֹם, سلام, ❤️ 👍🏽 – “x” → €5 a::b ### [x] C# \\n"
    assert terminal(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("\U000e0041\U000e0100", r"\U000e0041\U000e0100"),
        ("\udcff", r"\udcff"),
        ("a" + "\u0301" * 7 + "b", "a" + "\u0301" * 5 + "[+2 marks]b"),
        ("::error::x", r"\x3a:error::x"),
        ("##[error]x ##vso[y]", r"#\x23[error]x #\x23vso[y]"),
    ],
)
def test_what_is_dangerous_is_shown_and_not_stripped(text: str, shown: str) -> None:
    assert terminal(text) == shown


def test_of_several_lines_each_is_escaped() -> None:
    assert terminal("a\r\nb\rc\n \t::error::x\x1b", multiline=True) == "a\nb\\rc\n \t\\x3a:error::x\\x1b"


@given(texts)
def test_a_line_is_one_line_and_escaping_again_changes_nothing(text: str) -> None:
    once = terminal(text)
    assert len(once.splitlines()) <= 1
    assert terminal(once) == once
    assert dangerous(once) == set()


@given(st.text(st.characters(categories=["Mn", "Me", "Ll", "Lo"]), max_size=60))
@example("a" + "\u0301" * 5000)
def test_marks_do_not_pile_up(text: str) -> None:
    run = longest = 0
    for char in terminal(text):
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        longest = max(longest, run)
    assert longest <= COMBINING_MARKS


@given(texts)
def test_markdown_leaves_no_punctuation_of_its_own_and_means_the_same_text(text: str) -> None:
    source = markdown(text)
    assert not set(source.replace("&#", "").replace(";", "")) & set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    assert html.unescape(source).replace("\u200b", "") == terminal(text)


@pytest.mark.parametrize("text", ["@octocat", "see #12", "https://evil", "www.evil", "GH-12", "a@b.c", "//evil", "@é"])
def test_what_github_links_in_plain_text_is_broken(text: str) -> None:
    plain = html.unescape(markdown(text))
    assert text not in plain or text == "//evil"
    assert plain.replace("\u200b", "") == text


@given(texts)
def test_a_block_cannot_be_closed_from_within(text: str) -> None:
    first, *body, last = markdown_block(text).split("\n")
    assert first == last + "text"
    assert set(last) == {"`"}
    assert all(last not in line for line in body)
    assert "\n".join(body) == terminal(text, multiline=True)


@given(st.recursive(st.text(), lambda children: st.lists(children) | st.dictionaries(st.text(), children)))
@example("\x7f\x9b\xad\u2028\ufeff\U000e0041")
def test_a_json_document_means_the_same_and_shows_everything(value: object) -> None:
    plain = json.dumps(value, ensure_ascii=False, indent=2)
    shown = json_document(plain)
    assert json.loads(shown) == value
    assert dangerous(shown) <= {"U+000A"}


def test_every_code_point_can_be_written_as_xml_and_is_read_back() -> None:
    for start in range(0, sys.maxunicode + 1, 4096):
        every = "".join(map(chr, range(start, min(start + 4096, sys.maxunicode + 1))))
        element = ElementTree.Element("a", value=xml(every))
        element.text = xml(every, multiline=True)
        read = ElementTree.fromstring(ElementTree.tostring(element, encoding="unicode"))
        assert read.get("value") == xml(every)
        assert read.text == xml(every, multiline=True)


def test_cut_says_how_much_is_left_out() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("x" * 1503, 3) == "xxx… (1,500 more characters)"
