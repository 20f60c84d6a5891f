"""The body of the fixture `subagent_workspace`: in a live run the place itself, else one that is made for the test.

That alone starts git in a replay.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_subagents.conduct.needed_work import works_in
from pytest_subagents.conduct.recorded_checkout import NoCheckout, RecordedCheckouts
from pytest_subagents.glue.fixtures import nodeid_of_item
from pytest_subagents.glue.run import RUN_KEY, Run
from pytest_subagents.merge.work import Work
from pytest_subagents.runners.recorded_work import work_of
from pytest_subagents.writing import remove_tree


def workspace_of_item(request: pytest.FixtureRequest) -> Iterator[Path]:
    """What cannot be made fails the test, unless its subagent has failed it already."""
    nodeid, run = nodeid_of_item(request), request.config.stash[RUN_KEY]
    result = run.result_of(nodeid)
    places = run.workplaces
    if places is not None and (there := places.held_place(nodeid)) is not None:
        yield there
        places.release(nodeid)
        return
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="subagent-workspace-")))
    try:
        found = _made(run, nodeid, folder)
        if isinstance(found, str) and result.status in ("success", "partial"):
            pytest.fail(f"the workspace cannot be made again: {found}", pytrace=False)
        yield found if isinstance(found, Path) else folder
    finally:
        remove_tree(folder, below=folder.parent)


def _made(run: Run, nodeid: str, folder: Path) -> Path | str:
    """Below `folder`; of one whose recording has no patch, as it worked in the person's files, it is the rootdir."""
    mine = run.assignments[nodeid]
    work = work_of(mine.recording, mine.subagent.id)
    if not isinstance(work, Work):
        return work or run.rootdir
    checkouts = RecordedCheckouts(
        rootdir=run.rootdir,
        work=folder,
        trusted=folder,
        environ=os.environ,
        below=lambda nodeid, parts: works_in(parts, nodeid, run.called, lambda each: each.recording),
    )
    made = checkouts.of(nodeid, work)
    return made.why if isinstance(made, NoCheckout) else made.workdir
