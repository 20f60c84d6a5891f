"""The workflow files that the rows of a report are from, read when the first row of one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.result import Planned
from pytest_subagents.model.spec import Workflow
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.vendors.registry import VENDORS

_SUFFIXES: Final = frozenset({".yaml", ".yml", ".toml", ".json"})


def file_of(planned: Planned) -> str:
    """The file that declares it, as its node id has it."""
    return planned.nodeid.partition("::")[0]


def is_workflow(file: str) -> bool:
    """Whether a file of this name is one, and no test module and no transcript."""
    name = PurePosixPath(file)
    return name.suffix in _SUFFIXES and not name.is_absolute() and ".." not in name.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """A file that is not there, is bad, or is no workflow file, is None: a page has to be made all the same."""

    rootdir: Path
    _read: Callable[[str], Workflow | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_read", cache(self._of))

    def of(self, file: str) -> Workflow | None:
        return self._read(file)

    def _of(self, file: str) -> Workflow | None:
        if not is_workflow(file):
            return None
        try:
            return read_workflow(self.rootdir / file, rootdir=self.rootdir, vendors=VENDORS, contracts=built_in_names())
        except (SubagentsError, OSError, ValueError):
            return None

    def at_once(self, file: str) -> int | None:
        """How many subagents of a file may be at work at a time, where it says so."""
        workflow = self.of(file)
        return workflow.execution.max_concurrent_agents if workflow is not None else None
