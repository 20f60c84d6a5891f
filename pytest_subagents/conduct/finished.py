"""Finished results in the run directory: what `--subagents-resume` goes on from."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.result import Result
from pytest_subagents.transcript.run_directory import RunDirectory

_NAME = "result.json"
_FORMAT = 1


class _Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The file `result.json` of a subagent: written last, so that it is there only for what came to its end."""

    format: int
    specification: str
    result: Result


def keep(directory: RunDirectory, nodeid: str, result: Result, specification: str) -> None:
    """Say in the run directory that a subagent is finished; `StateError` where that cannot be written."""
    finished = _Finished(format=_FORMAT, specification=specification, result=result)
    directory.write_json(_path(directory, nodeid), finished)


def kept(directory: RunDirectory, nodeid: str, specification: str) -> Result | None:
    """The finished result of a subagent of this specification; None for everything else, damage too."""
    try:
        found = directory.read_json(_path(directory, nodeid), _Finished)
    except SubagentsError:
        return None
    if found is None or (found.format, found.specification) != (_FORMAT, specification):
        return None
    return found.result


def _path(directory: RunDirectory, nodeid: str) -> Path:
    return directory.agent_folder(nodeid) / _NAME
