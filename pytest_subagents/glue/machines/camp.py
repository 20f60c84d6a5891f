"""Where a worker elsewhere works: a run directory and a slot of its own, and a way to bring home what comes of it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from pytest_subagents.conduct.keeping import LocalKeeper
from pytest_subagents.glue.machines.outpost import Outpost, OutpostKeeper
from pytest_subagents.glue.run import Run
from pytest_subagents.runners.private_root import homes_of, remove_private_root
from pytest_subagents.transcript.run_directory import RunDirectory, trusted_above
from pytest_subagents.workspace.slots import Slot, take_slot


@dataclass(slots=True, kw_only=True)
class Camp:
    """Registered in such a worker."""

    keeper: OutpostKeeper
    slot: Slot

    def pytest_unconfigure(self) -> None:
        """Nothing is left, unless the controller has not got all of it."""
        directory = self.keeper.local.directory
        remove_private_root(homes_of(directory.path, Path(tempfile.gettempdir())))
        self.slot.release()
        if self.keeper.complete:
            directory.discard()
        else:
            directory.release()


def make_camp(run: Run, outpost: Outpost) -> Camp:
    """The run is told of it. `BadUsage` where there can be none."""
    root = run.settings.run_dir
    directory = RunDirectory.create(root, below=run.rootdir, started=datetime.now(UTC))
    slot = take_slot(root / "work", below=trusted_above(root, run.rootdir))
    run.folder, run.work = directory.path, slot.path
    run.settings = replace(run.settings, keep="none")  # nobody would look for a checkout there
    return Camp(keeper=outpost.keeper(LocalKeeper(rootdir=run.rootdir, directory=directory)), slot=slot)
