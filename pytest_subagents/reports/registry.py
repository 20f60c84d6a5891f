"""The formats of the report by the suffix of their files; an address is imported only when its format is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType
from typing import Final, cast

from pytest_subagents.errors import BadUsage
from pytest_subagents.reports.interface import Format

ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".json": "pytest_subagents.reports.json_report:JsonReport",
        ".md": "pytest_subagents.reports.markdown:MarkdownReport",
        ".sarif": "pytest_subagents.reports.sarif:SarifReport",
        ".xml": "pytest_subagents.reports.junit:JunitReport",
    }
)


def format_of(path: PurePath) -> Format:
    """The format that a file of this name has; raises `BadUsage` where no format has its suffix."""
    address = ADDRESSES.get(path.suffix.lower())
    if address is None:
        what = f"no report format has the suffix {path.suffix!r}" if path.suffix else "its name has no suffix"
        raise BadUsage(str(path), what, hint=f"use one of: {', '.join(sorted(ADDRESSES))}")
    module, _, attribute = address.partition(":")
    return cast(Format, getattr(import_module(module), attribute)())
