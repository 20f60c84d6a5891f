"""The reference of `docs/command.md`, made from the commands themselves.

`python -m pytest_subagents.cli.command_page docs/command.md` writes it anew into the page.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from pytest_subagents.cli.main import commands

_SECTION: Final = re.compile(r"(<!-- commands: begin -->\n).*?(<!-- commands: end -->)", re.DOTALL)
_DEFAULT: Final = re.compile(r"\s+\[default: (.*?)\]$")


def reference() -> str:
    """A section for each command: what it does, its options, examples, exit codes."""
    context = click.Context(commands, info_name="subagents")
    return "".join(f"{line}\n" for name in commands.list_commands(context) for line in _of(name, context))


def renewed(page: str) -> str:
    """The page with the generated section as it must be."""
    return _SECTION.sub(lambda found: f"{found[1]}{reference()}{found[2]}", page)


def _of(name: str, above: click.Context) -> Iterator[str]:
    command = commands.get_command(above, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=above)
    yield f"### `subagents {name}`"
    yield ""
    yield "```text"
    yield f"subagents {name} {' '.join(command.collect_usage_pieces(context))}"
    yield "```"
    yield ""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield from _paragraph(paragraph)
    options = [_option(one) for one in command.params if isinstance(one, click.Option)]
    if options:
        yield "| option | default | |"
        yield "|---|---|---|"
        yield from options
        yield ""


def _paragraph(text: str) -> Iterator[str]:
    """As it stands where click is to leave it so: examples, and tables of keys."""
    if text.startswith("\b\n"):
        head, *lines = text.removeprefix("\b\n").split("\n")
        yield head
        yield ""
        yield "```text"
        yield from (line.removeprefix("  ") for line in lines)
        yield "```"
    else:
        yield text
    yield ""


def _option(option: click.Option) -> str:
    form = ", ".join(f"`{name}`" for name in option.opts)
    if not option.is_flag:
        choices = option.type.choices if isinstance(option.type, click.Choice) else None
        value = " \\| ".join(choices) if choices is not None else option.metavar or option.type.name.upper()
        form += f" {value}"
    text = (option.help or "").strip()
    default = _DEFAULT.search(text)
    told = default[1] if default is not None else str(option.default) if option.show_default else ""
    shown = f"`{told}`" if option.show_default and told else told
    cells = (form, shown, _DEFAULT.sub("", text))
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def main() -> None:
    """Writes it into the page that the command line names."""
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
