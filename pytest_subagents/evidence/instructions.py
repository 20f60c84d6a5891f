"""What workflow files tell their subagents, by node id. Of marks, the report has the task alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.result import Result
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.vendors.registry import VENDORS

_SUFFIXES: Final = frozenset({".yaml", ".yml", ".toml", ".json"})


class Instructions:
    """Read when the first subagent of a file is asked for; a file that is not there, or bad, says nothing."""

    def __init__(self, rootdir: Path) -> None:
        self._rootdir = rootdir
        self._of_file = cache(self._read)

    def of(self, row: Result) -> str:
        file = row.planned.nodeid.partition("::")[0]
        return self._of_file(file).get(row.planned.id, "")

    def _read(self, file: str) -> Mapping[str, str]:
        name = PurePosixPath(file)
        if name.suffix not in _SUFFIXES or name.is_absolute() or ".." in name.parts:
            return {}
        try:
            path = self._rootdir / file
            workflow = read_workflow(path, rootdir=self._rootdir, vendors=VENDORS, contracts=built_in_names())
        except (SubagentsError, OSError, ValueError):
            return {}
        return {agent.id: agent.instructions for agent in workflow.agents}
