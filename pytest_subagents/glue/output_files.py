"""Files that other parts of pytest write at the end of a run: of two in one place, one would be lost without a word."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from pytest_subagents.errors import BadUsage

_OTHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "xmlpath": "--junitxml",
        "log_file": "--log-file",
        "htmlpath": "--html",
        "report_log": "--report-log",
        "json_report_file": "--json-report-file",
    }
)
"""Options that name a file, pytest's own and those of pytest-html, -reportlog and -json-report: as pytest keeps them,
and as they are typed."""


def refuse_shared(config: pytest.Config, paths: Iterable[Path]) -> None:
    """`BadUsage` where one of `paths`, which we write, is a file that another option names too."""
    ours = {os.path.realpath(path): path for path in paths}
    for name, option in _OTHERS.items():
        given = getattr(config.option, name, None)
        if not isinstance(given, (str, os.PathLike)) or not os.fspath(given):
            continue
        found = ours.get(os.path.realpath(config.invocation_params.dir / given))
        if found is not None:
            what = f"{option} writes that file too, and one of the two would be lost"
            raise BadUsage(os.path.relpath(found, config.invocation_params.dir), what, hint="name another path")
