"""What a scripted agent was asked, whatever the program that it stands for. Standard library only."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """The program that is stood in for, as far as it differs from others."""

    dialect: str = "subagents_events"
    version: str = "1.0.0"
    prompt_options: tuple[str, ...] = ()
    """Options whose value is the prompt."""
    answer_options: tuple[str, ...] = ("--answer-to",)
    """Options that name a file for the final message."""
    words: tuple[str, ...] = ()
    """Arguments that are no prompt: the names of subcommands."""


CLIS: Final[Mapping[str, Cli]] = MappingProxyType(
    {
        "codex": Cli(
            dialect="codex_exec",
            version="codex-cli 0.169.0",
            answer_options=("-o", "--output-last-message", "--answer-to"),
            words=("exec",),
        ),
        "claude": Cli(dialect="claude_stream", version="2.1.197 (Claude Code)"),
        "gemini": Cli(dialect="gemini_stream", version="0.61.0", prompt_options=("-p", "--prompt")),
        "opencode": Cli(dialect="opencode_run", version="1.18.33", words=("run",)),
    }
)
"""By the name of the program; any other is a `Cli()`."""

_FLAGS: Final = frozenset({"--json", "--skip-git-repo-check", "--pure", "-p", "--print", "--verbose", "--auto"})
"""Options without a value, after which a prompt may come. Prompts of ours come on standard input; this is for tests
that start the program themselves."""


def wants_version(arguments: Sequence[str]) -> bool:
    return tuple(arguments[:1]) in (("--version",), ("-V",), ("-v",))


def option(arguments: Sequence[str], *names: str) -> str | None:
    """The value of the first of these options, as `--name value` or `--name=value`."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names:
            return value if equals else next(iter(arguments[index + 1 : index + 2]), None)
    return None


def prompt_of(cli: Cli, arguments: Sequence[str]) -> str:
    """The prompt: standard input where there is some, an option, the argument after `--`, the last argument that is
    no option, or the file that it names."""
    said = _standard_input()
    if said:
        return said
    given = option(arguments, *cli.prompt_options) if cli.prompt_options else None
    if given is None and "--" in arguments:
        given = next((word for word in arguments[arguments.index("--") + 1 :] if word != "-"), None)
    if given is None:
        given = _last_word(cli, arguments)
    return _of_file(given) if given is not None else ""


def _last_word(cli: Cli, arguments: Sequence[str]) -> str | None:
    for before, word in reversed(list(zip(("", *arguments), arguments, strict=False))):
        belongs = before.startswith("-") and "=" not in before and before not in _FLAGS
        if not word.startswith("-") and word not in cli.words and not belongs:
            return word
    return None


def _of_file(given: str) -> str:
    """`{prompt_file}` of the vendor `command`."""
    try:
        return Path(given).read_text(encoding="utf-8") if Path(given).is_file() else given
    except (OSError, ValueError):
        return given


def _standard_input() -> str:
    """What is there; a terminal is not waited for."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return ""
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return ""
    parts = []
    while data := os.read(0, 1 << 16):
        parts.append(data)
    return b"".join(parts).decode("utf-8", "replace")
