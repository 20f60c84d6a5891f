"""A shell's command line in words and signs, where it is certain what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from pytest_subagents.model import limits
from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.value import Value


class NotUnderstoodError(ValueError):
    """What a command does cannot be told from its text."""


class Word(Value, frozen=True, kw_only=True):
    text: str
    """Without its quotes."""
    glob: str
    """The same as a glob, in which what is quoted stands for itself."""
    magic: bool = False
    """The shell puts names of files in its place."""
    expanded: bool = False
    """A variable stands in it, so that it is not known what the program is given."""


Token: TypeAlias = Word | str
"""A word, or a sign as it stands: `;`, `&&`, `2>`, a line end."""

_PIECE: Final = re.compile(
    r"""
    (?P<blank>[ \t\r]+|\\\n)
    |(?P<sign>[0-9]*(?:<<<|<<-?|<>|>>|>\||[<>]&|[<>])|&>>?|\|\||&&|;;|\|&|[|&;()\n])
    |(?P<single>'[^']*')
    |(?P<double>"(?:[^"\\]|\\.)*")
    |(?P<escape>\\.)
    |(?P<plain>[^ \t\r\n'"\\|&;()<>]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r'\\([$`"\\])|\\\n')
_VARIABLE: Final = re.compile(r"\$[\w{@*#?!$-]")
_MAGIC: Final = re.compile(r"[*?\[]|\{[^{},]*,[^{}]*\}")
_RANGE: Final = re.compile(r"\{[^{}]*?\.\.")


def tokens_of(text: str) -> tuple[Token, ...]:
    """All of a command line; texts that it hands to a program (`<<END`) are left out.

    `NotUnderstoodError` where another command stands within a word (`$(...)`), a quote does not end, or it is longer
    than `limits.COMMAND_CHARS` or `limits.COMMAND_WORDS`.
    """
    if len(text) > limits.COMMAND_CHARS:
        raise NotUnderstoodError
    tokens: list[Token] = []
    for token in _Scanner(text).tokens():
        tokens.append(token)
        if len(tokens) > limits.COMMAND_WORDS:
            raise NotUnderstoodError
    return tuple(tokens)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._texts: list[tuple[str, bool]] = []
        """Ends of texts that begin behind this line, and whether they are taken as they stand."""

    def tokens(self) -> Iterator[Token]:
        marks_text = False
        while self._at < len(self._text):
            if self._text[self._at] == "#":  # at the start of a word
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
                continue
            found = _PIECE.match(self._text, self._at)
            if found is None:
                raise NotUnderstoodError
            if found.lastgroup == "blank":
                self._at = found.end()
            elif found.lastgroup == "sign":
                self._at = found.end()
                sign = found[0]
                if sign[-1] in "<>" and self._text.startswith("(", self._at):
                    raise NotUnderstoodError
                marks_text = sign.rstrip("-").endswith("<<") and not sign.endswith("<<<")
                yield sign
                if sign == "\n":
                    self._skip_texts()
            else:
                start = self._at
                word = self._word()
                if marks_text:
                    quoted = not {"'", '"', "\\"}.isdisjoint(self._text[start : self._at])
                    self._texts.append((word.text, quoted))
                    marks_text = False
                yield word

    def _word(self) -> Word:
        texts: list[str] = []
        globs: list[str] = []
        magic = expanded = False
        while (found := _PIECE.match(self._text, self._at)) is not None and found.lastgroup not in ("blank", "sign"):
            self._at = found.end()
            if found.lastgroup == "plain":
                text = found[0]
                self._refuse_command(text)
                expanded |= bool(_VARIABLE.search(text) or _RANGE.search(text)) or self._quotes_otherwise(text)
                magical = _MAGIC.search(text) is not None
                magic |= magical
                globs.append(text if magical else glob_of(text))
            else:
                text, varies = _unquoted(found)
                expanded |= varies
                globs.append(glob_of(text))
            texts.append(text)
        if not texts:
            raise NotUnderstoodError
        return Word(text="".join(texts), glob="".join(globs), magic=magic, expanded=expanded)

    def _refuse_command(self, text: str) -> None:
        if "`" in text or (text.endswith("$") and self._text.startswith("(", self._at)):
            raise NotUnderstoodError

    def _quotes_otherwise(self, text: str) -> bool:
        """Whether it ends in the dollar of `$'...'`."""
        return text.endswith("$") and self._text[self._at : self._at + 1] in ("'", '"')

    def _skip_texts(self) -> None:
        for end, as_it_stands in self._texts:
            start = self._at
            while self._at < len(self._text):
                if self._line().lstrip("\t") == end:
                    break
            if not as_it_stands and ("`" in self._text[start : self._at] or "$(" in self._text[start : self._at]):
                raise NotUnderstoodError
        self._texts.clear()

    def _line(self) -> str:
        end = self._text.find("\n", self._at)
        line = self._text[self._at : len(self._text) if end < 0 else end]
        self._at = len(self._text) if end < 0 else end + 1
        return line


def _unquoted(found: re.Match[str]) -> tuple[str, bool]:
    """The text of a piece in quotes or behind a backslash, and whether a variable stands in it."""
    piece = found[0]
    if found.lastgroup == "single":
        return piece[1:-1], False
    if found.lastgroup == "escape":
        return piece[1:], False
    inner = piece[1:-1]
    bare = _ESCAPED.sub("", inner)
    if "`" in bare or "$(" in bare:
        raise NotUnderstoodError
    return _ESCAPED.sub(lambda match: match[1] or "", inner), _VARIABLE.search(bare) is not None
