"""Which arguments of a program name files, by the options that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.value import Value
from pytest_subagents.vendors.shell_words import NotUnderstoodError, Word

Use: TypeAlias = Literal["read", "searched", "listed"]
"""What a program does with a file or folder that it is given: reads the file, reads all below, or asks for names."""


class Form(Value, frozen=True, kw_only=True):
    """How one program takes its arguments. Options are letters, or long names without their dashes."""

    use: Use = "read"
    flags: str = ""
    """Options without a value."""
    valued: str = ""
    """Options with a value, which may be the next word."""
    attached: str = ""
    """Options whose value, where there is one, is in the same word."""
    long: frozenset[str] = frozenset()
    long_valued: frozenset[str] = frozenset()
    leading: int = 0
    """Arguments in front of the files: a pattern, a script."""
    instead: frozenset[str] = frozenset()
    """Options that stand for the leading arguments."""
    recursive: frozenset[str] = frozenset()
    """Options with which it reads all that is below a folder."""
    listing: frozenset[str] = frozenset()
    """Options with which it prints names alone."""
    files: frozenset[str] = frozenset()
    """Options whose value is a file that it reads."""
    otherwise: str | None = None
    """What it takes where it is given nothing."""
    numbers: bool = False
    """Whether `-20` is an option."""
    targets: int = 0
    """Arguments behind the files, which it does not read."""
    shallow: bool = False
    """Of a folder it lists what lies in it, and not what is below that."""


class Given(Value, frozen=True, kw_only=True):
    """The arguments of one command, told apart."""

    use: Use
    words: tuple[Word, ...]
    """Files and folders."""
    files: tuple[Word, ...] = ()
    """What else it reads."""
    shallow: bool = False
    """Of a folder it lists what lies in it, and not what is below that."""


def given_to(form: Form, arguments: Sequence[Word]) -> Given:
    """What `arguments` name; `NotUnderstoodError` for an option that is not known."""
    found: list[Word] = []
    files: list[Word] = []
    options: set[str] = set()
    rest = iter(arguments)
    for word in rest:
        text = word.text
        if text == "--":
            found += rest
        elif text.startswith("--"):
            _long(form, word, rest, options, files)
        elif len(text) > 1 and text.startswith("-") and not (form.numbers and text[1:].isdecimal()):
            _letters(form, word, rest, options, files)
        elif len(text) == 1 or not text.startswith("-"):
            found.append(word)
    if form.instead.isdisjoint(options):
        found = found[form.leading :]
    if form.targets:
        found = found[: -form.targets]
    use: Use = form.use
    if options & (form.recursive | form.listing):
        use = "listed" if form.use == "listed" or options & form.listing else "searched"
    return Given(use=use, words=tuple(found), files=tuple(files), shallow=form.shallow and not options & form.recursive)


def _long(form: Form, word: Word, rest: Iterator[Word], options: set[str], files: list[Word]) -> None:
    name, is_there, value = word.text[2:].partition("=")
    options.add(name)
    if name in form.long_valued:
        given = _part(value, word) if is_there else _next(rest)
        if name in form.files:
            files.append(given)
    elif name not in form.long:
        raise NotUnderstoodError


def _letters(form: Form, word: Word, rest: Iterator[Word], options: set[str], files: list[Word]) -> None:
    letters = word.text[1:]
    for index, letter in enumerate(letters):
        options.add(letter)
        if letter in form.flags:
            continue
        if letter in form.valued:
            value = letters[index + 1 :]
            given = _part(value, word) if value else _next(rest)
            if letter in form.files:
                files.append(given)
        elif letter not in form.attached:
            raise NotUnderstoodError
        return


def _next(rest: Iterator[Word]) -> Word:
    word = next(rest, None)
    if word is None:
        raise NotUnderstoodError
    return word


def _part(text: str, of: Word) -> Word:
    """The value of an option in one word with it."""
    return Word(text=text, glob=glob_of(text), expanded=of.expanded)
