"""The formats of the report by the suffix of their files; an address is imported only when its format is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType
from typing import Final, cast

from pytest_subagents.errors import BadUsage
from pytest_subagents.reports.interface import Format, PagedFormat

ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".html": "pytest_subagents.reports.html.html_report:HtmlReport",
        ".json": "pytest_subagents.reports.json_report:JsonReport",
        ".md": "pytest_subagents.reports.markdown:MarkdownReport",
        ".sarif": "pytest_subagents.reports.sarif:SarifReport",
        ".xml": "pytest_subagents.reports.junit:JunitReport",
    }
)
NAMES: Final[Mapping[str, str]] = MappingProxyType({"junit": ".xml", "markdown": ".md"})
"""The suffixes of formats that people call by another name."""
PAGED: Final = frozenset({".html"})
"""Those of them that are a `PagedFormat`."""
PLACED: Final = frozenset({".sarif"})
"""Those of them whose paths are from the root of the repository; those of the others are from the rootdir."""


def paged_format_of(path: PurePath) -> PagedFormat | None:
    """The format that a file of this name has, if it is one of several pages."""
    return cast(PagedFormat, format_of(path)) if path.suffix.lower() in PAGED else None


def format_of(path: PurePath, *, below: str = "") -> Format:
    """The format that a file of this name has; raises `BadUsage` where no format has its suffix.

    `below` is the rootdir as a path from the root of the repository; empty where both are one.
    """
    suffix = path.suffix.lower()
    address = ADDRESSES.get(suffix)
    if address is None:
        what = f"no report format has the suffix {path.suffix!r}" if path.suffix else "its name has no suffix"
        raise BadUsage(str(path), what, hint=f"use one of: {', '.join(sorted(ADDRESSES))}")
    return _made(address, below) if suffix in PLACED else _made(address)


def words() -> tuple[str, ...]:
    """What a format is called on a command line: its name, and its suffix without the dot."""
    return tuple(sorted({*NAMES, *(suffix[1:] for suffix in ADDRESSES)}))


def suffix_called(word: str) -> str | None:
    """The suffix of the format of that name, or None."""
    suffix = NAMES.get(word, f".{word}")
    return suffix if suffix in ADDRESSES else None


def _made(address: str, *arguments: str) -> Format:
    module, _, attribute = address.partition(":")
    return cast(Format, getattr(import_module(module), attribute)(*arguments))
