"""In replay, an attempt to start an agent's program fails the test that makes it.

Replay is free and offline because nothing is started. A test that calls a vendor's program by itself would break that
without anybody seeing it, so the interpreter's own audit events are watched: they see every way to start a process.
What they cannot see is a program that starts another one, a script or a Makefile.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import pytest

_STARTS: Final = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system"})
_ALIASES: Final = {"claude-code": "claude", "gemini-cli": "gemini", "opencode-ai": "opencode", "cursor-agent": "cursor"}
"""Names of npm packages and of programs that are not those of the vendors."""
_LAUNCHERS: Final = frozenset(
    {
        *("bunx", "command", "doas", "env", "exec", "nice", "nohup", "npx", "pnpm", "pnpx", "setsid", "stdbuf"),
        *("sudo", "time", "timeout", "unbuffer", "xargs"),
    }
)
"""Programs that run another one, which their arguments name."""
_SHELLS: Final = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
_BREAKS: Final = frozenset({"if", "then", "do", "else", "elif", "while", "until", "!", "{", "}"})
"""Words of a shell, besides its signs, after which it reads a command."""
_SIGNS: Final = ";&|()"
_NUMBER: Final = re.compile(r"[0-9.]+[a-z]?")

_TEXTS: Final = (str, bytes, os.PathLike)

_guarded: frozenset[str] = frozenset()
_depth = 0
_installed = False
_attempts: list[str] = []


class AgentStarted(RuntimeError):
    """Somebody tried to start an agent in replay."""

    __module__ = "builtins"


def guard(programs: Iterable[str]) -> None:
    """From now on, until as many calls of `unguard`, none of `programs` (names as in PATH) can be started by this
    process."""
    global _guarded, _depth, _installed
    _guarded, _depth = frozenset(programs), _depth + 1
    if not _installed:  # an audit hook cannot be taken away again
        sys.addaudithook(_watch)
        _installed = True


def unguard() -> None:
    """They can be started again."""
    global _guarded, _depth
    _depth = max(0, _depth - 1)
    if not _depth:
        _guarded = frozenset()


class Hermetic:
    """Registered wherever items run in replay: an attempt fails its test also where that catches what it raises."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        return (yield from _failing())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        return (yield from _failing())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        return (yield from _failing())

    def pytest_unconfigure(self) -> None:
        unguard()


def agents_in(line: str) -> tuple[str, ...]:
    """The agents' programs that a shell's command line would start, as far as it names them."""
    return tuple(_in_shell(line))


def _failing() -> Generator[None, object, object]:
    _attempts.clear()
    found = yield
    if _attempts:
        pytest.fail(_attempts[0], pytrace=False)
    return found


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    if event not in _STARTS or not _guarded:
        return
    found = next(_started(event, arguments), None)
    if found is not None:
        message = (
            f"{found} would have been started in replay, which starts no agent; "
            "run it by a subagent and --subagents-mode=once, record or live"
        )
        _attempts.append(message)
        raise AgentStarted(message)


def _started(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    """The agents' programs among what is to be started: the file, its arguments, or a shell's command line."""
    if event == "os.system":
        yield from _in_shell(_text(arguments[0]))
        return
    executable, argv = arguments[1:3] if event == "os.spawn" else arguments[:2]
    if executable is not None:
        yield from _named(_text(executable))
    yield from _in_command([_text(argv)] if isinstance(argv, _TEXTS) else [_text(word) for word in argv])


def _in_command(words: Sequence[str]) -> Iterator[str]:
    """The agent's program that the words of one command start; shells and launchers are looked through."""
    launched, after_option = False, False
    for number, word in enumerate(words):
        found = tuple(_named(word))
        if found:
            yield from found
            return
        if launched and (word.startswith("-") or _NUMBER.fullmatch(word) or after_option):
            after_option = word.startswith("-")  # whose value may come next, as in `sudo -u somebody`
        elif "=" in word.partition("/")[0]:
            continue  # a variable, as shells and `env` take it
        elif os.path.basename(word) in _LAUNCHERS:
            launched, after_option = True, False
        else:
            if os.path.basename(word) in _SHELLS:
                yield from _in_shell(_command_of(words[number + 1 :]))
            return


def _command_of(arguments: Sequence[str]) -> str:
    """The command line among the arguments of a shell: what stands behind `-c`, or `-lc`."""
    for option, value in pairwise(arguments):
        if option.startswith("-") and option.endswith("c"):
            return value
    return ""


def _in_shell(line: str) -> Iterator[str]:
    """The agents' programs that a shell's command line starts."""
    if not any(name in line for name in (*_guarded, *_ALIASES)):
        return
    for sign in ("\n", "`", "$("):
        line = line.replace(sign, " ; ")
    lexer = shlex.shlex(line, posix=True, punctuation_chars=_SIGNS)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:  # a quotation without an end, which the shell refuses too
        words = line.split()
    command: list[str] = []
    for word in [*words, ";"]:
        if word in _BREAKS or not word.strip(_SIGNS):
            yield from _in_command(command)
            command = []
        else:
            command.append(word)


def _named(word: str) -> Iterator[str]:
    name = os.path.basename(word).partition("@")[0]
    name = _ALIASES.get(name, name)
    if name in _guarded:
        yield name


def _text(word: object) -> str:
    return os.fsdecode(word) if isinstance(word, _TEXTS) else str(word)
