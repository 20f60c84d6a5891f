"""Which files a shell command reads, as far as its text tells.

Only what is certain is told: a loop, a substitution, a program or an option that is not known makes a command one of
which nothing is known. Whether it succeeded is not asked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.value import Value
from pytest_subagents.vendors.program_arguments import Form, Given, Use, given_to
from pytest_subagents.vendors.reading_programs import FORMS, NOTHING
from pytest_subagents.vendors.shell_words import NotUnderstoodError, Token, Word, tokens_of

_SHELLS: Final = frozenset({"sh", "bash", "zsh", "dash", "ksh"})
_SCRIPT: Final = re.compile(r"-[a-z]*c[a-z]*")
_ASSIGNED: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_SECONDS: Final = re.compile(r"[0-9.]+[smhd]?")
_STRUCTURE: Final = frozenset(
    (
        *("if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select"),
        *("function", "coproc", "[[", "]]", "eval", "source", ".", "pushd", "popd", "trap", "alias"),
    )
)
"""Words that make of a line more than commands one after the other, or change what they mean."""
_AWK_READS: Final = re.compile(r"getline|system|\|")
_GIT_QUIET: Final = frozenset(
    (
        *("status", "branch", "rev-parse", "rev-list", "remote", "describe", "tag", "config", "add", "commit", "init"),
        *("fetch", "ls-files", "ls-tree", "mv", "rm"),
    )
)
"""Commands of git that tell names or change its own state."""
_GIT_TEXT: Final = frozenset({"-p", "-u", "--patch", "-S", "-G", "-L"})
_GIT_NAMES: Final = frozenset({"--stat", "--shortstat", "--numstat", "--name-only", "--name-status", "--quiet"})
_EXECUTES: Final = frozenset({"-exec", "-execdir", "-ok", "-okdir", "-files0-from"})


class Touch(Value, frozen=True, kw_only=True):
    """Something that a command reads, searches or lists."""

    use: Use
    path: str
    """As the command says it, behind the folder that it is in."""
    is_glob: bool = False


class CommandReads(Value, frozen=True, kw_only=True):
    touches: tuple[Touch, ...] = ()
    unknown: int = 0
    """Parts of which it is not known what, or what else, they read."""
    folder: str | None = ""
    """Where the shell is afterwards; empty is where it began, None is not known."""


def command_reads(command: str, folder: str | None = "") -> CommandReads:
    """What a shell that is in `folder` (as in `CommandReads`) reads when it runs `command`. Never raises."""
    line = _Line(folder)
    line.run(command, depth=0)
    return CommandReads(touches=tuple(line.touches), unknown=line.unknown, folder=line.folder)


class _Line:
    """One command line, taken in from left to right."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.touches: list[Touch] = []
        self.unknown = 0

    def run(self, text: str, *, depth: int) -> None:
        try:
            commands = tuple(_commands(tokens_of(text)))
        except NotUnderstoodError:
            self.unknown += 1
            if re.search(r"\b(cd|pushd|popd)\b", text[: limits.COMMAND_CHARS]):
                self.folder = None
            return
        folders: list[str | None] = []
        for command in commands:
            if command.opens:
                folders.append(self.folder)
            elif command.closes:
                self.folder = folders.pop()
            else:
                try:
                    self._simple(command, depth)
                except NotUnderstoodError:
                    self.unknown += 1

    def _simple(self, command: _Simple, depth: int) -> None:
        self._touch_all("read", command.inputs)
        words = _without_prefixes(command.words)
        if not words:
            return
        name = posixpath.basename(words[0].text)
        arguments = words[1:]
        if words[0].expanded or (words[0].magic and name != "["):
            raise NotUnderstoodError
        if name == "cd":
            self._change(arguments)
        elif name in _SHELLS:
            self._shell(arguments, depth)
        elif name == "find":
            self._find(arguments)
        elif name == "git":
            self._git(arguments)
        elif name not in NOTHING:
            self._program(name, arguments, piped=command.piped)

    def _program(self, name: str, arguments: Sequence[Word], *, piped: bool) -> None:
        form = FORMS.get(name)
        if form is None or (name.endswith("awk") and any(_AWK_READS.search(word.text) for word in arguments)):
            raise NotUnderstoodError
        self._given(form, given_to(form, arguments), piped=piped)

    def _given(self, form: Form, given: Given, *, piped: bool) -> None:
        words: Sequence[Word] = given.words
        reads_input = form.use == "read" and given.use != "searched"
        # A search that is given nothing takes its input where that is a pipe; `grep -r` does not.
        if not words and form.otherwise is not None and not reads_input and not (piped and form.use == "searched"):
            words = (Word(text=form.otherwise, glob=form.otherwise),)
        self._touch_all("read", given.files)
        self._touch_all(given.use, words, shallow=given.shallow)

    def _touch_all(self, use: Use, words: Sequence[Word], *, shallow: bool = False) -> None:
        """What of them is known is told, whatever the others are."""
        known = [self._touch(use, word, shallow=shallow) for word in words]
        self.unknown += not all(known)

    def _touch(self, use: Use, word: Word, *, shallow: bool) -> bool:
        """Whether it is known what `word` is."""
        if word.text == "-" or word.text.startswith("/dev/"):
            return True
        absolute = word.text.startswith(("/", "~"))
        if word.expanded or not word.text or (self.folder is None and not absolute):
            return False
        folder = "" if absolute else self.folder or ""
        if word.magic or shallow:
            glob = posixpath.join(glob_of(folder), word.glob)
            use = "searched" if use == "read" else use
            self.touches.append(Touch(use=use, path=posixpath.join(glob, "*") if shallow else glob, is_glob=True))
        else:
            self.touches.append(Touch(use=use, path=posixpath.join(folder, word.text)))
        return True

    def _change(self, arguments: Sequence[Word]) -> None:
        if len(arguments) != 1 or arguments[0].expanded or arguments[0].magic or arguments[0].text in ("", "-"):
            self.folder = None
            return
        path = arguments[0].text
        if path.startswith(("/", "~")):
            self.folder = path
        elif self.folder is not None:
            self.folder = posixpath.join(self.folder, path)

    def _shell(self, arguments: Sequence[Word], depth: int) -> None:
        at = next((index for index, word in enumerate(arguments) if _SCRIPT.fullmatch(word.text)), None)
        before = arguments[:at]
        if at is None or len(arguments) <= at + 1 or depth >= limits.COMMAND_DEPTH:
            raise NotUnderstoodError
        script = arguments[at + 1]
        if script.expanded or any(not word.text.startswith("-") and word.text != "pipefail" for word in before):
            raise NotUnderstoodError
        folder = self.folder
        self.run(script.text, depth=depth + 1)
        self.folder = folder

    def _find(self, arguments: Sequence[Word]) -> None:
        words = list(arguments)
        while words and words[0].text in ("-H", "-L", "-P"):
            del words[0]
        end = next((index for index, word in enumerate(words) if word.text.startswith(("-", "(", "!"))), len(words))
        roots = words[:end] or [Word(text=".", glob=".")]
        use: Use = "listed"
        for index, word in enumerate(words[end:], end):
            if word.text in _EXECUTES:
                form = FORMS.get(posixpath.basename(words[index + 1].text)) if index + 1 < len(words) else None
                if word.text == "-files0-from" or form is None:
                    raise NotUnderstoodError
                use = "listed" if form.use == "listed" else "searched"
        self._touch_all(use, roots)

    def _git(self, arguments: Sequence[Word]) -> None:
        texts = [word.text for word in arguments]
        while texts and texts[0] in ("--no-pager", "-P"):
            del texts[0]
        name, rest = (texts[0], texts[1:]) if texts else ("", [])
        if name in _GIT_QUIET:
            return
        if name == "log" and not any(text[:2] in _GIT_TEXT or text in _GIT_TEXT for text in rest):
            return
        if name == "diff" and not _GIT_NAMES.isdisjoint(rest) and _GIT_TEXT.isdisjoint(rest):
            return
        raise NotUnderstoodError


class _Simple(Value, frozen=True, kw_only=True):
    """A command, or a bracket around some."""

    words: tuple[Word, ...] = ()
    inputs: tuple[Word, ...] = ()
    """Files that it is given as its input."""
    piped: bool = False
    opens: bool = False
    closes: bool = False


def _commands(tokens: Sequence[Token]) -> Iterator[_Simple]:
    """The commands of a line; `NotUnderstoodError` where it is more than a list of them."""
    words: list[Word] = []
    inputs: list[Word] = []
    piped = False
    open_brackets = 0
    rest = iter(tokens)
    for token in rest:
        if isinstance(token, Word):
            words.append(token)
            continue
        if token[-1] in "<>" or token.endswith(("<<-", ">&", "<&", ">|")):
            target = next(rest, None)
            if not isinstance(target, Word):
                raise NotUnderstoodError
            if token.lstrip("0123456789") in ("<", "<>"):
                inputs.append(target)
            continue
        if token == "(" and (words or inputs):  # a function, an array
            raise NotUnderstoodError
        if words or inputs:
            yield _checked(words, inputs, piped)
            words, inputs = [], []
        piped = token in ("|", "|&")
        if token in ("(", ")"):
            open_brackets += 1 if token == "(" else -1
            if open_brackets < 0:
                raise NotUnderstoodError
            yield _Simple(opens=token == "(", closes=token == ")")
    if words or inputs:
        yield _checked(words, inputs, piped)


def _checked(words: Sequence[Word], inputs: Sequence[Word], piped: bool) -> _Simple:
    rest = list(words)
    while rest and rest[0].text in ("!", "{", "}"):
        del rest[0]
    if rest and rest[0].text in _STRUCTURE:
        raise NotUnderstoodError
    return _Simple(words=tuple(rest), inputs=tuple(inputs), piped=piped)


def _without_prefixes(words: Sequence[Word]) -> Sequence[Word]:
    """The words of a command behind what only sets its variables, its time or its priority."""
    while words:
        name = posixpath.basename(words[0].text)
        if _ASSIGNED.match(name) or name in ("time", "nohup", "env", "command", "builtin", "exec"):
            words = words[1:]
        elif name == "timeout" and len(words) > 1 and _SECONDS.fullmatch(words[1].text):
            words = words[2:]
        else:
            break
    return () if words and words[0].text in ("-v", "-V") else words
