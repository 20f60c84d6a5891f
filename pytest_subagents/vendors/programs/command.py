"""The vendor `command`: any program.

In the arguments of `command` a name in braces stands for something of the run: `{prompt_file}`, `{output_file}`,
`{schema_file}`, `{workspace}`, `{model}`, `{session}`. Two pairs, `{{prompt_file}}`, stand for the name in braces as it
is; all other braces, as in `awk '{print $1}'` or in JSON, are text. A program whose command does not say
`{prompt_file}` finds the prompt on its standard input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

from pytest_subagents.model.spec import Subagent, VendorSettings
from pytest_subagents.vendors.programs.command_parity import PARITY
from pytest_subagents.vendors.programs.interface import Launch, Parity, Request

_NAME: Final = re.compile(r"\{\{([A-Za-z_]+)\}\}|\{([A-Za-z_]+)\}")
_ANY_SCHEMA: Final = "any.schema.json"

PLACEHOLDERS: Final[Mapping[str, Callable[[Request], str]]] = MappingProxyType(
    {
        "prompt_file": lambda request: str(request.prompt_file),
        "output_file": lambda request: str(request.output_file),
        "schema_file": lambda request: str(request.schema_file or request.home / _ANY_SCHEMA),
        "workspace": lambda request: str(request.workspace),
        "model": lambda request: request.model or "",
        "session": lambda request: request.session,
    }
)
"""What the names stand for."""


class Command:
    """Whatever `command` of the subagent says."""

    vendor: ClassVar[str] = "command"
    executable: ClassVar[str | None] = None
    config_folder: ClassVar[str] = "."
    version_arguments: ClassVar[tuple[str, ...] | None] = None
    oldest: ClassVar[tuple[int, ...] | None] = None
    keys: ClassVar[tuple[str, ...]] = ()
    parity: ClassVar[Mapping[str, Parity]] = PARITY

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        return tuple(_faults(subagent, settings))

    def launch(self, request: Request) -> Launch:
        command = request.subagent.command
        named = set(_named(command))
        needs_schema = "schema_file" in named and request.schema_file is None
        return Launch(
            argv=(*(_filled(argument, request) for argument in command), *request.settings.args),
            files=((request.home / _ANY_SCHEMA, "true\n"),) if needs_schema else (),
            answer_file=request.output_file if "output_file" in named else None,
            stdin=None if "prompt_file" in named else request.prompt_file,
        )


def _faults(subagent: Subagent, settings: VendorSettings) -> Iterator[str]:
    if not subagent.command:
        yield "has the vendor 'command', and no 'command' that says what to run"
    known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
    for name in sorted(set(_named(subagent.command)) - set(PLACEHOLDERS)):
        why = "; an argument is too short for a prompt, and seen by every user" if name == "prompt" else ""
        yield f"'command' has {{{name}}}, which is none of {known}{why}; write {{{{{name}}}}} to mean just that"
    if "model" in _named(subagent.command) and not (subagent.model or settings.model):
        yield "'command' has {model}, and no 'model' is given"
    if settings.mcp:
        yield "'vendors.command.mcp' cannot be handed to a program that we know nothing of; name it in 'command'"


def _named(command: Sequence[str]) -> tuple[str, ...]:
    return tuple(found[2] for argument in command for found in _NAME.finditer(argument) if found[2] is not None)


def _filled(argument: str, request: Request) -> str:
    def text_of(found: re.Match[str]) -> str:
        literal, name = found[1], found[2]
        if literal is not None:
            return f"{{{literal}}}"
        return PLACEHOLDERS[name](request) if name in PLACEHOLDERS else found[0]

    return _NAME.sub(text_of, argument)
