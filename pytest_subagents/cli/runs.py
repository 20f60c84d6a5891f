"""The runs of the run directory, by their names."""

from __future__ import annotations

from pathlib import Path

from pytest_subagents.cli.rows import nearest
from pytest_subagents.errors import BadUsage
from pytest_subagents.transcript.run_directory import RunDirectory, latest, runs_of


def run_called(name: str | None, root: Path) -> RunDirectory | None:
    """The run of this name, or the newest where none is given; None where there is none at all."""
    if name is None:
        newest = latest(root)
        return None if newest is None else RunDirectory.open(newest)
    known = [path.name for path in runs_of(root)]
    if name not in known:
        hint = nearest(name, known) if known else "no run has been kept"
        raise BadUsage("--run", f"there is no run {name!r} in {root}", hint=hint)
    return RunDirectory.open(root / "runs" / name)
