"""In replay, an attempt to start an agent's program fails the test that makes it.

Replay is free and offline because nothing is started. A test that calls a vendor's program by itself would break that
without anybody seeing it, so the interpreter's own audit events are watched: they see every way to start a process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, Final

_STARTS: Final = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system"})
_guarded: frozenset[str] = frozenset()
_installed = False


class AgentStarted(RuntimeError):
    """Somebody tried to start an agent in replay."""

    __module__ = "builtins"


def guard(programs: Iterable[str]) -> None:
    """From now on, none of `programs` (names as in PATH) can be started by this process."""
    global _guarded, _installed
    _guarded = frozenset(programs)
    if not _installed:  # an audit hook cannot be taken away again
        sys.addaudithook(_watch)
        _installed = True


def unguard() -> None:
    """They can be started again."""
    global _guarded
    _guarded = frozenset()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _STARTS or not _guarded:
        return
    found = next((name for name in _named(event, arguments) if os.path.basename(name) in _guarded), None)
    if found is not None:
        raise AgentStarted(
            f"{os.path.basename(found)} would have been started in replay, which starts no agent; "
            "run it by a subagent and --subagents-mode=once, record or live"
        )


def _named(event: str, arguments: tuple[Any, ...]) -> Iterable[str]:
    """What may be the name of the program: the file, the first argument, and the words of a shell's command line."""
    for argument in arguments[:2]:
        match argument:
            case str():
                yield argument
                if event == "os.system":
                    yield from argument.split()
            case bytes():
                yield os.fsdecode(argument)
                if event == "os.system":
                    yield from os.fsdecode(argument).split()
            case os.PathLike():
                yield os.fsdecode(argument)
            case [first, *rest]:
                words = [os.fsdecode(word) for word in (first, *rest) if isinstance(word, (str, bytes, os.PathLike))]
                yield from words[:1]
                if len(words) > 2 and words[1] == "-c":  # how subprocess runs a shell
                    yield from words[2].split()
