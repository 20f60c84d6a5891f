"""The body of the fixture `subagent_workspace`: in a live run the place itself, else one that is made for the test.

That alone starts git in a replay.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_subagents.conduct.replayed_place import replayed_place
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.fixtures import nodeid_of_item
from pytest_subagents.glue.run import RUN_KEY, Run
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
    try:
        mine = run.assignments[nodeid]
        return replayed_place(mine, run.called, rootdir=run.rootdir, environ=os.environ, below=folder)
    except SubagentsError as error:
        return f"{error.where}: {error.what}"
    except OSError as error:
        return error.strerror or str(error)
