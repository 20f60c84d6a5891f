"""What a subagent read and wrote the last time that it ran for real: as the newest runs in the run directory say."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name
from pytest_subagents.transcript.runtimes import newest_runs


class LastUse(Value, frozen=True, kw_only=True):
    run: str
    """The id of the run."""
    use: ScopeUse
    ended_well: bool
    """Whether it did its work, if only beyond its scope."""


class ScopeHistory:
    """Of one repository. Nothing is raised for what is damaged: then nothing is known."""

    def __init__(self, run_dir: Path) -> None:
        self._runs = [(run, _folders(run)) for run in newest_runs(run_dir)]

    def of(self, nodeid: str) -> LastUse | None:
        """As the newest run says that knows."""
        name = folder_name(nodeid) if self._runs else ""
        for run, folders in self._runs:
            if name not in folders:
                continue
            try:
                found = run.read_json(f"{name}/result.json", _Used)
            except SubagentsError:
                continue
            if found is not None and found.used is not None:
                return LastUse(run=run.name, use=found.used, ended_well=found.ended_well)
        return None


def _folders(run: RunDirectory) -> frozenset[str]:
    """Looked up once, as most of ten thousand subagents may not have run."""
    try:
        return frozenset(os.listdir(run.path))
    except OSError:
        return frozenset()


class _Why(msgspec.Struct, frozen=True):
    kind: str = ""


class _Used(msgspec.Struct, frozen=True):
    """What is asked of a `result.json`."""

    status: str = ""
    reasons: tuple[_Why, ...] = ()
    used: ScopeUse | None = None

    @property
    def ended_well(self) -> bool:
        kinds = {reason.kind for reason in self.reasons}
        return self.status in ("success", "partial") or kinds == {"scope"}
