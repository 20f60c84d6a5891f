"""Lines and files on standard output."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TextIO

import click

from pytest_subagents.reports.escape import json_document
from pytest_subagents.reports.line import Line, Style
from pytest_subagents.reports.wrapping import wrapped

_LOOKS: Final[Mapping[Style, Mapping[str, Any]]] = MappingProxyType(
    {
        "plain": {},
        "heading": {"bold": True},
        "success": {"fg": "green"},
        "partial": {"fg": "yellow"},
        "failed": {"fg": "red"},
        "not_run": {"fg": "magenta"},
        "expected": {"fg": "cyan"},
    }
)


def print_lines(lines: Iterable[Line], *, wrap: bool = False) -> None:
    """In colour where standard output is a terminal, unless `NO_COLOR` is set or the terminal has none; there also
    broken between words with `wrap`."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width = terminal_width() if wrap else None
    for line in lines:
        for text in wrapped(line.text, width):
            click.echo(click.style(text, **_LOOKS[line.style]), color=False if plain else None)


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Of the terminal that standard output (or `stream`) is; None where it is none."""
    return shutil.get_terminal_size().columns if (stream or sys.stdout).isatty() else None


def plain_json(value: object) -> str:
    """`value`, of builtins alone, as a JSON document and a line feed; what would not be seen in it is escaped."""
    scrubbed = json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    return json_document(scrubbed) + "\n"


def print_file(text: str) -> None:
    """`text` as the file would be: UTF-8, whatever the encoding of the terminal is."""
    click.echo(text.encode("utf-8"), nl=False)
